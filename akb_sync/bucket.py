"""A token bucket: so many at once, then so many per second."""

from __future__ import annotations


class Bucket:
    """Full at first. Times are monotonic seconds."""

    def __init__(self, burst: float, rate: float) -> None:
        """`burst` may go at once; `rate` come back per second."""
        self._burst, self._rate = burst, rate
        self._tokens = burst
        self._filled_at: float | None = None

    def wait(self, now: float) -> float:
        """Seconds until one may go; 0 when it may go now."""
        self._fill(now)
        return 0.0 if self._tokens >= 1 else (1 - self._tokens) / self._rate

    def take(self, now: float) -> None:
        """Let one go, also when there is none: then whoever comes next waits longer."""
        self._fill(now)
        self._tokens -= 1

    def full(self, now: float) -> bool:
        """Whether it is as good as new."""
        self._fill(now)
        return self._tokens >= self._burst

    def _fill(self, now: float) -> None:
        if self._filled_at is not None:
            self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._rate)
        self._filled_at = now
