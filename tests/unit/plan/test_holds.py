"""The other holds: protection, quarantine, quarrels, policy, capacity, contracts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from akb_sync.item import Action
from akb_sync.model import Notice, by_prefix
from akb_sync.plan import Memory, Policy, Rules
from akb_sync.plan.memory import Quarantine, after_writing
from akb_sync.reasons import Reason

from .builders import (
    ME,
    Run,
    binding,
    cluster,
    does,
    epg,
    fabric,
    holds,
    item,
    l3out,
    plan,
    pod,
    subnet,
    workload,
)

A = binding()
TORN = Notice(Reason.INVALID_ANNOTATION, workload("torn").ref, "no JSON at character 7")
PAUSED = Notice(Reason.PAUSED, workload("web").ref, "it is paused")


@pytest.mark.parametrize("notice", [TORN, PAUSED])
def test_what_is_managed_for_a_protected_address_stays_as_it_is(notice: Notice) -> None:
    desired = cluster(workload("other"), protected={"10.0.0.1/32": notice})
    found = plan(desired, fabric(l3out(epg("A", "10.0.0.1", "10.0.0.2"))), now=1000.0)
    assert does(found) == ["delete A 10.0.0.2/32"]
    kept = item(found, A, "10.0.0.1")
    assert (kept.action, kept.reason, kept.message) == (Action.NONE, notice.reason, notice.message)


def test_a_new_protected_address_waits() -> None:
    desired = cluster(pod("10.0.0.1"), workload("api"), protected={"10.0.0.1/32": PAUSED})
    found = plan(desired, fabric(l3out()))
    assert does(found) == ["create A"]
    assert holds(found) == {A.subnet_dn("10.0.0.1/32"): Reason.PAUSED}


@pytest.mark.parametrize("damage", [subnet("10.0.0.1", name="x"), subnet("10.0.0.1", None)])
def test_a_protected_address_is_not_repaired(damage: object) -> None:
    desired = cluster(pod("10.0.0.1"), protected={"10.0.0.1/32": PAUSED})
    found = plan(desired, fabric(l3out(epg("A", damage))))  # type: ignore[arg-type]
    assert not found.actionable
    assert holds(found) == {A.subnet_dn("10.0.0.1/32"): Reason.PAUSED}


def test_an_annotation_that_is_torn_and_mended_leaves_no_trace() -> None:
    desired = cluster(pod("10.0.0.1"), workload("other", binding("B")))
    run = Run(desired, fabric(l3out()))
    run.turn()
    written = len(run.written)
    torn = cluster(workload("other", binding("B")), protected={"10.0.0.1/32": TORN}, undecided=(TORN,))
    for _ in range(10):
        run.wants(torn).turn(60.0)
    assert run.wants(desired).turn(60.0).settled
    assert len(run.written) == written


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (Policy.SYNC, ["update A 10.0.0.2/32", "update A 10.0.0.3/32", "delete A 10.0.0.4/32"]),
        (Policy.UPSERT_ONLY, ["update A 10.0.0.2/32", "update A 10.0.0.3/32"]),
        (Policy.CREATE_ONLY, []),
    ],
)
def test_a_policy_limits_what_is_done_and_says_so(policy: Policy, expected: list[str]) -> None:
    observed = fabric(
        l3out(epg("A", subnet("10.0.0.2", name="x"), subnet("10.0.0.3", None), "10.0.0.4"), epg("Z"))
    )
    desired = cluster(pod("10.0.0.1"), pod("10.0.0.2"), pod("10.0.0.3"))
    found = plan(
        desired,
        observed,
        rules=Rules(policy=policy),
        memory=Memory(unwanted_since={binding("Z").dn: 0.0}),
        now=99.0,
    )
    everything = ["create A 10.0.0.1/32", *expected]
    assert [one for one in does(found) if one != "delete Z"] == everything
    assert ("delete Z" in does(found)) is (policy is Policy.SYNC)
    assert set(holds(found).values()) <= {Reason.POLICY}


def test_a_refused_object_waits_with_the_apics_words_and_is_tried_again_later() -> None:
    run = Run(cluster(pod("10.0.0.1"), pod("10.0.0.2")), fabric(l3out(epg("A"))))
    first = run.look()
    bad = item(first, A, "10.0.0.1")
    run.memory = after_writing(run.memory, (), [(bad, "Invalid value")], 0.0)
    found = run.turn(1.0)
    assert does(found) == ["create A 10.0.0.2/32"]
    hold = item(found, A, "10.0.0.1").hold
    assert hold
    assert (hold.reason, hold.message, hold.until) == (Reason.REJECTED, "Invalid value", 60.0)
    assert found.revisit_at == 60.0
    assert does(run.turn(59.0)) == ["create A 10.0.0.1/32"]


def test_the_pause_of_a_refused_object_doubles_up_to_an_hour() -> None:
    bad = item(plan(cluster(pod("10.0.0.1")), fabric(l3out(epg("A")))), A, "10.0.0.1")
    memory, pauses = Memory(), []
    for _ in range(8):
        memory = after_writing(memory, (), [(bad, "no")], 0.0)
        pauses.append(memory.quarantine[bad.dn].pause)
    assert pauses == [60.0, 120.0, 240.0, 480.0, 960.0, 1920.0, 3600.0, 3600.0]
    assert after_writing(memory, [bad], (), 0.0).quarantine == {}


def test_subnets_wait_with_an_epg_that_the_apic_refuses() -> None:
    memory = Memory(quarantine={A.dn: Quarantine("no", 60.0, 60.0)})
    found = plan(cluster(pod("10.0.0.1")), fabric(l3out()), memory=memory)
    assert not found.actionable
    assert set(holds(found).values()) == {Reason.REJECTED}


def test_a_refused_epg_that_exists_by_now_holds_nothing() -> None:
    memory = Memory(quarantine={A.dn: Quarantine("no", 60.0, 60.0)})
    found = plan(cluster(pod("10.0.0.1")), fabric(l3out(epg("A"))), memory=memory)
    assert does(found) == ["create A 10.0.0.1/32"]


ATTACKS = {
    "renames": fabric(l3out(epg("A", subnet("10.0.0.1", name="theirs")))),
    "deletes": fabric(l3out(epg("A"))),
    "empties the mark": fabric(l3out(epg("A", subnet("10.0.0.1", None)))),
    "takes the scope": fabric(l3out(epg("A", subnet("10.0.0.1", scope=())))),
    "deletes the EPG": fabric(l3out()),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_somebody_who_undoes_us_every_ten_seconds_is_met_with_longer_and_longer_pauses(attack: str) -> None:
    run = Run(cluster(pod("10.0.0.1")), fabric(l3out(epg("A", "10.0.0.1"))))
    contested = 0
    for _ in range(360):
        found = run.finds(ATTACKS[attack]).turn(10.0)
        contested += Reason.CONTESTED in holds(found).values()
    rounds = len([one for one in run.written if one.prefix])
    assert 6 <= rounds <= 60, "of 360 chances in an hour"
    assert contested > 300


def test_somebody_who_puts_back_what_we_remove_is_met_with_pauses_too() -> None:
    run = Run(cluster(workload()), fabric(l3out(epg("A"))))
    for _ in range(360):
        run.finds(fabric(l3out(epg("A", "10.0.0.1")))).turn(10.0)
    assert 6 <= len(run.written) <= 60


def test_a_quarrel_about_one_object_does_not_hold_another() -> None:
    memory = Memory(repairs={A.subnet_dn("10.0.0.1/32"): (0.0,) * 5})
    found = plan(cluster(pod("10.0.0.1"), pod("10.0.0.2")), fabric(l3out(epg("A"))), memory=memory, now=1.0)
    assert does(found) == ["create A 10.0.0.2/32"]
    hold = item(found, A, "10.0.0.1").hold
    assert hold
    assert (hold.reason, hold.until) == (Reason.CONTESTED, 60.0)


@pytest.mark.parametrize(("rounds", "pause"), [(5, 60.0), (6, 120.0), (7, 240.0)])
def test_the_pause_in_a_quarrel_doubles(rounds: int, pause: float) -> None:
    memory = Memory(repairs={A.subnet_dn("10.0.0.1/32"): (0.0,) * rounds})
    desired, observed = cluster(pod("10.0.0.1")), fabric(l3out(epg("A")))
    assert not plan(desired, observed, memory=memory, now=pause - 1).actionable
    assert plan(desired, observed, memory=memory, now=pause).actionable


def test_a_quarrel_without_end_is_no_overflow() -> None:
    memory = Memory(repairs={A.subnet_dn("10.0.0.1/32"): (0.0,) * 5000})
    assert plan(cluster(pod("10.0.0.1")), fabric(l3out(epg("A"))), memory=memory, now=1.0).held


def test_an_address_that_comes_and_goes_by_our_own_wish_is_no_quarrel() -> None:
    run = Run(cluster(pod("10.0.0.1")), fabric(l3out()))
    for number in range(40):
        found = run.wants(cluster(workload(), *([] if number % 2 else [pod("10.0.0.1")]))).turn(1.0)
        assert not found.held


def test_no_l3out_gets_more_prefixes_than_the_limit() -> None:
    rules = Rules(max_prefixes=3)
    observed = fabric(l3out(epg("A", "10.0.0.1")))
    desired = cluster(*(pod(f"10.0.0.{number}") for number in range(1, 6)))
    found = plan(desired, observed, rules=rules)
    assert does(found) == ["create A 10.0.0.2/32", "create A 10.0.0.3/32"]
    assert set(holds(found).values()) == {Reason.CAPACITY}
    run = Run(desired, observed, rules)
    for _ in range(20):
        run.turn(10.0)
    assert len(run.written) == 2


def test_the_limit_counts_what_is_ours_only_and_each_l3out_by_itself() -> None:
    rules = Rules(max_prefixes=1)
    there = binding("A", "L2")
    observed = fabric(l3out(epg("A", subnet("10.0.0.9", None))), l3out(epg("A"), name="L2"))
    desired = cluster(pod("10.0.0.1"), pod("10.0.0.2", workload("db", there)))
    assert len(plan(desired, observed, rules=rules).actionable) == 2


def test_a_move_into_a_full_l3out_waits_and_one_within_it_does_not() -> None:
    rules = Rules(max_prefixes=1)
    into = cluster(pod("10.0.0.1", workload("web", binding("B", "L2"))), workload("stays"))
    observed = fabric(l3out(epg("A", "10.0.0.1")), l3out(epg("B", "10.0.0.2"), name="L2"))
    desired = replace(
        into, wanted=by_prefix((*into.exposures, pod("10.0.0.2", workload("web", binding("B", "L2")))))
    )
    assert set(holds(plan(desired, observed, rules=rules)).values()) == {Reason.CAPACITY}
    within = cluster(pod("10.0.0.1", workload("web", binding("B"))), workload("stays"))
    assert "move B 10.0.0.1/32" in does(plan(within, fabric(l3out(epg("A", "10.0.0.1"))), rules=rules))


def test_held_prefixes_take_no_room() -> None:
    rules = Rules(max_prefixes=1)
    theirs = epg("X", subnet("10.0.0.1", None), mark=None)
    found = plan(cluster(pod("10.0.0.1"), pod("10.0.0.2")), fabric(l3out(epg("A"), theirs)), rules=rules)
    assert does(found) == ["create A 10.0.0.2/32"]


def test_with_require_contract_the_epg_is_made_and_its_subnets_wait_for_one() -> None:
    run = Run(cluster(pod("10.0.0.1")), fabric(l3out()), Rules(require_contract=True))
    first = run.turn()
    assert does(first) == ["create A"]
    assert holds(first) == {A.subnet_dn("10.0.0.1/32"): Reason.NO_CONTRACT}
    assert not run.turn(1.0).actionable
    run.finds(fabric(l3out(epg("A", contracts=("web",)))))
    assert does(run.turn(1.0)) == ["create A 10.0.0.1/32"]


def test_a_contract_that_goes_later_takes_no_subnet_along() -> None:
    found = plan(
        cluster(pod("10.0.0.1")), fabric(l3out(epg("A", "10.0.0.1"))), rules=Rules(require_contract=True)
    )
    assert found.settled


def test_a_released_epg_is_left_alone_whatever_is_wanted() -> None:
    tags = {ME.release_tag: "released"}
    for mark in (ME, None):
        held = epg("A", subnet("10.0.0.1", mark, name="x"), "10.0.0.2", mark=mark, tags=tags)
        run = Run(
            cluster(pod("10.0.0.1"), pod("10.0.0.3"), workload("b", binding("B"))),
            fabric(l3out(held, epg("B"))),
        )
        for _ in range(5):
            found = run.turn(60.0)
        assert run.written == []
        assert item(found, A).reason is Reason.RELEASED
        assert item(found, A, "10.0.0.1").reason is Reason.RELEASED
        assert holds(found) == {A.subnet_dn("10.0.0.3/32"): Reason.RELEASED}
        unwanted = plan(cluster(workload("b", binding("B"))), fabric(l3out(held, epg("B"))), now=1000.0)
        assert not unwanted.changes


@pytest.mark.parametrize("tags", [{"akb-sync.bbbbbbbb": "released"}, {ME.release_tag: "kept"}])
def test_another_clusters_tag_or_another_value_releases_nothing(tags: dict[str, str]) -> None:
    observed = fabric(l3out(epg("A", subnet("10.0.0.1", name="x"), tags=tags)))
    assert does(plan(cluster(pod("10.0.0.1")), observed)) == ["update A 10.0.0.1/32"]


def test_adopting_a_released_epg_takes_its_addresses_up_again() -> None:
    run = Run(cluster(pod("10.0.0.1")), fabric(l3out(epg("A", mark=None, tags={ME.release_tag: "released"}))))
    run.turn()
    assert does(run.finds(fabric(l3out(epg("A")))).turn(1.0)) == ["create A 10.0.0.1/32"]


def test_a_refused_wish_in_a_released_epg_is_called_released() -> None:
    held = epg("A", "10.0.0.1", tags={ME.release_tag: "released"})
    desired = cluster(
        pod("10.0.0.1", workload("web", age=1)), pod("10.0.0.1", workload("old", binding("B"), age=9))
    )
    found = plan(desired, fabric(l3out(held, epg("B"))))
    assert item(found, A, "10.0.0.1").reason is Reason.RELEASED
    assert holds(found) == {binding("B").subnet_dn("10.0.0.1/32"): Reason.CONFLICT}


def test_a_freeze_holds_everything_and_what_was_held_before_keeps_its_reason() -> None:
    desired = cluster(workload("web"), pod("10.0.0.1"), pod("10.0.0.2"))
    observed = fabric(l3out(epg("A", "10.0.0.9")))
    memory = Memory(quarantine={binding().subnet_dn("10.0.0.2/32"): Quarantine("no", 2000.0, 60.0)})
    frozen = plan(desired, observed, memory=memory, rules=Rules(frozen="paused by joe"), now=1000.0)
    assert not frozen.actionable
    reasons = {one.prefix: one.hold.reason for one in frozen.held if one.hold}
    assert reasons == {
        "10.0.0.1/32": Reason.ENGINE_PAUSED,
        "10.0.0.2/32": Reason.REJECTED,
        "10.0.0.9/32": Reason.ENGINE_PAUSED,
    }
    assert {
        one.hold.message for one in frozen.held if one.hold and one.hold.reason is Reason.ENGINE_PAUSED
    } == {"paused by joe"}
