"""How long a plan may be carried out before it is made anew.

A round over many L3Outs waits for the pace of the APIC, and meanwhile the world moves on. What has not been
sent by then may be wanted no more, and what has come is in no plan. So a round is given up once there is
news. Our own writes come back as events and are news too, and a plan has its price: it is carried out for a
while in any case, so that planning anew costs a small part of the time and no more.
"""

from __future__ import annotations

from collections.abc import Callable

from akb_sync.clock import Clock

AT_LEAST = 1.0
"""Seconds for which a plan is carried out whatever happens."""
AT_MOST = 5.0
"""Seconds for which it is when nothing happens: time alone can make a view stale."""
SHARE = 10
"""A plan is carried out for at least so many times as long as it took to make it."""


class Expiry:
    """Tells when a plan whose carrying out begins now is to be given up."""

    def __init__(self, clock: Clock, news: Callable[[], bool], planning: float) -> None:
        """Begin.

        Args:
            clock: The clocks.
            news: Says whether anything has happened since the plan was begun.
            planning: How long it took to make the plan (seconds).
        """
        self._clock, self._news = clock, news
        self._begun = clock.monotonic()
        self._least = max(AT_LEAST, SHARE * planning)
        self._most = max(AT_MOST, SHARE * planning)

    def __call__(self) -> bool:
        """Whether what has not been sent is to be planned anew."""
        age = self._clock.monotonic() - self._begun
        return age >= (self._least if self._news() else self._most)
