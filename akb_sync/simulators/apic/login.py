"""The desk where sessions begin, are prolonged and end; and what its answers look like.

Every value is text, numbers and booleans too (recorded answers of real APICs). The answer to a refresh is
of class `aaaLogin`, as nearly all clients read it. The roles are told by domain, as names in `rolesR` and
`rolesW` and once more as children (developer.cisco.com, "Logging in" of the NX-API REST SDK, whose login is
the same).
"""

from dataclasses import dataclass
from typing import Any

from akb_sync.simulators.apic import errors
from akb_sync.simulators.apic.clock import Clock
from akb_sync.simulators.apic.errors import ApicError
from akb_sync.simulators.apic.exchange import Identity
from akb_sync.simulators.apic.faults import Faults
from akb_sync.simulators.apic.forms import Form
from akb_sync.simulators.apic.journal import Journal
from akb_sync.simulators.apic.rendering import Json
from akb_sync.simulators.apic.rights import Rights, rights_of
from akb_sync.simulators.apic.sessions import LOGIN_DOMAINS, Session, Sessions
from akb_sync.simulators.apic.tree import Mo, Tree

VERSION = "6.0(9c)"


@dataclass(frozen=True, slots=True)
class Grant:
    """An answer that carries a token."""

    token: str
    body: Json


class Desk:
    """Logs users in and out."""

    def __init__(
        self,
        tree: Tree,
        sessions: Sessions,
        clock: Clock,
        faults: Faults,
        journal: Journal,
        *,
        controller: int = 1,
    ) -> None:
        self._tree = tree
        self._sessions = sessions
        self._clock = clock
        self._faults = faults
        self._journal = journal
        self._controller = controller

    def login(self, body: bytes, form: Form = Form.JSON, *, challenge: bool = False) -> Grant:
        """aaaLogin: name and password from the body; with `challenge` as a browser logs in."""
        self._journal.count("logins")
        try:
            name, password = _credentials(form.read(body))
            if self._faults.refuse_logins:
                password = ""
            session, token = self._sessions.login(name, password)
        except ApicError:
            self._journal.count("logins_refused")
            raise
        if challenge:
            self._sessions.challenge(session)
        return self._grant(session, token)

    def app_token(self, body: bytes, form: Form, identity: Identity) -> Grant:
        """requestAppToken: a session for an app that signs its requests, so that it may subscribe."""
        self._journal.count("webtokens")
        match form.read(body):
            case {"aaaAppToken": {"attributes": {"appName": str()}}}:
                return self._grant(*self._sessions.open(identity.user, identity.user_dn))
        raise errors.attributes_missing()

    def domains(self, form: Form) -> Json:
        """aaaListDomains: the login domains, which the GUI asks for before anybody is logged in."""
        shown: list[Json] = [{"name": name} for name in LOGIN_DOMAINS]
        if form is Form.XML:
            shown = [{"aaaLoginDomain": {"attributes": each}} for each in shown]
        return {"totalCount": str(len(shown)), "imdata": shown}

    def refresh(self, session: Session) -> Grant:
        """aaaRefresh: a new token for a living session."""
        self._journal.count("refreshes")
        return self._grant(session, self._sessions.renew(session))

    def logout(self, session: Session) -> None:
        """aaaLogout: end the session of the token."""
        self._journal.count("logouts")
        self._sessions.close(session)

    def webtoken(self, identity: Identity) -> Json:
        """webtokenSession: a token with which a certificate user opens a websocket."""
        self._journal.count("webtokens")
        _session, token = self._sessions.open(identity.user, identity.user_dn)
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
            "unixUserId": _shown(user, "unixUserId", "0"),
            "sessionId": session.id,
            "lastName": _shown(user, "lastName"),
            "firstName": _shown(user, "firstName"),
            "changePassword": "no",
            "version": VERSION,
            "buildTime": "Mon Jan 01 00:00:00 UTC 2024",
            "node": self._node(),
        }
        if session.challenge:
            attributes["urlToken"] = session.challenge
        content = {"attributes": attributes, "children": _domains(rights_of(self._tree, user))}
        return Grant(token, {"totalCount": "1", "imdata": [{"aaaLogin": content}]})

    def _node(self) -> str:
        """The dn of this controller in the fabric."""
        for node in self._tree.of_class("fabricNode"):
            if node.get("role") == "controller" and node.get("id") == str(self._controller):
                return node.dn
        return f"topology/pod-1/node-{self._controller}"


def _domains(rights: Rights) -> list[Json]:
    return [
        {
            "aaaUserDomain": {
                "attributes": {
                    "name": name,
                    "rolesR": ",".join(grants.read_roles),
                    "rolesW": ",".join(grants.write_roles),
                },
                "children": [
                    {"aaaReadRoles": _roles(grants.read_roles)},
                    {"aaaWriteRoles": _roles(grants.write_roles)},
                ],
            }
        }
        for name, grants in rights.domains.items()
    ]


def _roles(names: tuple[str, ...]) -> Json:
    children = [{"role": {"attributes": {"name": name}}} for name in names]
    return {"attributes": {}, "children": children} if children else {"attributes": {}}


def _shown(user: Mo, prop: str, default: str = "") -> str:
    """App users have fewer properties."""
    return user.get(prop) if prop in user.schema.properties else default


def _credentials(document: Any) -> tuple[str, str]:
    match document:
        case {"aaaUser": {"attributes": {"name": str(name), "pwd": str(password)}}}:
            return name, password
    raise errors.attributes_missing()


def _seconds(value: float) -> str:
    """Whole seconds where they are whole: tests use shorter lifetimes than a real APIC allows."""
    return str(int(value)) if value == int(value) else str(value)
