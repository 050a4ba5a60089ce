from __future__ import annotations

import time

import pytest

from akb_sync.kube.desire import desire
from akb_sync.kube.limits import Limits
from akb_sync.model import Desired, Notice, Source
from akb_sync.reasons import Reason
from tests.unit.kube.builders import Json, ask, pod, replicaset, service, workload, world


def want(*items: Json, limits: Limits | None = None, now: float = 1000.0) -> Desired:
    return desire(world(*items), limits or Limits(), now)


def given(desired: Desired) -> dict[str, list[str]]:
    """EPG to the addresses that it is to have."""
    found: dict[str, list[str]] = {}
    for exposure in desired.exposures:
        found.setdefault(exposure.binding.epg, []).append(exposure.prefix)
    return found


def the_notice(desired: Desired, reason: Reason) -> Notice:
    (notice,) = [notice for notice in desired.notices if notice.reason is reason]
    return notice


def test_a_pod_reaches_its_deployment_through_a_replicaset() -> None:
    web = workload(annotation=ask())
    middle = replicaset(web)
    desired = want(web, middle, pod("web-1-a", middle, "10.0.0.1"))
    (exposure,) = desired.exposures
    assert exposure.prefix == "10.0.0.1/32"
    assert exposure.source.kind == "Pod"
    assert exposure.rests_on == {Source.PODS, Source.REPLICASETS, Source.DEPLOYMENTS}
    assert exposure.workload == desired.workloads[0]


@pytest.mark.parametrize(
    ("kind", "source"), [("StatefulSet", Source.STATEFULSETS), ("DaemonSet", Source.DAEMONSETS)]
)
def test_a_pod_reaches_a_stateful_or_daemon_set_in_one_step(kind: str, source: Source) -> None:
    top = workload(annotation=ask(), kind=kind)
    (exposure,) = want(top, pod("a", top, "10.0.0.1")).exposures
    assert exposure.rests_on == {Source.PODS, source}


def test_a_deployment_of_an_operator_ends_the_chain() -> None:
    web = workload(annotation=ask())
    web["metadata"]["ownerReferences"] = [
        {"kind": "Shop", "name": "shop", "uid": "custom", "controller": True}
    ]
    middle = replicaset(web)
    assert given(want(web, middle, pod("a", middle, "10.0.0.1"))) == {"EPG": ["10.0.0.1/32"]}


def test_pods_of_jobs_of_other_controllers_and_of_nobody_are_not_ours() -> None:
    web = workload(annotation=ask())
    job = {"kind": "Job", "metadata": {"name": "job", "uid": "job"}}
    bystander = replicaset(web)
    bystander["metadata"]["ownerReferences"][0]["controller"] = False
    desired = want(
        web,
        bystander,
        pod("a", job, "10.0.0.1"),
        pod("b", None, "10.0.0.2"),
        pod("c", bystander, "10.0.0.3"),
        pod("d", replicaset(None, "unknown"), "10.0.0.4"),
    )
    assert desired.exposures == ()
    assert len(desired.workloads) == 1


def test_a_workload_without_pods_still_names_its_epg() -> None:
    (found,) = want(workload(annotation=ask("EPG_A"))).workloads
    assert str(found.binding) == "TEN/OUT/EPG_A"


def test_a_workload_without_the_annotation_wants_nothing() -> None:
    web = workload(paused=True)
    assert want(web, pod("a", web, "10.0.0.1")) == Desired(sources=world().sources, revisit_at=1090.0)


def test_both_address_families_of_a_pod_are_canonical() -> None:
    top = workload(annotation=ask(), kind="StatefulSet")
    desired = want(top, pod("a", top, "10.0.0.1", "2001:DB8:0::1"))
    assert given(desired) == {"EPG": ["10.0.0.1/32", "2001:db8::1/128"]}


def test_a_pod_without_an_address_wants_nothing_yet() -> None:
    top = workload(annotation=ask(), kind="StatefulSet")
    assert want(top, pod("a", top, phase="Pending")).exposures == ()


