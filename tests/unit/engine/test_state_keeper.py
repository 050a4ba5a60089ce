"""The leader's own knowledge reaches other processes: soon, not too often, with moments that stand still."""

import threading
from datetime import timedelta
from typing import Any

import pytest

from akb_sync.engine.report import Report
from akb_sync.engine.shared import lives
from akb_sync.engine.state_keeper import SELDOM, SOON, StateKeeper
from akb_sync.errors import ApicUnreachable, KubernetesForbidden
from akb_sync.kube.state_map import StateMap
from akb_sync.plan import Plan
from akb_sync.reasons import Reason
from akb_sync.state import MOST_ITEMS, State
from tests.unit.kube.memory_api import MemoryApi

from .items import held, plan, subnet
from .looks import look
from .scripted import HandClock

DN = subnet().dn


class Scene:
    """A keeper that writes when it is told to."""

    def __init__(self, api: MemoryApi | None = None) -> None:
        self.clock, self.api = HandClock(), api or MemoryApi()
        self.store = StateMap(self.api, "ns", "akb-sync-status")
        self.keeper = StateKeeper(self.store, "pod-1", self.clock)

    def look(self, plan: Plan | None = None, after: float = 0.0, **more: object) -> None:
        self.clock.advance(after)
        self.keeper.looked(look(plan, self.clock.monotonic(), **more))

    @property
    def left(self) -> State:
        """What another process reads now."""
        self.keeper.write()
        state, _ = self.store.read()
        assert state is not None
        return state

    @property
    def patches(self) -> int:
        return len(self.api.writes())


@pytest.fixture
def scene() -> Scene:
    return Scene()


def rejected(until: float = 1060.0) -> Plan:
    return plan(held(subnet(), Reason.REJECTED, "the APIC's own words", until))


def test_what_the_apic_refused_is_there_with_its_words_and_its_moments(scene: Scene) -> None:
    scene.look(rejected())
    waiting = scene.left.items[DN]
    assert (waiting.state, waiting.reason) == ("rejected", "Rejected")
    assert waiting.words == "the APIC's own words"
    assert waiting.since == scene.clock.now()
    assert waiting.until == scene.clock.now() + timedelta(seconds=60)
    assert scene.left.leader == "pod-1"


def test_moments_stand_still_while_the_hold_goes_on(scene: Scene) -> None:
    scene.look(rejected())
    first = scene.left.items[DN]
    scene.look(rejected(), after=20.3)
    assert scene.left.items[DN] == first
    scene.look(rejected(until=1200.0), after=5.0)
    later = scene.left.items[DN]
    assert (later.since, later.until) == (first.since, scene.clock.now() + timedelta(seconds=1200.0 - 1025.3))


def test_another_reason_begins_anew(scene: Scene) -> None:
    scene.look(plan(held(subnet(), Reason.CONFLICT, "it is taken")))
    scene.look(rejected(), after=10.0)
    assert scene.left.items[DN].since == scene.clock.now()


def test_a_new_leader_goes_on_with_the_moments_of_the_last_one(scene: Scene) -> None:
    scene.look(plan(held(subnet(), Reason.CONFLICT, "it is taken")))
    since = scene.left.items[DN].since
    heir = Scene(scene.api)
    heir.clock.advance(500.0)
    heir.keeper.start()
    heir.keeper.stop(1.0)
    heir.look(plan(held(subnet(), Reason.CONFLICT, "it is taken")))
    assert heir.left.items[DN].since == since


def test_a_change_is_written_soon_and_no_change_seldom(scene: Scene) -> None:
    scene.look(rejected())
    assert scene.keeper.write() == SOON
    assert scene.patches == 2  # it is not there yet, so it is made
    scene.look(plan(), after=1.0)
    assert scene.keeper.write() == pytest.approx(SOON - 1.0)
    scene.clock.advance(SOON)
    scene.keeper.write()
    assert scene.patches == 3
    for _ in range(int(SELDOM / 5)):
        scene.look(plan(), after=5.0)
        scene.keeper.write()
    assert scene.patches == 4


def test_a_follower_and_a_dry_run_write_nothing(scene: Scene) -> None:
    for more in ({"leading": False}, {"dry": True}):
        scene.look(rejected(), **more)
        scene.keeper.write()
    assert scene.patches == 0


