"""The two ways to be somebody on an APIC: a password with a session, or a key that signs every request.

Both give a `Login`, which is what a request needs to be sent: whom to, as whom, and until when.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from akb_sync.clock import Clock
from akb_sync.errors import ApicAnswerError, ApicError

from .answers import Answer, are_objects
from .options import ApicOptions
from .wire import Call

if TYPE_CHECKING:
    from .signature import Signer

Exchange = Callable[[str, Call], Answer]
"""Sends a call to a controller and reads its answer."""

_RENEW_AT = 0.95
"""The part of a session's longest life after which a new one is made before the old one ends."""
_TOKEN = re.compile(r"[!-:<-~]+")  # visible ASCII without `;`: fit for a cookie and for a URL


@dataclass(frozen=True, slots=True)
class Grant:
    """The user's roles in one security domain (`aaaUserDomain` of the login's answer)."""

    domain: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Login:
    """A session on one controller; times are those of the monotonic clock."""

    controller: str
    token: str = field(repr=False)
    refresh_at: float = math.inf
    renew_at: float = math.inf
    version: str = ""
    """The controller's release, as the login's answer tells it; empty with a key."""
    grants: tuple[Grant, ...] | None = None
    """The user's roles; None with a key, whose session's answer tells none."""


class Credential(Protocol):
    """Somebody on the APIC."""

    def begin(self, controller: str) -> Login:
        """Log in on one controller."""
        ...

    def refresh(self, login: Login) -> Login:
        """Give the same session with a new token."""
        ...

    def end(self, login: Login) -> None:
        """Log out; failing is of no consequence."""
        ...

    def cookie(self, login: Login, method: str, target: str, body: bytes) -> str:
        """Give the Cookie header of a request."""
        ...

    def socket_cookie(self, login: Login, target: str) -> str:
        """Give the Cookie header of the websocket's handshake."""
        ...


def credential_of(options: ApicOptions, clock: Clock, exchange: Exchange) -> Credential:
    """Give the credential that the options hold; raise SettingsError when the key cannot be used."""
    if options.key_pem:
        # Cryptography takes a while to import, and who logs in with a password does not need it.
        from .signature import Signer  # noqa: PLC0415

        return KeyCredential(Signer(options.key_pem, options.certificate_dn), exchange)
    return PasswordCredential(options, clock, exchange)


class PasswordCredential:
    """`aaaLogin`: a token that has to be refreshed before `refreshTimeoutSeconds` (300 or 600) pass.

    Whether ordinary requests extend a token is told differently by different sources, so it is always
    refreshed, at half of its time. After `maximumLifetimeSeconds` (24 h) only a new login helps.
    """

    def __init__(self, options: ApicOptions, clock: Clock, exchange: Exchange) -> None:
        self._options = options
        self._clock = clock
        self._exchange = exchange

    def begin(self, controller: str) -> Login:
        """POST aaaLogin."""
        body = _user(name=self._options.username, pwd=self._options.password)
        began = self._clock.monotonic()
        answer = self._exchange(controller, Call("POST", "/api/aaaLogin.json", body, brief=True))
        attributes = _attributes(answer, controller)
        lifetime = _seconds(attributes, "maximumLifetimeSeconds", 86_400)
        login = self._login(controller, attributes, began, began + _RENEW_AT * lifetime)
        return replace(login, version=str(attributes.get("version", "")), grants=_grants(answer))

    def refresh(self, login: Login) -> Login:
        """GET aaaRefresh: the token changes, websocket and subscriptions stay (Cisco's REST guide)."""
        target = "/api/aaaRefresh.json"
        began = self._clock.monotonic()
        call = Call("GET", target, cookie=self.cookie(login, "GET", target, b""), brief=True)
        attributes = _attributes(self._exchange(login.controller, call), login.controller)
        refreshed = self._login(login.controller, attributes, began, login.renew_at)
        return replace(refreshed, version=login.version, grants=login.grants)

    def _login(self, controller: str, attributes: dict[str, Any], began: float, renew_at: float) -> Login:
        refresh_at = began + _seconds(attributes, "refreshTimeoutSeconds", 300) / 2
        return Login(controller, _token(attributes, controller), refresh_at, renew_at)

    def end(self, login: Login) -> None:
        """POST aaaLogout."""
        target = "/api/aaaLogout.json"
        body = _user(name=self._options.username)
        try:
            cookie = self.cookie(login, "POST", target, body)
            self._exchange(login.controller, Call("POST", target, body, cookie, brief=True))
        except ApicError:
            return  # the session ends by itself when nobody refreshes it

    def cookie(self, login: Login, method: str, target: str, body: bytes) -> str:  # noqa: ARG002 - a token signs nothing
        """Give the one cookie."""
        return f"APIC-cookie={login.token}"

    def socket_cookie(self, login: Login, target: str) -> str:  # noqa: ARG002 - the token in the path says it
        """Give none: the websocket's path carries the token."""
        return ""


