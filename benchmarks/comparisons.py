"""Other ways to do the same, measured in the same run, as multiples of the floor and of the engine.

What a rival cannot bring in reasonable time is measured at fewer addresses and reckoned up; the row says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from .cold import floor, task
from .estate import POST_OBJECTS
from .figures import Point, Row, Series
from .process import rival
from .sides import Cluster, Sides

NAIVE_ADDRESSES = 200
REQUESTS_EACH = 3
ONE_EPG = (500, 1_000, 2_000)
MANY = 10_000
PATIENCE_MS = 30


def measure(sides: Sides[Cluster], latency: int, runs: int) -> Iterator[Row]:
    """Run all of them, and the floor beside them."""
    below = [floor(sides) for _ in range(runs)]
    walls = [each["wall"] for each in below]
    lists = [each["times"]["list"] for each in below]
    yield from _typed(sides, latency, walls)
    yield from _naive(sides, latency, walls)
    yield from _toolkit(sides, latency, walls)
    yield from _clients(sides, latency, lists)
    sides.reset(fabric=True)


def with_latency(sides: Sides[Cluster], latencies: Iterable[int]) -> Iterator[Row]:
    """What is slow by itself: the naive loop where the APIC takes its time, and one large EPG."""
    for latency in latencies:
        if 0 < latency <= PATIENCE_MS:
            sides.apic.set_latency(latency / 1000)
            yield from _naive(sides, latency, [floor(sides)["wall"]])
    sides.apic.set_latency(0)
    yield from _one_epg(sides)
    sides.reset(fabric=True)


def _one_epg(sides: Sides[Cluster]) -> Iterator[Row]:
    """Measure acitoolkit with all addresses in one EPG: each child is compared with all its siblings."""
    name = "acitoolkit's idiom, so many addresses in one EPG: wall before the first byte"
    points = []
    for addresses in ONE_EPG:
        sides.reset(fabric=True)
        found = rival("toolkit_idiom", task(sides, addresses=addresses, epgs=1).text())
        points.append(Point(addresses, {"before": found["before"]}))
        yield Row("toolkit.one_epg", name, addresses, 0, (found["before"],), "s")
    exponent = Series("one_epg", "addresses", "one EPG", tuple(points)).exponent("before")
    last = points[-1]
    reckoned = last.figures["before"] * (MANY / last.x) ** exponent
    note = f"reckoned up from {last.x:,} with the exponent {exponent:.2f}"
    yield Row("toolkit.one_epg", name, MANY, 0, (reckoned,), "s", note=note)


def _typed(sides: Sides[Cluster], latency: int, walls: list[float]) -> Iterator[Row]:
    ratios = tuple(floor(sides, "typed_floor")["wall"] / wall for wall in walls)
    name = "the floor with only the fields that it needs: wall / floor"
    yield Row("floor.typed", name, sides.estate.pods, latency, ratios, "x")


def _naive(sides: Sides[Cluster], latency: int, walls: list[float]) -> Iterator[Row]:
    pods, addresses = sides.estate.pods, sides.estate.addresses
    given = task(sides, addresses=NAIVE_ADDRESSES)
    seconds = []
    for _ in walls:
        sides.reset(fabric=True)
        seconds.append(rival("naive", given.text())["seconds"] / NAIVE_ADDRESSES)
    note = f"reckoned up from {NAIVE_ADDRESSES} addresses"
    ratios = tuple(each * addresses / wall for each, wall in zip(seconds, walls, strict=True))
    yield Row("naive.ratio", "naive loop: wall / floor", pods, latency, ratios, "x", note=note)
    yield Row(
        "naive.rate", "naive loop: addresses/s", pods, latency, tuple(1 / each for each in seconds), "/s"
    )
    fewest = sides.estate.fewest_posts
    yield Row(
        "naive.requests",
        f"naive loop: APIC requests (POSTs of {POST_OBJECTS}: {fewest})",
        pods,
        latency,
        (float(REQUESTS_EACH * addresses),),
        note=note,
    )
    yield Row(
        "naive.subscriptions", "naive loop: subscriptions", pods, latency, (float(addresses),), note=note
    )


def _toolkit(sides: Sides[Cluster], latency: int, walls: list[float]) -> Iterator[Row]:
    found = []
    for _ in walls:
        sides.reset(fabric=True)
        found.append(rival("toolkit_idiom", task(sides, addresses=sides.estate.addresses).text()))
    pods = sides.estate.pods

    def row(key: str, name: str, values: list[float], unit: str = "", **more: Any) -> Row:
        return Row(
            f"toolkit.{key}", f"acitoolkit's idiom: {name}", pods, latency, tuple(values), unit, **more
        )

    ratios = [each["wall"] / wall for each, wall in zip(found, walls, strict=True)]
    note = "writes only: reads nothing, looks at nothing that is there"
    yield row("ratio", "wall / floor", ratios, "x", note=note)
    yield row("before", "wall before the first byte", [each["before"] for each in found], "s")
    yield row("bytes", "size of its one POST", [each["bytes"] / 1e6 for each in found], "MB")


def _clients(sides: Sides[Cluster], latency: int, lists: list[float]) -> Iterator[Row]:
    names = {"models": "the client's models: lists", "informer": "the client's informer: lists"}
    for program, name in names.items():
        found = [rival(program, task(sides).text()) for _ in lists]
        pods = sides.estate.pods
        ratios = tuple(each["seconds"] / seconds for each, seconds in zip(found, lists, strict=True))
        yield Row(f"{program}.ratio", f"{name}, wall / the floor's", pods, latency, ratios, "x")
        peaks = tuple(each["peak"] for each in found)
        yield Row(f"{program}.peak", f"{name}, memory", pods, latency, peaks, "MB")
