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
from akb_sync.plan import Plan

from .backoff import Backoff
from .engine import Engine
from .licence import Always, Licence
from .narrator import Narrator
from .observer import Audience, Look
from .report import Report
from .rereads import LAPSE, Rereads
from .troubles import Troubles

log = logging.getLogger(__name__)

IDLE = 5.0
"""Time alone can make a view stale, so the engine looks at least this often (seconds)."""


class Watch:
    """Turns an engine until it is stopped."""

    def __init__(
        self,
        connect: Callable[[Callable[[], bool]], Engine],
        clock: Clock,
        resync: float,
        jitter: Callable[[], float] = random.random,
        *,
        licence: Licence | None = None,
        audience: Audience | None = None,
    ) -> None:
        """Prepare to turn.

        Args:
            connect: Makes an engine, which asks the function it is given before each POST whether it may;
                called again while it fails.
            clock: The clocks.
            resync: How often both sides are read from scratch, in seconds.
            jitter: Gives numbers from 0 to 1.
            licence: Whether this engine may write at all; always, when not given.
            audience: Who is told of each turn; the log, when not given.
        """
        self._connect = connect
        self._clock = clock
        self._jitter = jitter
        self._licence = licence or Always()
        self._audience = audience or Audience([Narrator()])
        self._rereads = Rereads(clock, resync, jitter)
        self._stop = threading.Event()
        self._engine: Engine | None = None
        self._troubles = Troubles()
        self._writes = Backoff(jitter)
        self._write_trouble: Mapping[str, str] = {}
        self._failed: frozenset[str] = frozenset()
        """The DNs of what the write trouble is about."""
        self._failures = Backoff(jitter)
        self._writing = False
        self._term = self._licence.term
        self.alive_at = clock.monotonic()
        """When it gave the last sign of life (monotonic seconds): a turn, or a write that was begun."""

    def stop(self) -> None:
        """Begin no further write, and let `run` return; may be called from a signal handler."""
        self._stop.set()
        self.wake()

    def wake(self) -> None:
        """Look again soon; may be called from any thread."""
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

    def may_write(self) -> bool:
        """Whether one more POST may begin at this moment."""
        self.alive_at = self._clock.monotonic()
        return not self.stopping and self._licence.leading

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
            self._rereads.schedule()
            while not self.stopping:
                rest = self._turn_safely(engine)
                if not self.stopping:
                    self.rest(engine, rest)

    def rest(self, engine: Engine, seconds: float) -> None:
        """Wait until a view wakes us, and notice when that was far too long."""
        before = self._clock.monotonic()
        engine.wake.wait(seconds)
        stood_still = self._clock.monotonic() - before
        if stood_still > seconds + LAPSE:
            log.warning("this process stood still for %.0f s; first it takes what happened", stood_still)
            self._rereads.stood_still()

    def turn(self, engine: Engine) -> float:
        """Look once and write what is not held; give how long to rest if nothing happens (seconds)."""
        self.alive_at = self._clock.monotonic()
        engine.wake.clear()
        self._notice_term(engine)
        if self._rereads.resync_is_due():
            engine.reread()
        plan = self._look(engine)
        self._tell_troubles(engine)
        wrote = self._write(engine, plan) if plan else False
        self._tell_troubles(engine)
        return 0.0 if wrote else self._rest(engine, plan)

    def _connected(self) -> Engine | None:
        backoff = Backoff(self._jitter)
        while not self.stopping:
            self.alive_at = self._clock.monotonic()
            try:
                engine = self._connect(self.may_write)
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

    def _notice_term(self, engine: Engine) -> None:
        """Whoever begins to lead takes nothing for granted that it saw while another wrote."""
        term = self._licence.term
        if term != self._term:
            self._term = term
            self._rereads.distrust()
            engine.reread()

    def _tell_troubles(self, engine: Engine) -> None:
        self._troubles.update("kubernetes", engine.cluster.troubles())
        self._troubles.update("apic", {**engine.fabric.troubles(), **self._write_trouble})
        self._troubles.update("operation", {**engine.freeze.troubles, **self._audience.troubles})

    def _look(self, engine: Engine) -> Plan | None:
        """Make a plan, once every kind has been read or is known to be in trouble; tell the audience."""
        unread = any(
            source not in engine.troubles for source in self._rereads.unread(engine.cluster.desired())
        )
        begun, plan = self._clock.monotonic(), None
        if not unread and not self._rereads.catching_up:
            if engine.fabric.troubles() or self._write_trouble:
                engine.renew_credential()
            engine.follow()
            begun = self._clock.monotonic()
            plan = engine.look()
        self._audience.looked(self._seen(engine, plan, self._clock.monotonic() - begun))
        return plan

    def _seen(self, engine: Engine, plan: Plan | None, seconds: float) -> Look:
        return Look(
            plan=plan,
            now=self._clock.monotonic(),
            seconds=seconds,
            leading=self._licence.leading,
            dry=engine.read_only,
            paused=engine.freeze.pause,
            freshness=engine.freshness(),
            troubles={**engine.troubles, **self._write_trouble},
        )

    def _write(self, engine: Engine, plan: Plan) -> bool:
        """Write what is not held. Says whether to look again at once."""
        if self._rereads.second_look_is_due(plan.reread_at):
            engine.reread()
        if engine.read_only or not self._licence.leading:
            return False
        if not plan.actionable:
            self._after(Report())  # what could not be written is there, or is not wanted any more
            return False
        begun = self._clock.monotonic()
        if begun < self._writes.due:
            return False
        self._writing = True
        try:
            report = engine.write(plan, give_up=True)
        finally:
            self._writing = False
        self._after(report)
        self._audience.wrote(report, self._clock.monotonic() - begun)
        return report.wrote or bool(report.put_off)

    def _after(self, report: Report) -> None:
        if self._failed.intersection(item.dn for item in report.put_off):
            return  # whether it would pass now is not known yet
        self._failed = frozenset(item.dn for item in (*report.not_sent, *report.doubted))
        self._write_trouble = {"apic write": str(report.error)} if report.error else {}
        if report.error or report.overtaken:
            self._writes.failed(self._clock.monotonic())
        else:
            self._writes.worked()

    def _rest(self, engine: Engine, plan: Plan | None) -> float:
        """How long to rest if nothing happens, in seconds."""
        now = self._clock.monotonic()
        rereads = self._rereads
        own = (rereads.resync_at, rereads.caught_up_at, now + IDLE, self._writes.due)
        known = [*own, engine.fabric.revisit_at]
        if plan:
            known += [plan.revisit_at, plan.reread_at]
        return min(moment for moment in known if moment is not None and moment > now) - now