@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
def test_a_terminal_pod_that_still_lists_its_address_does_not_count(phase: str) -> None:
    top = workload(annotation=ask(), kind="StatefulSet")
    assert want(top, pod("a", top, "10.0.0.1", phase=phase)).exposures == ()


def test_a_pod_that_is_being_deleted_counts_until_it_is_gone() -> None:
    top = workload(annotation=ask(), kind="StatefulSet")
    assert given(want(top, pod("a", top, "10.0.0.1", deleting=True))) == {"EPG": ["10.0.0.1/32"]}


def test_an_address_used_again_belongs_to_the_pod_that_is_not_being_deleted() -> None:
    one = workload("one", ask("EPG_A"), kind="StatefulSet")
    two = workload("two", ask("EPG_B"), kind="StatefulSet")
    old = pod("old", one, "10.0.0.1", deleting=True, created="2026-01-03T00:00:00Z")
    new = pod("new", two, "10.0.0.1", created="2026-01-02T00:00:00Z")
    assert given(want(one, two, old, new)) == {"EPG_B": ["10.0.0.1/32"]}


def test_an_address_used_again_belongs_to_the_younger_of_two_living_pods() -> None:
    one = workload("one", ask("EPG_A"), kind="StatefulSet")
    two = workload("two", ask("EPG_B"), kind="StatefulSet")
    old = pod("old", two, "10.0.0.1", created="2026-01-01T00:00:00Z")
    new = pod("new", one, "10.0.0.1", created="2026-01-02T00:00:00Z")
    assert given(want(one, two, old, new)) == given(want(two, one, new, old)) == {"EPG_A": ["10.0.0.1/32"]}


def test_an_address_handed_on_to_a_pod_of_nobody_is_not_wanted_any_more() -> None:
    top = workload(annotation=ask(), kind="StatefulSet")
    old = pod("old", top, "10.0.0.1", deleting=True)
    assert want(top, old, pod("new", None, "10.0.0.1")).exposures == ()


def test_host_network_pods_are_skipped_with_one_notice_per_workload() -> None:
    top = workload(annotation=ask(), kind="DaemonSet")
    pods = [pod(f"p{index}", top, f"192.0.2.{index}", host_network=True) for index in range(5)]
    desired = want(top, *pods)
    assert desired.exposures == ()
    notice = the_notice(desired, Reason.HOST_NETWORK)
    assert notice.message == "5 Pod(s) use their node's address and are skipped: p0, p1, p2 and 2 more"
    assert notice.subject.name == "web"


def test_a_load_balancer_service_gives_its_addresses() -> None:
    desired = want(workload(annotation=ask()), service("front", "198.51.100.1", "2001:db8::5"))
    assert given(desired) == {"EPG": ["198.51.100.1/32", "2001:db8::5/128"]}
    assert desired.exposures[0].rests_on == {Source.SERVICES, Source.DEPLOYMENTS}


@pytest.mark.parametrize(
    "other",
    [
        service("s", "198.51.100.1", kind="ClusterIP"),
        service("s", "198.51.100.1", selector={}),
        service("s", "198.51.100.1", selector={"app": "web", "tier": "x"}),
        service("s", "198.51.100.1", namespace="elsewhere"),
    ],
    ids=["another type", "an empty selector", "a selector that asks for more", "another namespace"],
)
def test_a_service_that_is_not_in_front_of_the_workload_gives_nothing(other: Json) -> None:
    assert want(workload(annotation=ask()), other).exposures == ()


