"""The websocket on which one session's events arrive: `wss://host/socket<token>`.

It belongs to one login, carries all of its subscriptions, and takes them with it when it closes: there is no
replay, so whoever had subscribed has to subscribe and read again. A closed socket, a frame that cannot be
read and a silent socket all end it, and `on_closed` says so once.

One thread reads, and it alone writes too (pings): OpenSSL does not allow two threads on one connection.
"""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from websocket import ABNF, WebSocket, WebSocketException, WebSocketTimeoutException

from akb_sync.apic.answers import unpacked
from akb_sync.clock import Clock

from .subscription import Event, Subscription
from .wire import why

_log = logging.getLogger(__name__)
_LOOK_UP = 1.0
"""Seconds after which the reading thread looks up from an idle socket, to ping or to stop."""
_PING_EVERY = 30.0
_SILENT_AFTER = 75.0
"""Two pings without an answer. Counts only on a socket that has answered one before: whether every APIC
release answers pings is not documented."""


class Channel:
    """An open websocket and the subscriptions on it."""

    def __init__(self, websocket: WebSocket, clock: Clock, on_closed: Callable[[Channel], None]) -> None:
        """Take over an open websocket; `start` begins to read."""
        websocket.settimeout(_LOOK_UP)
        self._websocket = websocket
        self._clock = clock
        self._on_closed = on_closed
        self._lock = threading.Lock()
        self._subscriptions: list[Subscription] = []
        self._expecting = 0
        self._unclaimed: list[tuple[tuple[str, ...], list[Event]]] = []
        self._open = True
        self._pinged = self._heard = clock.monotonic()
        self._answers_pings = False
        self._thread = threading.Thread(target=self._read, name="apic-websocket", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    @property
    def open(self) -> bool:
        """Whether events can arrive."""
        return self._open

    @property
    def subscriptions(self) -> tuple[Subscription, ...]:
        """The subscriptions that are to be kept alive."""
        with self._lock:
            return tuple(self._subscriptions)

    @contextmanager
    def expecting(self) -> Iterator[None]:
        """Keep events of unknown ids while a subscribing query is under way: the id comes with its answer."""
        with self._lock:
            self._expecting += 1
        try:
            yield
        finally:
            with self._lock:
                self._expecting -= 1
                if not self._expecting:
                    self._unclaimed.clear()

    def claim(self, subscription: Subscription) -> None:
        """Route events to a new subscription, those that were quicker than the answer first."""
        with self._lock:
            if not self._open:
                subscription.end()
                return
            early = [frame for ids, frame in self._unclaimed if subscription.identity in ids]
            self._subscriptions.append(subscription)
            subscription.deliver(early)  # it is not ready, so nobody is called

    def drop(self, subscription: Subscription) -> None:
        """Forget a subscription: it is not refreshed any more, and the APIC lets it go."""
        subscription.end()
        with self._lock, suppress(ValueError):
            self._subscriptions.remove(subscription)

    def close(self) -> None:
        """End the socket and its subscriptions; `on_closed` follows from the thread that reads."""
        self._end()
        sock = self._websocket.sock
        if sock is not None:
            with suppress(OSError):
                # Below TLS, and only to wake the reading thread: it alone may touch the TLS connection.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def join(self) -> None:
        """Wait for the thread that reads, unless it is the one that calls."""
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join(2 * _LOOK_UP)

    def _read(self) -> None:
        try:
            while self._open:
                with suppress(WebSocketTimeoutException):
                    self._take(*self._websocket.recv_data(control_frame=True))
                self._look_after()
        except (WebSocketException, OSError) as error:
            if self._open:
                _log.warning("the websocket of the APIC is lost: %s", why(error))
        except Exception:  # noqa: BLE001 - a subscriber's own error: whatever it is, its view is not to be believed any more
            _log.exception("an event of the APIC could not be handled; everything is read again")
        finally:
            self._finish()

    def _take(self, opcode: int, data: bytes) -> None:
        self._heard = self._clock.monotonic()
        if opcode == ABNF.OPCODE_CLOSE:
            raise BrokenChannel("closed by the APIC")
        if opcode == ABNF.OPCODE_PONG:
            self._answers_pings = True
        if opcode in (ABNF.OPCODE_TEXT, ABNF.OPCODE_BINARY):
            self._route(*_frame(data))

    def _route(self, ids: tuple[str, ...], events: list[Event]) -> None:
        with self._lock:
            if self._expecting:
                self._unclaimed.append((ids, events))
            known = [one for one in self._subscriptions if one.identity in ids]
        for subscription in known:
            subscription.confirm(self._heard)
            subscription.deliver([events])

    def _look_after(self) -> None:
        now = self._clock.monotonic()
        if self._answers_pings and now - self._heard > _SILENT_AFTER:
            raise BrokenChannel("it answers no ping any more")
        if now - self._pinged >= _PING_EVERY:
            self._pinged = now
            self._websocket.ping()

    def _end(self) -> None:
        with self._lock:
            self._open = False
            lost = self._subscriptions.copy()
        for subscription in lost:
            subscription.end()

    def _finish(self) -> None:
        self._end()
        self._websocket.shutdown()  # type: ignore[no-untyped-call]
        self._on_closed(self)


class BrokenChannel(WebSocketException):
    """The socket is open, but of no use."""


def _frame(data: bytes) -> tuple[tuple[str, ...], list[Event]]:
    """Read a frame: `subscriptionId` is a list of all ids that match, `imdata` may hold several objects."""
    found = unpacked(data) or {}
    ids = found.get("subscriptionId")
    if isinstance(ids, str):
        ids = ids.split(",")
    if not isinstance(ids, list):
        raise BrokenChannel("a frame that is no event")
    return tuple(str(one) for one in ids), found["imdata"]
