"""Pauses after failures of the whole engine: doubling, with jitter, until something works."""

from __future__ import annotations

import random
from collections.abc import Callable

SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 30.0


class Backoff:
    """Pauses that double, with jitter, until something works."""

    def __init__(self, jitter: Callable[[], float] = random.random) -> None:
        self._jitter = jitter
        self._pause = 0.0
        self.due = 0.0
        """Not before this moment (monotonic seconds)."""

    def failed(self, now: float) -> None:
        """Wait longer."""
        self._pause = min(max(self._pause * 2, SHORTEST_PAUSE), LONGEST_PAUSE)
        self.due = now + self._pause * (0.75 + self._jitter() / 2)

    def worked(self) -> None:
        """Start from the shortest pause again."""
        self._pause = self.due = 0.0
