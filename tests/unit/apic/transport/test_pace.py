"""So many requests a second and no more, and what keeps a session alive goes past all who wait."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import pytest

from akb_sync.apic.batches import batches
from akb_sync.apic.journal import LogJournal
from akb_sync.apic.options import ApicOptions
from akb_sync.apic.outcome import Done, NotSent
from akb_sync.apic.pace import Pace
from akb_sync.apic.query import mo_path
from akb_sync.apic.session import ApicSession
from akb_sync.apic.writer import Writer
from akb_sync.errors import ApicUnreachable, SettingsError
from akb_sync.model import Binding
from tests.unit.apic.answers import OURS, create
from tests.unit.apic.transport.scripted import FakeClock, ScriptedApic

Connect = Callable[..., ApicSession]


class Poster:
    """Takes every POST, and remembers when."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.at: list[float] = []

    def get(self, path: str, params: Mapping[str, str] = {}) -> list[dict[str, Any]]:
        raise AssertionError(f"nobody asks for {path} with {params}")

    def post(self, dn: str, body: Mapping[str, Any]) -> None:
        assert dn
        assert body
        self.at.append(self.clock.monotonic())


def waited(pace: Pace, clock: FakeClock) -> float:
    """Take a turn as a caller does, and give the moment of it."""
    clock.turn(pace.turn())
    return clock.monotonic()


def test_a_burst_leaves_at_once_and_the_rest_at_the_rate(clock: FakeClock) -> None:
    pace = Pace(rate=10, burst=30, clock=clock)
    moments = [waited(pace, clock) for _ in range(50)]
    assert moments[:30] == [1000.0] * 30
    assert [round(later - before, 6) for before, later in pairwise(moments[29:])] == [0.1] * 20


def test_after_a_while_without_requests_a_burst_may_leave_again(clock: FakeClock) -> None:
    pace = Pace(rate=10, burst=30, clock=clock)
    for _ in range(60):
        waited(pace, clock)
    clock.turn(3.0)
    assert sum(pace.turn() == 0.0 for _ in range(40)) == 30


def test_over_any_time_there_are_no_more_requests_than_burst_and_rate_allow(clock: FakeClock) -> None:
    pace = Pace(rate=7, burst=5, clock=clock)
    moments = [waited(pace, clock) for _ in range(400)]
    for first in range(0, 400, 13):
        for last in range(first, 400, 17):
            assert last - first + 1 <= 5 + 7 * (moments[last] - moments[first]) + 1e-6


def test_a_rate_of_zero_is_no_limit(clock: FakeClock) -> None:
    pace = Pace(rate=0, burst=1, clock=clock)
    assert {pace.turn() for _ in range(1000)} == {0.0}


def test_threads_get_a_turn_each_and_never_the_same(clock: FakeClock) -> None:
    pace = Pace(rate=10, burst=1, clock=clock)
    turns: list[float] = []
    threads = [threading.Thread(target=lambda: turns.append(pace.turn())) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [round(turn, 6) for turn in sorted(turns)] == [round(n / 10, 6) for n in range(20)]


def test_reads_wait_for_their_turns(apic: ScriptedApic, clock: FakeClock, connect: Connect) -> None:
    session = connect(apic.url, rate=10, burst=4)
    session._courier.pause = clock.turn
    for _ in range(13):  # and the login before them
        session.get(mo_path("uni/tn-T"))
    assert clock.monotonic() == pytest.approx(1001.0)


def test_a_login_and_a_refresh_go_past_all_who_wait_and_are_counted(
    apic: ScriptedApic, clock: FakeClock, connect: Connect
) -> None:
    session = connect(apic.url, rate=1, burst=1)
    session.login()
    behind = [session.turn() for _ in range(5)]
    clock.turn(301.0)
    for _ in range(400):
        session.turn()
    session.maintain()
    assert (apic.refreshes, session.pauses) == (1, [])  # type: ignore[attr-defined]
    assert behind == [1.0, 2.0, 3.0, 4.0, 5.0]
    before = session.turn()
    session._courier.read("/api/subscriptionRefresh.json?id=1", brief=True)
    assert session.turn() == before + 2
    assert session.pauses == []  # type: ignore[attr-defined]


def test_a_post_is_not_kept_back_once_it_was_let_go(apic: ScriptedApic, connect: Connect) -> None:
    session = connect(apic.url, rate=1, burst=1)
    for _ in range(9):
        session.turn()
    session.post("uni/tn-T", {"fvTenant": {"attributes": {}}})
    assert session.pauses == []  # type: ignore[attr-defined]


def test_a_session_that_is_closed_lets_nobody_wait_and_sends_nothing(
    apic: ScriptedApic, connect: Connect
) -> None:
    session = connect(apic.url, rate=1, burst=1)
    session.login()
    session._courier.pause = lambda _seconds: session._courier.stop()
    with pytest.raises(ApicUnreachable, match="closed"):
        session.get(mo_path("uni/tn-T"))
    assert apic.targets("/api/mo/") == []


def test_in_a_quiet_system_a_post_leaves_at_once(clock: FakeClock) -> None:
    poster, pace = Poster(clock), Pace(10, 30, clock)
    waits: list[float] = []
    writer = Writer(poster, OURS, LogJournal(clock), clock, turn=pace.turn, sleep=waits.append)
    for number in range(100):
        writer.write(batches([create(f"10.0.0.{number}/32")]))
        clock.turn(0.1)
    assert waits == []


def test_the_writer_waits_for_its_turn_before_it_asks_whether_it_may_still_write(clock: FakeClock) -> None:
    poster, pace = Poster(clock), Pace(10, 1, clock)
    until = clock.monotonic() + 0.35
    cut = batches(create("10.0.0.1/32", Binding("t", f"out{number}", "epg")) for number in range(8))
    outcomes = Writer(
        poster,
        OURS,
        LogJournal(clock),
        clock,
        turn=pace.turn,
        sleep=clock.turn,
        may_write=lambda: clock.monotonic() < until,
    ).write(cut)
    assert poster.at == pytest.approx([1000.0, 1000.1, 1000.2, 1000.3])
    assert [type(one) for one in outcomes] == [Done] * 4 + [NotSent] * 4


@pytest.mark.parametrize(
    ("numbers", "flag"),
    [({"rate": -1}, "--apic-rate"), ({"rate": float("nan")}, "--apic-rate"), ({"burst": 0}, "--apic-burst")],
)
def test_a_pace_that_makes_no_sense_is_refused(numbers: dict[str, float], flag: str) -> None:
    with pytest.raises(SettingsError, match=flag):
        ApicOptions(("apic",), "admin", "secret", **numbers)  # type: ignore[arg-type]
