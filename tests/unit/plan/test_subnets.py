"""One subnet in its EPG: made, repaired, given its mark back, left alone, taken away."""

from __future__ import annotations

from dataclasses import replace

import pytest

from akb_sync.item import Action
from akb_sync.model import IMPORT_SECURITY, ObservedSubnet
from akb_sync.reasons import Reason

from .builders import (
    COPIED,
    GREATER,
    LESSER,
    ME,
    Run,
    applied,
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
    service,
    subnet,
    workload,
)


def test_a_new_subnet_has_the_name_the_scope_and_the_mark() -> None:
    made = item(plan(cluster(pod("10.0.0.1", name="web-0")), fabric(l3out())), binding(), "10.0.0.1")
    assert made.dn == "uni/tn-T1/out-L1/instP-A/extsubnet-[10.0.0.1/32]"
    assert (made.name, made.scope) == ("apps::web-0", frozenset({IMPORT_SECURITY}))
    assert made.mark == ME.mark(made.dn)


def test_a_subnet_as_it_is_wanted_is_in_sync() -> None:
    found = plan(cluster(pod("10.0.0.1")), fabric(l3out(epg("A", "10.0.0.1"))))
    assert found.settled
    assert {one.reason for one in found.items} == {Reason.IN_SYNC}


def test_a_changed_name_is_put_back_and_nothing_else_is_written() -> None:
    found = plan(cluster(pod("10.0.0.1")), fabric(l3out(epg("A", subnet("10.0.0.1", name="mine now")))))
    repair = item(found, binding(), "10.0.0.1")
    assert (repair.action, repair.reason) == (Action.UPDATE, Reason.DRIFT)
    assert (repair.name, repair.scope, repair.mark) == ("apps::pod-10.0.0.1", None, None)
    assert "mine now" in repair.message


def test_a_scope_that_lacks_our_flag_gets_it_beside_the_flags_that_people_set() -> None:
    drifted = subnet("10.0.0.1", scope=("shared-rtctrl", "export-rtctrl"))
    observed = fabric(l3out(epg("A", drifted)))
    repair = item(plan(cluster(pod("10.0.0.1")), observed), binding(), "10.0.0.1")
    assert repair.scope == frozenset({IMPORT_SECURITY, "shared-rtctrl", "export-rtctrl"})
    assert (repair.action, repair.name, repair.mark) == (Action.UPDATE, None, None)


def test_flags_that_people_added_beside_ours_are_no_drift() -> None:
    added = subnet("10.0.0.1", scope=(IMPORT_SECURITY, "shared-security"))
    assert plan(cluster(pod("10.0.0.1")), fabric(l3out(epg("A", added)))).settled


def test_a_name_and_a_scope_are_repaired_in_one_write() -> None:
    drifted = subnet("10.0.0.1", name="x", scope=())
    repair = item(plan(cluster(pod("10.0.0.1")), fabric(l3out(epg("A", drifted)))), binding(), "10.0.0.1")
    assert (repair.name, repair.scope) == ("apps::pod-10.0.0.1", frozenset({IMPORT_SECURITY}))


@pytest.mark.parametrize("spelling", ["2001:DB8:0::1/128", "2001:0db8::0001/128"])
def test_another_spelling_of_the_prefix_is_the_same_address(spelling: str) -> None:
    held = subnet(spelling, name="apps::pod-2001-db8--1")
    assert plan(cluster(pod("2001:db8::1")), fabric(l3out(epg("A", held)))).settled


def test_a_repair_goes_to_the_object_in_its_own_spelling() -> None:
    observed = fabric(l3out(epg("A", subnet("2001:DB8::1/128", name="x"))))
    found = plan(cluster(pod("2001:db8::1")), observed)
    assert [one.dn for one in found.actionable] == [binding().subnet_dn("2001:DB8::1/128")]
    assert plan(cluster(pod("2001:db8::1")), applied(found, observed)).settled


def test_a_subnet_in_another_spelling_goes_by_its_own_dn() -> None:
    observed = fabric(l3out(epg("A", "2001:DB8::1/128")))
    assert [one.dn for one in plan(cluster(workload()), observed).actionable] == [
        binding().subnet_dn("2001:DB8::1/128")
    ]