def test_a_service_of_two_epgs_goes_to_the_oldest_workload_and_says_so() -> None:
    labels = {"app": "web"}
    old = workload("old", ask("EPG_A"), labels=labels, created="2025-01-01T00:00:00Z")
    new = workload("new", ask("EPG_B"), labels=labels, created="2026-01-01T00:00:00Z")
    desired = want(new, old, service("front", "198.51.100.1"))
    assert given(desired) == {"EPG_A": ["198.51.100.1/32"]}
    notice = the_notice(desired, Reason.AMBIGUOUS_SERVICE)
    assert notice.subject.name == "new"
    assert "EPG_B" in notice.message
    assert "Deployment shop/old (EPG TEN/OUT/EPG_A)" in notice.message


def test_a_service_of_two_workloads_with_one_epg_is_an_exposure_of_each() -> None:
    labels = {"app": "web"}
    desired = want(
        workload("one", ask(), labels=labels),
        workload("two", ask(), labels=labels),
        service("front", "198.51.100.1"),
    )
    assert [exposure.workload.ref.name for exposure in desired.exposures] == ["one", "two"]
    assert desired.notices == ()


def test_a_hostname_is_reported_and_the_address_beside_it_is_wanted() -> None:
    desired = want(workload(annotation=ask()), service("s", "198.51.100.1", hostnames=("lb.example",)))
    assert given(desired) == {"EPG": ["198.51.100.1/32"]}
    assert "lb.example" in the_notice(desired, Reason.HOSTNAME_NOT_SUPPORTED).message


def test_the_annotation_and_the_ceiling_both_limit_what_is_exposed() -> None:
    def epg(text: str, ceiling: frozenset[str]) -> list[str]:
        top = workload(annotation=text, kind="StatefulSet")
        items = (top, pod("a", top, "10.0.0.1"), service("s", "198.51.100.1"))
        return [exposure.source.kind for exposure in want(*items, limits=Limits(expose=ceiling)).exposures]

    both = frozenset({"pods", "services"})
    assert epg(ask(), both) == ["Pod", "Service"]
    assert epg(ask(expose=["pods"]), both) == ["Pod"]
    assert epg(ask(), frozenset({"services"})) == ["Service"]
    assert epg(ask(expose=["pods"]), frozenset({"services"})) == []
    assert epg(ask(expose=[]), both) == []


def test_a_workload_that_keeps_services_to_itself_leaves_them_to_the_next() -> None:
    labels = {"app": "web"}
    old = workload("old", ask("EPG_A", expose=["pods"]), labels=labels, created="2025-01-01T00:00:00Z")
    new = workload("new", ask("EPG_B"), labels=labels)
    desired = want(old, new, service("front", "198.51.100.1"))
    assert given(desired) == {"EPG_B": ["198.51.100.1/32"]}
    assert desired.notices == ()


def test_a_malformed_annotation_protects_its_addresses_and_leaves_everything_undecided() -> None:
    top = workload(annotation="{'tenant'}", kind="StatefulSet")
    desired = want(top, pod("a", top, "10.0.0.1"), service("s", "198.51.100.1"))
    assert not desired.workloads
    assert not desired.exposures
    (notice,) = desired.undecided
    assert notice.reason is Reason.INVALID_ANNOTATION
    assert "line 1, column 2" in notice.message
    assert desired.protected == {"10.0.0.1/32": notice, "198.51.100.1/32": notice}


def test_a_paused_workload_stays_desired_and_its_addresses_are_protected() -> None:
    top = workload(annotation=ask(), kind="StatefulSet", paused=True)
    desired = want(top, pod("a", top, "10.0.0.1"), service("s", "198.51.100.1"))
    assert given(desired) == {"EPG": ["10.0.0.1/32", "198.51.100.1/32"]}
    assert desired.workloads[0].paused
    assert {notice.reason for notice in desired.protected.values()} == {Reason.PAUSED}
    assert set(desired.protected) == {"10.0.0.1/32", "198.51.100.1/32"}
    assert desired.undecided == ()


