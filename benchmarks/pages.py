"""The pages `docs/performance.md` and `docs/scale.md`, made of a result, with their plots."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from .drawing import Bar, Curve, bars, curves
from .figures import Result, Row, Series
from .process import ROOT
from .reckoning import Line, Reckoning, reckon
from .terminal import VERDICTS, cells, number

DOCS = ROOT / "docs"
IMAGES = "images/performance"
MADE_BY = "<!-- Made by `python -m benchmarks --write`; measure again instead of changing it. -->"
MIDDLE = 10_000
SIMULATOR = "simulator"
WAYS = {
    "floor.typed": "the floor, only needed fields",
    "cold.ratio": "akb-sync",
    "toolkit.ratio": "acitoolkit's idiom (writes only)",
    "naive.ratio": "naive loop (writes only)",
    "models.ratio": "the client's models (lists only)",
    "informer.ratio": "the client's informer (lists only)",
}
FLAMES = {"cold": "A cold start", "arrivals": "Pods that come up one by one", "churn": "Churn"}
TITLES = {"wall": "wall, s", "cpu": "processor time, s", "peak": "memory, MB", "requests": "APIC requests"}

INTRODUCTION = """\
# How fast, how small

`make bench` measures this in under twenty minutes on two processors, and writes this page with
`--write`. Both sides are the [simulators](simulators.md), each in a process of its own; the engine is
the command `akb-sync watch` in another, measured from outside: its processor time and memory by the
kernel, its requests by the simulators' own counts, its times by the machine's monotonic clock, which all
processes share.

The cluster has Pods of 4.3 kB of JSON each, Deployments of at most 50 Pods with three ReplicaSets, and
100 EPGs with one LoadBalancer Service each, all in one L3Out. A second means something else on each
machine, so what counts are ratios and counts.

**The floor** is a bare script in a process of its own that pages the same lists, parses them and sends
the fewest POSTs of 500 objects: no checks, no events, no care of what is there. It and the engine run
one after the other in each run and are compared in it. The median is judged.
"""
MACHINE = """\
Measured on {processors} processors ({processor}), {system}, Python {python}. The load was {load} when it
began.
"""
DISTURBED = """\
!!! warning "Other programs used this machine at the same time"
    More wanted to run than it has processors. The counts hold; times, and whatever is judged by them, do not.
"""
OTHERS = """\
## Other ways to do the same

The naive loop makes one query, one POST and one subscription for each address, with the barest HTTP client.
acitoolkit's idiom is a tree of its objects and one `push_to_apic`. The official client's models and its
informer read the lists, and do nothing else. The floor with only the fields that it needs tells its parser
what it will look at, and the rest of each Pod is never made: it is as low as it gets in Python.
"""
MADE_OF = """\
## What the time is made of

A box is a function, as wide as its share of the engine's time; what stands below it is called by it. Blue
is the cluster's side, orange the fabric's, green the plan, violet the engine, grey other people's code.
`python -m benchmarks.flame` draws these.
"""
INSTRUMENT = """\
## The APIC simulator itself

It has to be much quicker than what is measured with it. Its unit of time is what Python's own `json` takes to
parse and serialise the posted documents once. `python -m benchmarks.apic_simulator` measures this alone.
"""
GROWTH = """\
## Growth

One size grows, all else stays. Both axes are logarithmic; the exponent is the slope of a straight line
through the logarithms: 1 is linear, 0 does not grow. A start costs something before the first Pod, so small
sizes make an exponent smaller than the growth of large ones. Memory is that of one engine, the largest;
processor time is that of all engines.
"""
SCALE = """\
# 500,000 Pods

Nobody here has a fabric of that size, so this page is reckoned and not measured: 500,000 Pods over 100
clusters, with an engine each, on one fabric. Every formula is made of the inputs in the first table, and
these come from the measurements of [How fast, how small](performance.md). `make bench` with `--write`
makes it anew.
"""
APART = """\
## Each cluster in a VRF of its own

An engine reads and follows the L3Outs of the VRFs that its workloads name. So clusters in VRFs of their
own do not meet: everything grows with the number of clusters, and an engine does not know how many
others there are.
"""
TOGETHER = """\
## All clusters in one VRF

A prefix may stand in one external EPG of a VRF only, so an engine reads and follows every L3Out of its
VRF, those of all other clusters too. Then subscriptions grow with the square of the number of clusters,
and each engine holds what all of them wrote. At this size that is what breaks first.
"""
ADVICE = """\
Give clusters VRFs of their own, or a few clusters one VRF each. Where a hundred clusters have to share
one, a longer `--resync` makes the full reads rarer; the memory and the events stay.

## What is not reckoned

- How long a real APIC takes for a POST of 500 objects, and how many subscriptions it keeps, is not
  published. [Verify on a real APIC](verify-on-real-apic.md) has the calls that show it.
- Limits of the fabric come before those of the engine: the number of external EPGs and of prefixes of
  each leaf are in Cisco's Verified Scalability Guide for the release.