def test_of_two_spellings_ours_is_looked_at_whatever_the_order_of_the_answer() -> None:
    ours = subnet("2001:DB8::1/128", name="apps::pod-2001-db8--1")
    theirs = subnet("2001:db8::1", None)
    for both in ((ours, theirs), (theirs, ours)):
        found = plan(cluster(pod("2001:db8::1")), fabric(l3out(epg("A", *both))))
        assert found.settled
        assert item(found, binding(), "2001:db8::1").dn.endswith("[2001:DB8::1/128]")


def test_of_two_spellings_of_others_the_canonical_one_is_told_of() -> None:
    both = (subnet("2001:DB8::1/128", None), subnet("2001:db8::1", None))
    for order in (both, both[::-1]):
        found = item(
            plan(cluster(pod("2001:db8::1")), fabric(l3out(epg("A", *order)))), binding(), "2001:db8::1"
        )
        assert found.dn == binding().subnet_dn("2001:db8::1/128")


def test_a_subnet_whose_text_is_no_prefix_is_left_alone_or_removed_but_never_fatal() -> None:
    dn = binding().subnet_dn("rubbish")
    for annotation, expected in (("", 0), (ME.mark(dn), 1)):
        rubbish = ObservedSubnet(dn, "", "", "x", frozenset({IMPORT_SECURITY}), annotation)
        observed = fabric(l3out(epg("A")))
        object.__setattr__(observed.epg(binding()), "subnets", {dn: rubbish})
        found = plan(cluster(workload()), observed)
        assert [one.dn for one in found.actionable] == [dn] * expected
        assert not any(one.is_epg for one in found.actionable)


def test_an_object_whose_address_cannot_be_read_is_not_written_over() -> None:
    dn = binding().subnet_dn("10.0.0.1/32")
    observed = fabric(l3out(epg("A")))
    here = ObservedSubnet(dn, "?", "", "theirs", frozenset({IMPORT_SECURITY}))
    object.__setattr__(observed.epg(binding()), "subnets", {dn: here})
    found = plan(cluster(pod("10.0.0.1")), observed)
    assert not found.changes
    assert item(found, binding(), "10.0.0.1").reason is Reason.UNMANAGED


def test_two_pods_of_one_name_and_age_are_told_in_one_order() -> None:
    twins = [pod("10.0.0.1", name="web-0"), pod("10.0.0.1", name="web-0")]
    twins[1] = replace(twins[1], source=twins[1].source._replace(uid="another"))
    for order in (twins, twins[::-1]):
        made = item(plan(cluster(*order), fabric(l3out())), binding(), "10.0.0.1")
        assert [ref.uid for ref in made.sources] == ["another", "uid-web-0"]


def test_an_emptied_mark_of_a_wanted_subnet_in_our_epg_comes_back() -> None:
    observed = fabric(l3out(epg("A", subnet("10.0.0.1", None))))
    found = plan(cluster(pod("10.0.0.1")), observed)
    restored = item(found, binding(), "10.0.0.1")
    assert (restored.action, restored.reason) == (Action.UPDATE, Reason.MARK_RESTORED)
    assert (restored.mark, restored.name, restored.scope) == (ME.mark(restored.dn), None, None)
    assert plan(cluster(pod("10.0.0.1")), applied(found, observed)).settled


def test_a_mark_and_a_scope_that_were_lost_together_come_back_together() -> None:
    observed = fabric(l3out(epg("A", subnet("10.0.0.1", None, scope=("shared-security",)))))
    restored = item(plan(cluster(pod("10.0.0.1")), observed), binding(), "10.0.0.1")
    assert restored.scope == frozenset({IMPORT_SECURITY, "shared-security"})
    assert restored.mark


@pytest.mark.parametrize(
    ("epg_mark", "held"),
    [
        (None, subnet("10.0.0.1", None)),
        (GREATER, subnet("10.0.0.1", None)),
        (ME, subnet("10.0.0.1", None, name="another name")),
        (ME, subnet("10.0.0.1", "orchestrator:terraform")),
        (ME, subnet("10.0.0.1", COPIED)),
        (ME, subnet("10.0.0.1", GREATER)),
        (ME, subnet("10.0.0.1", LESSER)),
        (ME, subnet("2001:DB8::1/128", None, name="apps::pod-2001-db8--1")),
    ],
)
def test_any_other_loss_of_a_mark_is_a_release_by_hand(epg_mark: str, held: object) -> None:
    ip = "2001:db8::1" if "DB8" in str(held) else "10.0.0.1"
    observed = fabric(l3out(epg("A", held, mark=epg_mark)))  # type: ignore[arg-type]
    found = plan(cluster(pod(ip)), observed)
    assert not found.changes
    state = item(found, binding(), ip)
    assert state.reason is Reason.UNMANAGED
    assert state.message
    unwanted = plan(cluster(workload()), observed)
    assert not any(one.prefix for one in unwanted.items), "and it is not deleted either"


