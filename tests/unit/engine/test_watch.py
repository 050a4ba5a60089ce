"""One turn at a time, with a clock turned by hand: what is done, how long is rested, how it ends."""

import logging

import pytest

from akb_sync.engine import Report, Watch
from akb_sync.engine.backoff import LONGEST_PAUSE, Backoff
from akb_sync.engine.rereads import CATCH_UP
from akb_sync.engine.watch import IDLE
from akb_sync.errors import ApicUnreachable, KubernetesUnreachable, SettingsError
from akb_sync.item import Action
from akb_sync.model import Freshness
from akb_sync.reasons import Reason

from .items import epg, held, plan, subnet
from .scripted import HandClock, Scripted

RESYNC = 300.0
FAILURE = ApicUnreachable("cannot connect", "check the way")


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def watching(script: Scripted, resync: float = RESYNC) -> Watch:
    """A watch that has just begun: its first read from scratch is a whole period away."""
    watch = Watch(lambda _may: script.engine, script.clock, resync, jitter=lambda: 0.5)
    watch._rereads.schedule()
    return watch


def test_pauses_double_with_jitter_up_to_the_longest_and_start_again() -> None:
    backoff = Backoff(jitter=lambda: 0.5)
    pauses = []
    for _ in range(8):
        backoff.failed(0.0)
        pauses.append(backoff.due)
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]
    backoff.worked()
    assert backoff.due == 0.0
    backoff.failed(100.0)
    assert backoff.due == 101.0


@pytest.mark.parametrize(("jitter", "factor"), [(0.0, 0.75), (1.0, 1.25)])
def test_the_jitter_is_a_quarter_to_either_side(jitter: float, factor: float) -> None:
    backoff = Backoff(jitter=lambda: jitter)
    for _ in range(20):
        backoff.failed(0.0)
    assert backoff.due == LONGEST_PAUSE * factor


def test_a_turn_follows_looks_and_writes_and_does_not_rest_after_a_write(clock: HandClock) -> None:
    script = Scripted(clock, plan(subnet()), plan())
    watch = watching(script)
    assert watch.turn(script.engine) == 0.0
    assert watch.turn(script.engine) == IDLE
    assert script.did == ["follow", "look", "write 1", "follow", "look"]


def test_what_is_held_is_not_written(clock: HandClock) -> None:
    script = Scripted(clock, plan(held(subnet(), Reason.NOT_FRESH)))
    watching(script).turn(script.engine)
    assert script.did == ["follow", "look"]


def test_nothing_is_planned_before_every_kind_was_read_or_has_failed(clock: HandClock) -> None:
    script = Scripted(clock, plan(subnet()))
    script.cluster.freshness = Freshness.NEVER
    watch = watching(script)
    assert watch.turn(script.engine) == IDLE
    assert script.did == []
    script.cluster.wrong = {str(source): "forbidden" for source in script.cluster.desired().sources}
    watch.turn(script.engine)
    assert script.did == ["follow", "look", "write 1"]


@pytest.mark.parametrize(
    ("revisit_at", "fabric_at", "expected"),
    [
        (None, None, IDLE),
        (2.0, None, 2.0),
        (None, 1.5, 1.5),
        (4.0, 3.0, 3.0),
        (-1.0, 0.0, IDLE),
        (99, 99, IDLE),
    ],
)
def test_the_rest_ends_with_what_comes_first_and_never_in_the_past(
    clock: HandClock, revisit_at: float | None, fabric_at: float | None, expected: float
) -> None:
    now = clock.monotonic()
    script = Scripted(clock, plan(revisit_at=None if revisit_at is None else now + revisit_at))
    script.fabric.revisit_at = None if fabric_at is None else now + fabric_at
    assert watching(script).turn(script.engine) == pytest.approx(expected)


class Lapse:
    """A wait that takes as long as it is told to, whatever it was asked for."""

    def __init__(self, clock: HandClock, seconds: float) -> None:
        self._clock, self._seconds = clock, seconds

    def wait(self, _timeout: float) -> bool:
        self._clock.advance(self._seconds)
        return True

    def clear(self) -> None:
        """Nothing was set."""


