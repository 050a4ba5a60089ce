"""The desk that Events go through, so that a storm is a few of them with a count.

What is said again about the same object for the same reason, before the first was sent, is one Event with a
greater count. How many go is limited per object and in all; what has to wait is kept, not dropped. A role
that does not let us write Events is a trouble and nothing more.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace

from akb_sync.bucket import Bucket
from akb_sync.clock import Clock
from akb_sync.errors import KubernetesError, KubernetesForbidden
from akb_sync.kube.events import Announcement, EventWriter
from akb_sync.model import ObjectRef
from akb_sync.reasons import Reason

from .announcements import Tally
from .repeating import Repeating

PER_OBJECT = (4.0, 0.1)
"""So many Events about one object at once, then so many per second."""
IN_ALL = (50.0, 5.0)
FORBIDDEN_PAUSE, FAILED_PAUSE = 300.0, 10.0
"""Seconds without an attempt after a refusal, and after another failure."""
IDLE = 60.0
LAST_ONES = 25
"""How many go at most when the program ends."""

Key = tuple[ObjectRef, Reason]


class Desk:
    """Takes announcements from any thread and sends them in one of its own."""

    def __init__(self, writer: EventWriter, clock: Clock) -> None:
        """Send nothing yet."""
        self._writer, self._clock = writer, clock
        self._lock = threading.Lock()
        self._pending: dict[Key, tuple[Announcement, Tally | None]] = {}
        self._all = Bucket(*IN_ALL)
        self._each: dict[ObjectRef, Bucket] = {}
        self._not_before = float("-inf")
        self._refused = False
        self._troubles: Mapping[str, str] = {}
        self._thread = Repeating("events", self.send)

    @property
    def troubles(self) -> Mapping[str, str]:
        """Why Events cannot be written; empty when they can."""
        return self._troubles

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Send what waits, as far as it goes within `timeout` seconds, and end."""
        self._thread.stop(timeout / 2)
        deadline = self._clock.monotonic() + timeout / 2
        for _ in range(LAST_ONES):
            if not self._pending or self._troubles or self._clock.monotonic() > deadline:
                return
            self._send_one(next(iter(self._pending)))

    def say(self, said: Announcement, tally: Tally | None = None) -> None:
        """Take an announcement; a tally is added to the one that waits, and makes the words of both."""
        key = (said.about, said.reason)
        with self._lock:
            if self._refused and self._clock.monotonic() < self._not_before:
                return
            before, counted = self._pending.get(key, (None, None))
            if tally is not None and counted is not None:
                counted.merge(tally)
                said = replace(said, message=counted.message)
                tally = counted
            count = said.count + (before.count if before else 0)
            self._pending[key] = (replace(said, count=count), tally)
        self._thread.poke()

    def send(self) -> float:
        """Send what may go now; give the seconds until there is something to do again."""
        while True:
            now = self._clock.monotonic()
            key, wait = self._next(now)
            if key is None or wait > 0:
                return wait
            self._all.take(now)
            self._each.setdefault(key[0], Bucket(*PER_OBJECT)).take(now)
            self._send_one(key)

    def _next(self, now: float) -> tuple[Key | None, float]:
        """Give the announcement that may go first, and after how many seconds."""
        with self._lock:
            self._each = {ref: bucket for ref, bucket in self._each.items() if not bucket.full(now)}
            if not self._pending:
                return None, IDLE
            held = max(self._not_before - now, self._all.wait(now), 0.0)
            waits = {key: self._wait(key[0], now) for key in self._pending}
        soonest = min(waits, key=lambda key: waits[key])
        return soonest, max(held, waits[soonest])

    def _wait(self, about: ObjectRef, now: float) -> float:
        bucket = self._each.get(about)
        return bucket.wait(now) if bucket else 0.0

    def _send_one(self, key: Key) -> None:
        with self._lock:
            said, tally = self._pending.pop(key)
        try:
            self._writer.write(said, self._clock.now())
        except KubernetesForbidden as error:
            self._refused, self._not_before = True, self._clock.monotonic() + FORBIDDEN_PAUSE
            self._troubles = {"events": str(error)}
            with self._lock:
                self._pending.clear()
        except KubernetesError as error:
            self._not_before = self._clock.monotonic() + FAILED_PAUSE
            self._troubles = {"events": str(error)}
            self._put_back(key, said, tally)
        else:
            self._refused, self._troubles = False, {}

    def _put_back(self, key: Key, said: Announcement, tally: Tally | None) -> None:
        with self._lock:
            newer, counted = self._pending.get(key, (said, None))
            if counted is not None and tally is not None:
                counted.merge(tally)
            count = said.count + (newer.count if key in self._pending else 0)
            self._pending[key] = (replace(newer, count=count), counted or tally)