class KeyCredential:
    """Signed requests. There is a token too, but only the websocket needs it (`webtokenSession`)."""

    def __init__(self, signer: Signer, exchange: Exchange) -> None:
        self._signer = signer
        self._exchange = exchange

    def begin(self, controller: str) -> Login:
        """GET webtokenSession, which also shows whether the key is accepted."""
        target = "/api/webtokenSession.json"
        call = Call("GET", target, cookie=self._signer.cookie("GET", target), brief=True)
        answer = self._exchange(controller, call)
        return Login(controller, _token(_attributes(answer, controller), controller))

    def refresh(self, login: Login) -> Login:
        """Give the login as it is: signatures do not age."""
        return login

    def end(self, login: Login) -> None:
        """Do nothing: there is no session."""

    def cookie(self, login: Login, method: str, target: str, body: bytes) -> str:
        """Sign, and name the websocket's session, so that subscriptions find their socket."""
        return f"{self._signer.cookie(method, target, body)}; APIC-WebSocket-Session={login.token}"

    def socket_cookie(self, login: Login, target: str) -> str:
        """Sign the handshake like any request (aci-containers does)."""
        return self.cookie(login, "GET", target, b"")


def _user(**attributes: str) -> bytes:
    return json.dumps({"aaaUser": {"attributes": attributes}}).encode()


def _attributes(answer: Answer, controller: str) -> dict[str, Any]:
    """Give the attributes of the first object: `aaaLogin`, `aaaRefresh` or `webtokenSession`."""
    bodies = [body for item in answer.imdata for body in item.values()]
    if not bodies:
        raise ApicAnswerError(
            f"the login on {controller} is answered without a session", "check that --apic names an APIC"
        )
    return dict(bodies[0]["attributes"])


def _token(attributes: dict[str, Any], controller: str) -> str:
    token = attributes.get("token")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise ApicAnswerError(
            f"the login on {controller} is answered without a usable token", "check that --apic names an APIC"
        )
    return token


def _seconds(attributes: dict[str, Any], name: str, default: float) -> float:
    try:
        seconds = float(attributes.get(name, default))
    except (TypeError, ValueError, OverflowError):
        return default
    return seconds if seconds > 0 else default


def _grants(answer: Answer) -> tuple[Grant, ...]:
    """Read the roles that the login's answer tells; releases name them as text or as numbers."""
    children = (
        child for item in answer.imdata for body in item.values() for child in _listed(body.get("children"))
    )
    domains = (child["aaaUserDomain"]["attributes"] for child in children if "aaaUserDomain" in child)
    return tuple(
        Grant(one.get("name", ""), _roles(one.get("rolesR")), _roles(one.get("rolesW"))) for one in domains
    )


def _listed(children: object) -> list[dict[str, Any]]:
    """Give the children that are objects; what is none tells no roles."""
    found = children if isinstance(children, list) else []
    return [child for child in found if are_objects([child])]


def _roles(text: object) -> tuple[str, ...]:
    return tuple(
        role.strip() for role in str(text or "").replace("|", ",").split(",") if role.strip() not in ("", "0")
    )
