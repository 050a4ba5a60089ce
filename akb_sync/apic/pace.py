"""How fast the APIC is asked: so many requests at once, then so many a second.

An APIC is shared by everybody who manages the fabric, and has a throttle of its own that is off by default
(since 4.2(3); what exceeds it is answered 503 without a word about when to come back). Other controllers are
known to live well with 10 a second and bursts of 30 (the limiter of aci-containers), so that is the default.

Nothing waits here but the one request that each caller is about to make. What happens meanwhile is not
queued: it goes into the two views, and the next round of writing is planned from those; a round that waits
here is given up for it. So an overload makes the fabric late, and nothing grows but what the views hold
anyway.
"""

from __future__ import annotations

import threading

from akb_sync.bucket import Bucket
from akb_sync.clock import Clock


class Pace:
    """Turns at the APIC, first come, first served. Safe to use from several threads."""

    def __init__(self, rate: float, burst: float, clock: Clock) -> None:
        """`rate` requests a second in the long run, `burst` at once; a rate of 0 is no limit."""
        self._bucket = Bucket(burst, rate) if rate else None
        self._clock = clock
        self._lock = threading.Lock()

    def turn(self) -> float:
        """Reserve the next request; give how long it has to wait (seconds).

        A login or a refresh does not wait, and counts all the same: whoever comes next waits longer instead.
        """
        if self._bucket is None:
            return 0.0
        with self._lock:
            now = self._clock.monotonic()
            wait = self._bucket.wait(now)
            self._bucket.take(now)
        return wait
