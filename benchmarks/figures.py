"""What was measured: rows of figures with their spread and their bound, and series over a size."""

from __future__ import annotations

import math
import os
import platform
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        key: what is measured, as a word for programs: `cold.ratio`.
        name: the same for people.
        pods: how many Pods there are.
        latency: of each APIC request, milliseconds.
        values: one for each run, in `unit`; the median is judged.
        bound: what section 9 of the design allows at most, or with `least` asks for at least; None: no bound.
        note: what else there is to know, such as that a figure is extrapolated.
    """

    key: str
    name: str
    pods: int
    latency: int
    values: tuple[float, ...]
    unit: str = ""
    bound: float | None = None
    least: bool = False
    note: str = ""

    @property
    def median(self) -> float:
        """What is judged."""
        return statistics.median(self.values)

    @property
    def spread(self) -> tuple[float, float]:
        """The least and the most of the runs."""
        return min(self.values), max(self.values)

    @property
    def met(self) -> bool | None:
        """Whether the bound is met; None without one."""
        if self.bound is None:
            return None
        return self.median >= self.bound if self.least else self.median <= self.bound


@dataclass(frozen=True, slots=True)
class Point:
    """What was measured at one size of a series: figure by its name."""

    x: float
    figures: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Series:
    """How figures grow with one size, all else equal.

    Attributes:
        key: `pods`, `epgs`, `l3outs`, `clusters` or `foreign`.
        name: what grows, for people.
        fixed: what stays, for people.
    """

    key: str
    name: str
    fixed: str
    points: tuple[Point, ...]

    def values(self, figure: str) -> list[tuple[float, float]]:
        """One figure over the size."""
        return [(point.x, point.figures[figure]) for point in self.points if figure in point.figures]

    def exponent(self, figure: str) -> float:
        """The slope of a figure over the size, both as logarithms: 1 is linear, 0 does not grow.

        Not a number where a figure or a size is 0, or where there are fewer than two.
        """
        pairs = [(math.log(x), math.log(y)) for x, y in self.values(figure) if x > 0 and y > 0]
        if len({x for x, _ in pairs}) < 2:
            return math.nan
        return statistics.linear_regression(*zip(*pairs, strict=True)).slope

    def line(self, figure: str) -> tuple[float, float]:
        """The straight line through a figure: what each one more adds, and what is there before the first."""
        found = statistics.linear_regression(*zip(*self.values(figure), strict=True))
        return found.slope, found.intercept


def _machine() -> dict[str, str]:
    """What it ran on, and how busy that was with other things when it began."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "processor": _processor(),
        "processors": str(len(_processors())),
        "load": f"{os.getloadavg()[0]:.1f}",
    }


@dataclass(slots=True)
class Result:
    """A whole run."""

    machine: Mapping[str, str] = field(default_factory=_machine)
    rows: list[Row] = field(default_factory=list)
    series: list[Series] = field(default_factory=list)
    inputs: dict[str, float] = field(default_factory=dict)
    """Single figures that the page about scale reckons with."""

    def add(self, rows: Iterable[Row]) -> None:
        """Take rows, each in the place of the one of the same name, size and latency."""
        known = {(row.key, row.name, row.pods, row.latency): number for number, row in enumerate(self.rows)}
        for row in rows:
            place = known.get((row.key, row.name, row.pods, row.latency))
            if place is None:
                self.rows.append(row)
            else:
                self.rows[place] = row

    def put(self, series: Series) -> None:
        """Take a series in the place of the one of the same key."""
        self.series = [each for each in self.series if each.key != series.key] + [series]

    def of(self, key: str) -> list[Row]:
        """All rows of what is measured."""
        return [row for row in self.rows if row.key == key]

    def row(self, key: str, pods: int, latency: int) -> Row | None:
        """One row, if it was measured."""
        return next((row for row in self.of(key) if (row.pods, row.latency) == (pods, latency)), None)

    def series_of(self, key: str) -> Series | None:
        """One series, if it was measured."""
        return next((each for each in self.series if each.key == key), None)

    @property
    def judged(self) -> Iterator[Row]:
        """The rows with a bound."""
        return (row for row in self.rows if row.bound is not None)

    def document(self) -> dict[str, Any]:
        """The JSON document."""
        rows = [{**asdict(row), "median": row.median, "met": row.met} for row in self.rows]
        series = [
            {**asdict(each), "exponents": _finite({name: each.exponent(name) for name in _names(each)})}
            for each in self.series
        ]
        return {"machine": dict(self.machine), "rows": rows, "series": series, "inputs": self.inputs}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Result:
        """The result that a document holds."""
        names = Row.__dataclass_fields__
        rows = [
            Row(
                **{name: value for name, value in row.items() if name in names}
                | {"values": tuple(row["values"])}
            )
            for row in document["rows"]
        ]
        series = [
            Series(
                each["key"],
                each["name"],
                each["fixed"],
                tuple(Point(point["x"], point["figures"]) for point in each["points"]),
            )
            for each in document["series"]
        ]
        return cls(document["machine"], rows, series, dict(document["inputs"]))


def quantile(values: Iterable[float], share: float) -> float:
    """The value below which that share of all lies; of few values the next higher one."""
    ordered = sorted(values)
    if not ordered:
        return math.nan
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]


def _names(series: Series) -> Sequence[str]:
    return list(series.points[0].figures) if series.points else []


def _finite(found: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in found.items() if math.isfinite(value)}


def _processors() -> list[str]:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return [line for line in lines if line.startswith("processor")]


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown"
    )
