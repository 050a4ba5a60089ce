from __future__ import annotations

import random
from collections.abc import Mapping

import pytest

from akb_sync.errors import KubernetesAnswerError, KubernetesForbidden, KubernetesGone, KubernetesUnreachable
from akb_sync.kube.store import Store
from akb_sync.kube.watcher import Watcher
from akb_sync.model import Freshness, Source, SourceView
from tests.unit.kube.builders import (
    RESOURCES,
    Events,
    HandClock,
    Json,
    WrittenApi,
    bookmark,
    event,
    gone_event,
    page,
    pod,
)

DOWN = KubernetesUnreachable("no connection to x")
FORBIDDEN = KubernetesForbidden("may not watch pods", "add the verb watch on pods to the ClusterRole")


class Waits:
    """Waiting that only turns the clock and takes note."""

    def __init__(self, clock: HandClock) -> None:
        self.waits: list[float] = []
        self._clock = clock
        self._set = False

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.waits.append(timeout)
        self._clock.turn(timeout)
        return self._set

    def set(self) -> None:
        self._set = True

    def clear(self) -> None:
        self._set = False


class Scene:
    """A watcher of Pods, with everything around it written by hand."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.api = WrittenApi()
        self.store = Store(self.clock)
        self.pause = Waits(self.clock)
        self.watcher = Watcher(
            self.api, RESOURCES[Source.PODS], self.store, self.clock, rng=random.Random(1), pause=self.pause
        )

    def listed(self, *items: Json, version: int = 100) -> None:
        self.api.answers.append(page(*items, version=version))
        self.watcher.step()

    def watches(self, *events: Json | Exception) -> None:
        """One watch that gives these events, and lasts two seconds."""
        self.api.watches.append(Events(*events, lambda: self.clock.turn(2)))
        self.watcher.step()

    @property
    def names(self) -> list[str]:
        return sorted(facts.ref.name for facts in self.store.snapshot().pods.values())

    @property
    def view(self) -> SourceView:
        return self.store.snapshot().sources[Source.PODS]

    def freshness(self) -> Freshness:
        return self.view.freshness


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_it_lists_then_watches_from_there_with_bookmarks_and_a_bounded_time(scene: Scene) -> None:
    scene.listed(pod("a", None))
    scene.watches(event("ADDED", pod("b", None), 101))
    assert scene.names == ["a", "b"]
    _, params = scene.api.asked[-1]
    assert params["resourceVersion"] == "100"
    assert params["allowWatchBookmarks"] == "true"
    assert 240 <= int(params["timeoutSeconds"]) <= 300
    assert scene.api.timeouts == [70.0]
    assert scene.pause.waits == []


def test_a_watch_that_ends_goes_on_from_the_last_event_or_bookmark(scene: Scene) -> None:
    scene.listed()
    scene.watches(event("ADDED", pod("a", None), 101))
    scene.watches(bookmark(150))
    scene.watches()
    scene.watches()
    assert scene.api.watched_from == ["100", "101", "150", "150"]
    assert len(scene.api.lists) == 1


def test_events_change_and_delete(scene: Scene) -> None:
    scene.listed(pod("a", None), pod("b", None))
    scene.watches(event("MODIFIED", pod("a", None, "10.0.0.1"), 101), event("DELETED", pod("b", None), 102))
    (facts,) = scene.store.snapshot().pods.values()
    assert facts.prefixes == ("10.0.0.1/32",)


def test_events_out_of_order_neither_turn_an_object_nor_the_position_back(scene: Scene) -> None:
    scene.listed()
    scene.watches(
        event("ADDED", pod("a", None, "10.0.0.2"), 120), event("MODIFIED", pod("a", None, "10.0.0.1"), 110)
    )
    scene.watches()
    assert scene.api.watched_from == ["100", "120"]
    (facts,) = scene.store.snapshot().pods.values()
    assert facts.prefixes == ("10.0.0.2/32",)


def test_a_410_event_lists_again_at_once_and_what_is_missing_counts_as_deleted(scene: Scene) -> None:
    scene.listed(pod("a", None), pod("b", None))
    scene.watches(gone_event())
    assert scene.freshness() is Freshness.STALE
    assert scene.view.trouble == ""
    scene.listed(pod("b", None), version=200)
    assert scene.names == ["b"]
    assert scene.view == SourceView(Freshness.FRESH, lists=2, listed_at=1000.0)
    assert scene.pause.waits == []
    scene.watches()
    assert scene.api.watched_from[-1] == "200"


def test_a_410_answer_lists_again_too(scene: Scene) -> None:
    scene.listed()
    scene.api.watches.append(KubernetesGone("too old"))
    scene.watcher.step()
    scene.listed(version=200)
    assert scene.view.lists == 2


def test_410_again_and_again_is_not_asked_in_a_tight_loop(scene: Scene) -> None:
    for _ in range(4):
        scene.listed()
        scene.api.watches.append(KubernetesGone("too old"))
        scene.watcher.step()
    assert len(scene.pause.waits) == 3


def test_a_token_that_expires_in_mid_list_keeps_the_old_content_stale(scene: Scene) -> None:
    scene.listed(pod("a", None))
    scene.watches(gone_event())
    scene.api.answers = [page(following="next"), KubernetesGone("token too old")] * 3
    scene.watcher.step()
    assert scene.names == ["a"]
    assert scene.freshness() is Freshness.STALE
    scene.listed(pod("b", None), version=200)
    assert scene.names == ["b"]


def test_failures_wait_longer_each_time_with_jitter_and_at_most_thirty_seconds(scene: Scene) -> None:
    scene.api.answers = [DOWN] * 10
    for _ in range(10):
        scene.watcher.step()
    ceilings = [min(30.0, 0.5 * 2**index) for index in range(10)]
    assert all(top / 2 <= wait <= top for top, wait in zip(ceilings, scene.pause.waits, strict=True))
    assert len({wait / top for wait, top in zip(scene.pause.waits, ceilings, strict=True)}) == 10
    assert scene.view == SourceView(Freshness.NEVER, trouble="no connection to x")


def test_after_a_short_outage_the_watch_goes_on_without_a_list(scene: Scene) -> None:
    scene.listed(pod("a", None))
    scene.api.watches.append(DOWN)
    scene.watcher.step()
    assert scene.freshness() is Freshness.STALE
    scene.watches()
    assert scene.freshness() is Freshness.FRESH
    assert scene.view.lists == 1


def test_after_a_long_outage_the_kind_is_listed(scene: Scene) -> None:
    scene.listed()
    scene.api.watches = [DOWN] * 20
    scene.api.answers = [page(pod("b", None), version=200)]
    while scene.api.answers:
        scene.watcher.step()
    assert len(scene.api.watches) < 19
    assert scene.names == ["b"]
    assert scene.freshness() is Freshness.FRESH


def test_a_server_that_accepts_watches_and_breaks_each_is_listed_in_between_and_stays_in_trouble(
    scene: Scene,
) -> None:
    error = {"type": "ERROR", "object": {"kind": "Status", "code": 500, "message": "etcd is away"}}
    sentence = "the API server ends the watch of pods: etcd is away"
    scene.listed()
    for _ in range(4):
        scene.api.watches.append(Events(error))
        scene.watcher.step()
        assert scene.view.trouble.startswith(sentence)
        scene.listed(pod("a", None))
        assert (scene.freshness(), scene.names) == (Freshness.FRESH, ["a"])
        assert scene.view.trouble.startswith(sentence)
    assert scene.pause.waits == sorted(scene.pause.waits), "the pauses grow, although the lists succeed"
    scene.watches(bookmark(110))
    assert scene.view.trouble == ""


def test_after_an_outage_that_broke_a_quiet_watch_a_list_makes_the_kind_fresh_and_ends_the_trouble(
    scene: Scene,
) -> None:
    scene.listed()
    scene.api.watches.append(Events(DOWN))
    scene.watcher.step()
    scene.api.answers.append(DOWN)
    scene.watcher.step()
    assert scene.freshness() is Freshness.STALE
    scene.listed(pod("a", None))
    assert (scene.freshness(), scene.view.trouble) == (Freshness.FRESH, "")


def test_a_silent_watch_is_opened_again_and_a_silent_kind_is_listed_before_it_turns_stale(
    scene: Scene,
) -> None:
    scene.listed()
    ends: list[Freshness] = []

    def silence() -> None:
        scene.clock.turn(scene.api.timeouts[-1])
        ends.append(scene.freshness())

    scene.api.watches = [Events(silence), Events(silence)]
    scene.watcher.step()
    scene.watcher.step()
    assert scene.api.timeouts == [70.0, 10.0]
    assert scene.api.watched_from == ["100", "100"]
    scene.listed(version=200)
    assert ends == [Freshness.FRESH, Freshness.FRESH]
    assert scene.view.lists == 2


def test_a_list_that_took_longer_than_a_view_lasts_is_still_followed_by_a_watch(scene: Scene) -> None:
    scene.api.answers = [page(version=100)]
    began = scene.clock.time
    scene.watcher.step()
    scene.clock.turn(200)
    scene.watches(bookmark(120))
    assert scene.api.watched_from == ["100"]
    assert scene.view == SourceView(Freshness.FRESH, lists=1, listed_at=began)


def test_a_kind_that_may_not_be_watched_is_listed_every_thirty_seconds_and_says_so(scene: Scene) -> None:
    scene.listed(pod("a", None))
    scene.api.watches = [FORBIDDEN, FORBIDDEN]
    scene.watcher.step()
    assert scene.pause.waits == [30.0]
    assert "add the verb watch on pods" in scene.view.trouble
    assert "listed every 30 s" in scene.view.trouble
    assert scene.freshness() is Freshness.FRESH
    scene.listed(version=200)
    assert scene.names == []
    scene.watcher.step()
    assert scene.pause.waits == [30.0, 30.0]
    scene.listed(version=300)
    scene.watches()
    assert scene.view.trouble == ""


def test_a_kind_that_may_not_be_listed_is_in_trouble(scene: Scene) -> None:
    scene.api.answers = [KubernetesForbidden("may not list pods")]
    scene.watcher.step()
    assert scene.view == SourceView(Freshness.NEVER, trouble="may not list pods")


def test_an_older_view_is_not_believed(scene: Scene) -> None:
    scene.listed(pod("a", None), version=100)
    scene.watches(event("ADDED", pod("b", None), 150))
    scene.watcher.reread()
    scene.listed(pod("a", None), version=120)
    assert scene.names == ["a", "b"]
    assert scene.freshness() is Freshness.STALE
    assert "older (resourceVersion 120) than what was seen before (150)" in scene.view.trouble
    scene.listed(pod("b", None), version=151)
    assert scene.names == ["b"]
    assert scene.freshness() is Freshness.FRESH


def test_an_older_view_that_stays_is_a_restored_cluster(scene: Scene) -> None:
    scene.listed(pod("a", None), version=100)
    scene.watcher.reread()
    began = scene.clock.time
    while scene.view.lists < 2:
        scene.listed(pod("b", None), version=50)
    assert scene.names == ["b"]
    assert 60 <= scene.clock.time - began < 120
    scene.watches()
    assert scene.api.watched_from == ["50"]


def test_an_event_without_an_object_lists_again(scene: Scene) -> None:
    scene.listed(pod("a", None))
    scene.watches({"type": "DELETED", "object": {}})
    assert scene.freshness() is Freshness.STALE
    scene.listed(version=200)
    assert scene.names == []


def test_an_event_without_an_object_lists_again_after_good_ones_too(scene: Scene) -> None:
    scene.listed(pod("a", None))
    scene.watches(event("MODIFIED", pod("a", None, "10.0.0.1"), 101), {"type": "DELETED", "object": {}})
    scene.listed(version=200)
    assert scene.names == []


def test_an_event_of_an_unknown_type_is_passed_over(scene: Scene) -> None:
    scene.listed()
    scene.watches({"type": "SOMETHING", "object": {"metadata": {"resourceVersion": "999"}}}, {})
    scene.watches()
    assert scene.api.watched_from == ["100", "100"]


def test_a_server_that_ends_each_watch_at_once_is_not_asked_in_a_tight_loop(scene: Scene) -> None:
    scene.listed()
    scene.api.watches = [Events(), Events()]
    scene.watcher.step()
    scene.watcher.step()
    assert len(scene.pause.waits) == 2


def test_a_stop_closes_the_watch_and_does_nothing_more(scene: Scene) -> None:
    scene.listed()
    watch = Events(scene.watcher.stop, event("ADDED", pod("a", None), 101), KubernetesAnswerError("broken"))
    scene.api.watches = [watch]
    scene.watcher.step()
    assert watch.closed
    asked = len(scene.api.asked)
    scene.watcher.step()
    assert len(scene.api.asked) == asked
    assert scene.pause.waits == []


def test_a_reread_leaves_the_watch_and_lists(scene: Scene) -> None:
    scene.listed()
    watch = Events(
        scene.watcher.reread, event("ADDED", pod("a", None), 101), KubernetesAnswerError("not read")
    )
    scene.api.watches = [watch]
    scene.watcher.step()
    assert watch.closed
    scene.listed(version=200)
    assert scene.view.lists == 2


def test_a_reread_during_a_list_lists_once_more(scene: Scene) -> None:
    class Rereading(WrittenApi):
        def get(self, path: str, params: Mapping[str, str] | None = None, accept: str | None = None) -> Json:
            if not self.asked:
                scene.watcher.reread()
            return super().get(path, params, accept)

    scene.watcher._api = scene.api = Rereading()
    scene.listed()
    scene.listed(version=101)
    assert scene.view.lists == 2


def test_a_defect_of_ours_is_a_trouble_and_not_the_end() -> None:
    scene = Scene()

    class Broken(WrittenApi):
        def get(self, path: str, params: Mapping[str, str] | None = None, accept: str | None = None) -> Json:
            del params, accept
            if self.asked:
                scene.watcher.stop()
            self.asked.append((path, {}))
            raise RuntimeError("a defect")

    scene.watcher._api = Broken()
    scene.watcher.start()
    scene.watcher.join(10)
    assert scene.view.trouble.startswith("watching pods failed: RuntimeError('a defect'); it is tried again")