def test_success_is_when_both_views_are_fresh_and_nothing_is_left_or_fails(scene: Scene) -> None:
    scene.look(plan(subnet()))
    assert scene.keeper._state.last_success is None
    scene.keeper.wrote(Report(done=(subnet(),), rejected=((subnet(), "no"),)), 0.1)
    scene.keeper.wrote(Report(error=ApicUnreachable("no", "x")), 0.1)
    assert scene.keeper._state.last_success is None
    scene.keeper.wrote(Report(done=(subnet(),)), 0.1)
    assert scene.left.last_success == scene.clock.now()
    before = scene.clock.now()
    scene.look(plan(), after=SELDOM, troubles={"pods": "forbidden"})
    assert scene.left.last_success == before


def test_a_fabric_of_which_too_much_waits_names_first_what_only_the_leader_knows(scene: Scene) -> None:
    taken = [
        held(subnet(f"10.{n // 250}.{n % 250}.1/32"), Reason.CONFLICT, "x") for n in range(MOST_ITEMS + 5)
    ]
    scene.look(plan(*taken, held(subnet("192.0.2.1/32"), Reason.REJECTED, "words", 1100.0)))
    assert len(scene.left.items) == MOST_ITEMS
    assert scene.left.omitted == 6
    assert subnet("192.0.2.1/32").dn in scene.left.items
    assert len(scene.left.text()) < 1_000_000


def test_a_state_that_cannot_be_written_is_a_trouble_and_tried_again(scene: Scene) -> None:
    def refuse(_method: str, _path: str) -> None:
        raise KubernetesForbidden("we may not patch configmaps", "add the verb")

    scene.api.fault = refuse
    scene.look(rejected())
    assert scene.keeper.write() == SOON
    assert scene.keeper.troubles == {"state": "we may not patch configmaps; add the verb"}
    scene.api.fault = lambda _method, _path: None
    scene.clock.advance(SOON)
    assert scene.left.items
    assert scene.keeper.troubles == {}


def test_an_engine_without_a_lease_says_at_its_end_that_it_leads_no_more(scene: Scene) -> None:
    keeper = StateKeeper(scene.store, "pod-1", scene.clock, elected=False)
    keeper.looked(look(plan(), scene.clock.monotonic()))
    keeper.write()
    state, _ = scene.store.read()
    assert lives(state, scene.clock.now())
    keeper.stop(0.1)
    state, _ = scene.store.read()
    assert state is not None
    assert (state.leader, state.written_at) == ("", scene.clock.now())
    assert not lives(state, scene.clock.now())


def test_what_an_elected_one_left_stays_since_its_lease_tells_who_leads(scene: Scene) -> None:
    scene.look(plan())
    assert scene.left.leader == "pod-1"
    scene.keeper.stop(0.1)
    assert scene.left.leader == "pod-1"


def test_a_record_that_nobody_renews_is_no_living_engines(scene: Scene) -> None:
    scene.look(plan())
    state = scene.left
    assert lives(state, scene.clock.now() + timedelta(minutes=2))
    assert not lives(state, scene.clock.now() + timedelta(minutes=4))
    assert not lives(None, scene.clock.now())


class Watched(StateKeeper):
    """A keeper whose thread can be waited for."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.came_by, self.has_written = threading.Event(), threading.Event()

    def write(self) -> float:
        seconds = super().write()
        self.came_by.set()
        if seconds == SOON:
            self.has_written.set()
        return seconds


def test_whoever_begins_to_lead_says_so_at_once() -> None:
    store, clock = StateMap(MemoryApi(), "ns", "akb-sync-status"), HandClock()
    keeper = Watched(store, "pod-2", clock)
    keeper.looked(look(plan(), clock.monotonic(), leading=False))
    keeper.start()
    assert keeper.came_by.wait(10.0), "now the follower's thread sleeps for a minute"
    keeper.looked(look(plan(), clock.monotonic(), leading=True))
    written = keeper.has_written.wait(10.0)
    keeper.stop(5.0)
    assert written
    state, _ = store.read()
    assert state is not None
    assert state.leader == "pod-2"
