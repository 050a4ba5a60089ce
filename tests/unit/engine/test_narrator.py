"""The story in the log: each thing once, with what it means and what to do."""

import logging

import pytest

from akb_sync.engine import Report
from akb_sync.engine.narrator import Narrator
from akb_sync.engine.wording import described
from akb_sync.item import Action, Item
from akb_sync.model import Binding, Notice, ObjectRef
from akb_sync.reasons import Reason

from .items import epg, held, plan, subnet


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, "akb_sync.engine")
    return caplog


def test_objects_are_named_for_people() -> None:
    assert described(subnet()) == "subnet 10.0.0.1/32 in T/L/WEB"
    assert described(epg()) == "EPG T/L/WEB"


def test_what_is_held_is_said_once_with_its_next_step(log: pytest.LogCaptureFixture) -> None:
    narrator = Narrator()
    conflict = plan(held(subnet(), Reason.CONFLICT, "T/L/OTHER has it"))
    for _ in range(3):
        narrator.planned(conflict)
    (line,) = log.messages
    assert line.startswith("subnet 10.0.0.1/32 in T/L/WEB: Conflict: T/L/OTHER has it; ")
    assert line.endswith(Reason.CONFLICT.next_step)


def test_a_hold_that_ended_and_comes_back_is_said_again(log: pytest.LogCaptureFixture) -> None:
    narrator = Narrator()
    for now in (plan(held(subnet(), Reason.CONFLICT)), plan(subnet()), plan(held(subnet(), Reason.CONFLICT))):
        narrator.planned(now)
    assert len(log.messages) == 2


def test_a_storm_that_has_one_cause_is_one_line_for_each_epg(log: pytest.LogCaptureFixture) -> None:
    narrator = Narrator()
    api = Binding("T", "L", "API")
    items = [subnet(f"10.0.0.{index}/32") for index in range(1, 101)] + [subnet("10.0.1.1/32", api)]
    narrator.planned(plan(*(held(item, Reason.NOT_FRESH, "pods are not fresh") for item in items)))
    narrator.planned(plan(*(held(item, Reason.NOT_FRESH, "services are not fresh") for item in items[5:])))
    assert len(log.messages) == 2
    assert log.messages[0].startswith("subnet 10.0.1.1/32 in T/L/API: NotFresh: pods are not fresh; ")
    assert log.messages[1].startswith("subnet 10.0.0.1/32 in T/L/WEB and 99 more: NotFresh: ")


def test_single_conflicts_are_told_apart(log: pytest.LogCaptureFixture) -> None:
    items = [held(subnet(f"10.0.0.{index}/32"), Reason.CONFLICT, "the same words") for index in (1, 2)]
    Narrator().planned(plan(*items))
    assert len(log.messages) == 2


def test_what_is_refused_is_said_once_however_often_it_is_tried(log: pytest.LogCaptureFixture) -> None:
    narrator = Narrator()
    refused = plan(held(subnet(), Reason.REJECTED, "no such luck"))
    for now in (refused, plan(subnet()), refused, plan(subnet()), refused):
        narrator.planned(now)
        narrator.written(Report(rejected=((subnet(), "no such luck"),)))
    assert len(log.messages) == 1
    narrator.planned(plan())
    narrator.planned(refused)
    assert len(log.messages) == 2


def test_notices_are_said_once_with_their_next_step(log: pytest.LogCaptureFixture) -> None:
    notice = Notice(Reason.INVALID_ANNOTATION, ObjectRef("Deployment", "shop", "web"), "line 1: no JSON")
    narrator = Narrator()
    narrator.planned(plan(notices=(notice,)))
    narrator.planned(plan(notices=(notice,)))
    assert log.messages == [
        f"Deployment shop/web: InvalidAnnotation: line 1: no JSON; {Reason.INVALID_ANNOTATION.next_step}"
    ]


@pytest.mark.parametrize(("count", "begins"), [(1, "1 removal waits; "), (3, "3 removals wait; ")])
def test_removals_that_wait_are_said_with_the_command_that_releases_them(
    log: pytest.LogCaptureFixture, count: int, begins: str
) -> None:
    narrator = Narrator()
    waiting = plan(*(_removal(index) for index in range(count)))
    narrator.planned(waiting)
    narrator.planned(waiting)
    (line,) = [line for line in log.messages if "a person releases" in line]
    assert line.startswith(begins)
    assert line.endswith(f"`akb-sync sync --approve {waiting.approval_id}`")
    narrator.planned(plan(*(_removal(index) for index in range(count + 1))))
    assert len([line for line in log.messages if "a person releases" in line]) == 2


