"""What tests wait with: an inbox for events, a counter of losses, and a clock that is turned by hand."""

from __future__ import annotations

import queue
from datetime import UTC, datetime

from akb_sync.apic.subscription import Event

LIMIT = 15.0


class FakeClock:
    """Time that stands still until it is turned."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    def turn(self, seconds: float) -> None:
        self.seconds += seconds


class Inbox:
    """Remembers events, and lets a test wait for them."""

    def __init__(self) -> None:
        self._got: queue.Queue[list[Event]] = queue.Queue()

    def __call__(self, events: list[Event]) -> None:
        self._got.put(events)

    def next(self) -> list[tuple[str, str, str]]:
        """Wait for a frame; give (class, dn, status) of its objects."""
        return [
            (name, body["attributes"]["dn"], body["attributes"]["status"])
            for event in self._got.get(timeout=LIMIT)
            for name, body in event.items()
        ]

    @property
    def empty(self) -> bool:
        return self._got.empty()


class Losses:
    """Counts calls of `on_lost`, and lets a test wait for the next."""

    def __init__(self) -> None:
        self._told: queue.Queue[None] = queue.Queue()

    def __call__(self) -> None:
        self._told.put(None)

    def wait(self) -> None:
        self._told.get(timeout=LIMIT)

    @property
    def none(self) -> bool:
        return self._told.empty()
