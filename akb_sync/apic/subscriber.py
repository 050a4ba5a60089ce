"""Subscriptions made, kept alive and lost: the websocket of the current login and all that is on it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from akb_sync.clock import Clock
from akb_sync.errors import LATER, ApicAnswerError, ApicBusy, ApicError, ApicRejected, ApicUnreachable

from .answers import Answer, SocketMissing, TokenRefused
from .channel import Channel
from .courier import Courier
from .login import Login
from .options import ApicOptions
from .paging import collect
from .subscription import Event, Subscription
from .tls import tls_context
from .websockets import open_websocket

_log = logging.getLogger(__name__)
_RETRY = 5.0
"""Seconds until a refresh that failed is tried again."""

OnEvent = Callable[[list[Event]], None]


class Subscriber:
    """Subscribes over a courier's session. Safe to use from several threads."""

    def __init__(
        self,
        options: ApicOptions,
        clock: Clock,
        courier: Courier,
        on_closed: Callable[[], None],
        on_lost: Callable[[], None],
    ) -> None:
        """Prepare; the websocket is opened with the first subscription.

        When it closes by itself `on_closed` is called first; whenever subscriptions went with it, `on_lost`.
        """
        self._options = options
        self._tls = tls_context(options)
        self._clock = clock
        self._courier = courier
        self._on_lost = on_lost
        self._on_closed = on_closed
        self._channel: Channel | None = None
        self._opening = threading.Lock()

    def subscribe(
        self, path: str, params: Mapping[str, str], on_event: OnEvent
    ) -> tuple[Subscription, list[dict[str, Any]]]:
        """Subscribe and give the snapshot, in a new session when the APIC does not know our websocket."""
        login = self._courier.access.current()
        try:
            return self._subscribe(path, params, on_event)
        except (SocketMissing, TokenRefused) as error:
            # Seen after days of uptime (acitoolkit issue 259): the socket is open here and unknown there.
            _log.info("subscribing again in a new session: %s", error.message)
        self._courier.access.renewed(login)
        return self._subscribe(path, params, on_event)

    def drop(self, subscription: Subscription) -> None:
        """Stop listening and refreshing."""
        subscription.end()
        channel = self._channel
        if channel is not None:
            channel.drop(subscription)

    def maintain(self) -> None:
        """Refresh what is due. Never raises an ApicError."""
        channel = self._channel
        for subscription in channel.subscriptions if channel is not None else ():
            if channel is not None and channel.open and self._clock.monotonic() >= subscription.refresh_at:
                self._refresh(channel, subscription)

    def use(self, options: ApicOptions) -> None:
        """Go on with other options from the next websocket on."""
        self._options, self._tls = options, tls_context(options)

    def disconnect(self, *, wait: bool = False) -> None:
        """Close the websocket, if asked until its thread has ended; whoever had subscribed hears of it."""
        channel, self._channel = self._channel, None
        if channel is not None:
            channel.close()
            if wait:
                channel.join()

    def _subscribe(
        self, path: str, params: Mapping[str, str], on_event: OnEvent
    ) -> tuple[Subscription, list[dict[str, Any]]]:
        channel = self._open_channel()
        made: list[Subscription] = []

        def page(number: int) -> Answer:
            if made:
                return self._courier.page(path, params, number)
            with channel.expecting():
                asked = self._clock.monotonic()
                answer = self._courier.page(path, {"subscription": "yes", **params}, number)
                made.append(self._subscription(answer, path, on_event, asked))
                channel.claim(made[0])
            return answer

        try:
            objects = collect(page)
            if not made[0].alive:
                raise ApicBusy(f"the websocket of the APIC closed while subscribing to {path}", LATER)
        except ApicError:
            for subscription in made:
                channel.drop(subscription)
            raise
        return made[0], objects

    def _subscription(self, answer: Answer, path: str, on_event: OnEvent, asked: float) -> Subscription:
        if not answer.subscription_id:
            raise ApicAnswerError(f"the subscription to {path} is answered without an id", LATER)
        refresh_at = asked + self._options.subscription_refresh
        return Subscription(answer.subscription_id, path, on_event, asked, refresh_at)

    def _open_channel(self) -> Channel:
        # Logins are made without the lock: a new one closes the old websocket, whose thread may want it.
        access = self._courier.access
        login = access.current()
        try:
            return self._channel_of(login)
        except ApicUnreachable as error:
            if len(self._options.controllers) == 1:
                raise
            _log.debug("%s", error)
        return self._channel_of(access.moved(login))

    def _channel_of(self, login: Login) -> Channel:
        with self._opening:
            channel = self._channel
            if channel is None or not channel.open:
                self._channel = channel = self._opened(login)
        return channel

    def _opened(self, login: Login) -> Channel:
        cookie = self._courier.access.credential.socket_cookie(login, f"/socket{login.token}")
        timeout = self._options.connect_timeout
        websocket = open_websocket(login.controller, login.token, cookie, self._tls, timeout)
        channel = Channel(websocket, self._clock, self._closed)
        channel.start()
        return channel

    def _closed(self, channel: Channel) -> None:
        if self._channel is channel:
            self._channel = None
            self._on_closed()
        if channel.subscriptions:
            self._on_lost()

    def _refresh(self, channel: Channel, subscription: Subscription) -> None:
        """Refresh one subscription, by a request of its own.

        A list of ids in one request is not safe: the APIC reads an id as far as it is a number and ignores
        the rest (niwaki, on a live APIC), so it may see the first only.
        """
        asked = self._clock.monotonic()
        try:
            self._courier.read(f"/api/subscriptionRefresh.json?id={subscription.identity}", brief=True)
        except ApicRejected as error:
            # Where one was forgotten the others are soon, and one kind of loss is enough to get right.
            _log.warning("the APIC has forgotten the subscription to %s: %s", subscription.query, error.text)
            channel.close()
        except ApicError as error:
            subscription.refresh_at = asked + _RETRY
            _log.debug("the subscription to %s could not be refreshed: %s", subscription.query, error)
        else:
            subscription.refresh_at = asked + self._options.subscription_refresh
            if channel.open:
                subscription.confirm(asked)
