"""How a request gets through: past a refused token, a busy APIC and a dead controller.

What is repeated here, and what is not:
- a *read* is repeated on another controller when its own gives no answer, and a few times, with pauses,
  while the APIC is busy;
- a *write* is repeated only after a refused token, and only on the same controller: then it surely did
  nothing. A caller that goes on with another controller has to look at the fabric through it first.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace

from akb_sync.clock import Clock
from akb_sync.errors import LATER, ApicBusy, ApicOutcomeUnknown, ApicUnreachable

from .access import Access
from .answers import Answer, SocketMissing, TokenRefused, read
from .login import Login
from .options import ApicOptions
from .pace import Pace
from .query import target_of
from .wire import Call, ConnectionLost, Wire

_log = logging.getLogger(__name__)
_TRIES = 4
_PAUSE = 0.5
"""Seconds before a busy APIC is asked a second time; doubled for each further time, and jittered."""


class Courier:
    """Sends requests as whoever is logged in. Safe to use from several threads."""

    def __init__(self, options: ApicOptions, clock: Clock, on_moved: Callable[[], None]) -> None:
        """Prepare; nothing is sent. Raises SettingsError when the CA file or the key cannot be used."""
        self._closing = threading.Event()
        self.pause: Callable[[float], object] = self._closing.wait
        """Waits between two tries; given another one in tests."""
        self._options = options
        self._wire = Wire(options)
        self.pace = Pace(options.rate, options.burst, clock)
        """Every request takes a turn; a POST takes its own before it is sent, see `ApicSession.turn`."""
        self.access = Access(options, clock, self._exchange, on_moved)

    def page(self, path: str, params: Mapping[str, str], number: int) -> Answer:
        """Ask for one page of a query, a few times when the APIC is busy."""
        window = {"page": str(number), "page-size": str(self._options.page_size)}
        target = target_of(path, {**params, **window})
        for attempt in range(_TRIES - 1):
            try:
                return _not_hollow(self.read(target), path, number)
            except SocketMissing:
                raise
            except ApicBusy as busy:
                _log.debug("%s; asking again", busy.message)
                self.pause(_PAUSE * 2**attempt * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, no secret
        return _not_hollow(self.read(target), path, number)

    def read(self, target: str, *, brief: bool = False) -> Answer:
        """GET once, on another controller when the one in use gives no answer."""
        call = Call("GET", target, brief=brief)
        login = self.access.current()
        try:
            return self._with_token(login, call)
        except ConnectionLost as lost:
            # Most often a connection that stood idle for too long, and the controller itself is well.
            _log.debug("%s; asking again", lost)
        except (ApicUnreachable, ApicOutcomeUnknown) as error:
            return self._read_elsewhere(login, call, error)
        try:
            return self._with_token(login, call)
        except (ApicUnreachable, ApicOutcomeUnknown) as error:
            return self._read_elsewhere(login, call, error)

    def write(self, path: str, body: bytes) -> None:
        """POST once; the errors are those of `ApicSession.post`."""
        call = Call("POST", target_of(path, {}), body)
        login = self.access.current()
        try:
            self._with_token(login, call)
        except ApicUnreachable:
            self.access.abandon(login)
            raise

    def use(self, options: ApicOptions) -> None:
        """Go on with other options from the next login on."""
        wire = Wire(options)
        self.access.use(options)
        old, self._wire, self._options = self._wire, wire, options
        old.close()

    def stop(self) -> None:
        """Begin no more requests, and end the pauses."""
        self._closing.set()

    def close(self) -> None:
        """Log out as far as possible and close the connections."""
        self.stop()
        self.access.end()
        self._wire.close()

    def _exchange(self, controller: str, call: Call) -> Answer:
        """Send a call and read its answer. What keeps the session alive takes its turn, and does not wait."""
        if call.brief:
            self.pace.turn()
        return read(call, self._wire.send(controller, call))

    def _as(self, login: Login, call: Call) -> Answer:
        wait = 0.0 if call.brief or call.writes else self.pace.turn()
        if wait:
            self.pause(wait)
        if self._closing.is_set():
            raise ApicUnreachable("the session with the APIC is closed", "open another one")
        cookie = self.access.credential.cookie(login, call.method, call.target, call.body)
        return self._exchange(login.controller, replace(call, cookie=cookie))

    def _with_token(self, login: Login, call: Call) -> Answer:
        try:
            return self._as(login, call)
        except TokenRefused:
            renewed = self.access.renewed(login)
        if call.writes and renewed.controller != login.controller:
            raise ApicUnreachable(
                f"{login.controller} ended the session and {renewed.controller} took over before the write",
                "nothing was written; it is tried again",
            )
        return self._as(renewed, call)

    def _read_elsewhere(self, login: Login, call: Call, error: Exception) -> Answer:
        _log.debug("%s", error)
        try:
            return self._as(self.access.moved(login), call)
        except ApicOutcomeUnknown as unknown:
            raise ApicUnreachable(unknown.message, "see whether the controllers are well") from unknown


def _not_hollow(answer: Answer, path: str, number: int) -> Answer:
    """Refuse an answer that counts objects and shows none: a busy APIC does that (Cisco TAC's scripts)."""
    if number == 0 and answer.total and not answer.imdata:
        raise ApicBusy(f"the APIC counts {answer.total} objects of {path} and shows none", LATER)
    return answer
