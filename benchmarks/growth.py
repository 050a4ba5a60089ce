"""How time, memory and requests grow with one size at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

from . import engine
from .cold import Start, start
from .estate import Estate
from .figures import Point, Result, Series
from .kubernetes_side import KubernetesSide
from .process import Program
from .sides import Sides, opened

FIGURES: dict[str, Callable[[Start], float]] = {
    "wall": lambda one: one.wall,
    "cpu": lambda one: one.cpu,
    "peak": lambda one: one.peak,
    "requests": lambda one: one.apic.total() - one.apic["subscriptions"],
    "subscriptions": lambda one: one.subscriptions,
}
"""`wall` and `cpu` in seconds, `peak` in MB; `subscriptions` are queries too, and are counted once."""

MIDDLE = 5_000
EPGS = (10, 50, 100, 250, 500)
L3OUTS = (1, 2, 5, 10, 20)
FOREIGN = (0, 2_000, 10_000, 50_000)
CLUSTERS = (1, 2, 5, 10, 20)
PODS_OF_A_CLUSTER = 200
IDLE_SECONDS = 65.0
"""Longer than a subscription lives on the APIC (60 s), so that each is refreshed at least twice."""


def over_pods(result: Result) -> Series:
    """The cold starts of all sizes, without latency."""
    figures = {"wall": "cold.wall", "cpu": "cold.cpu", "peak": "cold.peak", "requests": "cold.requests"}
    sizes = sorted({row.pods for row in result.of("cold.wall") if row.latency == 0})
    points = tuple(
        Point(size, {name: row.median for name, key in figures.items() if (row := result.row(key, size, 0))})
        for size in sizes
    )
    return Series("pods", "Pods", "100 EPGs, 1 L3Out, no latency", points)


def over_epgs(sizes: Sequence[int] = EPGS, pods: int = MIDDLE) -> Series:
    """The same Pods in more and more EPGs."""
    points = tuple(_point(epgs, Estate(pods, epgs=epgs)) for epgs in sizes)
    return Series("epgs", "EPGs", f"{pods:,} Pods, 1 L3Out", points)


def over_l3outs(sizes: Sequence[int] = L3OUTS, pods: int = MIDDLE) -> Series:
    """The same EPGs in more and more L3Outs."""
    points = tuple(_point(l3outs, Estate(pods, l3outs=l3outs)) for l3outs in sizes)
    return Series("l3outs", "L3Outs", f"{pods:,} Pods, 100 EPGs", points)


def over_foreign(sizes: Sequence[int] = FOREIGN, pods: int = MIDDLE) -> Series:
    """More and more subnets of other people in the VRF; one more L3Out is read and followed for them."""
    points = tuple(_point(foreign, Estate(pods, foreign=foreign)) for foreign in sizes)
    return Series("foreign", "subnets of others in the VRF", f"{pods:,} Pods, 100 EPGs, 1 L3Out", points)


def over_clusters(
    result: Result, sizes: Sequence[int] = CLUSTERS, pods: int = PODS_OF_A_CLUSTER, idle: float = IDLE_SECONDS
) -> Series:
    """More and more clusters with an engine each on one fabric; the largest one is watched while idle too."""
    points = []
    for size in sizes:
        with opened(*(Estate(pods, epgs=10, cluster=number) for number in range(size))) as sides:
            seconds = idle if size == max(sizes) else 0.0
            points.append(_together(sides, result, seconds))
    return Series("clusters", "clusters on one fabric", f"{pods:,} Pods and 10 EPGs each", tuple(points))


def _point(x: float, estate: Estate) -> Point:
    with opened(estate) as sides:
        found = start(sides)
    return Point(x, {name: figure(found) for name, figure in FIGURES.items()})


def _together(sides: Sides[KubernetesSide], result: Result, idle: float) -> Point:
    """Start the engines of all clusters at once."""
    wanted = sum(estate.addresses for estate in sides.estates)
    sides.reset()
    with ExitStack() as stack:
        began = time.monotonic()
        programs = [stack.enter_context(engine.watch(sides, number)) for number in range(len(sides.clusters))]
        engine.until("everything written", lambda: sides.apic.written() >= wanted, *programs)
        wall = sides.apic.posts()[-1].committed - began
        engine.until_quiet(*programs)
        counts = sides.apic.requests()
        if idle:
            result.inputs.update(_idle(sides, programs, idle))
        return Point(
            len(sides.clusters),
            {
                "wall": wall,
                "cpu": sum(program.cpu() for program in programs),
                "peak": max(program.peak() for program in programs),
                "requests": counts.total() - counts["subscriptions"],
                "subscriptions": sides.apic.subscriptions(),
            },
        )


def _idle(
    sides: Sides[KubernetesSide], programs: Sequence[Program], seconds: float
) -> Iterator[tuple[str, float]]:
    """What engines ask of the APIC while nothing happens."""
    sides.reset()
    cpu = [program.cpu() for program in programs]
    time.sleep(seconds)
    counts = sides.apic.requests()
    engines = len(programs)
    yield "idle.engines", engines
    yield "idle.seconds", seconds
    yield "idle.requests", counts.total() - counts["subscriptions"]
    yield "idle.subscriptions", sides.apic.subscriptions()
    yield "idle.subscription_refreshes", counts["subscription_refreshes"]
    yield "idle.cpu", sum(program.cpu() for program in programs) - sum(cpu)
