"""The two clocks, behind a seam, so that tests turn them by hand instead of waiting."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the library asks of time."""

    def monotonic(self) -> float:
        """Seconds that only grow; for durations and deadlines."""
        ...

    def now(self) -> datetime:
        """The wall clock in UTC; for what people read."""
        ...


class SystemClock:
    """The machine's clocks."""

    def monotonic(self) -> float:
        """Seconds since some moment."""
        return time.monotonic()

    def now(self) -> datetime:
        """The time of day, in UTC."""
        return datetime.now(UTC)


def boottime() -> float:
    """Seconds that go on while the machine is suspended, where the system tells them (Linux)."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)