def test_what_is_not_allowed_is_neither_workload_nor_exposure_not_even_when_paused() -> None:
    top = workload(annotation=ask(), kind="StatefulSet", paused=True)
    desired = want(top, pod("a", top, "10.0.0.1"), limits=Limits(allow={"shop": ["OTHER/*/*"]}))
    assert not desired.workloads
    assert not desired.exposures
    assert desired.protected == {}
    assert "namespace shop" in the_notice(desired, Reason.NOT_ALLOWED).message


def test_addresses_out_of_range_are_refused_in_one_notice_per_cause() -> None:
    top = workload(annotation=ask(), kind="StatefulSet")
    ips = ["127.0.0.1", "169.254.1.1", "::1", "10.0.0.1", "172.16.0.1", "172.16.0.2"]
    pods = [pod(f"p{index}", top, ip) for index, ip in enumerate(ips)]
    desired = want(top, *pods, limits=Limits(pod_cidrs=("10.0.0.0/8",)))
    assert given(desired) == {"EPG": ["10.0.0.1/32"]}
    assert [notice.message for notice in desired.notices] == [
        "1 address(es) of its Pods not exposed, link-local address: 169.254.1.1/32",
        "2 address(es) of its Pods not exposed, loopback address: 127.0.0.1/32, ::1/128",
        "2 address(es) of its Pods not exposed, outside --pod-cidrs: 172.16.0.1/32, 172.16.0.2/32",
    ]


def test_service_addresses_are_held_against_their_own_range() -> None:
    limits = Limits(pod_cidrs=("10.0.0.0/8",), service_cidrs=("198.51.100.0/24",))
    front = service("s", "10.0.0.1", "198.51.100.1", "224.0.0.5")
    desired = want(workload(annotation=ask()), front, limits=limits)
    assert given(desired) == {"EPG": ["198.51.100.1/32"]}
    assert len(desired.notices) == 2


def test_an_unknown_key_is_a_notice_and_the_rest_is_done() -> None:
    desired = want(workload(annotation=ask(exposes=["pods"])))
    assert len(desired.workloads) == 1
    assert "`exposes` (did you mean `expose`?)" in the_notice(desired, Reason.UNKNOWN_KEY).message


def test_the_order_in_which_objects_were_read_does_not_matter() -> None:
    one = workload("one", ask("EPG_A"), kind="StatefulSet", labels={"app": "web"})
    two = workload("two", ask("EPG_B"), kind="StatefulSet", labels={"app": "web"})
    bad = workload("bad", "x", kind="StatefulSet", labels={"app": "web"})
    items = [one, two, bad, service("s", "198.51.100.1"), service("t", "198.51.100.1", "198.51.100.2")]
    items += [pod(f"p{index}", (one, two, bad)[index % 3], f"10.0.0.{index}") for index in range(9)]
    items.append(pod("host", one, "192.0.2.1", host_network=True))
    forwards, backwards = want(*items), want(*reversed(items))
    assert forwards == backwards


def test_ten_thousand_pods_take_no_more_than_ten_times_as_long_as_a_thousand() -> None:
    """Linear but for the machine's moods, which a factor of two allows for."""
    few, many = best_seconds(1_000), best_seconds(10_000)
    assert many < 20 * few


def best_seconds(count: int) -> float:
    """The best of three runs; each desires `count` Pods, twenty to a workload with a Service."""
    tops = [workload(f"w{index}", ask(f"E{index}"), kind="StatefulSet") for index in range(count // 20)]
    fronts = [
        service(f"w{index}", f"198.51.{index // 250}.{index % 250}", selector={"app": f"w{index}"})
        for index in range(count // 20)
    ]
    pods = [
        pod(f"p{index}", tops[index % len(tops)], f"10.{index // 65536}.{index // 256 % 256}.{index % 256}")
        for index in range(count)
    ]
    snapshot = world(*tops, *fronts, *pods)
    taken = []
    for _ in range(3):
        began = time.process_time()
        desired = desire(snapshot, Limits(), 0.0)
        taken.append(time.process_time() - began)
        assert len(desired.exposures) == count + count // 20
    return min(taken)
