"""Ten times more changes than requests that may leave: late, but nothing grows and the newest state wins."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from akb_sync.engine import Engine
from tests.simulated.engine.stage import TENANT, HandClock, Json, Stage, binding, eventually

from .conftest import L3OUTS as OF_THE_STAGE
from .ledger import Ledger

RATE, BURST = 3, 6
L3OUTS = 10 * RATE
"""Each changes once a second, so that ten times the rate would have to be written."""
PODS = 3
"""Of each L3Out, at any time."""
SECONDS = 20.0


@dataclass
class Neighbourhood:
    """One L3Out with a workload that replaces its oldest Pod every second."""

    stage: Stage
    number: int
    came: int = 0
    pods: deque[tuple[str, Json]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.l3out = f"L3O_{self.number}"
        relation = {"l3extRsEctx": {"attributes": {"tnFvCtxName": "VRF_K8_C1"}}}
        out = {"l3extOut": {"attributes": {"name": self.l3out}, "children": [relation]}}
        self.stage.apic.post(f"uni/tn-{TENANT}", out)
        self.web = self.stage.workload(f"web-{self.number}", annotation=binding("EPG", self.l3out))
        for _ in range(PODS):
            self.grow()

    def grow(self) -> None:
        address = f"10.{self.number}.{self.came >> 8}.{self.came & 255}"
        self.pods.append((address, self.stage.pod(self.web, address)))
        self.came += 1

    def change(self) -> None:
        self.stage.remove(self.pods.popleft()[1])
        self.grow()

    @property
    def wanted(self) -> set[str]:
        return {f"{address}/32" for address, _ in self.pods}

    @property
    def there(self) -> set[str]:
        return self.stage.prefixes("EPG", self.l3out)


@pytest.fixture
def streets(stage: Stage) -> list[Neighbourhood]:
    return [Neighbourhood(stage, number) for number in range(1, L3OUTS + 1)]


@pytest.fixture
def engine(stage: Stage, streets: list[Neighbourhood]) -> Iterator[Engine]:
    """An engine whose waits turn the hand's clock."""
    assert streets
    made = stage.settings(apic_rate=RATE, apic_burst=BURST)
    with Engine.connect(made, clock=stage.clock, sleep=stage.clock.advance) as engine:
        engine._session._courier.pause = stage.clock.advance
        engine.start()
        yield engine


def known(engine: Engine, streets: list[Neighbourhood]) -> None:
    """Wait until the watches have told the engine all that happened."""
    wanted = {prefix for street in streets for prefix in street.wanted}

    def told() -> bool:
        desired = engine.cluster.desired()
        return desired.fresh and {one.prefix for one in desired.exposures} == wanted

    eventually("the engine knows it", told, 20.0)


def one_round(engine: Engine) -> int:
    """Look and write once, with what a second brings; give how many objects the plan is about."""
    engine.reader.maintain()  # type: ignore[attr-defined]  # what its own thread does once a second
    engine.follow()
    plan = engine.look()
    assert not plan.held
    assert engine.write(plan).error is None
    return len(plan.items)


@dataclass
class Overload:
    """Changes that happen every second of the hand's clock, and an engine that cannot write each of them."""

    engine: Engine
    streets: list[Neighbourhood]
    clock: HandClock
    changes: int = 0
    most_planned: int = 0

    def last(self, seconds: float) -> None:
        """Go on for so long; after the last change there is one more round."""
        at = began = self.clock.monotonic()
        while at - began < seconds:
            at = self._change_until(at, min(max(self.clock.monotonic(), at + 1.0), began + seconds))
            known(self.engine, self.streets)
            self.most_planned = max(self.most_planned, one_round(self.engine))

    def _change_until(self, at: float, now: float) -> float:
        while at < now:
            for street in self.streets:
                street.change()
            at, self.changes = at + 1.0, self.changes + len(self.streets)
        return at


def test_under_ten_times_too_much_requests_stay_bounded_and_the_newest_state_wins(
    stage: Stage, engine: Engine, streets: list[Neighbourhood], ledger: Ledger
) -> None:
    known(engine, streets)
    one_round(engine)
    ledger.clear()
    stage.apic.reset_journal()
    overload, began = Overload(engine, streets, stage.clock), stage.clock.monotonic()
    overload.last(SECONDS)
    elapsed, posts = stage.clock.monotonic() - began, ledger.requests["post"]

    assert overload.changes == L3OUTS * SECONDS
    assert ledger.requests == Counter(post=posts)
    assert len(ledger.exchanges) <= BURST + RATE * elapsed + 1
    assert posts >= SECONDS, "what may leave leaves"
    # Nothing piles up: a plan is about what is wanted and what is there, however long it waited.
    assert overload.most_planned <= L3OUTS * (1 + 2 * PODS)
    # Of states that were over before their turn came nothing is written: each would be two objects.
    assert sum(len(write.touched) for write in stage.apic.journal) < overload.changes
    # And the last one is there, exactly, without another request.
    assert [street.there for street in streets] == [street.wanted for street in streets]
    one_round(engine)
    assert ledger.requests == Counter(post=posts)


def test_who_waits_does_not_lose_what_keeps_the_session_and_the_views_alive(
    stage: Stage, engine: Engine, streets: list[Neighbourhood], ledger: Ledger
) -> None:
    known(engine, streets)
    one_round(engine)
    ledger.clear()
    Overload(engine, streets, stage.clock).last(2 * SECONDS)
    kept_alive = [one for one in ledger.exchanges if one.kind == "upkeep"]
    assert len(kept_alive) >= L3OUTS
    assert ledger.requests["login"] == 0
    assert engine.fabric.troubles() == {}
    assert stage.apic.subscriptions == L3OUTS + OF_THE_STAGE
