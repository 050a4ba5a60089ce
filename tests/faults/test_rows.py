"""Rows of the table of faults that the laboratory shows; `rows.py` has which test shows each of them all."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from akb_sync.apic.batches import batches
from akb_sync.engine import engine as engine_module
from tests.simulated.watch.neighbours import FOREIGN_MARK

from .faults import CRASH_AFTER, CRASH_BEFORE, HIDE, REPEAT, FaultAt, FaultWhere
from .laboratory import Counts, Laboratory, laboratory, told
from .ledger import What
from .oracles import differences
from .profile import chosen
from .scene import NAMESPACE, Scene, binding, epg_dn, subnet_dn

MANY = 100


@pytest.fixture(name="lab")
def lab_fixture() -> Iterator[Laboratory]:
    with laboratory() as lab:
        lab.begin()
        yield lab


def _web(scene: Scene) -> None:
    scene.deploy("web")
    scene.pods("web", 2)


def _subnets(counts: Counts) -> dict[str, int]:
    """How many subnets were created, modified and deleted."""
    found = {"created": 0, "modified": 0, "deleted": 0}
    for (kind, dn), times in counts.items():
        found[kind] += times * ("/extsubnet-[" in dn)
    return {kind: times for kind, times in found.items() if times}


def _posts(lab: Laboratory, step: Any) -> int:
    before = lab.stage.posts
    lab.act(step)
    return lab.stage.posts - before


def test_row_02_a_crash_between_two_batches_of_one_epg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "batches", partial(batches, max_objects=4))

    def ten(scene: Scene) -> None:
        scene.deploy("web")
        scene.pods("web", 10)

    def five_less(scene: Scene) -> None:
        scene.pod_gone(*(f"web-{index}" for index in range(1, 6)))

    story = (ten, five_less)
    reference = told(story)
    posts = [one for one in reference.points if one.writes and one.what is What.REQUEST]
    assert len(posts) > 4, "there is more than one batch in each step"
    for pattern in (CRASH_BEFORE, CRASH_AFTER):
        for point in posts:
            record = told(story, FaultAt(pattern, point.number))
            assert record.crashes == 1
            assert not differences(reference, record), f"{pattern} at {point}"


def test_row_06_a_deployment_that_was_made_anew_while_the_watch_was_down(lab: Laboratory) -> None:
    def anew(scene: Scene) -> None:
        scene.undeploy("web", "web-1", "web-2")
        scene.deploy("web")
        scene.pods("web", 2)
        scene.cluster.compact()

    lab.act(_web)
    lab.act(anew)
    assert not lab.last


def test_row_07_a_deletion_that_was_never_told_is_found_within_a_resync(lab: Laboratory) -> None:
    lab.act(_web)
    lab.ledger.fault = hidden = FaultWhere(HIDE, lambda point: "DELETED /api/v1/pods" in point.name)
    lab.act(lambda scene: scene.pod_gone("web-1"))
    assert hidden.struck
    assert _subnets(lab.last) == {"deleted": 1}


def test_row_08_events_that_come_twice_or_in_another_order(lab: Laboratory) -> None:
    lab.act(_web)
    lab.ledger.fault = repeated = FaultWhere(REPEAT, lambda point: point.what is What.EVENT)
    with lab.stage.cluster.faults.reorder_events("pods") as reordered:
        lab.act(lambda scene: scene.pods("web", 2, first=3))
    assert repeated.struck
    assert reordered.hits
    assert [_subnets(counts) for counts in lab.record.counts] == [{"created": 3}, {"created": 2}]


def test_row_09_a_watch_that_is_told_that_it_is_too_old(lab: Laboratory) -> None:
    def gone_and_compacted(scene: Scene) -> None:
        scene.pod_gone("web-1")
        scene.cluster.compact()

    lab.act(_web)
    lab.act(gone_and_compacted)
    assert _subnets(lab.last) == {"deleted": 1}


def test_row_16_an_address_that_another_pod_gets_at_once(lab: Laboratory) -> None:
    def in_the_same_epg(scene: Scene) -> None:
        scene.pod_gone("web-1")
        scene.pod("web", "web-9", "10.244.1.1")

    def in_another_epg(scene: Scene) -> None:
        scene.pod_gone("web-9")
        scene.pod("db", "db-1", "10.244.1.1")

    def with_a_neighbour(scene: Scene) -> None:
        _web(scene)
        scene.deploy("db", "EPG_DB")

    lab.act(with_a_neighbour)
    lab.act(in_the_same_epg)
    assert _subnets(lab.last) == {"modified": 1}, "it gets the name of the other Pod"
    assert _posts(lab, in_another_epg) == 1
    assert _subnets(lab.last) == {"created": 1, "deleted": 1}


@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
def test_row_17_a_pod_that_ended_and_still_lists_its_address(lab: Laboratory, phase: str) -> None:
    lab.act(_web)
    lab.act(lambda scene: scene.pod_status("web-1", phase=phase))
    assert _subnets(lab.last) == {"deleted": 1}


def test_row_18_a_pod_on_its_nodes_network(lab: Laboratory) -> None:
    def on_the_node(scene: Scene) -> None:
        scene.deploy("web")
        scene.stage.pod(scene.workload("web"), "192.0.2.1", name="web-1", hostNetwork=True)

    lab.act(on_the_node)
    assert _subnets(lab.last) == {"created": 1}, "only the resident's"
    assert "HostNetwork" in lab.notices


def test_row_19_a_pod_that_gets_one_address_and_then_the_other(lab: Laboratory) -> None:
    def without_an_address(scene: Scene) -> None:
        scene.deploy("web")
        scene.pod("web", "web-1", "10.244.1.1")
        scene.pod_status("web-1", podIP=None, podIPs=None)

    four, six = {"ip": "10.244.1.1"}, {"ip": "fd00::1"}
    lab.act(without_an_address)
    lab.act(lambda scene: scene.pod_status("web-1", podIP="10.244.1.1", podIPs=[four]))
    lab.act(lambda scene: scene.pod_status("web-1", podIPs=[four, six]))
    assert [_subnets(counts) for counts in lab.record.counts] == [{"created": 1}] * 3


def test_row_20_a_service_whose_address_is_away_for_twenty_seconds(lab: Laboratory) -> None:
    def serve(scene: Scene) -> None:
        _web(scene)
        scene.stage.service("web", "192.0.2.10")

    lab.act(serve)
    posts = lab.stage.posts
    lab.stage.ingress("web")
    lab.settle(20.0)
    lab.act(lambda scene: scene.stage.ingress("web", "192.0.2.10"))
    assert lab.stage.posts == posts


def test_row_21_a_service_with_a_hostname_and_an_address(lab: Laboratory) -> None:
    def serve(scene: Scene) -> None:
        scene.deploy("web")
        scene.stage.service("web")
        ingress = [{"hostname": "lb.example.com"}, {"ip": "192.0.2.10"}]
        status = {"status": {"loadBalancer": {"ingress": ingress}}}
        scene.cluster.patch("Service", NAMESPACE, "web", status, subresource="status")

    lab.act(serve)
    assert lab.stage.prefixes() == {"192.0.2.10/32"}
    assert "HostnameNotSupported" in lab.notices


def test_row_22_an_annotation_that_names_another_epg(lab: Laboratory) -> None:
    lab.act(_web)
    lab.scene.annotate("web", binding("EPG_OTHER"))
    posts = lab.stage.posts
    lab.settle(20.0)
    assert lab.stage.posts == posts + 1, "all addresses move in one POST"
    assert lab.stage.prefixes("EPG_OTHER") == {"10.244.1.1/32", "10.244.1.2/32"}
    lab.settle()
    assert lab.stage.apic.get(epg_dn()) is None, "and the empty EPG goes"


def test_row_23_an_annotation_that_is_removed_and_a_workload_without_replicas(lab: Laboratory) -> None:
    lab.act(_web)
    lab.act(lambda scene: scene.pod_gone("web-1", "web-2"))
    assert (lab.stage.prefixes(), bool(lab.stage.apic.get(epg_dn()))) == (set(), True)
    lab.scene.annotate("web", None)
    lab.settle(20.0)
    assert lab.stage.apic.get(epg_dn()), "within the hold-down"
    lab.settle()
    assert lab.stage.apic.get(epg_dn()) is None


def test_row_24_an_annotation_that_is_malformed_and_then_mended(lab: Laboratory) -> None:
    lab.act(_web)
    lab.act(lambda scene: scene.annotate("web", "no json"))
    assert not lab.last
    assert "InvalidAnnotation" in lab.notices
    lab.act(lambda scene: scene.annotate("web", binding()))
    assert not lab.last
    assert "InvalidAnnotation" not in lab.notices


def test_row_27_an_address_that_two_workloads_want_stays_where_it_is(lab: Laboratory) -> None:
    def two(scene: Scene) -> None:
        scene.deploy("web")
        scene.pod("web", "web-1", "10.244.1.1")
        scene.stage.clock.advance(1.0)
        scene.deploy("db", "EPG_DB")
        scene.stage.service("db", "10.244.1.1")

    lab.act(two)
    posts = lab.stage.posts
    for _ in range(MANY):
        lab.turn(5.0)
        assert lab.stage.prefixes() == {"10.244.1.1/32"}
    assert lab.stage.posts == posts
    assert lab.held["10.244.1.1/32"] == "Conflict"


@pytest.mark.parametrize("mark", ["", FOREIGN_MARK], ids=["row_28_unmanaged", "row_29_foreign"])
def test_a_prefix_that_somebody_else_holds_is_never_written(lab: Laboratory, mark: str) -> None:
    theirs = subnet_dn("10.244.1.2/32", "EPG_THEIRS")

    def taken(scene: Scene) -> None:
        scene.stage.epg("EPG_THEIRS", "10.244.1.2/32", **({"annotation": mark} if mark else {}))
        scene.apic.post(theirs, {"l3extSubnet": {"attributes": {"annotation": mark}}})
        _web(scene)

    lab.act(taken)
    posts, before = lab.stage.posts, lab.stage.apic.get(theirs)
    lab.turn(5.0, MANY)
    assert (lab.stage.posts, lab.stage.apic.get(theirs)) == (posts, before)
    assert lab.held["10.244.1.2/32"] == "Conflict"
    assert lab.stage.prefixes() == {"10.244.1.1/32"}


@pytest.mark.parametrize("running", [True, False], ids=["running", "down"])
def test_row_31_a_mark_that_somebody_strips(lab: Laboratory, running: bool) -> None:
    dn = subnet_dn("10.244.1.1/32")

    def strip(scene: Scene) -> None:
        if not running:
            lab.crash()
        scene.apic.post(dn, {"l3extSubnet": {"attributes": {"annotation": ""}}})

    def replace(scene: Scene) -> None:
        if not running:
            lab.crash()
        scene.apic.post(dn, {"l3extSubnet": {"attributes": {"annotation": "orchestrator:terraform"}}})

    lab.act(_web)
    lab.act(strip)
    assert lab.last == {("modified", dn): 1}
    lab.act(replace)
    assert not lab.last, "somebody else's text is a release by hand"
    lab.act(lambda scene: scene.pod_gone("web-1"))
    assert not lab.last, "and what was released is not deleted"


def test_row_33_people_edit_and_delete_a_managed_subnet(lab: Laboratory) -> None:
    dn = subnet_dn("10.244.1.1/32")
    edited = {"name": "mine", "scope": "shared-rtctrl", "descr": "keep"}
    lab.act(_web)
    lab.act(lambda scene: scene.apic.post(dn, {"l3extSubnet": {"attributes": edited}}))
    found = lab.stage.subnet("10.244.1.1/32")
    assert (found["name"], found["descr"]) == ("shop::web-1", "keep")
    assert set(found["scope"].split(",")) == {"import-security", "shared-rtctrl"}
    assert lab.last == {("modified", dn): 1}
    lab.act(lambda scene: scene.apic.delete(dn))
    assert lab.last == {("created", dn): 1}


def test_row_34_a_tool_that_rewrites_every_ten_seconds_is_met_with_pauses(lab: Laboratory) -> None:
    dn = subnet_dn("10.244.1.1/32")
    lab.act(_web)
    posts, rewrites = lab.stage.posts, 90
    for _ in range(rewrites):
        lab.stage.apic.post(dn, {"l3extSubnet": {"attributes": {"name": "theirs"}}})
        lab.turn(5.0, 2)
    assert 0 < lab.stage.posts - posts < rewrites // 4
    assert lab.held["10.244.1.1/32"] == "Contested"


def test_row_35_an_epg_that_somebody_deletes_comes_back_in_one_post(lab: Laboratory) -> None:
    lab.act(_web)
    assert _posts(lab, lambda scene: scene.apic.delete(epg_dn())) == 1
    assert lab.stage.prefixes() == {"10.244.1.1/32", "10.244.1.2/32"}


def test_row_36_an_l3out_that_is_missing_and_appears_later(lab: Laboratory) -> None:
    lab.scene.l3out_gone()
    lab.act(_web)
    assert lab.held == {
        "EPG_RESIDENT": "ParentMissing",
        "EPG_WEB": "ParentMissing",
        "10.244.9.1/32": "ParentMissing",
        "10.244.1.1/32": "ParentMissing",
        "10.244.1.2/32": "ParentMissing",
    }
    assert (lab.stage.posts, lab.stage.apic.refusals) == (0, [])
    began = lab.stage.clock.monotonic()
    lab.scene.l3out_back()
    while not lab.stage.prefixes():
        lab.turn(1.0)
    assert lab.stage.clock.monotonic() - began <= 66.0, "one interval"


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(hours=-1)], ids=["forward", "back"])
def test_row_43_a_wall_clock_that_jumps(
    lab: Laboratory, jump: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.act(_web)
    lab.scene.annotate("web", None)
    lab.settle(10.0)
    now = lab.stage.clock.now
    monkeypatch.setattr(lab.stage.clock, "now", lambda: now() + jump)
    lab.settle(10.0)
    assert lab.stage.apic.get(epg_dn()), "the hold-down is not over yet"
    lab.settle()
    assert lab.stage.apic.get(epg_dn()) is None


def test_chosen_points_are_the_same_for_the_same_seed() -> None:
    points = told((_web,)).points
    assert chosen(points, "a") == chosen(points, "a")
