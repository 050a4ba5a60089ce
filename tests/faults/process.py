"""One engine process in the laboratory: the real engine and its real turns, driven by one thread."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from akb_sync.engine import Engine, Watch
from akb_sync.engine.credential import Credential
from akb_sync.engine.engine import rules_of
from akb_sync.engine.licence import Licence
from akb_sync.engine.observer import Audience
from akb_sync.engine.shared import connect
from akb_sync.engine.wiring import Sides, assemble, cluster_options, identity_of
from akb_sync.kube import ClusterView
from akb_sync.settings import Settings
from tests.simulated.engine.stage import Stage

from .histories.lines import Lines
from .ledger import Ledger
from .taps import ClusterTap, FabricTap

RESYNC = 60.0


@dataclass
class Surroundings:
    """What a process meets: both simulators and the clock, a ledger, and whether there are wires at all."""

    stage: Stage
    ledger: Ledger
    settings: Settings
    lines: Lines | None = None


class Process:
    """Made as `akb-sync watch` makes it; `step` does what its threads would do until nothing waits."""

    def __init__(
        self, around: Surroundings, sent: Counter[str] | None = None, licence: Licence | None = None
    ) -> None:
        """Connect; `sent` has how many frames are on their way, where there are wires."""
        self._clock, self._sent = around.stage.clock, Counter[str]() if sent is None else sent
        self._watch = Watch(
            self._never, self._clock, RESYNC, lambda: 0.5, licence=licence, audience=Audience()
        )
        self._made = Made(around, self._watch.may_write)
        self._made.follow(around.stage)
        self._watch._rereads.schedule()

    @property
    def engine(self) -> Engine:
        return self._made.engine

    @property
    def generation(self) -> int:
        """Grows whenever all subscriptions are lost."""
        return self._made.session.generation

    def step(self) -> tuple[float, bool]:
        """Take every event that waits and turn once: seconds to rest, and whether anything was taken."""
        revision = self.engine.cluster._store.revision
        if self.engine.freeze.why:
            self.engine.freeze.look()  # the service does it every few seconds, whatever it knows
        for watcher in self.engine.cluster._watchers:
            watcher.step()
        frames = self._made.session.take(self._sent)
        self._made.session.maintain()
        rest = self._watch.turn(self.engine)
        return rest, frames > 0 or self.engine.cluster._store.revision != revision

    def vanish(self) -> None:
        """End as a killed process does: nothing is said to anybody."""
        self._made.vanish()

    @staticmethod
    def _never(_may_write: object) -> Engine:
        raise AssertionError("the laboratory turns the engine by itself")


class Made:
    """An engine and its connections, everything that goes over them on the ledger."""

    def __init__(self, around: Surroundings, may_write: Callable[[], bool]) -> None:
        self._connection = around.lines.cluster if around.lines else connect(around.settings)
        self._session: FabricTap | None = None
        try:
            self.engine = self._engine(around, may_write)
        except BaseException:
            self.vanish()
            raise

    @property
    def session(self) -> FabricTap:
        assert self._session is not None
        return self._session

    def follow(self, stage: Stage) -> None:
        """Let the views follow from now on, without a thread."""
        self.engine.cluster._running = True
        for watcher in self.engine.cluster._watchers:
            watcher._pause = _HandPause(stage)
            watcher._rng.seed(1)

    def vanish(self) -> None:
        """End as a killed process does: nothing is said to anybody."""
        if self._session is not None:
            self._session.vanish()
        self._connection.close()

    def _engine(self, around: Surroundings, may_write: Callable[[], bool]) -> Engine:
        settings, clock, wake = around.settings, around.stage.clock, threading.Event()
        tap = ClusterTap(self._connection, around.stage.cluster, around.ledger)  # type: ignore[arg-type]
        cluster = ClusterView(tap, cluster_options(settings), clock, wake.set)
        identity = identity_of(settings, cluster.kube_system_uid())
        credential = Credential(settings)
        line = around.lines.fabric if around.lines else None
        self._session = FabricTap(credential.options, clock, ledger=around.ledger, line=line)
        self._session._courier.pause = clock.advance
        sides = Sides(identity, tap, cluster, self._session, credential)  # type: ignore[arg-type]
        parts = assemble(
            settings,
            sides,
            clock,
            wake.set,
            read_only=False,
            may_write=may_write,
            sleep=clock.advance,
        )
        return Engine(parts, rules_of(settings), clock, wake)


class _HandPause:
    """A watcher's pause: time passes, nobody waits."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def wait(self, timeout: float | None = None) -> bool:
        self._stage.clock.advance(timeout or 0.0)
        return False

    def set(self) -> None:
        """Nobody waits."""

    def clear(self) -> None:
        """Nobody waits."""
