"""Who is logged in: tokens, how long they live, and the sessions that they belong to.

A refresh gives a new token to the same session; the old one lives to its own end. A session ends when its
last token has ended, on logout, when its user is gone, or after its absolute lifetime, whatever comes first;
then its websockets and with them its subscriptions are gone. Sessions belong to the cluster: a token of one
controller is good at the others too, a websocket is not.
"""

import base64
import itertools
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

from akb_sync.simulators.apic.accounts import USERS_DN
from akb_sync.simulators.apic.clock import Clock
from akb_sync.simulators.apic.errors import ApicError, token_invalid
from akb_sync.simulators.apic.tree import Mo, Tree

LOGIN_DOMAINS = ("DefaultAuth", "fallback", "local")
TOKEN_BYTES = 166  # not a multiple of three, so that the text ends in "="


@dataclass(slots=True, eq=False)
class Session:
    """One login.

    Attributes:
        user_dn: the user's object.
        ends: when the session ends in any case.
        challenge: what every request has to bear beside the token; empty for nothing.
        tokens: the living tokens and when each ends.
    """

    id: str
    user: str
    user_dn: str
    started: float
    ends: float
    challenge: str = ""
    tokens: dict[str, float] = field(default_factory=dict)


class Sessions:
    """All sessions of one APIC.

    Args:
        tree: holds the users, as `aaaUser` objects.
        clock: what lifetimes are measured by.
        refresh_timeout: seconds that a token lives; a real APIC's default is 600, older ones had 300.
        maximum_lifetime: seconds that a session lives, however often it is refreshed.
        extend_on_use: every request gives its token a new life. Sources disagree whether a real APIC does
            that; clients that rely on a refresh work with either, so strict is the default.
    """

    def __init__(
        self,
        tree: Tree,
        clock: Clock,
        *,
        refresh_timeout: float = 600,
        maximum_lifetime: float = 86_400,
        extend_on_use: bool = False,
    ) -> None:
        self._tree = tree
        self._clock = clock
        self.refresh_timeout = refresh_timeout
        self.maximum_lifetime = maximum_lifetime
        self._extend_on_use = extend_on_use
        self._by_token: dict[str, Session] = {}
        self._serial = itertools.count(1)

    def login(self, name: str, password: str) -> tuple[Session, str]:
        """Open a session for a local user; raises the APIC's 401."""
        user = self._user(name)
        known = "" if user is None else user.get("pwd")
        right = secrets.compare_digest(known.encode(), password.encode())
        if user is None or not known or not right or not _active(user):
            raise ApicError("401", "Username or password is incorrect - FAILED local authentication", 401)
        return self.open(user.get("name"))

    def open(self, user: str, user_dn: str = "") -> tuple[Session, str]:
        """A session and its first token, for a user whose identity is established."""
        now = self._clock.elapsed()
        identity = base64.b64encode(secrets.token_bytes(16)).decode()
        dn = user_dn or f"{USERS_DN}/user-{user}"
        session = Session(identity, user, dn, now, now + self.maximum_lifetime)
        return session, self.renew(session)

    def challenge(self, session: Session) -> str:
        """From now on requests of the session need this text beside the token."""
        session.challenge = secrets.token_hex(32)
        return session.challenge

    def renew(self, session: Session) -> str:
        """A new token for a session."""
        token = _new_token()
        session.tokens[token] = self._token_end(session)
        self._by_token[token] = session
        return token

    def of_token(self, token: str | None) -> Session:
        """The session of a token; raises the 403 that tells clients to log in again."""
        if not token:
            raise token_invalid("Need a valid webtoken cookie (named APIC-Cookie)")
        self.expire()
        session = self._by_token.get(token)
        if session is None:
            raise token_invalid()
        self.user_of(session)
        if self._extend_on_use:
            session.tokens[token] = self._token_end(session)
        return session

    def end_tokens(self, tokens: Iterable[str]) -> None:
        """End the sessions of some tokens; tokens that nobody has are passed over."""
        for token in tokens:
            session = self._by_token.get(token)
            if session is not None:
                self.close(session)

    def close(self, session: Session) -> None:
        """End a session."""
        for token in session.tokens:
            self._by_token.pop(token, None)
        session.tokens.clear()

    def close_all(self) -> None:
        """End every session, as after a restart of the management processes."""
        for session in list(self._by_token.values()):
            self.close(session)

    def alive(self, session: Session) -> bool:
        """Whether any token of a session still lives, and its user."""
        self.expire()
        user = self._tree.get(session.user_dn)
        return bool(session.tokens) and user is not None and _active(user)

    def expire(self) -> None:
        """Forget the tokens whose time is over."""
        now = self._clock.elapsed()
        over = [token for token, session in self._by_token.items() if session.tokens[token] <= now]
        for token in over:
            del self._by_token.pop(token).tokens[token]

    def user_of(self, session: Session) -> Mo:
        """The user of a session; a user who is gone, or switched off, has no session any more."""
        user = self._tree.get(session.user_dn)
        if user is None or not _active(user):
            self.close(session)
            raise token_invalid()
        return user

    def _token_end(self, session: Session) -> float:
        return min(self._clock.elapsed() + self.refresh_timeout, session.ends)

    def _user(self, name: str) -> Mo | None:
        """The user of a login name; `apic:DOMAIN` or `apic#DOMAIN` and backslashes may stand before it."""
        head, _, user = name.rpartition("\\")
        domain = head.rstrip("\\").removeprefix("apic:").removeprefix("apic#")
        return self._tree.get(f"{USERS_DN}/user-{user}") if not head or domain in LOGIN_DOMAINS else None


def _active(user: Mo) -> bool:
    """App users have no such switch."""
    return "accountStatus" not in user.schema.properties or user.get("accountStatus") == "active"


def _new_token() -> str:
    """Base64 with `/`, `+` and `=` in it like a real one: a client that quotes them wrongly fails here."""
    while True:
        token = base64.b64encode(secrets.token_bytes(TOKEN_BYTES)).decode()
        if "/" in token and "+" in token:
            return token
