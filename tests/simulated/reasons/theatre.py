"""A leading engine that is turned by hand, with all of its observers, and a second process that asks.

A turn does what `Watch.turn` does, with the clock of the stage and without threads: the cluster and the
fabric are read, the audience is told of the look, what is not held is written, the audience is told of
that. `plan_document` is what `akb-sync plan -o json` would show of the engine's plan, `status` what
`akb-sync status` shows beside it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from akb_sync.engine import Engine
from akb_sync.engine.desk import IDLE, Desk
from akb_sync.engine.herald import Herald
from akb_sync.engine.narrator import Narrator
from akb_sync.engine.observer import Audience, Look
from akb_sync.engine.shared import state_store
from akb_sync.engine.state_keeper import SOON, StateKeeper
from akb_sync.kube.events import EventWriter
from akb_sync.plan import Plan
from akb_sync.state import StateStore
from cli.document import plan_document
from cli.narrowing import narrowing, shown
from cli.options import Output
from cli.status import Asked
from tests.simulated.engine.stage import Json, Stage

SHORTEST = 0.1
"""Seconds; a rest can be so short that the clock's number does not change by it."""


@dataclass
class Theatre:
    """One test's engine; it has to be open for everything but what was told already."""

    stage: Stage
    caplog: pytest.LogCaptureFixture
    settings: dict[str, Any] = field(default_factory=dict)
    _engine: Engine | None = None

    @contextmanager
    def open(self, **settings: Any) -> Iterator[None]:
        """Connect; nothing is read yet."""
        self.settings = settings
        with self.stage.engine(**settings) as engine:
            self._engine = engine
            self._desk = Desk(EventWriter(engine.kube, "engine-1"), self.stage.clock)
            self._keeper = StateKeeper(self.store, "engine-1", self.stage.clock)
            self._audience = Audience([Narrator(), Herald(self._desk), self._keeper])
            yield

    @property
    def engine(self) -> Engine:
        assert self._engine is not None
        return self._engine

    @property
    def store(self) -> StateStore:
        """Where the engine leaves its state, and people its switch."""
        return state_store(self.stage.settings(**self.settings), self.engine.kube)

    def look(self) -> Plan:
        """The first half of a turn: read, plan, and tell of it."""
        self.stage.clock.advance(SOON)
        self.engine.read()
        plan = self.engine.look()
        self._audience.looked(
            Look(
                plan,
                self.stage.clock.monotonic(),
                paused=self.engine.freeze.pause,
                freshness=self.engine.freshness(),
                troubles=self.engine.troubles,
            )
        )
        assert self._audience.troubles == {}
        self._keeper.write()
        return plan

    def write(self, plan: Plan) -> None:
        """The other half: write what is not held, and tell of it."""
        if plan.actionable:
            self._audience.wrote(self.engine.write(plan), 0.0)
        while (rest := self._desk.send()) < IDLE:
            self.stage.clock.advance(max(rest, SHORTEST))
        assert self._audience.troubles == {}

    def turn(self, times: int = 1, pause: float = 0.0) -> Plan:
        """Turn, each time after a pause (seconds); give the last plan."""
        plan = Plan()
        for _ in range(times):
            self.stage.clock.advance(pause)
            plan = self.look()
            self.write(plan)
        return plan

    def plan_document(self, plan: Plan) -> Json:
        return plan_document(shown(self.engine, plan))

    def status(self) -> tuple[Json, list[str]]:
        """What a fresh process shows, which has the leader's record and no memory: document and table."""
        settings = self.stage.settings(**self.settings)
        asked = Asked(settings, "", Output.JSON, "", "", frozenset())
        with Engine.connect(settings, clock=self.stage.clock, read_only=True) as engine:
            engine.read()
            picture = asked.look(engine, narrowing(engine, "", ""))
            return picture.document(), list(picture.lines(wide=False))

    @property
    def events(self) -> list[Json]:
        return self.stage.cluster.list("Event")

    @property
    def lines(self) -> list[tuple[str, str]]:
        """The engine's log: each line, and the code that it has in a field of its own for programs."""
        records = [one for one in self.caplog.records if one.name.startswith("akb_sync")]
        return [(one.getMessage(), getattr(one, "fields", {}).get("reason", "")) for one in records]
