"""How much of everything is tried: all of it by night, a cut that a seed chooses otherwise."""

import os
import random
from collections.abc import Sequence
from typing import TypeVar

from .ledger import Point

One = TypeVar("One")
NIGHTLY = os.environ.get("AKB_SYNC_FAULTS", "ci") == "nightly"
SEED = int(os.environ.get("AKB_SYNC_SEED", "1"))
CUT = 4
"""Points for each story and fault in the short profile."""


def chosen(points: Sequence[Point], about: str, cut: int = CUT) -> list[Point]:
    """The points to try; of a cut a third at least are writes to the fabric, where there are as many."""
    if NIGHTLY or len(points) <= cut:
        return list(points)
    rng = random.Random(f"{SEED}/{about}")
    writes = [point for point in points if point.writes]
    first = rng.sample(writes, min(len(writes), -(-cut // 3)))
    rest = [point for point in points if point not in first]
    return sorted(first + rng.sample(rest, cut - len(first)), key=lambda point: point.number)


def some(things: Sequence[One], about: str, cut: int = CUT) -> list[One]:
    """All of them by night, else a few, in their order."""
    if NIGHTLY or len(things) <= cut:
        return list(things)
    picked = set(random.Random(f"{SEED}/{about}").sample(range(len(things)), cut))
    return [thing for index, thing in enumerate(things) if index in picked]
