"""What is kept from one moment to the next never shows in an answer, and saves the work."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from akb_sync.kube.desire import NOWHERE, Wishes, desire
from akb_sync.kube.home import Home
from akb_sync.kube.limits import Limits
from akb_sync.kube.pod_addresses import PodAddresses
from akb_sync.kube.store import Snapshot
from akb_sync.model import L3Out

from .builders import Json, ask, pod, replicaset, service, workload, world

IPS = ("10.0.0.1", "10.0.0.2", "10.0.0.3", "fd00::1", "127.0.0.1", "192.0.2.9")
LIMITS = Limits(pod_cidrs=("10.0.0.0/8", "fd00::/8", "127.0.0.0/8"))

WEB, API = workload("web", ask("WEB")), workload("api", ask("API"), kind="StatefulSet")
WORKLOADS: tuple[tuple[Json, ...], ...] = (
    (WEB, workload("web", ask("OTHER")), workload("web", "torn"), workload("web")),
    (API, workload("api", ask("API"), kind="StatefulSet", paused=True)),
    (workload("agent", '{"epg": "AGENT"}', kind="DaemonSet"),),
    (workload("twin", ask("API"), kind="StatefulSet", labels={"app": "web"}),),
)
REPLICASETS = ((replicaset(WEB, "one"), replicaset(API, "one"), replicaset(None, "one")),)
PARENTS = (replicaset(WEB, "one"), replicaset(WEB, "two"), API, None)
addresses = st.lists(st.sampled_from(IPS), max_size=2, unique=True)


@st.composite
def pods(draw: st.DrawFn) -> Json:
    return pod(
        draw(st.sampled_from(("p1", "p2", "p3", "p4"))),
        draw(st.sampled_from(PARENTS)),
        *draw(addresses),
        created=draw(st.sampled_from(("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"))),
        phase=draw(st.sampled_from(("Running", "Running", "Running", "Failed"))),
        host_network=draw(st.sampled_from((False, False, False, True))),
        deleting=draw(st.booleans()),
    )


@st.composite
def services(draw: st.DrawFn) -> Json:
    name = draw(st.sampled_from(("s1", "s2")))
    return service(name, *draw(addresses), selector={"app": draw(st.sampled_from(("web", "api")))})


def some(choices: Sequence[Sequence[Json]]) -> st.SearchStrategy[list[Json]]:
    """Of each choice one, or none."""
    each = [st.one_of(st.none(), st.sampled_from(one), st.sampled_from(one)) for one in choices]
    return st.tuples(*each).map(lambda found: [one for one in found if one is not None])


@st.composite
def moments(draw: st.DrawFn) -> Snapshot:
    found = (
        *draw(some(WORKLOADS)),
        *draw(some(REPLICASETS)),
        *{one["metadata"]["uid"]: one for one in draw(st.lists(pods(), max_size=5))}.values(),
        *{one["metadata"]["uid"]: one for one in draw(st.lists(services(), max_size=2))}.values(),
    )
    return world(*found)


homes = st.sampled_from((NOWHERE, NOWHERE, Home(L3Out("TEN", "OUT")), Home(why="two L3Outs fit")))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(moments(), homes, st.sampled_from((0.0, 1000.0, 1040.0))), max_size=6))
def test_what_was_asked_before_does_not_show(history: list[tuple[Snapshot, Home, float]]) -> None:
    wishes = Wishes(LIMITS)
    for snapshot, home, now in history:
        assert wishes.at(snapshot, now, home) == desire(snapshot, LIMITS, now, home)


Objects = dict[str, Json]


@st.composite
def steps(draw: st.DrawFn) -> list[Objects]:
    """A cluster in which one object after the other is put, edited or taken away."""
    every = [*(one for each in (*WORKLOADS, *REPLICASETS) for one in each), *PARENTS[:2]]
    one = st.one_of(st.sampled_from(every), pods(), pods(), services())
    found: list[Objects] = [{}]
    for item in draw(st.lists(one, min_size=3, max_size=12)):
        name = item["metadata"]["uid"]
        left = {uid: each for uid, each in found[-1].items() if uid != name}
        found.append(left if draw(st.sampled_from((False, False, False, True))) else left | {name: item})
    return found


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps())
def test_one_change_is_followed_as_if_all_were_new(history: list[Objects]) -> None:
    wishes = Wishes(LIMITS)
    for objects in history:
        snapshot = world(*objects.values())
        assert wishes.at(snapshot, 1000.0) == desire(snapshot, LIMITS, 1000.0)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(moments(), min_size=1, max_size=4))
def test_nothing_is_left_of_what_went(history: list[Snapshot]) -> None:
    kept = PodAddresses(LIMITS)
    for snapshot in history:
        kept.update(snapshot, {})
    kept.update(world(), {})
    left = [len(table) for table in vars(kept).values() if isinstance(table, dict)]
    assert not any(left)


def test_one_more_pod_among_thousands_is_all_that_is_looked_at() -> None:
    before = [pod(f"p{number}", API, f"10.1.{number // 250}.{number % 250}") for number in range(1000)]
    wishes = Wishes(LIMITS)
    wishes.at(world(API, *before), 0.0)
    assert wishes.settled == 1000
    wishes.at(world(API, *before, pod("new", API, "10.2.0.1")), 0.0)
    assert wishes.settled == 1


def test_what_did_not_change_is_the_same_object_in_the_next_moment() -> None:
    one, two = pod("one", API, "10.0.0.1"), pod("two", API, "10.0.0.2")
    wishes = Wishes(LIMITS)
    first = wishes.at(world(API, one), 0.0)
    second = wishes.at(world(API, one, two), 0.0)
    assert second.wanted["10.0.0.1/32"] is first.wanted["10.0.0.1/32"]
    assert list(first.wanted) == ["10.0.0.1/32"], "an answer that was given is not changed afterwards"


def test_an_annotation_that_moves_to_another_epg_takes_the_pods_behind_replicasets_along() -> None:
    middle = replicaset(WEB, "one")
    wishes = Wishes(LIMITS)
    wishes.at(world(WEB, middle, pod("p", middle, "10.0.0.1")), 0.0)
    moved = wishes.at(world(workload("web", ask("OTHER")), middle, pod("p", middle, "10.0.0.1")), 0.0)
    assert [one.binding.epg for one in moved.exposures] == ["OTHER"]
