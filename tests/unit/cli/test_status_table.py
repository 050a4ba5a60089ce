"""The rows of `status`, and what is laid over them of what only the leader knows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from akb_sync.errors import ApicBusy
from akb_sync.item import Action, Item
from akb_sync.model import L3Out, ObjectRef, ObservedEpg, ObservedSubnet
from akb_sync.reasons import Reason
from akb_sync.state import Pause, State, Waiting
from cli.details import FaultBook
from cli.document import status_document
from cli.leader import Record, overlaid
from cli.status_table import age, status_lines

from .shown import (
    FAULT,
    IDENTITY,
    NOW,
    WALL,
    WEB,
    Clock,
    Fabric,
    details,
    epg,
    held,
    leaving,
    plan,
    right,
    shown,
    subnet,
)

PREFIX = "10.0.0.1/32"


def there(**more: str) -> Item:
    """A subnet that is right and on the fabric."""
    dn = WEB.subnet_dn(PREFIX)
    scope = frozenset({"import-security", "shared-security"})
    return right(PREFIX, observed=ObservedSubnet(dn, PREFIX, PREFIX, "shop::web-1", scope, **more))


def lines(*items: Item, wide: bool = False, **more: object) -> list[str]:
    return list(status_lines(shown(plan(*items)), details(*items, **more), wide=wide))  # type: ignore[arg-type]


def test_each_object_is_a_row_and_the_summary_is_last() -> None:
    found = lines(right(PREFIX), held(subnet("10.0.0.2/32"), Reason.CONFLICT))
    assert found[0].split() == ["EPG", "PREFIX", "KIND", "SOURCE", "STATE", "REASON", "AGE"]
    assert found[1].split() == ["T/L/WEB", PREFIX, "Pod", "shop/web-1", "InSync", "InSync", "<unknown>"]
    assert found[2].split()[-3:] == ["Conflict", "Conflict", "<unknown>"]
    assert found[-1] == "1 held; 1 in sync."


def test_many_sources_are_counted() -> None:
    sources = tuple(ObjectRef("Pod", "shop", f"web-{index}") for index in range(5))
    assert "shop/web-0, shop/web-1, +3" in lines(subnet(sources=sources))[1]


def test_what_nobody_wants_any_more_is_named_after_what_it_was_made_for() -> None:
    assert lines(leaving(PREFIX))[1].split()[2:4] == ["<none>", "shop/web-9"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-5, "0s"), (0, "0s"), (59, "59s"), (61, "1m1s"), (3600, "1h"), (3660, "1h1m"), (90_000, "1d1h")],
)
def test_an_age_has_two_units_at_most(seconds: int, text: str) -> None:
    assert age(WALL - timedelta(seconds=seconds), WALL) == text


def test_the_age_of_what_is_on_the_fabric_is_since_the_apic_changed_it() -> None:
    fabric = Fabric(ObservedEpg(WEB), changed_at="2026-03-01T12:59:00.123+01:00")
    assert lines(there(), fabric=fabric)[1].split()[-1] == "59s"


def test_a_time_that_cannot_be_read_is_unknown() -> None:
    assert lines(there(), fabric=Fabric(ObservedEpg(WEB), changed_at="never"))[1].split()[-1] == "<unknown>"


def test_wide_has_dn_class_tag_scope_mark_faults_and_contracts() -> None:
    fabric = Fabric(ObservedEpg(WEB, contracts=("web", "dns")), attributes={"pcTag": "16387"})
    mark = IDENTITY.mark(WEB.subnet_dn(PREFIX))
    row = lines(there(annotation=mark), fabric=fabric, wide=True, faults=True)[1]
    assert row.split()[7:] == [
        WEB.subnet_dn(PREFIX),
        "16387",
        "import-security,shared-security",
        f"{IDENTITY.name}.{IDENTITY.uid8}",
        "F0467",
        "2",
    ]


def test_a_fault_concerns_the_subnet_that_it_names_and_its_epg() -> None:
    fabric = Fabric(ObservedEpg(WEB))
    found = details(there(), fabric=fabric, faults=True)
    assert found(there()).faults == (FAULT,)
    assert found(epg()).faults == (FAULT,)
    assert found(right("10.0.0.2/32")).faults == ()


def test_faults_that_cannot_be_read_are_not_known_and_everything_else_is() -> None:
    fabric = Fabric(ObservedEpg(WEB))
    fabric.fail = ApicBusy("no", "")
    found = details(there(), fabric=fabric, faults=True)
    assert found(there()).faults is None
    assert found(there()).scope == "import-security,shared-security"


def test_faults_are_asked_for_again_only_after_a_while_or_for_other_l3outs() -> None:
    fabric, clock = Fabric(ObservedEpg(WEB)), Clock()
    engine: Any = SimpleNamespace(fabric=fabric, clock=clock)
    book = FaultBook()
    assert book.read(engine, {WEB.parent}) == {WEB: (FAULT,)}
    fabric.fail = ApicBusy("no", "")
    assert book.read(engine, {WEB.parent}) == {WEB: (FAULT,)}
    clock.seconds += 20.0
    assert book.read(engine, {WEB.parent}) is None
    fabric.fail = None
    assert book.read(engine, {WEB.parent, L3Out("T", "M")}) == {WEB: (FAULT,)}


def waiting(until: datetime | None = WALL + timedelta(seconds=90), reason: str = "Rejected") -> Record:
    words = "code 801: no"
    item = Waiting("rejected", reason, WALL - timedelta(minutes=5), until, words)
    return Record(State("pod-1", WALL, items={WEB.subnet_dn(PREFIX): item}))


def test_what_the_leader_holds_is_held_here_too_in_the_words_of_the_apic() -> None:
    (item,) = overlaid(plan(subnet()), waiting(), Clock()).items
    assert item.hold is not None
    assert (item.hold.reason, item.hold.message, item.hold.until) == (
        Reason.REJECTED,
        "code 801: no",
        NOW + 90,
    )
    assert lines(item, record=waiting())[1].split()[-3:] == ["Held", "Rejected", "5m"]


@pytest.mark.parametrize(
    "record", [waiting(None), waiting(WALL), waiting(reason="OfANewerRelease"), Record()]
)
def test_what_has_run_out_or_means_nothing_here_holds_nothing(record: Record) -> None:
    assert overlaid(plan(subnet()), record, Clock()).items == (subnet(),)


def test_a_hold_of_our_own_for_another_reason_is_the_newer_word() -> None:
    item = held(subnet(), Reason.CONFLICT)
    assert overlaid(plan(item), waiting(), Clock()).items == (item,)


def test_a_hold_for_the_same_reason_ends_when_the_leader_says() -> None:
    item = held(subnet(), Reason.HOLD_DOWN, "", NOW + 1000)
    (found,) = overlaid(plan(item), waiting(reason="HoldDown"), Clock()).items
    assert found.hold is not None
    assert found.hold.until == NOW + 90


def test_an_epg_that_only_the_leader_saw_deleted_is_held_for_as_long_as_the_leader_lives() -> None:
    record = waiting(None, reason="EPGDeleted")
    (found,) = overlaid(plan(subnet()), record, Clock()).items
    assert found.hold is not None
    assert (found.hold.reason, found.hold.until) == (Reason.EPG_DELETED, None)
    assert record.state is not None
    dead = Record(replace(record.state, written_at=WALL - timedelta(minutes=5)))
    assert overlaid(plan(subnet()), dead, Clock()).items == (subnet(),)


def test_what_is_left_as_it_is_says_once_below_the_table_what_somebody_could_do() -> None:
    left = [
        subnet(
            f"10.0.0.{n}/32", action=Action.NONE, reason=Reason.UNMANAGED, message="its annotation is empty"
        )
        for n in (1, 2)
    ]
    said = [line for line in lines(*left, right(PREFIX)) if line.startswith("left ")]
    assert said == [f"left Unmanaged: its annotation is empty; next: {Reason.UNMANAGED.next_step}"]


def test_what_is_right_is_not_held_whatever_the_record_says() -> None:
    assert overlaid(plan(right(PREFIX)), waiting(), Clock()).items == (right(PREFIX),)


def test_the_freeze_and_the_leader_stand_before_the_summary() -> None:
    pause = Pause("ann@laptop", WALL - timedelta(hours=1), "release night")
    state = State("pod-1", WALL - timedelta(seconds=3), pause, last_success=WALL - timedelta(minutes=2))
    found = lines(right(PREFIX), record=Record(state))
    assert found[-3] == "Leader pod-1: last heard of 3s ago, nothing was left to write 2m ago."
    assert found[-2].startswith("PAUSED: nothing is written, paused by ann@laptop")
    assert "release night; the leader has not seen it yet; next: akb-sync resume" in found[-2]
    never = replace(state, paused=None, last_success=None, omitted=7)
    assert "something was left to write ever since" in lines(record=Record(never))[0]
    assert "7 more objects" in lines(record=Record(never))[1]


def test_an_engine_that_ended_is_no_leader() -> None:
    ended = State("", WALL - timedelta(minutes=1), last_success=WALL - timedelta(minutes=1))
    found = lines(record=Record(ended))[0]
    assert found == "No engine runs: the last was heard of 1m ago, nothing was left to write 1m ago."


def test_a_record_that_cannot_be_read_is_said() -> None:
    assert "cannot be read: forbidden" in lines(record=Record(trouble="forbidden"))[0]


def test_the_document_has_leader_and_details() -> None:
    state = State("pod-1", datetime(2026, 3, 1, tzinfo=UTC), Pause("ann", WALL))
    fabric = Fabric(ObservedEpg(WEB), changed_at="2026-03-01T12:59:00.123+01:00")
    document = status_document(shown(plan(there())), details(fabric=fabric, record=Record(state)))
    assert document["leader"]["name"] == "pod-1"
    assert document["leader"]["paused"]["by"] == "ann"
    (item,) = document["items"]
    assert item["since"] == "2026-03-01T12:59:00.123000+01:00"
    assert (item["label"], item["owner"], item["faults"]) == ("shop::web-1", "unmanaged", None)
