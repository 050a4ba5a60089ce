"""When both sides have to be read again from scratch, whatever was or was not seen on the watches.

- at every resync, since an event may never have come;
- for the second look of a mass delete;
- when this engine begins to lead: until every kind was listed since, nothing is planned.

After a standstill nothing is planned for a moment either. A process that was stopped (SIGSTOP, a paused
machine) wakes with a minute of events before it, which each kind's watch hands over at its own pace: a Pod
may come before the Deployment that moved it. It is not listed again then, since an event says that an object
was deleted, and a list lets that only be inferred.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from akb_sync.clock import Clock
from akb_sync.model import Desired, Freshness, Source

SHORTEST_REREAD = 10.0
"""Seconds between two second looks: a mass delete that goes on asks for one with every object."""
LAPSE = 10.0
"""Seconds by which a rest is longer than it was to be before the process is taken to have been stopped."""
CATCH_UP = 2.0
"""Seconds after that for the watches to hand over what waited; a busy cluster's minute is parsed in one."""


class Rereads:
    """Tells when to read again."""

    def __init__(self, clock: Clock, period: float, jitter: Callable[[], float]) -> None:
        """`period` is that of the resync in seconds; `jitter` gives numbers from 0 to 1."""
        self._clock = clock
        self._period = period
        self._jitter = jitter
        self._second_look = float("-inf")
        self._distrusted = float("-inf")
        self.caught_up_at = float("-inf")
        """Until when nothing is planned, after a standstill (monotonic seconds)."""
        self.resync_at = 0.0
        """When the next resync is due (monotonic seconds)."""

    def schedule(self) -> None:
        """Let the next resync come a whole period from now."""
        self.resync_at = self._clock.monotonic() + self._period * (0.9 + self._jitter() / 5)

    def resync_is_due(self) -> bool:
        """Say whether it is time; if so, the next one is scheduled."""
        if self._clock.monotonic() < self.resync_at:
            return False
        self.schedule()
        return True

    def second_look_is_due(self, at: float | None) -> bool:
        """Say whether a second look that was asked for `at` some moment has to be begun now."""
        now = self._clock.monotonic()
        rested = now - self._second_look >= SHORTEST_REREAD
        due = at is not None and self._second_look < at <= now and rested
        if due:
            self._second_look = now
        return due

    def distrust(self) -> None:
        """Believe no list that was begun before now."""
        self._distrusted = self._clock.monotonic()

    def stood_still(self) -> None:
        """Let the watches hand over what waited before anything is planned, or read again."""
        self.caught_up_at = self._clock.monotonic() + CATCH_UP
        self.schedule()

    @property
    def catching_up(self) -> bool:
        """Whether what happened during a standstill may still be on its way."""
        return self._clock.monotonic() < self.caught_up_at

    def unread(self, desired: Desired) -> Iterable[Source]:
        """Name the kinds that were never listed, or not since what was known is not believed any more."""
        for source in Source:
            never = desired.freshness(source) is Freshness.NEVER
            if never or desired.sources[source].listed_at < self._distrusted:
                yield source
