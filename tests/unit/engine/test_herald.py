"""What the people of a workload are told: their own, in the words of the table, once, with a count."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from akb_sync.engine.desk import FAILED_PAUSE, FORBIDDEN_PAUSE, Desk
from akb_sync.engine.herald import PATIENCE, REPEAT, REWORD, Herald
from akb_sync.engine.report import Report
from akb_sync.errors import KubernetesForbidden, KubernetesUnreachable
from akb_sync.item import Action, Item
from akb_sync.kube.events import EventWriter
from akb_sync.model import Notice, ObjectRef
from akb_sync.plan import Plan
from akb_sync.reasons import Reason
from akb_sync.state import Pause
from tests.unit.kube.memory_api import Json, MemoryApi

from .items import epg, held, plan, subnet
from .looks import WORKLOAD, look
from .scripted import HandClock

OTHER = ObjectRef("StatefulSet", "shop", "db", "uid-db")
SWITCH = ObjectRef("ConfigMap", "akb-sync", "akb-sync-status")
FORBIDDEN = KubernetesForbidden("we may not create events", "add the verb")


class Scene:
    """A herald whose desk sends when it is told to."""

    def __init__(self) -> None:
        self.clock, self.api = HandClock(), MemoryApi()
        self.desk = Desk(EventWriter(self.api, "pod-1"), self.clock)
        self.herald = Herald(self.desk, SWITCH)

    def look(self, plan: Plan | None = None, after: float = 0.0, **more: object) -> list[str]:
        self.clock.advance(after)
        self.herald.looked(look(plan, self.clock.monotonic(), **more))
        return self.sent()

    def wrote(self, *items: Item) -> list[str]:
        self.herald.wrote(Report(done=items), 0.1)
        return self.sent()

    def sent(self) -> list[str]:
        """What was sent just now, as kubectl's columns show it."""
        before = {path: one["count"] for path, one in self.api.objects.items()}
        self.desk.send()
        return [
            f"{one['type']} {one['reason']} x{one['count']} {one['message']}"
            for path, one in self.api.objects.items()
            if one["count"] != before.get(path)
        ]

    @property
    def events(self) -> list[Json]:
        return list(self.api.objects.values())


@pytest.fixture
def scene() -> Scene:
    return Scene()


def of(workload: ObjectRef, item: Item) -> Item:
    return replace(item, workloads=(workload,))


MINE = of(WORKLOAD, epg(action=Action.NONE, reason=Reason.IN_SYNC))


def missing(message: str = "uni/tn-T does not exist") -> Item:
    return of(WORKLOAD, held(epg(), Reason.PARENT_MISSING, message))


def test_what_was_written_is_one_event_that_kubectl_describe_finds(scene: Scene) -> None:
    scene.look(plan(MINE))
    scene.wrote(of(WORKLOAD, epg()), of(WORKLOAD, subnet()), of(WORKLOAD, subnet("10.0.0.2/32")))
    (event,) = scene.events
    assert event["involvedObject"] == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "namespace": "shop",
        "name": "web",
        "uid": "uid-web",
    }
    assert (event["type"], event["reason"], event["count"]) == ("Normal", "Synced", 3)
    assert event["message"] == "EPG T/L/WEB: made, 2 addresses added"
    assert event["metadata"]["namespace"] == "shop"


def test_what_is_removed_is_told_to_the_workloads_of_its_epg(scene: Scene) -> None:
    scene.look(plan(MINE))
    assert scene.wrote(subnet(action=Action.DELETE, reason=Reason.NOT_WANTED)) == [
        "Normal Synced x1 EPG T/L/WEB: 1 object removed"
    ]


def test_a_storm_is_one_event_with_a_count(scene: Scene) -> None:
    scene.look(plan(MINE))
    for number in range(1000):
        scene.wrote(of(WORKLOAD, subnet(f"10.0.{number // 250}.{number % 250}/32")))
        scene.clock.advance(0.05)
    scene.clock.advance(60.0)
    scene.sent()
    (event,) = scene.events
    assert event["count"] == 1000
    assert len(scene.api.writes()) < 15


