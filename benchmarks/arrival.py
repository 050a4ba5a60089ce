"""One Pod comes up in a quiet system: from its event leaving the API server to the POST reaching the APIC."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from functools import partial
from typing import Any

from . import engine
from .apic_side import Post
from .figures import Row, quantile
from .process import Program
from .sides import Cluster, Sides

BOUND_MS = 100.0
PAUSES = (0.05, 0.25)
"""Seconds between two Pods, at random, so that nothing falls into step with the engine."""
KINDS = {"created": "ADDED", "deleted": "DELETED"}


@dataclass(frozen=True, slots=True)
class Delays:
    """From each event's leaving to its POST's arrival, and to the commit; seconds."""

    arrived: tuple[float, ...]
    committed: tuple[float, ...]


def delays(sides: Sides[Cluster]) -> Delays:
    """Hold the events that left since the last reset against the POSTs that came."""
    left = {(kind, address): moment for kind, address, moment in sides.cluster.departures()}
    found = [
        (post.arrived - moment, post.committed - moment)
        for post, kind, address in _subnets(sides.apic.posts())
        if (moment := left.get((KINDS.get(kind, ""), address.partition("/")[0]))) is not None
    ]
    return Delays(tuple(arrived for arrived, _ in found), tuple(committed for _, committed in found))


def _subnets(posts: list[Post]) -> list[tuple[Post, str, str]]:
    return [(post, kind, address) for post in posts for kind, address in post.subnets]


def measure(sides: Sides[Cluster], program: Program, latency: int, count: int) -> list[Row]:
    """Let Pods come up one by one beside a running engine; the next one comes when all is quiet again."""
    chance = random.Random(7)  # noqa: S311 - pauses, no secret
    sides.reset()
    for number in range(1, count + 1):
        sides.cluster.add_pod()
        engine.until("the Pod's address", partial(_written, sides, number), program)
        time.sleep(latency / 1000 + chance.uniform(*PAUSES))
    arrived = delays(sides).arrived
    return [
        _row(sides, latency, "p99", quantile(arrived, 0.99), bound=BOUND_MS, note=f"{count} Pods"),
        _row(sides, latency, "p50", quantile(arrived, 0.5), note=f"{count} Pods"),
        _row(sides, latency, "max", max(arrived), note=f"{count} Pods"),
    ]


def _written(sides: Sides[Cluster], count: int) -> bool:
    return sides.apic.written() >= count


def _row(sides: Sides[Cluster], latency: int, which: str, seconds: float, **more: Any) -> Row:
    name = f"one Pod comes up: event to POST, {which}"
    return Row(f"arrival.{which}", name, sides.estate.pods, latency, (seconds * 1000,), "ms", **more)
