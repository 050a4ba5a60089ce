"""Ten times more changes than requests that may leave: late, but nothing grows and the newest state wins."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from akb_sync.engine import Engine, Report
from akb_sync.engine.expiry import AT_LEAST
from akb_sync.plan import Plan
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


def one_round(engine: Engine) -> tuple[Plan, Report]:
    """Look and write once, with what a second brings, as a watch does."""
    engine.reader.maintain()  # type: ignore[attr-defined]  # what its own thread does once a second
    engine.wake.clear()
    engine.follow()
    plan = engine.look()
    assert not plan.held
    report = engine.write(plan, give_up=True)
    assert report.error is None
    return plan, report


def until_nothing_waits(engine: Engine) -> list[Report]:
    """Look and write until everything is sent."""
    reports = [one_round(engine)[1]]
    while reports[-1].put_off:
        reports.append(one_round(engine)[1])
    return reports


def targets(ledger: Ledger) -> list[str]:
    """Where the POSTs went, in their order: the numbers of the streets."""
    posts = [one.target for one in ledger.exchanges if one.kind == "post"]
    return [target.partition("/out-L3O_")[2].partition(".")[0] for target in posts]


class Meanwhile:
    """Lets something happen in the cluster while a round waits for its pace."""

    def __init__(self, engine: Engine, streets: list[Neighbourhood], clock: HandClock) -> None:
        self.waits = 0
        self.happens: dict[int, Callable[[], object]] = {}
        self.always: Callable[[], object] = lambda: None
        self._engine, self._streets, self._clock = engine, streets, clock
        engine._writer._sleep = self.wait

    def wait(self, seconds: float) -> None:
        """Turn the clock; what is to happen during this wait has been seen when it ends."""
        self.waits += 1
        self._clock.advance(seconds)
        self.happens.pop(self.waits, self.always)()
        known(self._engine, self._streets)


@dataclass
class Overload:
    """Changes that happen every second of the hand's clock, and an engine that cannot write each of them."""

    engine: Engine
    streets: list[Neighbourhood]
    clock: HandClock
    changes: int = 0
    most_planned: int = 0

    def last(self, seconds: float) -> None:
        """Go on for so long; after the last change everything that waits is written."""
        at = began = self.clock.monotonic()
        while at - began < seconds:
            at = self._change_until(at, min(max(self.clock.monotonic(), at + 1.0), began + seconds))
            known(self.engine, self.streets)
            plan, _ = one_round(self.engine)
            self.most_planned = max(self.most_planned, len(plan.items))
        until_nothing_waits(self.engine)

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
    until_nothing_waits(engine)
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
    # Each has its turn, and nobody a second one before all others had theirs.
    sent = targets(ledger)
    assert all(len(set(sent[at : at + 2 * L3OUTS])) == L3OUTS for at in range(len(sent) - 2 * L3OUTS))
    # And the last one is there, exactly, without another request.
    assert [street.there for street in streets] == [street.wanted for street in streets]
    one_round(engine)
    assert ledger.requests == Counter(post=posts)


def test_who_waits_does_not_lose_what_keeps_the_session_and_the_views_alive(
    stage: Stage, engine: Engine, streets: list[Neighbourhood], ledger: Ledger
) -> None:
    known(engine, streets)
    until_nothing_waits(engine)
    ledger.clear()
    Overload(engine, streets, stage.clock).last(2 * SECONDS)
    kept_alive = [one for one in ledger.exchanges if one.kind == "upkeep"]
    assert len(kept_alive) >= L3OUTS
    assert ledger.requests["login"] == 0
    assert engine.fabric.troubles() == {}
    assert stage.apic.subscriptions == L3OUTS + OF_THE_STAGE


@pytest.fixture
def rush(engine: Engine, streets: list[Neighbourhood], ledger: Ledger, stage: Stage) -> Meanwhile:
    """All streets but the last have changed, and no burst is left: a round of ten seconds."""
    known(engine, streets)
    until_nothing_waits(engine)
    for street in streets[:-1]:
        street.change()
    known(engine, streets)
    ledger.clear()
    stage.apic.reset_journal()
    return Meanwhile(engine, streets, stage.clock)


def test_a_change_that_comes_while_a_long_round_waits_goes_out_before_the_end_of_that_round(
    rush: Meanwhile, engine: Engine, streets: list[Neighbourhood], ledger: Ledger
) -> None:
    rush.happens[6] = streets[-1].change
    until_nothing_waits(engine)
    assert targets(ledger).index(str(L3OUTS)) <= 6 + RATE * AT_LEAST + 1
    assert Counter(targets(ledger)) == Counter(str(street.number) for street in streets)
    assert [street.there for street in streets] == [street.wanted for street in streets]


def test_what_a_later_look_no_longer_wants_is_not_sent(
    rush: Meanwhile, engine: Engine, streets: list[Neighbourhood], ledger: Ledger, stage: Stage
) -> None:
    waiting = streets[-2]
    planned, pod = waiting.pods[-1]
    assert any(item.prefix == f"{planned}/32" for item in engine.look().actionable)

    def moves_on() -> None:
        stage.remove(pod)
        waiting.pods.pop()
        waiting.grow()

    rush.happens[6] = moves_on
    until_nothing_waits(engine)
    touched = {dn for write in stage.apic.journal for _, dn in write.touched}
    assert not [dn for dn in touched if f"[{planned}/32]" in dn]
    assert waiting.there == waiting.wanted
    assert targets(ledger).count(str(waiting.number)) == 1


def test_who_never_rests_keeps_nobody_waiting_and_is_not_kept_waiting(
    rush: Meanwhile, engine: Engine, streets: list[Neighbourhood], ledger: Ledger
) -> None:
    busy, others = streets[0], {str(street.number) for street in streets[1:-1]}
    rush.always = busy.change
    while others - set(targets(ledger)):
        one_round(engine)
    sent = targets(ledger)
    assert sorted(sent) == sorted([*others, *["1"] * sent.count("1")])
    assert sent.count("1") <= 2
    rush.always = lambda: None
    until_nothing_waits(engine)
    assert busy.there == busy.wanted


def test_under_a_rush_of_all_others_a_quiet_l3out_is_written_next(
    rush: Meanwhile, engine: Engine, streets: list[Neighbourhood], ledger: Ledger
) -> None:
    def all_others() -> None:
        for street in streets[:-1]:
            street.change()

    rush.always = all_others
    for _ in range(4):
        assert one_round(engine)[1].put_off
    streets[-1].change()
    known(engine, streets)
    before = len(targets(ledger))
    one_round(engine)
    assert str(L3OUTS) in targets(ledger)[before : before + 2]


def test_what_a_person_has_approved_is_carried_through_whatever_comes(
    rush: Meanwhile, engine: Engine, streets: list[Neighbourhood]
) -> None:
    rush.always = streets[-1].change
    engine.follow()
    plan = engine.look()
    report = engine.write(plan)
    assert rush.waits > RATE
    assert engine.wake.is_set()
    assert Counter(report.done) == Counter(plan.actionable)
    assert report.put_off == ()