def test_each_workload_is_told_of_its_own_alone(scene: Scene) -> None:
    scene.look(plan(MINE, held(of(OTHER, subnet()), Reason.CONFLICT, "T/L/DB has it")))
    names = {event["involvedObject"]["name"]: event["reason"] for event in scene.events}
    assert names == {"db": "Conflict"}


def test_what_stands_in_the_way_is_said_with_the_next_step_once_and_repeated_before_it_is_forgotten(
    scene: Scene,
) -> None:
    expected = f"EPG T/L/WEB: uni/tn-T does not exist; {Reason.PARENT_MISSING.next_step}"
    assert scene.look(plan(missing())) == [f"Warning ParentMissing x1 {expected}"]
    assert scene.look(plan(missing()), after=60.0) == []
    assert scene.look(plan(missing()), after=REPEAT) == [f"Warning ParentMissing x2 {expected}"]
    assert REPEAT < 3600


def test_other_words_for_the_same_are_said_but_not_all_the_time(scene: Scene) -> None:
    scene.look(plan(missing()))
    assert scene.look(plan(missing("another")), after=1.0) == []
    (line,) = scene.look(plan(missing("another")), after=REWORD)
    assert line.startswith("Warning ParentMissing x2 EPG T/L/WEB: another; ")


def test_many_objects_with_one_reason_are_one_event(scene: Scene) -> None:
    waiting = [
        of(WORKLOAD, held(subnet(f"10.0.0.{n}/32"), Reason.CONFLICT, "it is taken")) for n in range(50)
    ]
    (line,) = scene.look(plan(MINE, *waiting))
    assert line.startswith("Warning Conflict x1 subnet 10.0.0.0/32 in T/L/WEB and 49 more: it is taken; ")


@pytest.mark.parametrize("reason", [Reason.NOT_FRESH, Reason.AWAITING_REMOVAL])
def test_what_ends_by_itself_is_told_only_when_it_does_not(scene: Scene, reason: Reason) -> None:
    waiting = plan(MINE, held(of(WORKLOAD, subnet()), reason, "wait"))
    assert scene.look(waiting) == []
    assert scene.look(waiting, after=PATIENCE - 1) == []
    (line,) = scene.look(waiting, after=1.0)
    assert line.startswith(f"Warning {reason} x1 ")


def test_what_was_in_the_way_and_is_not_any_more_is_told_too(scene: Scene) -> None:
    right = of(WORKLOAD, subnet(action=Action.NONE, reason=Reason.IN_SYNC))
    scene.look(plan(missing()))
    assert scene.look(plan(MINE, right), after=5.0) == ["Normal Synced x1 EPG T/L/WEB: 1 address as wanted"]
    assert scene.look(plan(MINE, right), after=REPEAT) == []


def test_a_workload_that_is_still_to_be_written_is_not_said_to_be_right(scene: Scene) -> None:
    scene.look(plan(missing()))
    assert scene.look(plan(of(WORKLOAD, epg())), after=5.0) == []


def test_notices_of_workloads_are_told_and_those_of_others_are_not(scene: Scene) -> None:
    near = Notice(Reason.NEAR_MISS, WORKLOAD, "did you mean that?")
    lost = Notice(Reason.MARKS_LOST, ObjectRef("L3Out", "T", "L"), "11 marks")
    (line,) = scene.look(plan(notices=(near, lost)))
    assert line == f"Warning NearMiss x1 did you mean that?; {Reason.NEAR_MISS.next_step}"


def test_a_pause_that_was_asked_for_is_no_warning(scene: Scene) -> None:
    (line,) = scene.look(plan(MINE, held(of(WORKLOAD, subnet()), Reason.PAUSED, "it is paused")))
    assert line.startswith("Normal Paused x1 ")


def test_an_object_that_is_left_although_it_is_wanted_is_told(scene: Scene) -> None:
    (line,) = scene.look(plan(of(WORKLOAD, epg(action=Action.NONE, reason=Reason.RELEASED))))
    assert line.startswith("Warning Released x1 EPG T/L/WEB: ")


@pytest.mark.parametrize("more", [{"leading": False}, {"dry": True}])
def test_only_the_leader_speaks_and_no_dry_run(scene: Scene, more: dict[str, bool]) -> None:
    assert scene.look(plan(missing()), **more) == []
    assert scene.api.asked == []