"""


def write(result: Result, folder: Path = DOCS) -> list[Path]:
    """Write the pages and plots that the result has figures for; give what was written."""
    images = folder / IMAGES
    images.mkdir(parents=True, exist_ok=True)
    files = {images / f"{name}.svg": text for name, text in _plots(result).items()}
    files[folder / "performance.md"] = performance_page(result)
    reckoning = reckon(result)
    if reckoning is not None:
        files[folder / "scale.md"] = scale_page(reckoning)
    for path, text in files.items():
        path.write_text(text)
    return list(files)


def performance_page(result: Result) -> str:
    """The page about speed and size."""
    judged = [row for row in result.judged if row.key != SIMULATOR]
    met = sum(row.met is True for row in judged)
    plots = _plots(result)
    parts = [
        f"{MADE_BY}\n\n{INTRODUCTION}",
        MACHINE.format(**result.machine),
        *([DISTURBED] if _disturbed(result) else ()),
        f"## The bounds\n\n{met} of {len(judged)} are met.\n\n{_table(judged)}",
        *_image(plots, "floor", "Wall of a cold start as a multiple of the floor"),
        OTHERS,
        *_image(plots, "others", "Wall as a multiple of the floor's"),
        f"## Everything else that was measured\n\n{_table(_rest(result))}",
        f"{INSTRUMENT}\n{_table(result.of(SIMULATOR))}",
    ]
    flames = [scene for scene in FLAMES if (DOCS / IMAGES / f"flame-{scene}.svg").exists()]
    if flames:
        parts.append(MADE_OF)
        parts += [f"![{FLAMES[scene]}]({IMAGES}/flame-{scene}.svg)\n" for scene in flames]
    if result.series:
        parts += [GROWTH, _exponents(result.series)]
        for series in result.series:
            parts += _image(plots, f"growth-{series.key}", f"Growth with {series.name}")
        parts.append("What that means for 500,000 Pods is reckoned in [500,000 Pods](scale.md).\n")
    return "\n".join(parts)


def _disturbed(result: Result) -> bool:
    return float(result.machine["load"]) > float(result.machine["processors"])


def _rest(result: Result) -> Iterator[Row]:
    return (row for row in result.rows if row.bound is None and row.key != SIMULATOR)


def scale_page(found: Reckoning) -> str:
    """The page about 500,000 Pods."""
    inputs = [f"| {name} | {number(value)} | {source} |" for name, (value, source) in found.inputs.items()]
    table = "\n".join(["| Input | Value | From |", "|---|---:|---|", *inputs])
    return "\n".join(
        [
            f"{MADE_BY}\n\n{SCALE}",
            f"## Inputs\n\n{table}\n",
            f"{APART}\n{_lines(found.apart)}",
            f"{TOGETHER}\n{_lines(found.together)}",
            ADVICE,
        ]
    )


def _lines(lines: Iterable[Line]) -> str:
    rows = [
        f"| {one.what} | `{one.formula}` | {f'{number(one.value)} {one.unit}'.strip()} |" for one in lines
    ]
    return "\n".join(["| What | Formula | Value |", "|---|---|---:|", *rows, ""])


def _table(rows: Iterable[Row]) -> str:
    lines = [
        "| What | Pods | Latency | Median | Least | Most | Runs | Bound | |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---|",
    ]
    for row in rows:
        verdict = VERDICTS[row.met]
        lines.append(f"| {' | '.join(cells(row))} | {'**not met**' if row.met is False else verdict} |")
    return "\n".join([*lines, ""])


def _exponents(series: Iterable[Series]) -> str:
    lines = [
        f"| {each.name} | {each.fixed} | {' | '.join(_exponent(each, name) for name in TITLES)} |"
        for each in series
    ]
    head = f"| What grows | What stays | {' | '.join(TITLES.values())} |"
    return "\n".join([head, f"|---|---|{'---:|' * len(TITLES)}", *lines, ""])


def _exponent(series: Series, figure: str) -> str:
    found = series.exponent(figure)
    return f"{found:.2f}" if math.isfinite(found) else ""


def _image(plots: Mapping[str, str], name: str, title: str) -> Iterator[str]:
    if name in plots:
        yield f"![{title}]({IMAGES}/{name}.svg)\n"


def _plots(result: Result) -> dict[str, str]:
    """The plots that there are figures for, by name."""
    found: dict[str, str] = {}
    ratios = result.of("cold.ratio")
    if ratios:
        title = "Cold start: wall as a multiple of the floor"
        shown = [
            Bar(f"{row.pods:,} Pods, {row.latency} ms", row.median, _times(row), ours=True) for row in ratios
        ]
        found["floor"] = bars(title, _told(shown), shown, next((r.bound for r in ratios if r.bound), None))
    others = list(_others(result))
    if others:
        title = "Wall as a multiple of the floor's"
        found["others"] = bars(title, _told(others), others)
    for series in result.series:
        found[f"growth-{series.key}"] = _growth(series)
    return found


def _others(result: Result) -> Iterator[Bar]:
    """The most Pods that each way was measured with."""
    for key, name in WAYS.items():
        for latency in (0, 30):
            rows = [row for row in result.of(key) if row.latency == latency and row.pods <= MIDDLE]
            if rows:
                row = max(rows, key=lambda row: row.pods)
                label = f"{name}, {row.pods:,} Pods, {latency} ms"
                yield Bar(label, row.median, _times(row), ours=key == "cold.ratio")


def _growth(series: Series) -> str:
    shown = [
        Curve(title, points, f"exponent {_exponent(series, name)}")
        for name, title in TITLES.items()
        if (points := [(x, y) for x, y in series.values(name) if x > 0])  # a logarithm has no 0
    ]
    described = "; ".join(
        f"{curve.title}: {', '.join(f'{x:g}: {y:g}' for x, y in curve.points)}" for curve in shown
    )
    return curves(f"Growth with {series.name} ({series.fixed})", described, series.name, shown)


def _times(row: Row) -> str:
    return f"{number(row.median)} x"


def _told(shown: Iterable[Bar]) -> str:
    return "; ".join(f"{bar.label}: {bar.told}" for bar in shown)
