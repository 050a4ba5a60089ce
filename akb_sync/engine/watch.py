"""The engine as a process: it turns for as long as it is wanted, whatever either side answers.

Level-triggered: an event only says "look again". What has to be done is computed from the two views when
the turn comes. Whatever was missed is found by the periodic read from scratch, which comes even when
everything is quiet. No answer of the APIC and no annotation ends it.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Mapping

from akb_sync.clock import Clock
from akb_sync.errors import AkbSyncError, SettingsError
from akb_sync.model import Desired, Freshness, Source
from akb_sync.plan import Plan

from .engine import Engine
from .narrator import Narrator
from .report import Report
from .troubles import Troubles

log = logging.getLogger(__name__)

SHORTEST_REREAD = 10.0
"""Seconds between two second looks: a mass delete that goes on asks for one with every object."""
SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
IDLE = 5.0
"""Time alone can make a view stale, so the engine looks at least this often (seconds)."""
LAPSE = 10.0
"""Seconds by which a rest is longer than it was to be before the process is taken to have been stopped."""


class Backoff:
    """Pauses that double, with jitter, until something works."""

    def __init__(self, jitter: Callable[[], float] = random.random) -> None:
        self._jitter = jitter
        self._pause = 0.0
        self.due = 0.0
        """Not before this moment (monotonic seconds)."""

    def failed(self, now: float) -> None:
        """Wait longer."""
        self._pause = min(max(self._pause * 2, SHORTEST_PAUSE), LONGEST_PAUSE)
        self.due = now + self._pause * (0.75 + self._jitter() / 2)

    def worked(self) -> None:
        """Start from the shortest pause again."""
        self._pause = self.due = 0.0


class Watch:
    """Turns an engine until it is stopped."""

    def __init__(
        self,
        connect: Callable[[Callable[[], bool]], Engine],
        clock: Clock,
        resync: float,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """Prepare to turn.

        Args:
            connect: Makes an engine, which asks the function it is given before each POST whether it may;
                called again while it fails.
            clock: The clocks.
            resync: How often both sides are read from scratch, in seconds.
            jitter: Gives numbers from 0 to 1.
        """
        self._connect = connect
        self._clock = clock
        self._resync = resync
        self._jitter = jitter
        self._stop = threading.Event()
        self._engine: Engine | None = None
        self._troubles = Troubles()
        self._narrator = Narrator()
        self._writes = Backoff(jitter)
        self._write_trouble: Mapping[str, str] = {}
        self._failures = Backoff(jitter)
        self._writing = False
        self._next_resync = 0.0
        self._reread_begun = float("-inf")
        self._lapsed_at = float("-inf")

    def stop(self) -> None:
        """Begin no further write, and let `run` return; may be called from a signal handler."""
        self._stop.set()
        if self._engine:
            self._engine.wake.set()

    @property
    def stopping(self) -> bool:
        """Whether it was told to stop."""
        return self._stop.is_set()

    @property
    def writing(self) -> bool:
        """Whether a write is under way, which has to be waited for before the process ends."""
        return self._writing

    def sleep(self, seconds: float) -> None:
        """Wait, but not for longer than until it is told to stop; for waits between attempts."""
        self._stop.wait(seconds)

    def run(self) -> None:
        """Turn until stopped.

        Raises:
            SettingsError: A setting is missing or malformed: nothing that waiting would mend.
        """
        engine = self._connected()
        if engine is None:
            return
        with engine:
            self._engine = engine
            engine.start()
            self._schedule_resync()
            while not self.stopping:
                rest = self._turn_safely(engine)
                if not self.stopping:
                    self.rest(engine, rest)

    def rest(self, engine: Engine, seconds: float) -> None:
        """Wait until a view wakes us, and notice when that was far too long.

        A process that was stopped (SIGSTOP, a paused machine) wakes with a minute of events before it, which
        each kind's watch hands over at its own pace: a Pod may come before the Deployment that moved it. So
        nothing is written before every kind has been listed again.
        """
        before = self._clock.monotonic()
        engine.wake.wait(seconds)
        now = self._clock.monotonic()
        if now - before > seconds + LAPSE:
            log.warning("this process stood still for %.0f s; everything is read again first", now - before)
            self._lapsed_at = now
            engine.reread()

    def _connected(self) -> Engine | None:
        backoff = Backoff(self._jitter)
        while not self.stopping:
            try:
                engine = self._connect(lambda: not self.stopping)
            except SettingsError:
                raise
            except AkbSyncError as error:
                self._troubles.update("connect", {"connect": str(error)})
                now = self._clock.monotonic()
                backoff.failed(now)
                self._stop.wait(backoff.due - now)
            else:
                self._troubles.update("connect", {})
                return engine
        return None

    def _turn_safely(self, engine: Engine) -> float:
        """Turn; a defect of ours, brought out by whatever answer or object, must not end the process."""
        try:
            rest = self.turn(engine)
        except Exception as error:
            log.debug("the traceback of what follows", exc_info=True)
            text = f"unexpected {type(error).__name__}: {error}; report it with the log of --debug"
            self._troubles.update("engine", {"engine": text})
            now = self._clock.monotonic()
            self._failures.failed(now)
            self._stop.wait(self._failures.due - now)
            return 0.0
        self._failures.worked()
        self._troubles.update("engine", {})
        return rest

    def turn(self, engine: Engine) -> float:
        """Look once and write what is not held; give how long to rest if nothing happens (seconds)."""
        engine.wake.clear()
        self._read_again_if_due(engine)
        plan = self._look(engine)
        self._tell_troubles(engine)
        wrote = self._write(engine, plan) if plan else False
        self._tell_troubles(engine)
        return 0.0 if wrote else self._rest(engine, plan)

    def _tell_troubles(self, engine: Engine) -> None:
        self._troubles.update("kubernetes", engine.cluster.troubles())
        self._troubles.update("apic", {**engine.fabric.troubles(), **self._write_trouble})

    def _look(self, engine: Engine) -> Plan | None:
        """Make a plan, once every kind has been read or is known to be in trouble."""
        if any(source not in engine.troubles for source in self._unread(engine.cluster.desired())):
            return None
        if engine.fabric.troubles():
            engine.renew_credential()
        engine.follow()
        plan = engine.look()
        self._narrator.planned(plan)
        return plan

    def _unread(self, desired: Desired) -> list[Source]:
        """The kinds that were never listed, or not since the process stood still."""
        return [
            source
            for source in Source
            if desired.freshness(source) is Freshness.NEVER
            or desired.sources[source].listed_at < self._lapsed_at
        ]

    def _read_again_if_due(self, engine: Engine) -> None:
        now = self._clock.monotonic()
        if now >= self._next_resync:
            self._schedule_resync()
            engine.reread()

    def _schedule_resync(self) -> None:
        spread = self._resync * (0.9 + self._jitter() / 5)
        self._next_resync = self._clock.monotonic() + spread

    def _write(self, engine: Engine, plan: Plan) -> bool:
        """Write what is not held. Says whether to look again at once."""
        self._second_look_if_due(engine, plan)
        now = self._clock.monotonic()
        if engine.read_only:
            self._narrator.would_write(plan)
            return False
        if not plan.actionable:
            self._after(Report())  # what could not be written is there, or is not wanted any more
            return False
        if now < self._writes.due:
            return False
        self._writing = True
        try:
            report = engine.write(plan)
        finally:
            self._writing = False
        self._narrator.written(report)
        self._after(report)
        return report.wrote

    def _second_look_if_due(self, engine: Engine, plan: Plan) -> None:
        """A mass delete waits for both sides to be read again from scratch."""
        now = self._clock.monotonic()
        rested = now - self._reread_begun >= SHORTEST_REREAD
        if plan.reread_at is not None and self._reread_begun < plan.reread_at <= now and rested:
            self._reread_begun = now
            engine.reread()

    def _after(self, report: Report) -> None:
        self._write_trouble = {"apic write": str(report.error)} if report.error else {}
        if report.error or report.overtaken:
            self._writes.failed(self._clock.monotonic())
        else:
            self._writes.worked()

    def _rest(self, engine: Engine, plan: Plan | None) -> float:
        """How long to rest if nothing happens, in seconds."""
        now = self._clock.monotonic()
        known = [self._next_resync, now + IDLE, self._writes.due, engine.fabric.revisit_at]
        if plan:
            known += [plan.revisit_at, plan.reread_at]
        return min(moment for moment in known if moment is not None and moment > now) - now