def _removal(index: int) -> Item:
    item = subnet(f"10.0.0.{index}/32", action=Action.DELETE, reason=Reason.NOT_WANTED)
    return held(item, Reason.MASS_DELETE, "so many")


def test_what_was_written_is_said_with_its_reason_and_source(log: pytest.LogCaptureFixture) -> None:
    gone = subnet("10.0.0.2/32", action=Action.DELETE, reason=Reason.NOT_WANTED, sources=())
    Narrator().written(Report(done=(subnet(), gone)))
    assert log.messages == [
        "created subnet 10.0.0.1/32 in T/L/WEB: Wanted for Pod shop/web-1",
        "deleted subnet 10.0.0.2/32 in T/L/WEB: NotWanted",
    ]


def test_what_was_written_is_said_with_what_there_is_to_say_beside_its_reason_and_the_next_step(
    log: pytest.LogCaptureFixture,
) -> None:
    drifted = subnet(action=Action.UPDATE, reason=Reason.DRIFT, message="name is 'mine'")
    withdrawn = subnet(action=Action.DELETE, reason=Reason.WITHDRAWN, message="T/L/THEIRS keeps it")
    Narrator().written(Report(done=(drifted, withdrawn)))
    first, second = log.messages
    assert first == "put right subnet 10.0.0.1/32 in T/L/WEB: Drift for Pod shop/web-1: name is 'mine'"
    begins = "deleted subnet 10.0.0.1/32 in T/L/WEB: Withdrawn for Pod shop/web-1: T/L/THEIRS keeps it; "
    assert second == f"{begins}{Reason.WITHDRAWN.next_step}"


def test_a_duplicate_of_somebody_else_is_said_although_nothing_is_to_be_written(
    log: pytest.LogCaptureFixture,
) -> None:
    narrator = Narrator()
    twice = plan(subnet(action=Action.NONE, reason=Reason.DUPLICATE, message="also in T/L/OTHER"))
    narrator.planned(twice)
    narrator.planned(twice)
    assert log.messages == [
        f"subnet 10.0.0.1/32 in T/L/WEB: Duplicate: also in T/L/OTHER; {Reason.DUPLICATE.next_step}"
    ]


def test_a_released_epg_is_said_once_with_what_is_in_it_and_what_waits_for_it(
    log: pytest.LogCaptureFixture,
) -> None:
    left = [
        epg(action=Action.NONE, reason=Reason.RELEASED),
        subnet(action=Action.NONE, reason=Reason.RELEASED),
    ]
    Narrator().planned(plan(*left, held(subnet("10.0.0.2/32"), Reason.RELEASED)))
    (line,) = log.messages
    assert line.startswith(f"EPG T/L/WEB and 2 more: Released: {Reason.RELEASED.meaning}; ")


def test_what_is_left_as_a_rule_is_not_said(log: pytest.LogCaptureFixture) -> None:
    Narrator().planned(
        plan(*(epg(action=Action.NONE, reason=one) for one in (Reason.IN_SYNC, Reason.UNMANAGED)))
    )
    assert log.messages == []


def test_writes_that_were_overtaken_on_the_fabric_are_counted(log: pytest.LogCaptureFixture) -> None:
    narrator = Narrator()
    narrator.written(Report(overtaken=(subnet(),)))
    narrator.written(Report(overtaken=(subnet(), subnet("10.0.0.2/32"))))
    assert [line.split(" what ")[0] for line in log.messages] == ["1 write finds", "2 writes find"]


def test_writes_without_an_answer_are_counted(log: pytest.LogCaptureFixture) -> None:
    Narrator().written(Report(unknown=(subnet(),)))
    Narrator().written(Report(unknown=(subnet(), epg())))
    assert log.messages == [
        "the outcome of 1 write is not known; the fabric is read again",
        "the outcome of 2 writes is not known; the fabric is read again",
    ]


def test_a_dry_run_says_once_what_it_would_do(log: pytest.LogCaptureFixture) -> None:
    narrator = Narrator()
    narrator.would_write(plan(subnet()))
    narrator.would_write(plan(subnet(), epg()))
    assert log.messages == [
        "dry run: would create subnet 10.0.0.1/32 in T/L/WEB",
        "dry run: would create EPG T/L/WEB",
    ]
