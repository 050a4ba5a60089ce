"""One engine process in the laboratory: the real engine and its real turns, driven by one thread."""

import threading
from collections import Counter

from akb_sync.engine import Engine, Watch
from akb_sync.engine.credential import Credential
from akb_sync.engine.engine import rules_of
from akb_sync.engine.observer import Audience
from akb_sync.engine.shared import connect
from akb_sync.engine.wiring import Sides, assemble, cluster_options, identity_of
from akb_sync.kube import ClusterView
from akb_sync.settings import Settings
from tests.simulated.engine.stage import Stage

from .ledger import Ledger
from .taps import ClusterTap, FabricTap

RESYNC = 60.0


class Process:
    """Made as `akb-sync watch` makes it; `step` does what its threads would do until nothing waits."""

    def __init__(self, stage: Stage, ledger: Ledger, sent: Counter[str], **changes: object) -> None:
        settings = stage.settings(resync=RESYNC, **changes)
        self._clock, self._sent = stage.clock, sent
        self._wake = threading.Event()
        self._connection = connect(settings)
        self._session: FabricTap | None = None
        self._watch = Watch(self._never, self._clock, RESYNC, lambda: 0.5, audience=Audience())
        try:
            self.engine = self._engine(settings, stage, ledger)
        except BaseException:
            self.vanish()
            raise

    def step(self) -> tuple[float, bool]:
        """Take every event that waits and turn once: seconds to rest, and whether anything was taken."""
        revision = self.engine.cluster._store.revision
        assert self._session is not None
        if self.engine.freeze.why:
            self.engine.freeze.look()  # the service does it every few seconds, whatever it knows
        for watcher in self.engine.cluster._watchers:
            watcher.step()
        frames = self._session.take(self._sent)
        self._session.maintain()
        rest = self._watch.turn(self.engine)
        return rest, frames > 0 or self.engine.cluster._store.revision != revision

    def vanish(self) -> None:
        """End as a killed process does: nothing is said to anybody."""
        if self._session is not None:
            self._session.vanish()
        self._connection.close()

    def _engine(self, settings: Settings, stage: Stage, ledger: Ledger) -> Engine:
        tap = ClusterTap(self._connection, stage.cluster, ledger)
        cluster = ClusterView(tap, cluster_options(settings), self._clock, self._wake.set)
        for watcher in cluster._watchers:
            watcher._pause = _HandPause(stage)
            watcher._rng.seed(1)
        cluster._running = True
        identity = identity_of(settings, cluster.kube_system_uid())
        credential = Credential(settings)
        self._session = FabricTap(credential.options, self._clock, ledger=ledger)
        self._session._courier.pause = self._clock.advance
        sides = Sides(identity, tap, cluster, self._session, credential)  # type: ignore[arg-type]
        parts = assemble(
            settings,
            sides,
            self._clock,
            self._wake.set,
            read_only=False,
            may_write=self._watch.may_write,
            sleep=self._clock.advance,
        )
        self._watch._rereads.schedule()
        return Engine(parts, rules_of(settings), self._clock, self._wake)

    @staticmethod
    def _never(_may_write: object) -> Engine:
        raise AssertionError("the laboratory turns the engine by itself")


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
