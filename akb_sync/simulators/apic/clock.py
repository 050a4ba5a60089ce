"""The simulator's time, which a test may move on instead of waiting for it."""

import time
from datetime import UTC, datetime


class Clock:
    """Wall time and elapsed time of one simulated fabric, both shifted by what was skipped."""

    def __init__(self) -> None:
        self._skipped = 0.0

    def advance(self, seconds: float) -> None:
        """Let that much time pass at once: tokens and subscriptions run out as if it had been waited for."""
        self._skipped += seconds

    def elapsed(self) -> float:
        """Seconds on a clock that never goes back."""
        return time.monotonic() + self._skipped

    def wall(self) -> float:
        """Seconds since 1970."""
        return time.time() + self._skipped

    def stamp(self) -> str:
        """Local time with milliseconds and offset, as `modTs` shows it: `2018-12-13T15:52:13.821+01:00`."""
        return datetime.fromtimestamp(self.wall(), UTC).astimezone().isoformat(timespec="milliseconds")
