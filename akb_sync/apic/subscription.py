"""One subscription and its events, in order, and not before the reader of the snapshot is ready for them.

Events can arrive on the websocket before the answer to the subscribing query has been read. They wait here
until `ready()`; then they are handed over in the order of their arrival, one frame at a time, and never with
a lock held, so a callback may take locks of its own and call the session.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

Event = dict[str, Any]
"""A changed object: `{class: {"attributes": {"dn": …, "status": …}}}`, created, modified or deleted."""


class Subscription:
    """A query that the APIC reports changes of, for as long as it is refreshed and the websocket is open."""

    def __init__(
        self,
        identity: str,
        query: str,
        on_event: Callable[[list[Event]], None],
        asked: float,
        refresh_at: float,
    ) -> None:
        """Made by `ApicSession.subscribe`; `asked` is when the query was sent (monotonic)."""
        self.identity = identity
        self.query = query
        self.refresh_at = refresh_at
        """When it has to be refreshed. Events do not put it off: they do not extend its life on the APIC."""
        self._on_event = on_event
        self._confirmed_at = asked
        self._alive = True
        self._waiting: deque[list[Event]] = deque()
        self._ready = False
        self._handing_over = False
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        """Name it by its id and its query."""
        return f"Subscription({self.identity}, {self.query})"

    @property
    def alive(self) -> bool:
        """Whether events can still come. Once false it stays false: subscribe anew, and read again."""
        return self._alive

    @property
    def confirmed_at(self) -> float:
        """When (monotonic) the APIC last showed that it knows this subscription."""
        return self._confirmed_at

    def ready(self) -> None:
        """Say that the snapshot is in place: hand over what has waited, and from now on every event."""
        with self._lock:
            self._ready = True
        self._hand_over()

    def confirm(self, moment: float) -> None:
        """Note that the APIC knew this subscription at `moment`."""
        self._confirmed_at = max(self._confirmed_at, moment)

    def end(self) -> None:
        """No event comes any more, waiting ones included."""
        with self._lock:
            self._alive = False
            self._waiting.clear()

    def deliver(self, frames: Iterable[list[Event]]) -> None:
        """Take events from the websocket."""
        with self._lock:
            if self._alive:
                self._waiting.extend(frames)
        self._hand_over()

    def _hand_over(self) -> None:
        with self._lock:
            if self._handing_over or not self._ready:
                return  # whoever is at it takes the new ones too
            self._handing_over = True
        try:
            while (events := self._next()) is not None:
                self._on_event(events)
        except BaseException:
            with self._lock:
                self._handing_over = False
            raise

    def _next(self) -> list[Event] | None:
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()
            self._handing_over = False
            return None
