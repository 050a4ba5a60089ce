from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping

import pytest

from akb_sync.errors import KubernetesAnswerError, KubernetesError, KubernetesForbidden, KubernetesUnreachable
from akb_sync.kube.view import ClusterOptions, ClusterView
from akb_sync.model import Freshness, Source
from tests.unit.kube.builders import (
    KIND_OF,
    Events,
    HandClock,
    Json,
    ask,
    event,
    page,
    pod,
    service,
    workload,
)

DOWN = KubernetesUnreachable("no connection to x", "look")


class Held:
    """A watch that waits until it is closed, or is handed an event."""

    def __init__(self) -> None:
        self._some = threading.Condition()
        self._events: list[Json] = []
        self._closed = False

    def hand(self, item: Json) -> None:
        with self._some:
            self._events.append(item)
            self._some.notify_all()

    def __iter__(self) -> Iterator[Json]:
        while True:
            with self._some:
                self._some.wait_for(lambda: self._events or self._closed, timeout=30)
                if not self._events:
                    return
                item = self._events.pop(0)
            yield item

    def close(self) -> None:
        with self._some:
            self._closed = True
            self._some.notify_all()


class Cluster:
    """An API that lists what it is told to have; its watches are handed events by the test."""

    def __init__(self, *items: Json) -> None:
        self.items = list(items)
        self.errors: dict[Source, KubernetesError] = {}
        self.lists = 0
        self.watch: dict[Source, Held] = {}
        self.opened = threading.Semaphore(0)
        self.namespace: Json = {"metadata": {"uid": "0123-4567"}}

    def get(self, path: str, params: Mapping[str, str] | None = None, accept: str | None = None) -> Json:
        del params, accept
        if path.endswith("/namespaces/kube-system"):
            return self.namespace
        self.lists += 1
        source = Source(path.rsplit("/", 1)[1])
        if source in self.errors:
            raise self.errors[source]
        return page(*(item for item in self.items if KIND_OF[item["kind"]] is source))

    def stream(
        self, path: str, params: Mapping[str, str], accept: str | None, read_timeout: float
    ) -> Held | Events:
        del params, accept, read_timeout
        watch = self.watch[Source(path.rsplit("/", 1)[1])] = Held()
        self.opened.release()
        return watch


class Scene:
    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.clock = HandClock()
        self.changed = threading.Condition()
        self.calls = 0
        self.view = ClusterView(cluster, ClusterOptions(), self.clock, self._on_change)

    def _on_change(self) -> None:
        with self.changed:
            self.calls += 1
            self.changed.notify_all()

    def wait_until(self, true: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(true, timeout=20)

    def addresses(self) -> list[str]:
        return [exposure.prefix for exposure in self.view.desired().exposures]


def set_of_one() -> tuple[Json, Json]:
    top = workload(annotation=ask(), kind="StatefulSet")
    return top, pod("a", top, "10.0.0.1")


@pytest.fixture
def scene() -> Iterator[Scene]:
    found = Scene(Cluster(*set_of_one()))
    yield found
    found.view.stop()


def test_before_the_first_read_nothing_is_known(scene: Scene) -> None:
    desired = scene.view.desired()
    assert desired.exposures == ()
    assert {view.freshness for view in desired.sources.values()} == {Freshness.NEVER}
    assert not desired.fresh


def test_one_read_lists_every_kind_once(scene: Scene) -> None:
    scene.view.read()
    assert scene.cluster.lists == 6
    assert scene.addresses() == ["10.0.0.1/32"]
    assert scene.view.desired().fresh
    assert scene.view.troubles() == {}


def test_a_kind_that_fails_is_a_trouble_and_the_others_are_read(scene: Scene) -> None:
    scene.cluster.errors = {Source.SERVICES: KubernetesAnswerError("HTTP 500", "look")}
    scene.view.read()
    assert scene.view.troubles() == {"services": "HTTP 500; look"}
    desired = scene.view.desired()
    assert desired.freshness(Source.SERVICES) is Freshness.NEVER
    assert desired.freshness(Source.PODS) is Freshness.FRESH
    assert scene.addresses() == ["10.0.0.1/32"]


def test_the_same_failure_of_all_kinds_is_raised(scene: Scene) -> None:
    scene.cluster.errors = dict.fromkeys(Source, DOWN)
    with pytest.raises(KubernetesUnreachable, match="no connection to x"):
        scene.view.read()
    assert len(scene.view.troubles()) == 6


def test_different_failures_are_troubles(scene: Scene) -> None:
    scene.cluster.errors = dict.fromkeys(Source, DOWN)
    scene.cluster.errors[Source.PODS] = KubernetesForbidden("may not list pods")
    scene.view.read()
    assert scene.view.troubles()["pods"] == "may not list pods"


def test_watches_go_on_from_the_read_without_another_list(scene: Scene) -> None:
    scene.view.read()
    scene.view.start()
    for _ in Source:
        assert scene.cluster.opened.acquire(timeout=20)
    top, _ = set_of_one()
    scene.cluster.watch[Source.PODS].hand(event("ADDED", pod("b", top, "10.0.0.2"), 101))
    scene.wait_until(lambda: scene.addresses() == ["10.0.0.1/32", "10.0.0.2/32"])
    assert scene.cluster.lists == 6


def test_a_reread_lists_every_kind_and_tells_when_it_is_done(scene: Scene) -> None:
    scene.view.read()
    scene.view.start()
    for _ in Source:
        assert scene.cluster.opened.acquire(timeout=20)
    scene.cluster.items.append(service("s", "198.51.100.1"))
    scene.view.read()
    scene.wait_until(lambda: {view.lists for view in scene.view.desired().sources.values()} == {2})
    assert scene.addresses() == ["10.0.0.1/32", "198.51.100.1/32"]


def test_a_start_without_a_read_lists_first(scene: Scene) -> None:
    scene.view.start()
    scene.wait_until(lambda: scene.view.desired().fresh)
    assert scene.addresses() == ["10.0.0.1/32"]


def test_a_stop_ends_all_threads_soon(scene: Scene) -> None:
    scene.view.start()
    for _ in Source:
        assert scene.cluster.opened.acquire(timeout=20)
    scene.view.stop()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("watch-")]


def test_what_did_not_change_is_not_made_again_but_its_freshness_is(scene: Scene) -> None:
    scene.view.read()
    first = scene.view.desired()
    scene.clock.turn(100)
    second = scene.view.desired()
    assert second.wanted is first.wanted
    assert first.revisit_at == 1090.0
    assert first.fresh
    assert not second.fresh
    assert second.revisit_at is None


def test_a_lingering_address_goes_when_its_time_comes_although_nothing_changed() -> None:
    top, _ = set_of_one()
    scene = Scene(Cluster(top, service("s", "198.51.100.1")))
    scene.view.read()
    scene.cluster.items[1] = service("s", version=2)
    scene.view.read()
    assert scene.addresses() == ["198.51.100.1/32"]
    assert scene.view.desired().revisit_at == 1030.0
    scene.clock.turn(30)
    assert scene.addresses() == []


def test_the_cluster_is_named_by_the_uid_of_kube_system(scene: Scene) -> None:
    assert scene.view.kube_system_uid() == "0123-4567"
    scene.cluster.namespace = {"metadata": {}}
    with pytest.raises(KubernetesAnswerError):
        scene.view.kube_system_uid()
