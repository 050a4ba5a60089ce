"""Churn: Pods come and go at a rate, and every change is one that the fabric has to learn.

A change is a Pod with a new address or the end of the oldest one, so nothing can be saved by waiting. The
backlog at a moment is how many events have left that are not committed yet. It is bounded when it is not
larger in the last third than in the one before, but for a twentieth of what came in that time.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

from . import engine
from .arrival import delays
from .figures import Row, quantile
from .kubernetes_side import KubernetesSide
from .process import Program
from .sides import Cluster, Sides

COMMIT_SECONDS = 1.0
EVENTS_BOUND = 1_000.0
SAMPLES = 300


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many events waited at the most: in the second and in the last third, and in all."""

    before: float
    last: float
    most: float

    def bounded(self, events: int) -> bool:
        """Whether it does not grow."""
        return self.last <= self.before + events / 3 / 20


def measure(
    sides: Sides[KubernetesSide], program: Program, latency: int, rate: float, seconds: float
) -> list[Row]:
    """Churn beside a running engine."""
    sides.reset()
    cpu, others = program.cpu(), sides.cpu()
    began = time.monotonic()
    changes = sides.cluster.churn(rate, seconds)
    lasted = time.monotonic() - began
    cpu, others = program.cpu() - cpu, sides.cpu() - others
    engine.until("all changes committed", lambda: sides.apic.changed() >= changes, program)
    drained = time.monotonic() - began - lasted
    found, waiting = delays(sides), backlog(sides)
    pods, posts = sides.estate.pods, len(sides.apic.posts())

    def row(key: str, name: str, value: float, unit: str = "", **more: Any) -> Row:
        title = f"churn of {rate:,.0f} changes/s for {seconds:g} s: {name}"
        return Row(f"churn.{key}", title, pods, latency, (value,), unit, **more)

    limit = (COMMIT_SECONDS + latency / 1000) * 1000
    return [
        row("commit", "event to commit, p99", quantile(found.committed, 0.99) * 1000, "ms", bound=limit),
        row("commit50", "event to commit, p50", quantile(found.committed, 0.5) * 1000, "ms"),
        row("post", "event to POST, p99", quantile(found.arrived, 0.99) * 1000, "ms"),
        row("rate", "changes/s that came", changes / lasted, "/s", bound=rate * 0.99, least=True),
        row("backlog", "events that waited, most", waiting.most),
        row(
            "bounded",
            "backlog grows (0: no)",
            float(not waiting.bounded(changes)),
            bound=0,
            note=f"most in the second third {waiting.before:,.0f}, in the last {waiting.last:,.0f}",
        ),
        row("drained", "until the last commit, after the last change", drained, "s"),
        row("posts", "POSTs", posts),
        row("cpu", "processors taken by the engine", cpu / lasted, "of 1"),
        row("others", "processors taken by the simulators", others / lasted, "of 1"),
        row("settled", "memory afterwards", program.rss(), "MB"),
    ]


def burst(sides: Sides[KubernetesSide], program: Program, latency: int, changes: int) -> list[Row]:
    """As many changes at once as can be: how many a second are committed until the last one is."""
    sides.reset()
    sides.cluster.burst(changes)
    engine.until("the burst committed", lambda: sides.apic.changed() >= changes, program)
    first = min(moment for _, _, moment in sides.cluster.departures())
    seconds = sides.apic.posts()[-1].committed - first
    name = f"event rate sustained: a burst of {changes:,} changes"
    return [
        Row(
            "rate",
            name,
            sides.estate.pods,
            latency,
            (changes / seconds,),
            "/s",
            bound=EVENTS_BOUND,
            least=True,
        )
    ]


def backlog(sides: Sides[Cluster]) -> Backlog:
    """Follow how many events waited."""
    left = sorted(moment for _, _, moment in sides.cluster.departures())
    commits = [(post.committed, len(post.subnets)) for post in sides.apic.posts()]
    counts = []
    for number in range(1, SAMPLES + 1):
        moment = left[0] + (left[-1] - left[0]) * number / SAMPLES
        done = sum(subnets for committed, subnets in commits if committed <= moment)
        counts.append(max(0, bisect_right(left, moment) - done))
    third = SAMPLES // 3
    return Backlog(max(counts[third : 2 * third]), max(counts[2 * third :]), max(counts))
