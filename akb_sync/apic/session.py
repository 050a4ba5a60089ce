"""The session with a fabric: reads, writes and subscriptions, over whatever login and controller work.

What goes wrong below leaves here as an `ApicError` whose kind says what the caller may conclude, above all
whether a write was sent. acitoolkit's own Session is not used: it never verifies the websocket's certificate,
retries without a pause, does not renew a session before it ends, and signs with a function that pyOpenSSL
removed.
"""

from __future__ import annotations

import json
import logging
import math
import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from akb_sync.clock import Clock

from .courier import Courier
from .login import Login
from .options import ApicOptions
from .paging import collect
from .query import mo_path
from .subscriber import Subscriber
from .subscription import Event, Subscription

_log = logging.getLogger(__name__)
_trust = logging.getLogger("akb_sync.trust")
"""Its warnings are let out by every command, the quiet ones too: nobody is to be insecure unknowingly."""
_UPKEEP_EVERY = 1.0
_NO_PARAMS: Mapping[str, str] = {}


class ApicSession:
    """A session with one fabric, safe to use from several threads. Nothing is sent before it is needed.

    `generation` grows by one whenever all subscriptions are lost: a new login took the place of another, the
    websocket closed, or the APIC forgot a subscription. After that `on_lost` is called, in any thread and
    without a lock held; it must not block. Whoever had subscribed then subscribes anew, and takes the new
    snapshot for the truth: there is no replay. Lost subscriptions have to be neither refreshed nor dropped.
    """

    def __init__(self, options: ApicOptions, clock: Clock, *, upkeep: bool = True) -> None:
        """Prepare a session; without `upkeep` its owner calls `maintain` about once a second.

        Raises SettingsError when the CA file or the key cannot be used.
        """
        self.generation = 0
        self._counting = threading.Lock()
        self.on_lost: Callable[[], None] = _nobody
        self._closing = threading.Event()
        self._courier = Courier(options, clock, self._moved)
        self._subscriber = Subscriber(options, clock, self._courier, self._closed, self._lost)
        self._upkeep = threading.Thread(target=self._keep_up, name="apic-upkeep", daemon=True)
        _warn_of(options)
        if upkeep:
            self._upkeep.start()

    @property
    def controller(self) -> str:
        """URL of the controller in use, for people."""
        return self._courier.access.controller

    def login(self) -> Login:
        """Give who we are on which controller, logging in if need be; raises as `get` does."""
        return self._courier.access.current()

    def get(self, path: str, params: Mapping[str, str] = _NO_PARAMS) -> list[dict[str, Any]]:
        """Give every object of a query, over all its pages; an absent DN gives an empty list.

        `path` is `query.mo_path(dn)` or `query.class_path(name)`; DNs and filters are raw text. Raises
        ApicBusy when the APIC stays busy, ApicUnreachable when no controller answers, ApicRejected when the
        query is wrong, ApicForbidden, ApicLoginRefused, ApicCertificateError and ApicAnswerError.
        """
        return collect(lambda number: self._courier.page(path, params, number))

    def turn(self) -> float:
        """Reserve a turn at the APIC for a POST; give how long to wait before it may be sent (seconds).

        Reads wait by themselves. A POST does not: whoever writes has to ask whether it still may after the
        wait and not before.
        """
        return self._courier.pace.turn()

    def post(self, dn: str, body: Mapping[str, Any]) -> None:
        """Write one object tree at `dn`, all of it or nothing of it; `turn` says when.

        Raises ApicRejected (nothing was committed), ApicBusy (turned away, may pass later), ApicUnreachable
        (nothing was sent), ApicForbidden, ApicLoginRefused, or ApicOutcomeUnknown (sent, and no answer).
        """
        self._courier.write(mo_path(dn), json.dumps(body, separators=(",", ":")).encode())

    def subscribe(
        self, path: str, params: Mapping[str, str], on_event: Callable[[list[Event]], None]
    ) -> tuple[Subscription, list[dict[str, Any]]]:
        """Read a query as `get` does and subscribe to its changes; the websocket is opened when need be.

        `on_event` gets the objects of one frame at a time, in the order of their arrival, in a thread of the
        session; the same change may come twice. Nothing comes before `Subscription.ready()` was called.
        If `on_event` raises, the websocket is given up and `on_lost` called.
        """
        return self._subscriber.subscribe(path, params, on_event)

    def unsubscribe(self, subscription: Subscription) -> None:
        """Stop listening and refreshing; the APIC then forgets the subscription by itself.

        It is not told to: taking a subscription back does not work (Cisco bug CSCvp07251).
        """
        self._subscriber.drop(subscription)

    def confirmed_at(self, subscription: Subscription) -> float:
        """When (monotonic) an event or a refresh last showed that it works; minus infinity once lost."""
        return subscription.confirmed_at if subscription.alive else -math.inf

    def use(self, options: ApicOptions) -> None:
        """Go on with other options (a rotated password or key, other controllers) from the next login on."""
        self._courier.use(options)
        self._subscriber.use(options)

    def maintain(self) -> None:
        """Do what is due: refresh the token, renew the login, refresh subscriptions. Never an ApicError."""
        self._courier.access.maintain()
        self._subscriber.maintain()

    def close(self) -> None:
        """Log out as far as possible, close the websocket and end the threads. May be called twice."""
        self._closing.set()
        self._courier.stop()
        if self._upkeep.is_alive() and threading.current_thread() is not self._upkeep:
            self._upkeep.join(2 * _UPKEEP_EVERY)
        self._subscriber.disconnect(wait=True)
        self._courier.close()

    def __enter__(self) -> Self:
        """Give the session itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def _moved(self) -> None:
        self._closed()
        self._subscriber.disconnect()

    def _closed(self) -> None:
        with self._counting:
            self.generation += 1

    def _lost(self) -> None:
        if not self._closing.is_set():
            self.on_lost()

    def _keep_up(self) -> None:
        while not self._closing.wait(_UPKEEP_EVERY):
            try:
                self.maintain()
            except Exception:  # noqa: BLE001 - this thread has to outlive whatever it is
                _log.exception("the upkeep of the APIC session failed; it goes on")


def _nobody() -> None:
    """Nobody has subscribed yet."""


def _warn_of(options: ApicOptions) -> None:
    if options.insecure:
        _trust.warning("the certificate of the APIC is not verified (--apic-insecure)")
    for controller in options.controllers:
        if controller.startswith("http://"):
            _trust.warning("%s is not encrypted: the password can be read on the way", controller)
