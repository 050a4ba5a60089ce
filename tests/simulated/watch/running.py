"""The real `Watch` in a thread of its own, between both simulators, as `akb-sync watch` runs it."""

import threading
from collections.abc import Callable
from dataclasses import replace
from operator import gt
from types import TracebackType
from typing import Any, Self

from akb_sync.clock import SystemClock
from akb_sync.engine import Engine, Watch
from akb_sync.model import Freshness, L3Out, Source
from akb_sync.settings import Settings
from tests.simulated.engine.stage import L3OUT, TENANT, Stage, eventually

SHORT_HOLD_DOWN = 0.3
LONGEST_STOP = 15.0


class CountingWatch(Watch):
    """A watch that tells how often it turned."""

    turns = 0

    def turn(self, engine: Engine) -> float:
        self.turns += 1
        return super().turn(engine)


class Running:
    """A running engine. Leaving the block stops it, and fails if it does not return or had failed."""

    def __init__(self, stage: Stage, **settings: Any) -> None:
        made = stage.settings(**{"hold_down": SHORT_HOLD_DOWN, **settings})
        self._stage = stage
        self._failure: BaseException | None = None
        self._engine: Engine | None = None
        self.watch = CountingWatch(self._connector(made), SystemClock(), made.resync)
        self._thread = threading.Thread(target=self._run, name="engine")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    @property
    def engine(self) -> Engine:
        eventually("an engine is connected", lambda: self._engine)
        assert self._engine is not None
        return self._engine

    def stop(self) -> None:
        """Stop as SIGTERM does, and see that `run` returned without an error."""
        self.watch.stop()
        self._thread.join(LONGEST_STOP)
        assert not self.alive, "the engine does not stop"
        if self._failure is not None:
            raise self._failure

    def until_live(self) -> Self:
        """Wait until every kind is watched: from now on events do the work."""
        eventually("all kinds are watched", self._all_watched)
        return self

    def until_followed(self, l3out: str = L3OUT, tenant: str = TENANT) -> Self:
        """Wait until an L3Out is read and subscribed as well."""
        wanted = L3Out(tenant, l3out)
        fabric = self.until_live().engine.fabric
        eventually(f"{wanted} is fresh", lambda: fabric.observed().of(wanted).freshness is Freshness.FRESH)
        eventually(f"{wanted} is subscribed", lambda: self._stage.apic.subscriptions > 0)
        return self

    def turned(self) -> None:
        """Wake it twice, so that a whole turn began and ended after now."""
        for _ in range(2):
            self._turned_since(self.watch.turns)

    def _turned_since(self, turns: int) -> None:
        self.engine.wake.set()
        eventually("it turned", lambda: self.watch.turns > turns)

    def listed_anew(self) -> None:
        """Let every kind be listed from scratch, and wait until that is done."""
        before = self._lists()
        self.engine.reread()
        eventually("all is listed", lambda: all(map(gt, self._lists(), before)))

    def _lists(self) -> list[int]:
        sources = self.engine.cluster.desired().sources
        return [sources[source].lists for source in Source]

    def end_quarantine(self) -> None:
        """Let the pause end, after which what the APIC refused is tried again (a minute and more)."""
        memory = self.engine.memory
        ended = {dn: replace(known, until=0.0) for dn, known in memory.quarantine.items()}
        self.engine.memory = replace(memory, quarantine=ended)
        self.engine.wake.set()

    def _all_watched(self) -> bool:
        fresh = self._engine is not None and self._engine.cluster.desired().fresh
        return fresh and all(self._stage.cluster.watches(str(source)) for source in Source)

    def _connector(self, settings: Settings) -> Callable[[Callable[[], bool]], Engine]:
        def connect(may_write: Callable[[], bool]) -> Engine:
            self._engine = Engine.connect(settings, may_write=may_write, sleep=self.watch.sleep)
            return self._engine

        return connect

    def _run(self) -> None:
        try:
            self.watch.run()
        except BaseException as error:
            self._failure = error
            raise
