from __future__ import annotations

import pytest

from akb_sync.errors import KubernetesUnreachable
from akb_sync.kube.desire import desire
from akb_sync.kube.facts import resource_version
from akb_sync.kube.limits import Limits
from akb_sync.kube.store import Store
from akb_sync.model import Freshness, Source, SourceView
from tests.unit.kube.builders import (
    KIND_OF,
    HandClock,
    Json,
    ask,
    facts_of,
    fill,
    pod,
    replicaset,
    service,
    workload,
)

UNREACHABLE = KubernetesUnreachable("no connection to x", "look")


class Scene:
    """A store, its clock, and how often it called."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.calls = 0
        self.store = Store(self.clock, self._called)

    def _called(self) -> None:
        self.calls += 1

    def fill(self, *items: Json) -> None:
        fill(self.store, *items, at=self.clock.time)
        self.calls = 0

    def apply(self, item: Json, *, deleted: bool = False) -> None:
        source = KIND_OF[item["kind"]]
        self.store.apply(source, facts_of(item), resource_version(item), deleted=deleted)

    def relist(self, source: Source, *items: Json) -> None:
        pairs = [(facts_of(item), resource_version(item)) for item in items]
        self.store.replace(source, pairs, self.clock.time)

    def view(self, source: Source) -> SourceView:
        return self.store.snapshot().sources[source]

    def addresses(self) -> list[str]:
        desired = desire(self.store.snapshot(), Limits(), self.clock.time)
        return [exposure.prefix for exposure in desired.exposures]

    def revisit_at(self) -> float | None:
        return desire(self.store.snapshot(), Limits(), self.clock.time).revisit_at


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_a_kind_is_never_read_until_its_first_list(scene: Scene) -> None:
    assert scene.view(Source.PODS) == SourceView(Freshness.NEVER)
    scene.store.fail(Source.PODS, UNREACHABLE)
    assert scene.view(Source.PODS).freshness is Freshness.NEVER
    scene.relist(Source.PODS)
    assert scene.view(Source.PODS) == SourceView(Freshness.FRESH, lists=1, listed_at=1000.0)


def test_a_failed_read_makes_a_kind_stale_and_keeps_what_is_there(scene: Scene) -> None:
    scene.fill(pod("a", None, "10.0.0.1"))
    scene.store.fail(Source.PODS, UNREACHABLE)
    assert scene.view(Source.PODS).freshness is Freshness.STALE
    assert scene.view(Source.PODS).trouble == "no connection to x; look"
    assert scene.view(Source.SERVICES).freshness is Freshness.FRESH
    assert len(scene.store.snapshot().pods) == 1
    assert scene.calls == 1


def test_the_same_failure_again_wakes_nobody(scene: Scene) -> None:
    scene.fill()
    for _ in range(3):
        scene.store.fail(Source.PODS, UNREACHABLE)
    assert scene.calls == 1


@pytest.mark.parametrize("how", ["event", "bookmark", "list"])
def test_an_event_a_bookmark_or_a_list_confirms_for_ninety_seconds(scene: Scene, how: str) -> None:
    scene.fill(pod("a", None))
    scene.clock.turn(60)
    if how == "event":
        scene.apply(pod("a", None))
    elif how == "bookmark":
        scene.store.confirm(Source.PODS)
    else:
        scene.relist(Source.PODS, pod("a", None))
    scene.clock.turn(89.9)
    assert scene.view(Source.PODS).freshness is Freshness.FRESH
    assert scene.view(Source.SERVICES).freshness is Freshness.STALE
    scene.clock.turn(0.1)
    assert scene.view(Source.PODS).freshness is Freshness.STALE


def test_it_says_when_the_first_kind_turns_stale(scene: Scene) -> None:
    scene.fill()
    assert scene.revisit_at() == 1090.0
    scene.clock.turn(100)
    assert scene.revisit_at() is None


def test_an_unchanged_object_wakes_nobody(scene: Scene) -> None:
    item = pod("a", None, "10.0.0.1")
    scene.fill(item)
    revision = scene.store.revision
    item["status"]["conditions"] = [{"type": "Ready"}]
    item["metadata"]["resourceVersion"] = "2"
    scene.apply(item)
    assert scene.calls == 0
    assert scene.store.revision == revision


def test_a_changed_new_or_deleted_object_wakes_once_each(scene: Scene) -> None:
    scene.fill(pod("a", None, "10.0.0.1"))
    scene.apply(pod("a", None, "10.0.0.2", version=2))
    scene.apply(pod("b", None, "10.0.0.3", version=3))
    scene.apply(pod("a", None, "10.0.0.2", version=4), deleted=True)
    assert scene.calls == 3
    assert [facts.ref.name for facts in scene.store.snapshot().pods.values()] == ["b"]


def test_a_stale_kind_that_is_confirmed_wakes(scene: Scene) -> None:
    scene.fill()
    scene.store.fail(Source.PODS, UNREACHABLE)
    scene.store.confirm(Source.PODS)
    assert scene.calls == 2
    assert scene.view(Source.PODS) == SourceView(Freshness.FRESH, lists=1, listed_at=1000.0)


def test_an_older_event_out_of_order_is_left_out(scene: Scene) -> None:
    scene.fill()
    scene.apply(pod("a", None, "10.0.0.2", version=20))
    scene.apply(pod("a", None, "10.0.0.1", version=10))
    (facts,) = scene.store.snapshot().pods.values()
    assert facts.prefixes == ("10.0.0.2/32",)


def test_a_late_event_does_not_bring_a_deleted_object_back(scene: Scene) -> None:
    scene.fill(pod("a", None, "10.0.0.1", version=5))
    scene.apply(pod("a", None, "10.0.0.1", version=7), deleted=True)
    scene.apply(pod("a", None, "10.0.0.1", version=6))
    assert scene.store.snapshot().pods == {}


def test_a_snapshot_does_not_change_afterwards(scene: Scene) -> None:
    scene.fill(pod("a", None))
    before = scene.store.snapshot()
    scene.apply(pod("b", None))
    assert len(before.pods) == 1
    assert len(scene.store.snapshot().pods) == 2


def test_a_kind_that_lists_empty_and_was_not_is_doubtful_until_something_is_there(scene: Scene) -> None:
    scene.fill(service("s"))
    scene.relist(Source.SERVICES)
    assert scene.view(Source.SERVICES).doubtful == "services are listed empty, and there were 1 before"
    scene.relist(Source.SERVICES)
    assert scene.view(Source.SERVICES).doubtful
    scene.apply(service("t"))
    assert scene.view(Source.SERVICES).doubtful == ""


def test_a_kind_that_empties_before_our_eyes_is_not_doubtful(scene: Scene) -> None:
    web = pod("web-1", workload(kind="StatefulSet"))
    scene.fill(web)
    scene.apply({**web, "metadata": {**web["metadata"], "resourceVersion": "2"}}, deleted=True)
    scene.relist(Source.PODS)
    assert scene.view(Source.PODS).doubtful == ""


def test_services_listed_empty_are_always_doubtful_since_every_cluster_has_one(scene: Scene) -> None:
    scene.fill(workload())
    assert "every cluster has the Service default/kubernetes" in scene.view(Source.SERVICES).doubtful
    scene.apply(service("kubernetes", kind="ClusterIP"))
    assert scene.view(Source.SERVICES).doubtful == ""


def test_owners_listed_empty_beside_what_they_own_are_doubtful(scene: Scene) -> None:
    top = workload()
    scene.fill(pod("web-1", replicaset(top)), pod("db-0", workload(kind="StatefulSet")))
    assert "Pod shop/web-1 is owned by one" in scene.view(Source.REPLICASETS).doubtful
    assert "Pod shop/db-0 is owned by one" in scene.view(Source.STATEFULSETS).doubtful
    assert scene.view(Source.DAEMONSETS).doubtful == scene.view(Source.DEPLOYMENTS).doubtful == ""
    scene.apply(replicaset(top))
    assert scene.view(Source.REPLICASETS).doubtful == ""
    assert "ReplicaSet shop/web-1 is owned by one" in scene.view(Source.DEPLOYMENTS).doubtful


def test_pods_listed_empty_beside_workloads_with_replicas_are_doubtful(scene: Scene) -> None:
    scene.fill(workload(replicas=2))
    assert "Deployment shop/web reports replicas" in scene.view(Source.PODS).doubtful
    assert scene.view(Source.DEPLOYMENTS).doubtful == ""
    scene.apply(workload(replicas=0, version=2))
    assert scene.view(Source.PODS).doubtful == ""


def test_an_address_that_leaves_a_living_service_lingers_for_thirty_seconds(scene: Scene) -> None:
    scene.fill(workload(annotation=ask()), service("s", "198.51.100.1"))
    scene.apply(service("s", version=2))
    assert scene.addresses() == ["198.51.100.1/32"]
    assert scene.revisit_at() == 1030.0
    scene.clock.turn(29.9)
    assert scene.addresses() == ["198.51.100.1/32"]
    scene.clock.turn(0.1)
    assert scene.addresses() == []


def test_a_flap_of_twenty_seconds_changes_nothing_and_starts_no_second_clock(scene: Scene) -> None:
    scene.fill(workload(annotation=ask()), service("s", "198.51.100.1"))
    scene.apply(service("s", version=2))
    scene.clock.turn(20)
    scene.apply(service("s", "198.51.100.1", version=3))
    scene.clock.turn(20)
    assert scene.addresses() == ["198.51.100.1/32"]
    scene.apply(service("s", version=4))
    scene.clock.turn(25)
    assert scene.addresses() == ["198.51.100.1/32"]


def test_an_address_that_is_missing_after_a_list_lingers_too(scene: Scene) -> None:
    scene.fill(workload(annotation=ask()), service("s", "198.51.100.1", "198.51.100.2"))
    scene.relist(Source.SERVICES, service("s", "198.51.100.2", version=2))
    assert scene.addresses() == ["198.51.100.1/32", "198.51.100.2/32"]


def test_more_changes_do_not_prolong_the_grace(scene: Scene) -> None:
    scene.fill(workload(annotation=ask()), service("s", "198.51.100.1"))
    for version in (2, 3, 4):
        scene.apply(service("s", hostnames=(f"h{version}",), version=version))
        scene.clock.turn(10)
    assert scene.addresses() == []


@pytest.mark.parametrize("how", ["deleted", "missing", "another type", "being deleted"])
def test_a_service_that_goes_takes_its_addresses_along_at_once(scene: Scene, how: str) -> None:
    scene.fill(workload(annotation=ask()), service("s", "198.51.100.1", "198.51.100.2"))
    scene.apply(service("s", "198.51.100.2", version=2))
    if how == "deleted":
        scene.apply(service("s", version=3), deleted=True)
    elif how == "missing":
        scene.relist(Source.SERVICES)
    elif how == "another type":
        scene.apply(service("s", kind="ClusterIP", version=3))
    else:
        scene.apply(service("s", version=3, deleting=True))
    assert scene.addresses() == []


def test_a_limitation_is_told_while_lists_keep_the_kind_fresh(scene: Scene) -> None:
    scene.store.limited(Source.PODS, "may not watch")
    scene.fill()
    assert scene.view(Source.PODS).freshness is Freshness.FRESH
    assert scene.view(Source.PODS).trouble == "may not watch"
    scene.store.limited(Source.PODS, "")
    assert scene.view(Source.PODS).trouble == ""
