"""Which measurements a run makes, in which order, at which sizes and how often."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace

from akb_sync.apic.options import ApicOptions
from akb_sync.settings import Settings

from . import apic_simulator, arrival, churn, cold, comparisons, engine, growth
from .estate import Estate
from .figures import Result, Row, Series
from .kubernetes_side import KubernetesSide
from .process import Program
from .sides import Sides, opened

SMALL, MIDDLE, LARGE = 1_000, 10_000, 50_000
GROWTH_BOUND = 6.0
CHURN_LATENCY = 30
COMPARISONS = 2
"""How often the other ways are measured with 10,000 Pods: some of them take long."""

OF_SIZES = frozenset({"cold", "others", "arrival", "churn"})
"""What is measured at each size of the cluster."""
PARTS = OF_SIZES | {"growth", "simulator"}

Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Course:
    """The sizes of a run.

    Attributes:
        pods: sizes of the cluster.
        latencies: of each APIC request, milliseconds.
        runs: how often a cold start is measured; clusters of 50,000 and more once, to end in time.
        arrivals: how many Pods come up one by one.
        churn_rate: changes a second.
        churn_seconds: for how long.
        burst: how many changes come at once.
        parts: what is measured, out of `PARTS`.
        simulator: at which size the APIC simulator itself is measured.
    """

    pods: tuple[int, ...] = (SMALL, MIDDLE, LARGE)
    latencies: tuple[int, ...] = (0, 30, 300)
    runs: int = 5
    arrivals: int = 100
    churn_rate: float = 1_000.0
    churn_seconds: float = 60.0
    burst: int = 10_000
    parts: frozenset[str] = PARTS
    simulator: apic_simulator.Size = field(default_factory=apic_simulator.Size)

    def full(self) -> Course:
        """The same with 100,000 Pods."""
        return replace(self, pods=(*self.pods, 100_000))

    @property
    def middle(self) -> int:
        """The size of the cluster that everything is measured with."""
        return MIDDLE if MIDDLE in self.pods else max(self.pods)

    def runs_at(self, pods: int) -> int:
        """How often a cold start of that size is measured."""
        return self.runs if pods < LARGE else 1


QUICK = Course(
    pods=(SMALL,),
    latencies=(0,),
    runs=1,
    arrivals=10,
    churn_rate=200.0,
    churn_seconds=3.0,
    burst=500,
    parts=PARTS - {"growth"},
    simulator=apic_simulator.Size(subnets=500, subscriptions=20, rate=200, seconds=1.0),
)
"""Proves in a minute that every measurement works; its figures are no more than that."""


def run(course: Course, say: Say, keep: Callable[[Result], object], before: Result | None = None) -> Result:
    """Measure; `keep` is told after each step, so that a run that is broken off leaves what it has.

    What is measured takes the place of the same in the result `before`, if there is one.
    """
    result = before or Result()
    result.inputs.update(_settings())
    for pods in course.pods if course.parts & OF_SIZES else ():
        with opened(Estate(pods)) as sides:
            for measured in _of_size(sides, course, say):
                result.add(measured)
                keep(result)
    result.add(_growth_rows(result))
    if "growth" in course.parts:
        for series in _series(result, say):
            result.put(series)
            keep(result)
    if "simulator" in course.parts:
        say("the APIC simulator itself")
        result.add(list(_simulator_rows(course)))
    return result


def _of_size(sides: Sides[KubernetesSide], course: Course, say: Say) -> Iterator[list[Row]]:
    """What is measured with a cluster of one size."""
    if "cold" in course.parts:
        yield from _cold(sides, course, say)
    if "others" in course.parts and sides.estate.pods <= MIDDLE:
        yield from _others(sides, course, say)
    if course.parts & {"arrival", "churn"}:
        yield from _running(sides, course, say)  # last, since it changes the cluster


def _cold(sides: Sides[KubernetesSide], course: Course, say: Say) -> Iterator[list[Row]]:
    estate, pods = sides.estate, f"{sides.estate.pods:,} Pods"
    for latency in course.latencies:
        sides.apic.set_latency(latency / 1000)
        starts = []
        for number in range(course.runs_at(estate.pods)):
            say(f"{pods}, {latency} ms: cold start {number + 1}")
            starts.append(cold.start(sides))
        yield cold.rows(estate, latency, starts)
    sides.apic.set_latency(0)
    say(f"{pods}: fabric already right")
    yield [cold.again(sides)]
    yield cold.sync_again(sides)


def _others(sides: Sides[KubernetesSide], course: Course, say: Say) -> Iterator[list[Row]]:
    small = sides.estate.pods <= SMALL
    say(f"{sides.estate.pods:,} Pods: other ways to do the same")
    yield list(comparisons.measure(sides, 0, course.runs if small else min(course.runs, COMPARISONS)))
    if small:
        yield list(comparisons.with_latency(sides, course.latencies))


def _running(sides: Sides[KubernetesSide], course: Course, say: Say) -> Iterator[list[Row]]:
    """What is measured beside an engine that runs; with APIC latency only in the cluster of middle size."""
    middle = sides.estate.pods == course.middle
    pods = f"{sides.estate.pods:,} Pods"
    with engine.watch(sides) as program:
        engine.until("both sides followed", lambda: cold.follows(sides), program)
        for latency in course.latencies if middle else course.latencies[:1]:
            if "arrival" in course.parts:
                _calm(sides, program, latency)
                say(f"{pods}, {latency} ms: Pods come up one by one")
                count = course.arrivals if latency == course.latencies[0] else course.arrivals // 2
                yield arrival.measure(sides, program, latency, count)
        if middle and "churn" in course.parts:
            latency = CHURN_LATENCY if CHURN_LATENCY in course.latencies else course.latencies[0]
            _calm(sides, program, latency)
            say(f"{pods}, {latency} ms: churn")
            yield churn.measure(sides, program, latency, course.churn_rate, course.churn_seconds)
            _calm(sides, program, latency)
            say(f"{pods}, {latency} ms: a burst")
            yield churn.burst(sides, program, latency, course.burst)
    sides.apic.set_latency(0)


def _calm(sides: Sides[KubernetesSide], program: Program, latency: int) -> None:
    sides.apic.set_latency(latency / 1000)
    engine.until_quiet(program)


def _growth_rows(result: Result) -> list[Row]:
    """How many times as much 50,000 Pods take as 10,000: in wall, which is judged, and in processor time."""
    found: list[Row] = []
    for latency in sorted({row.latency for row in result.of("cold.wall")}):
        for key, what, bound in (("wall", "wall", GROWTH_BOUND), ("cpu", "processor time", None)):
            middle, large = (result.row(f"cold.{key}", pods, latency) for pods in (MIDDLE, LARGE))
            if middle and large:
                ratio = large.median / middle.median
                name = f"growth: {what} of a cold start, {LARGE:,} Pods / {MIDDLE:,}"
                note = _held_back(result, latency) if bound else ""
                found.append(
                    Row(f"growth.{key}", name, LARGE, latency, (ratio,), "x", note=note, bound=bound)
                )
    return found


def _held_back(result: Result, latency: int) -> str:
    """Say what the pace at the APIC takes of the large cluster's start, however fast everything else is."""
    requests, settings = result.row("cold.requests", LARGE, latency), Settings()
    if requests is None:
        return ""
    seconds = (requests.median - settings.apic_burst) / settings.apic_rate
    return (
        f"at {settings.apic_rate:g} a second its {requests.median:g} requests take {seconds:.1f} s at least"
    )


def _series(result: Result, say: Say) -> Iterator[Series]:
    if len(result.of("cold.wall")) > 1:
        yield growth.over_pods(result)
    measured: tuple[tuple[str, Callable[[], Series]], ...] = (
        ("EPGs", growth.over_epgs),
        ("L3Outs", growth.over_l3outs),
        ("subnets of others", growth.over_foreign),
        ("clusters on one fabric", lambda: growth.over_clusters(result)),
    )
    for name, measure in measured:
        say(f"growth with {name}")
        yield measure()


def _simulator_rows(course: Course) -> Iterator[Row]:
    """What the simulator that we measure with takes, in multiples of parsing its documents once."""
    for row in apic_simulator.measure(course.simulator).rows:
        name = f"the APIC simulator: {row.name}"
        yield Row("simulator", name, course.simulator.subnets, 0, (row.value,), row.unit, bound=row.bound)


def _settings() -> dict[str, float]:
    """Defaults that the page about scale reckons with; seconds and objects."""
    apic = {option.name: option.default for option in fields(ApicOptions)}
    return {
        "setting.resync": Settings().resync,
        "setting.subscription_refresh": float(str(apic["subscription_refresh"])),
        "setting.page_size": float(str(apic["page_size"])),
    }
