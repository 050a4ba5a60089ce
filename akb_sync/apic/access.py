"""Who we are on which controller right now, and every change of that.

There is one login at a time, shared by all threads. It is made when somebody first needs it, kept on the
controller that works, refreshed, and replaced: when its token is refused, before it reaches the end of its
longest life, or when its controller does not answer. With a login that takes the place of another the
websocket and all subscriptions of the other are lost (Cisco's REST guide); `on_moved` says so.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

from akb_sync.clock import Clock
from akb_sync.errors import (
    ApicAnswerError,
    ApicBusy,
    ApicCertificateError,
    ApicError,
    ApicForbidden,
    ApicLoginRefused,
    ApicOutcomeUnknown,
    ApicUnreachable,
)

from .login import Exchange, Login, credential_of
from .options import ApicOptions
from .refusals import Refusals

_log = logging.getLogger(__name__)
_RELOGINS = 3
_RELOGINS_PER = 60.0
_RETRY = 10.0
"""Seconds until a refresh or renewal that failed is tried again."""


class Access:
    """The current login. Safe to use from several threads."""

    def __init__(
        self, options: ApicOptions, clock: Clock, exchange: Exchange, on_moved: Callable[[], None]
    ) -> None:
        """Prepare; nothing is sent. Raises SettingsError when the key cannot be used."""
        self._options = options
        self._clock = clock
        self._exchange = exchange
        self._on_moved = on_moved
        self.credential = credential_of(options, clock, exchange)
        self._lock = threading.RLock()
        self._login: Login | None = None
        self._was_in = False
        self._controller = options.controllers[0]
        self._refusals = Refusals(clock)
        self._relogins: deque[float] = deque(maxlen=_RELOGINS)
        self._not_before = 0.0
        self._said = False

    @property
    def controller(self) -> str:
        """URL of the controller in use, or to be tried first."""
        return self._controller

    def use(self, options: ApicOptions) -> None:
        """Go on with other options (a rotated password, other controllers). The next request logs in."""
        with self._lock:
            self.credential = credential_of(options, self._clock, self._exchange)
            self._options = options
            if self._controller not in options.controllers:
                self._controller = options.controllers[0]
            self._login = None

    def current(self) -> Login:
        """Give the login, making one if there is none."""
        login = self._login
        return login if login is not None else self._replace(None, self._controller)

    def renewed(self, stale: Login) -> Login:
        """Give a login other than one whose token was refused: another thread's, or a new one.

        More than 3 times in a minute is no accident; then the refusal stands.
        """
        with self._lock:
            if self._login is stale:
                now = self._clock.monotonic()
                if len(self._relogins) == _RELOGINS and now - self._relogins[0] < _RELOGINS_PER:
                    raise ApicForbidden(
                        f"{stale.controller} keeps refusing the token that it gave",
                        "compare the clocks of the controllers, and see who ends the sessions of the user",
                    )
                self._relogins.append(now)
                self._login = None  # it is of no use any more, whatever comes of the next
        return self._replace(stale, stale.controller)

    def moved(self, stale: Login) -> Login:
        """Give a login other than one whose controller does not answer: on the next that does."""
        return self._replace(stale, self._after(stale.controller))

    def abandon(self, login: Login) -> None:
        """Leave a controller that does not answer; the next request logs in on the one after it."""
        with self._lock:
            if self._login is login:
                self._login = None
                self._controller = self._after(login.controller)

    def maintain(self) -> None:
        """Refresh the token, or make a new login before the longest life ends, when it is time."""
        login, now = self._login, self._clock.monotonic()
        if login is None or now < self._not_before:
            return
        if now >= login.renew_at:
            self._try(lambda: self._replace(login, login.controller), "renew")
        elif now >= login.refresh_at:
            self._try(lambda: self._refresh(login), "refresh")

    def end(self) -> None:
        """Log out, as far as possible."""
        with self._lock:
            login, self._login = self._login, None
        if login is not None:
            self.credential.end(login)

    def _try(self, change: Callable[[], object], what: str) -> None:
        try:
            change()
        except ApicForbidden:
            with self._lock:
                self._login = None  # the session is gone; the next request makes a new one
        except ApicError as error:
            self._not_before = self._clock.monotonic() + _RETRY
            level = logging.DEBUG if self._said else logging.WARNING  # once is enough to know
            _log.log(level, "cannot %s the session on %s: %s", what, self._controller, error)
            self._said = True
        else:
            self._said = False

    def _refresh(self, login: Login) -> None:
        with self._lock:
            if self._login is login:
                self._login = self.credential.refresh(login)

    def _replace(self, stale: Login | None, first: str) -> Login:
        with self._lock:
            if self._login is not None and self._login is not stale:
                return self._login  # another thread was quicker
            login = self._first_that_works(first)
            self._login = login
            self._controller = login.controller
            instead, self._was_in = self._was_in, True
        _log.info("logged in on %s", login.controller)
        if instead:
            self._on_moved()
        return login

    def _first_that_works(self, first: str) -> Login:
        self._refusals.check(self._options.credential)
        failures: list[ApicError] = []
        for controller in self._from(first):
            try:
                login = self.credential.begin(controller)
            except (ApicLoginRefused, ApicForbidden) as error:
                self._refusals.refused(self._options.credential, error.message)
                raise ApicLoginRefused(
                    error.message, "check the APIC user and its password or key"
                ) from error
            except ApicError as error:
                failures.append(error)
            else:
                self._refusals.accepted()
                return login
        raise _summary(failures)

    def _from(self, first: str) -> tuple[str, ...]:
        names = self._options.controllers
        at = names.index(first) if first in names else 0
        return names[at:] + names[:at]

    def _after(self, controller: str) -> str:
        return (self._from(controller) * 2)[1]


def _summary(failures: list[ApicError]) -> ApicError:
    """Make one error of those of all controllers: the kind that most needs a person decides."""
    if len(failures) == 1 and not isinstance(failures[0], ApicOutcomeUnknown):
        return failures[0]
    message = "; ".join(failure.message for failure in failures)
    for kind in (ApicCertificateError, ApicAnswerError, ApicBusy):
        for failure in failures:
            if isinstance(failure, kind):
                return kind(message, failure.next_step)
    return ApicUnreachable(message, "check the address and the way to it")