def test_a_freeze_and_its_end_are_told_about_the_object_with_the_switch(scene: Scene) -> None:
    pause = Pause("joe@laptop", datetime(2026, 1, 1, tzinfo=UTC), "CHG-1")
    (line,) = scene.look(plan(MINE), paused=pause)
    assert line.startswith("Normal EnginePaused x1 paused by joe@laptop at 2026-01-01 00:00:00 UTC: CHG-1; ")
    assert scene.look(plan(MINE), paused=pause) == []
    (line,) = scene.look(plan(MINE), after=1.0)
    assert line == "Normal Synced x1 the engine goes on after a pause"
    assert {event["involvedObject"]["kind"] for event in scene.events} == {"ConfigMap"}


def test_after_a_restart_the_count_of_the_event_that_is_there_goes_on(scene: Scene) -> None:
    scene.look(plan(missing()))
    restarted = Scene()
    restarted.api = scene.api
    restarted.desk = Desk(EventWriter(scene.api, "pod-2"), restarted.clock)
    restarted.herald = Herald(restarted.desk)
    (line,) = restarted.look(plan(missing()))
    assert line.startswith("Warning ParentMissing x2 ")


def test_an_event_that_the_api_server_forgot_is_made_again(scene: Scene) -> None:
    scene.look(plan(missing()))
    scene.api.objects.clear()
    (line,) = scene.look(plan(missing()), after=REPEAT)
    assert line.startswith("Warning ParentMissing x1 ")


def test_events_of_a_thousand_workloads_go_at_a_limited_rate_and_none_is_lost(scene: Scene) -> None:
    many = [ObjectRef("Deployment", "shop", f"web-{n}", f"uid-{n}") for n in range(1000)]
    scene.look(plan(*(of(one, held(epg(), Reason.PARENT_MISSING)) for one in many)))
    assert len(scene.events) == 50
    for _ in range(200):
        scene.clock.advance(1.0)
        scene.desk.send()
    assert len(scene.events) == 1000


def test_without_the_right_nothing_is_tried_again_for_minutes_and_it_is_a_trouble(scene: Scene) -> None:
    def refuse(_method: str, _path: str) -> None:
        raise FORBIDDEN

    scene.api.fault = refuse
    scene.look(plan(missing()))
    assert scene.herald.troubles == {"events": str(FORBIDDEN)}
    asked = len(scene.api.asked)
    scene.look(plan(MINE, notices=(Notice(Reason.UNKNOWN_KEY, WORKLOAD, "x"),)), after=5.0)
    assert len(scene.api.asked) == asked
    scene.api.fault = lambda _method, _path: None
    scene.look(plan(missing("new")), after=FORBIDDEN_PAUSE)
    assert scene.herald.troubles == {}
    assert len(scene.events) == 1


def test_what_could_not_be_sent_is_sent_later_with_what_came_meanwhile(scene: Scene) -> None:
    def fail(_method: str, _path: str) -> None:
        raise KubernetesUnreachable("no connection", "check it")

    scene.look(plan(MINE))
    scene.api.fault = fail
    scene.wrote(of(WORKLOAD, subnet()))
    assert scene.herald.troubles == {"events": "no connection; check it"}
    scene.wrote(of(WORKLOAD, subnet("10.0.0.2/32")))
    scene.api.fault = lambda _method, _path: None
    scene.clock.advance(FAILED_PAUSE)
    assert scene.sent() == ["Normal Synced x2 EPG T/L/WEB: 2 addresses added"]
    assert scene.herald.troubles == {}


def test_a_namespace_on_its_way_out_is_no_trouble(scene: Scene) -> None:
    def refuse(method: str, _path: str) -> None:
        if method == "POST":
            raise KubernetesForbidden('events "web.1" is forbidden: because it is being terminated', "x")

    scene.api.fault = refuse
    assert scene.look(plan(missing())) == []
    assert scene.herald.troubles == {}


def test_a_long_sentence_is_cut_to_what_the_api_takes(scene: Scene) -> None:
    scene.look(plan(missing("é" * 5000)))
    assert len(scene.events[0]["message"].encode()) <= 1024


def test_at_the_end_what_waits_is_still_sent(scene: Scene) -> None:
    scene.herald.looked(look(plan(missing())))
    scene.desk.stop(2.0)
    assert len(scene.events) == 1