def test_a_process_that_stood_still_first_takes_what_happened_and_reads_nothing_again(
    clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    script = Scripted(clock, plan(subnet()))
    script.wake = Lapse(clock, RESYNC + 60.0)  # type: ignore[assignment]
    watch = watching(script)
    watch.rest(script.engine, IDLE)
    assert "stood still for 360 s" in caplog.text
    assert watch.turn(script.engine) == pytest.approx(CATCH_UP)
    assert script.did == []
    clock.advance(CATCH_UP)
    watch.turn(script.engine)
    assert script.did == ["follow", "look", "write 1"]


def test_a_rest_that_was_cut_short_or_a_little_late_is_no_standstill(clock: HandClock) -> None:
    script = Scripted(clock, plan(subnet()))
    for seconds in (0.0, 5.0, 14.0):
        script.wake = Lapse(clock, seconds)  # type: ignore[assignment]
        watching(script).rest(script.engine, IDLE)
    assert script.did == []


def test_both_sides_are_read_from_scratch_at_every_resync(clock: HandClock) -> None:
    script = Scripted(clock)
    watch = watching(script, resync=3.0)
    assert watch.turn(script.engine) == 3.0
    clock.advance(2.9)
    watch.turn(script.engine)
    assert "reread" not in script.did
    clock.advance(0.2)
    assert watch.turn(script.engine) == 3.0
    assert script.did.count("reread") == 1
    watch.turn(script.engine)
    assert script.did.count("reread") == 1


@pytest.mark.parametrize(("jitter", "factor"), [(0.0, 0.9), (1.0, 1.1)])
def test_the_period_of_the_resync_is_jittered_by_a_tenth(
    clock: HandClock, jitter: float, factor: float
) -> None:
    script = Scripted(clock)
    watch = Watch(lambda _may: script.engine, clock, 1.0, jitter=lambda: jitter)
    watch._rereads.schedule()
    assert watch.turn(script.engine) == pytest.approx(factor)


def test_a_write_that_fails_is_tried_again_after_a_pause_and_said_once(
    clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "akb_sync.engine")
    script = Scripted(clock, plan(subnet()))
    script.reports = [Report(not_sent=(subnet(),), error=FAILURE)] * 2
    watch = watching(script)
    assert watch.turn(script.engine) == 1.0
    assert watch.turn(script.engine) == 1.0
    assert script.did.count("write 1") == 1
    clock.advance(1.0)
    assert watch.turn(script.engine) == 2.0
    clock.advance(2.0)
    assert watch.turn(script.engine) == 0.0
    assert script.did.count("write 1") == 3
    assert [line for line in caplog.messages if "apic write" in line] == [
        f"apic write: {FAILURE}",
        "apic write: right again",
    ]


def test_what_was_overtaken_on_the_fabric_is_tried_again_after_a_pause_and_is_no_trouble(
    clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "akb_sync.engine")
    script = Scripted(clock, plan(subnet()))
    script.reports = [Report(overtaken=(subnet(),))]
    watch = watching(script)
    assert watch.turn(script.engine) == 1.0
    watch.turn(script.engine)
    assert script.did.count("write 1") == 1
    clock.advance(1.0)
    assert watch.turn(script.engine) == 0.0
    assert script.did.count("write 1") == 2
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


def test_a_failed_write_that_is_not_wanted_any_more_is_no_trouble_any_more(
    clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "akb_sync.engine")
    script = Scripted(clock, plan(subnet()), plan())
    script.reports = [Report(unknown=(subnet(),), error=FAILURE)]
    watch = watching(script)
    watch.turn(script.engine)
    watch.turn(script.engine)
    assert "apic write: right again" in caplog.messages


def test_what_was_put_off_is_planned_anew_at_once_and_is_no_trouble(
    clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "akb_sync.engine")
    script = Scripted(clock, plan(subnet()))
    script.reports = [Report(put_off=(subnet(),)), Report(done=(epg(),), put_off=(subnet(),))]
    watch = watching(script)
    assert [watch.turn(script.engine) for _ in range(3)] == [0.0] * 3
    assert script.did.count("look") == script.did.count("write 1") == 3
    assert script.gives_up
    assert [line for line in caplog.messages if "apic" in line] == []


def test_a_failed_write_is_a_trouble_while_it_is_put_off_and_none_once_it_has_passed(
    clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "akb_sync.engine")
    other = subnet("10.0.0.9/32")
    script = Scripted(clock, plan(subnet(), other))
    script.reports = [
        Report(not_sent=(subnet(),), error=FAILURE),
        Report(done=(other,), put_off=(subnet(),)),
        Report(not_sent=(subnet(),), error=FAILURE),
        Report(done=(subnet(),), put_off=(other,)),
    ]
    watch, told = watching(script), []
    for pause in (1.0, 0.0, 2.0, 0.0):
        assert watch.turn(script.engine) == pause
        told.append([line for line in caplog.messages if "apic write" in line])
        clock.advance(pause)
    assert told == [[f"apic write: {FAILURE}"]] * 3 + [[f"apic write: {FAILURE}", "apic write: right again"]]


def test_a_dry_run_writes_nothing(clock: HandClock) -> None:
    script = Scripted(clock, plan(subnet()))
    script.read_only = True
    assert watching(script).turn(script.engine) == IDLE
    assert script.did == ["follow", "look"]


def test_a_mass_delete_is_looked_at_a_second_time_once_it_is_due(clock: HandClock) -> None:
    due = clock.monotonic() + 2.0
    removal = held(subnet(action=Action.DELETE), Reason.MASS_DELETE, until=due)
    script = Scripted(clock, plan(removal, reread_at=due))
    watch = watching(script)
    assert watch.turn(script.engine) == 2.0
    assert "reread" not in script.did
    clock.advance(2.0)
    watch.turn(script.engine)
    watch.turn(script.engine)
    assert script.did.count("reread") == 1


def test_the_credential_is_looked_at_again_while_the_fabric_is_in_trouble(clock: HandClock) -> None:
    script = Scripted(clock)
    watch = watching(script)
    watch.turn(script.engine)
    assert "renew" not in script.did
    script.fabric.wrong = {"T/L": "login refused; check the password"}
    watch.turn(script.engine)
    assert script.did[-3:] == ["renew", "follow", "look"]


def test_the_credential_is_looked_at_again_while_only_writes_fail(clock: HandClock) -> None:
    script = Scripted(clock, plan(subnet()))
    script.reports = [Report(not_sent=(subnet(),), error=FAILURE)]
    watch = watching(script)
    watch.turn(script.engine)
    assert "renew" not in script.did
    watch.turn(script.engine)
    assert "renew" in script.did


def test_run_connects_again_until_it_works_and_closes_what_it_opened(
    caplog: pytest.LogCaptureFixture, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO, "akb_sync.engine")
    script = Scripted(clock)
    failures = [KubernetesUnreachable("no connection", "check it")] * 2

    def connect(_may_write: object) -> object:
        if failures:
            raise failures.pop()
        return script.engine

    watch = Watch(connect, clock, RESYNC, jitter=lambda: 0.0)  # type: ignore[arg-type]
    monkeypatch.setattr(watch._stop, "wait", lambda _timeout=None: False)
    script.follow = watch.stop  # type: ignore[method-assign]
    watch.run()
    assert script.did == ["open", "start", "look", "close"]
    assert caplog.messages == ["connect: no connection; check it", "connect: right again"]


def test_a_setting_that_can_never_work_ends_it(clock: HandClock) -> None:
    def connect(_may_write: object) -> object:
        raise SettingsError("no APIC is named")

    with pytest.raises(SettingsError):
        Watch(connect, clock, RESYNC).run()  # type: ignore[arg-type]


def test_a_defect_of_ours_is_said_once_and_does_not_end_it(
    clock: HandClock, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO, "akb_sync.engine")
    script = Scripted(clock, plan(subnet()))
    script.reports = [KeyError("surprise"), KeyError("surprise")]
    watch = watching(script)
    paused: list[float | None] = []
    monkeypatch.setattr(watch._stop, "wait", paused.append)
    for _ in range(3):
        watch._turn_safely(script.engine)
    assert paused == [1.0, 2.0]
    assert not watch.writing
    lines = [line for line in caplog.messages if line.startswith("engine: ")]
    assert len(lines) == 2
    assert "unexpected KeyError: 'surprise'" in lines[0]
    assert lines[1] == "engine: right again"


def test_nothing_may_be_written_after_a_stop(clock: HandClock) -> None:
    script = Scripted(clock)
    asked: list[bool] = []

    def connect(may_write: object) -> object:
        assert callable(may_write)
        asked.append(may_write())
        script.start = lambda: (watch.stop(), asked.append(may_write()))  # type: ignore[method-assign, assignment, func-returns-value]
        return script.engine

    watch = Watch(connect, clock, RESYNC)  # type: ignore[arg-type]
    watch.run()
    assert asked == [True, False]
    assert watch.stopping
    assert script.wake.is_set()


class Seat:
    """A licence that tests give and take."""

    leading = True
    term = 0


def test_a_follower_looks_and_writes_nothing(clock: HandClock) -> None:
    script, seat = Scripted(clock, plan(subnet())), Seat()
    seat.leading = False
    watch = Watch(lambda _may: script.engine, clock, RESYNC, jitter=lambda: 0.5, licence=seat)
    watch._rereads.schedule()
    watch.turn(script.engine)
    assert script.did == ["follow", "look"]
    assert not watch.may_write()


def test_whoever_begins_to_lead_lists_everything_again_before_it_writes(clock: HandClock) -> None:
    script, seat = Scripted(clock, plan(subnet())), Seat()
    seat.leading = False
    watch = Watch(lambda _may: script.engine, clock, RESYNC, jitter=lambda: 0.5, licence=seat)
    watch._rereads.schedule()
    watch.turn(script.engine)
    clock.advance(3.0)
    seat.leading, seat.term = True, 1
    watch.turn(script.engine)
    assert script.did[2:] == ["reread"]
    script.cluster.listed_at = clock.monotonic()
    watch.turn(script.engine)
    assert script.did[2:] == ["reread", "follow", "look", "write 1"]


def test_a_sign_of_life_is_each_turn_and_each_write_that_begins(clock: HandClock) -> None:
    script = Scripted(clock, plan())
    watch = watching(script)
    clock.advance(50.0)
    watch.turn(script.engine)
    assert watch.alive_at == clock.monotonic()
    clock.advance(50.0)
    assert watch.may_write()
    assert watch.alive_at == clock.monotonic()
