"""The desk where sessions begin, are prolonged and end; and what its answers look like.

Every value is text, numbers and booleans too (recorded answers of real APICs). The answer to a refresh is
of class `aaaLogin`, as nearly all clients read it.
"""

from dataclasses import dataclass
from typing import Any

from akb_sync.simulators.apic import documents, errors
from akb_sync.simulators.apic.clock import Clock
from akb_sync.simulators.apic.errors import ApicError
from akb_sync.simulators.apic.faults import Faults
from akb_sync.simulators.apic.journal import Journal
from akb_sync.simulators.apic.rendering import Json
from akb_sync.simulators.apic.sessions import Session, Sessions

VERSION = "6.0(9c)"
NODE = "topology/pod-1/node-1"


@dataclass(frozen=True, slots=True)
class Grant:
    """An answer that carries a token."""

    token: str
    body: Json


class Desk:
    """Logs users in and out."""

    def __init__(self, sessions: Sessions, clock: Clock, faults: Faults, journal: Journal) -> None:
        self._sessions = sessions
        self._clock = clock
        self._faults = faults
        self._journal = journal

    def login(self, body: bytes) -> Grant:
        """aaaLogin: name and password from the body."""
        self._journal.count("logins")
        try:
            name, password = _credentials(documents.decode(body))
            if self._faults.refuse_logins:
                password = ""
            session, token = self._sessions.login(name, password)
        except ApicError:
            self._journal.count("logins_refused")
            raise
        return self._grant(session, token)

    def refresh(self, session: Session) -> Grant:
        """aaaRefresh: a new token for a living session."""
        self._journal.count("refreshes")
        return self._grant(session, self._sessions.renew(session))

    def logout(self, session: Session) -> None:
        """aaaLogout: end the session of the token."""
        self._journal.count("logouts")
        self._sessions.close(session)

    def webtoken(self, user: str) -> Json:
        """webtokenSession: a token with which a certificate user opens a websocket."""
        self._journal.count("webtokens")
        _session, token = self._sessions.open(user)
        return {"totalCount": "1", "imdata": [{"webtokenSession": {"attributes": {"token": token}}}]}

    def _grant(self, session: Session, token: str) -> Grant:
        user = self._sessions.user_of(session)
        attributes = {
            "token": token,
            "siteFingerprint": "akb-sync-simulator",
            "refreshTimeoutSeconds": _seconds(self._sessions.refresh_timeout),
            "maximumLifetimeSeconds": _seconds(self._sessions.maximum_lifetime),
            "guiIdleTimeoutSeconds": "1200",
            "restTimeoutSeconds": "90",
            "creationTime": str(int(self._clock.wall())),
            "firstLoginTime": str(int(self._clock.wall() - (self._clock.elapsed() - session.started))),
            "userName": session.user,
            "remoteUser": "false",
            "unixUserId": "0" if user is None else user.get("unixUserId"),
            "sessionId": session.id,
            "lastName": "" if user is None else user.get("lastName"),
            "firstName": "" if user is None else user.get("firstName"),
            "changePassword": "no",
            "version": VERSION,
            "buildTime": "Mon Jan 01 00:00:00 UTC 2024",
            "node": NODE,
        }
        domain = {"aaaUserDomain": {"attributes": {"name": "all", "rolesR": "admin", "rolesW": "admin"}}}
        body = {"totalCount": "1", "imdata": [{"aaaLogin": {"attributes": attributes, "children": [domain]}}]}
        return Grant(token, body)


def _credentials(document: Any) -> tuple[str, str]:
    match document:
        case {"aaaUser": {"attributes": {"name": str(name), "pwd": str(password)}}}:
            return name, password
    raise errors.attributes_missing()


def _seconds(value: float) -> str:
    """Whole seconds where they are whole: tests use shorter lifetimes than a real APIC allows."""
    return str(int(value)) if value == int(value) else str(value)
