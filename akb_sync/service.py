"""The engine as a service: `Watch` with all that a cluster asks of a program that runs there.

- the Lease, so that several replicas are safe;
- the switch of the freeze, looked at again and again;
- Events on the workloads, and the state for other processes;
- `/livez`, `/readyz` and `/metrics`.

This is the one place that puts them together; each works alone, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .clock import Clock, SystemClock, boottime
from .engine import Engine, Watch
from .engine.desk import Desk
from .engine.freeze import PERIOD, Freeze
from .engine.herald import Herald
from .engine.narrator import Narrator
from .engine.observer import Audience, Observer
from .engine.repeating import Repeating
from .engine.seat import Seat
from .engine.shared import state_store
from .engine.state_keeper import StateKeeper
from .errors import SettingsError
from .kube.election import Clocks, Elector, identity
from .kube.events import EventWriter
from .kube.state_map import StateMap
from .kube.whereabouts import LEASE, in_cluster, of_instance, own_namespace
from .model import ObjectRef
from .observability import Health, Metrics, Server
from .observability.server import EVERYWHERE
from .settings import LeaderElection, Settings

LAST_WORDS = 2.0
"""Seconds for each of what has to be brought to an end."""
SHORTEST_LEASE = 3.0


class Service:
    """Runs until it is stopped."""

    def __init__(
        self,
        settings: Settings,
        *,
        dry_run: bool = False,
        clock: Clock | None = None,
        observers: Iterable[Observer] = (),
    ) -> None:
        """Prepare; the port is taken, and nothing else is done.

        Args:
            settings: Every option.
            dry_run: Write nothing anywhere: neither to the fabric, nor a Lease, an Event or the state.
            clock: The clocks; the machine's when not given.
            observers: Who is told of each turn, beside the log.

        Raises:
            SettingsError: A setting is malformed, or the port cannot be had.
        """
        self._settings, self._dry_run = settings, dry_run
        self._clock = clock or SystemClock()
        self.name = identity()
        self._seat = Seat(lambda: self.watch.stopping, lambda: self.watch.writing)
        self._audience = Audience([Narrator(), *observers])
        elects = not dry_run and elects_leader(settings)
        self.watch = Watch(
            self._connect,
            self._clock,
            settings.resync,
            licence=self._seat if elects else None,
            audience=self._audience,
        )
        self._elects = elects
        self._ends: list[Callable[[], None]] = []
        self.server = self._listen()

    @property
    def stopping(self) -> bool:
        """Whether it was told to stop."""
        return self.watch.stopping

    @property
    def writing(self) -> bool:
        """Whether a write is under way, which has to be waited for before the process ends."""
        return self.watch.writing

    def stop(self) -> None:
        """Begin no further write, and let `run` return; may be called from a signal handler."""
        self.watch.stop()
        self._seat.hurry()

    def run(self) -> None:
        """Run until stopped.

        Raises:
            SettingsError: A setting is missing or malformed: nothing that waiting would mend.
        """
        if self.server:
            self.server.start()
        try:
            self.watch.run()
        finally:
            self._seat.give_up(LAST_WORDS)
            for end in reversed(self._ends):
                end()

    def _listen(self) -> Server | None:
        where = listen_address(self._settings)
        if not where:
            return None
        health, metrics = Health(self._clock, lambda: self.watch.alive_at), Metrics(self._clock)
        server = Server(where, health, metrics)
        self._audience.add(health)
        self._audience.add(metrics)
        self._ends.append(server.stop)
        return server

    def _connect(self, may_write: Callable[[], bool]) -> Engine:
        engine = Engine.connect(
            self._settings,
            clock=self._clock,
            read_only=self._dry_run,
            may_write=may_write,
            sleep=self.watch.sleep,
        )
        self._look_at_the_switch(engine.freeze)
        if not self._dry_run:
            self._speak(engine)
            self._keep_state(engine)
        if self._elects:
            self._stand(engine)
        return engine

    def _look_at_the_switch(self, freeze: Freeze) -> None:
        def look() -> float:
            freeze.look()
            return PERIOD

        thread = Repeating("pause", look)
        thread.start()
        self._ends.append(lambda: thread.stop(LAST_WORDS))

    def _speak(self, engine: Engine) -> None:
        desk = Desk(EventWriter(engine.kube, self.name, self._settings.instance), self._clock)
        desk.start()
        self._audience.add(Herald(desk, self._switch(engine)))
        self._ends.append(lambda: desk.stop(LAST_WORDS))

    def _switch(self, engine: Engine) -> ObjectRef | None:
        """The object that Events of the freeze are about; a file has none."""
        store = state_store(self._settings, engine.kube)
        if not isinstance(store, StateMap):
            return None
        return ObjectRef("ConfigMap", store.namespace, store.name)

    def _keep_state(self, engine: Engine) -> None:
        """An engine outside of the cluster without a Lease must not write over the leader's state."""
        if not (self._elects or self._settings.state_file):
            return
        store = state_store(self._settings, engine.kube)
        keeper = StateKeeper(store, self.name, self._clock, elected=self._elects)
        keeper.start()
        self._audience.add(keeper)
        self._ends.append(lambda: keeper.stop(LAST_WORDS))

    def _stand(self, engine: Engine) -> None:
        elector = Elector(
            engine.kube,
            own_namespace(self._settings.engine_namespace),
            of_instance(LEASE, self._settings.instance),
            self.name,
            Clocks(boottime, self._clock.now),
            seconds=self._settings.lease_duration,
            on_change=self.watch.wake,
        )
        self._audience.add(self._seat)
        self._seat.stand(elector)


def elects_leader(settings: Settings) -> bool:
    """Whether an engine with these settings writes only while it holds the Lease.

    Raises:
        SettingsError: The Lease's duration makes no sense.
    """
    if not settings.lease_duration >= SHORTEST_LEASE:
        raise SettingsError(
            f"--lease-duration {settings.lease_duration:g} is less than {SHORTEST_LEASE:g}",
            "give seconds, such as 15",
        )
    if settings.leader_elect is LeaderElection.AUTO:
        return in_cluster()
    return settings.leader_elect is LeaderElection.ALWAYS


def listen_address(settings: Settings) -> str:
    """Give where probes and metrics are answered; empty when nowhere."""
    match settings.listen:
        case "auto":
            return EVERYWHERE if in_cluster() else ""
        case "none" | "":
            return ""
    return settings.listen
