"""What is remembered between two looks, and that it does not grow with time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from akb_sync.item import Action, Item
from akb_sync.model import Source
from akb_sync.plan import Cause, Memory
from akb_sync.plan.memory import (
    MOST_DONE,
    SWEEP,
    Quarantine,
    after_planning,
    after_writing,
    notice_departures,
    wanted,
)
from akb_sync.reasons import Reason

from .builders import (
    ME,
    Run,
    binding,
    cluster,
    epg,
    fabric,
    l3out,
    plan,
    pod,
    service,
    subnet,
    views,
    workload,
)

A = binding()
WANT = (A, "10.0.0.1/32")
WEB = workload()


def _delete(ip: str = "10.0.0.1") -> Item:
    return Item(Action.DELETE, A, A.subnet_dn(f"{ip}/32"), Reason.NOT_WANTED, f"{ip}/32")


def test_an_epg_is_wanted_while_a_workload_names_it_and_a_prefix_while_something_gives_it_out() -> None:
    desired = cluster(pod("10.0.0.1"))
    assert wanted(desired, (A, ""))
    assert wanted(desired, WANT)
    assert not wanted(cluster(WEB), WANT)
    assert not wanted(cluster(), (A, ""))


def test_an_empty_memory_takes_everything_for_inferred() -> None:
    assert Memory().cause(*WANT) is Cause.INFERRED


def test_a_want_that_comes_back_forgets_how_it_went() -> None:
    both = cluster(pod("10.0.0.1"))
    memory = notice_departures(Memory(), both, cluster(WEB))
    assert memory.causes == {WANT: Cause.ENDED}
    assert notice_departures(memory, cluster(WEB), both).causes == {}


def test_how_something_went_is_kept_while_other_things_happen() -> None:
    memory = notice_departures(Memory(), cluster(pod("10.0.0.1")), cluster(WEB))
    relisted = cluster(WEB, sources=views(lists=2))
    assert notice_departures(memory, cluster(WEB), relisted).causes == {WANT: Cause.ENDED}


def test_of_two_exposures_that_go_together_the_more_careful_cause_counts_in_any_order() -> None:
    ended, withdrawn = pod("10.0.0.1"), service("10.0.0.1")
    for order in ((ended, withdrawn), (withdrawn, ended)):
        memory = notice_departures(Memory(), cluster(*order), cluster(WEB))
        assert memory.causes == {WANT: Cause.WITHDRAWN}
    sources = views() | {Source.SERVICES: views(lists=2)[Source.SERVICES]}
    for order in ((ended, withdrawn), (withdrawn, ended)):
        memory = notice_departures(Memory(), cluster(*order), cluster(WEB, sources=sources))
        assert memory.causes == {WANT: Cause.INFERRED}


@pytest.mark.parametrize("relisted", [Source.PODS, Source.REPLICASETS, Source.DEPLOYMENTS])
def test_an_end_was_seen_only_if_no_kind_on_the_way_was_listed_anew(relisted: Source) -> None:
    sources = views() | {relisted: views(lists=2)[relisted]}
    memory = notice_departures(Memory(), cluster(pod("10.0.0.1")), cluster(WEB, sources=sources))
    assert memory.causes == {WANT: Cause.INFERRED}


def test_an_end_is_still_seen_when_a_kind_that_it_does_not_come_from_is_listed() -> None:
    sources = views() | {Source.SERVICES: views(lists=2)[Source.SERVICES]}
    memory = notice_departures(Memory(), cluster(pod("10.0.0.1")), cluster(WEB, sources=sources))
    assert memory.causes == {WANT: Cause.ENDED}


def test_the_end_of_a_paused_workloads_pod_is_not_taken_for_the_pods_own_if_it_was_paused_by_it() -> None:
    paused = workload("web", paused=True)
    assert notice_departures(Memory(), cluster(pod("10.0.0.1")), cluster(paused)).causes == {
        WANT: Cause.WITHDRAWN
    }


def test_a_workload_that_goes_takes_its_epgs_want_along() -> None:
    assert notice_departures(Memory(), cluster(WEB), cluster()).causes == {(A, ""): Cause.WITHDRAWN}
    relisted = cluster(sources=views(lists=2))
    assert notice_departures(Memory(), cluster(WEB), relisted).causes == {(A, ""): Cause.INFERRED}


def test_how_a_removal_came_is_kept_until_it_is_done_and_a_window_longer() -> None:
    memory = Memory(causes={WANT: Cause.ENDED})
    for now in (0.0, 1000.0, 2000.0):
        memory = after_planning(memory, [_delete()], now, 300.0)
    assert memory.causes
    memory = after_planning(memory, [], 2000.0 + SWEEP, 300.0)
    memory = after_planning(memory, [], 2300.0, 300.0)
    assert memory.causes, "the view may lag behind"
    memory = after_planning(memory, [], 2300.0 + SWEEP, 300.0)
    assert (memory.causes, memory.done_since) == ({}, {})


def test_between_two_sweeps_a_look_goes_through_nothing_that_is_past() -> None:
    """Ten thousands of removals of the last minutes must not make each look longer."""
    swept = after_planning(Memory(), [], 1000.0, 300.0)
    memory = replace(swept, causes={WANT: Cause.ENDED}, repairs={"dn": (0.0,)}, removed={"dn": (0.0,)})
    between = after_planning(memory, [], 1000.0 + SWEEP / 2, 300.0)
    for kept in ("causes", "done_since", "repairs", "removed", "removals"):
        assert getattr(between, kept) is getattr(memory, kept), kept
    assert not after_planning(memory, [], 1000.0 + SWEEP, 300.0).repairs


def test_of_endless_churn_only_the_newest_is_known() -> None:
    """Each Pod that comes and goes has a name and an address of its own; there is a bound all the same."""
    times = {**dict.fromkeys(map(str, range(MOST_DONE + 5)), (0.0, 1.0)), "0": (0.0, 3.0)}
    wants = [(A, prefix) for prefix in times]
    since = {**dict.fromkeys(wants, 1.0), wants[0]: 3.0}
    memory = Memory(causes=dict.fromkeys(wants, Cause.ENDED), done_since=since, repairs=times, removed=times)
    swept = after_planning(memory, [], 10.0, 300.0)
    for known in (swept.repairs, swept.removed):
        assert (len(known), "0" in known) == (MOST_DONE, True)
    assert (len(swept.causes), wants[0] in swept.causes) == (MOST_DONE, True)
    assert swept.causes.keys() == swept.done_since.keys()


def test_how_a_removal_came_is_known_while_it_waits_however_many_do() -> None:
    addresses = (f"10.1.{number >> 8}.{number & 255}" for number in range(MOST_DONE + 5))
    waiting = [_delete(address) for address in addresses]
    causes = {(item.binding, item.prefix): Cause.ENDED for item in waiting}
    assert after_planning(Memory(causes=causes), waiting, 10.0, 300.0).causes == causes


def test_since_when_something_is_unwanted_is_kept_until_it_is_wanted_again() -> None:
    memory = after_planning(Memory(), [_delete()], 5.0, 300.0)
    memory = after_planning(memory, [_delete(), _delete("10.0.0.2")], 9.0, 300.0)
    assert sorted(memory.unwanted_since.values()) == [5.0, 9.0]
    assert after_planning(memory, [], 10.0, 300.0).unwanted_since == {}


def test_a_stale_look_neither_starts_nor_stops_the_clock() -> None:
    desired, observed = cluster(workload("b", binding("B"))), fabric(l3out(epg("A"), epg("B")))
    blind = plan(cluster(sources={}), observed)
    assert after_planning(Memory(), blind.items, 0.0, 300.0).unwanted_since == {}
    seen = after_planning(Memory(), plan(desired, observed).items, 10.0, 300.0)
    assert seen.unwanted_since == {A.dn: 10.0}
    assert after_planning(seen, blind.items, 20.0, 300.0).unwanted_since == {A.dn: 10.0}


def test_a_counted_removal_is_remembered_for_the_window_and_a_seen_end_is_not() -> None:
    memory = after_writing(Memory(causes={WANT: Cause.ENDED}), [_delete(), _delete("10.0.0.2")], (), 7.0)
    assert memory.removals == {A.parent: (7.0,)}
    assert after_planning(memory, [], 306.9, 300.0).removals == {A.parent: (7.0,)}
    assert after_planning(memory, [], 307.0, 300.0).removals == {}


def test_an_epg_that_goes_does_not_count_as_a_prefix() -> None:
    gone = Item(Action.DELETE, A, A.dn, Reason.NOT_WANTED)
    assert after_writing(Memory(), [gone], (), 7.0).removals == {}


def test_repairs_are_forgotten_after_two_windows() -> None:
    made = Item(Action.CREATE, A, A.dn, Reason.WANTED)
    memory = after_writing(Memory(), [made], (), 0.0)
    assert memory.repairs == {A.dn: (0.0,)}
    assert after_planning(memory, [], 599.0, 300.0).repairs == {A.dn: (0.0,)}
    assert after_planning(memory, [], 600.0, 300.0).repairs == {}


def test_making_and_removing_by_ourselves_wipes_the_other_count() -> None:
    made = Item(Action.CREATE, A, _delete().dn, Reason.WANTED, "10.0.0.1/32")
    memory = after_writing(Memory(), [made, made], (), 1.0)
    assert memory.rounds(made) == (1.0, 1.0)
    memory = after_writing(memory, [_delete()], (), 2.0)
    assert memory.rounds(made) == ()
    assert memory.rounds(_delete()) == (2.0,)
    memory = after_writing(memory, [made], (), 3.0)
    assert (memory.rounds(made), memory.rounds(_delete())) == ((3.0,), ())
    assert after_planning(after_writing(memory, [_delete()], (), 4.0), [], 700.0, 300.0).removed == {}


def test_a_quarantine_is_kept_while_the_object_is_wanted_and_forgotten_afterwards() -> None:
    held = {_delete().dn: Quarantine("no", 60.0, 60.0)}
    memory = Memory(quarantine=held)
    assert after_planning(memory, [_delete()], 1000.0, 300.0).quarantine == held, "its pause goes on doubling"
    assert after_planning(memory, [], 59.0, 300.0).quarantine == held
    assert after_planning(memory, [], 60.0, 300.0).quarantine == {}


def test_memory_is_never_changed_in_place() -> None:
    memory = Memory(causes={WANT: Cause.ENDED}, repairs={A.dn: (0.0,)})
    before = repr(memory)
    notice_departures(memory, cluster(pod("10.0.0.1")), cluster())
    after_planning(memory, [_delete()], 9999.0, 1.0)
    after_writing(memory, [_delete()], [(_delete("10.0.0.2"), "no")], 1.0)
    assert repr(memory) == before


def test_a_day_of_churn_leaves_a_memory_of_bounded_size() -> None:
    run = Run(cluster(WEB), fabric(l3out(epg("A"))))
    sizes = []
    for number in range(2000):
        ip = f"10.{number // 250}.0.{number % 250 + 1}"
        run.wants(cluster(pod(ip))).turn(10.0)
        memory = run.memory
        sizes.append(
            len(memory.causes)
            + len(memory.done_since)
            + len(memory.repairs)
            + len(memory.removed)
            + len(memory.removals)
            + len(memory.unwanted_since)
        )
    assert max(sizes[1000:]) == max(sizes[100:1000])
    assert max(sizes) < 250


def test_other_peoples_epgs_are_remembered_until_they_are_adopted() -> None:
    theirs, ours = fabric(l3out(epg("A", mark=None))), fabric(l3out(epg("A")))
    memory = after_planning(Memory(), plan(cluster(WEB), theirs).items, 0.0, 300.0)
    assert memory.seen_unmanaged == {A.dn}
    assert after_planning(memory, plan(cluster(), theirs).items, 1.0, 300.0).seen_unmanaged == {A.dn}
    assert after_planning(memory, plan(cluster(WEB), ours).items, 1.0, 300.0).seen_unmanaged == frozenset()


def test_a_lost_address_of_a_shared_epg_is_named_by_its_own_epg() -> None:
    other = pod("10.0.0.1", workload("web", binding("B")))
    memory = notice_departures(Memory(), cluster(pod("10.0.0.1"), other), cluster(other))
    assert memory.causes[WANT] is Cause.WITHDRAWN
    assert (binding("B"), "10.0.0.1/32") not in memory.causes
    assert ME.mark("x") != subnet("10.0.0.1").at(A).annotation
