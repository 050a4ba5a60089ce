"""How long to wait after failures: doubling, with jitter, so that watchers do not return in step."""

from __future__ import annotations

import random

FIRST = 0.5
LONGEST = 30.0


class Backoff:
    """Counts failures in a row."""

    def __init__(self, rng: random.Random) -> None:
        """Take the source of jitter."""
        self._rng = rng
        self._failures = 0

    def next_delay(self) -> float:
        """Seconds to wait after one more failure: at most 0.5 s, then doubling to at most 30 s."""
        ceiling = min(LONGEST, FIRST * float(1 << min(self._failures, 16)))
        self._failures += 1
        return ceiling * (0.5 + self._rng.random() / 2)

    def reset(self) -> None:
        """Take note of a success."""
        self._failures = 0
