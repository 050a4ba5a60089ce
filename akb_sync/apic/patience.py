"""Whether something has to be read, what went wrong the last time, and when it is worth trying again."""

from __future__ import annotations

_FIRST_RETRY = 1.0
_LONGEST_RETRY = 60.0


class Patience:
    """Counts doubts, so that one that is raised during a reading outlives that reading."""

    def __init__(self) -> None:
        """Begin with one doubt: nothing was read yet."""
        self.trouble = ""
        """The error of the last reading that failed; empty when the last one succeeded."""
        self.retry_at = 0.0
        """Not before then (monotonic seconds) is another try worth it."""
        self._doubts = 1
        self._settled = 0
        self._reading = 0
        self._failures = 0

    @property
    def due(self) -> bool:
        """Whether it has to be read (again)."""
        return self._doubts > self._settled

    def doubt(self) -> None:
        """Ask for a reading."""
        self._doubts += 1

    def forget_failures(self) -> None:
        """Let the next try come at once."""
        self.retry_at = 0.0
        self._failures = 0

    def begin(self) -> None:
        """Begin a reading; it answers the doubts so far."""
        self._reading = self._doubts

    def succeed(self) -> None:
        """End the reading."""
        self._settled = self._reading
        self.trouble = ""
        self.forget_failures()

    def fail(self, trouble: str, now: float) -> None:
        """End the reading with nothing learnt."""
        self._doubts += 1
        self.trouble = trouble
        self.retry_at = now + min(_LONGEST_RETRY, _FIRST_RETRY * 2**self._failures)
        self._failures = min(self._failures + 1, 8)