def test_a_subnet_of_others_that_does_not_classify_is_reported_and_not_touched() -> None:
    held = subnet("10.0.0.1", None, name="theirs", scope=("export-rtctrl",))
    found = plan(cluster(pod("10.0.0.1")), fabric(l3out(epg("A", held))))
    assert not found.actionable
    assert not found.settled
    assert holds(found) == {binding().subnet_dn("10.0.0.1/32"): Reason.UNMANAGED}


def test_a_subnet_of_ours_that_nobody_wants_goes_at_once() -> None:
    observed = fabric(l3out(epg("A", "10.0.0.1", subnet("10.0.0.2", None))))
    assert does(plan(cluster(workload()), observed)) == ["delete A 10.0.0.1/32"]


def test_a_wider_subnet_that_bears_our_mark_goes_too_since_nobody_wants_it() -> None:
    observed = fabric(l3out(epg("A", "10.0.0.1/8")))
    assert does(plan(cluster(workload()), observed)) == ["delete A 10.0.0.0/8"]


def test_an_address_stays_until_its_last_exposure_goes() -> None:
    run = Run(cluster(pod("10.0.0.1"), service("10.0.0.1"), pod("10.0.0.2")), fabric(l3out()))
    run.turn()
    run.wants(cluster(service("10.0.0.1"), pod("10.0.0.2")))
    assert does(run.turn(1.0)) == ["update A 10.0.0.1/32"], "it is named after the Service now"
    run.wants(cluster(pod("10.0.0.2")))
    assert does(run.turn(1.0)) == ["delete A 10.0.0.1/32"]


def test_the_name_comes_from_the_pod_before_the_service_then_the_oldest_then_the_name() -> None:
    older = pod("10.0.0.1", name="z", age=5)
    younger = pod("10.0.0.1", name="a", age=2)
    twin = pod("10.0.0.1", name="b", age=2)
    front = service("10.0.0.1", age=9)
    for wants, name in (
        ((front, younger, older, twin), "apps::z"),
        ((twin, front, younger), "apps::a"),
        ((front,), "apps::front"),
    ):
        for order in (wants, wants[::-1]):
            made = item(plan(cluster(*order), fabric(l3out())), binding(), "10.0.0.1")
            assert made.name == name


def test_one_service_of_two_workloads_is_named_once_and_both_workloads_are() -> None:
    web, api = workload("web"), workload("api", age=2)
    made = item(
        plan(cluster(service("10.0.0.1", web), service("10.0.0.1", api)), fabric(l3out())),
        binding(),
        "10.0.0.1",
    )
    assert [ref.name for ref in made.sources] == ["front"]
    assert [ref.name for ref in made.workloads] == ["api", "web"], "the oldest first"


def test_an_address_that_is_used_again_by_another_pod_of_the_epg_is_only_renamed() -> None:
    run = Run(cluster(pod("10.0.0.1", name="old")), fabric(l3out()))
    run.turn()
    run.wants(cluster(pod("10.0.0.1", name="new")))
    assert does(run.turn(1.0)) == ["update A 10.0.0.1/32"]
    assert run.turn(1.0).settled


def test_a_mark_on_an_object_that_was_copied_is_not_ours() -> None:
    observed = fabric(l3out(epg("A", subnet("10.0.0.1", COPIED), mark=COPIED)))
    assert plan(cluster(), observed, now=1000.0).items == ()


def test_the_same_cluster_name_elsewhere_is_foreign_since_the_id_differs() -> None:
    namesake = "orchestrator:akb-sync:k8s.bbbbbbbb:" + ME.mark(binding().subnet_dn("10.0.0.1/32"))[-8:]
    observed = fabric(l3out(epg("A", subnet("10.0.0.1", namesake))))
    assert not plan(cluster(workload()), observed).changes


def test_a_new_name_of_our_own_cluster_makes_nothing_foreign() -> None:
    renamed = "orchestrator:akb-sync:prod.aaaaaaaa:" + ME.mark(binding().subnet_dn("10.0.0.1/32"))[-8:]
    observed = fabric(l3out(epg("A", subnet("10.0.0.1", renamed))))
    assert plan(cluster(pod("10.0.0.1")), observed).settled
