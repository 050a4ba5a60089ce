"""What a request means: who asks, what for, and the answer. No sockets and no event loop in here."""

import json
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import unquote

from akb_sync.simulators.apic import documents, errors, login, queries, rendering, signatures
from akb_sync.simulators.apic.documents import Operation
from akb_sync.simulators.apic.errors import ApicError
from akb_sync.simulators.apic.fabric import Fabric
from akb_sync.simulators.apic.faults import Faults
from akb_sync.simulators.apic.journal import Journal, Refusal, Write
from akb_sync.simulators.apic.queries import DEPTHS, Query
from akb_sync.simulators.apic.rendering import Json, Nesting
from akb_sync.simulators.apic.sessions import USERS_DN, Session, Sessions
from akb_sync.simulators.apic.subscriptions import Socket
from akb_sync.simulators.apic.transactions import Author, Change

TOKEN_COOKIE = "apic-cookie"  # noqa: S105 - the cookie's name
SOCKET_COOKIE = "apic-websocket-session"


class SocketDirectory(Protocol):
    """Knows the open websocket of a session."""

    def of_session(self, session: Session) -> Socket | None:
        """The newest open websocket of a session."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came: the path raw with its query string, cookies in order with names in lower case."""

    method: str
    path: str
    cookies: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def tokens(self) -> list[str]:
        """The values of all token cookies."""
        return [value for name, value in self.cookies if name == TOKEN_COOKIE]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; `token` goes into a cookie, `committed` says that a write was carried out."""

    status: int
    body: Json = field(default_factory=dict)
    token: str | None = None
    committed: bool = False

    def text(self) -> str:
        """The body as it goes over the wire, in the APIC's own key order."""
        return json.dumps(self.body, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks: the user, and the session if there is one (a signed request may have none)."""

    user: str
    session: Session | None


class Api:
    """Answers requests; one object for one APIC."""

    def __init__(
        self, fabric: Fabric, sessions: Sessions, faults: Faults, journal: Journal, sockets: SocketDirectory
    ) -> None:
        self._fabric = fabric
        self._sessions = sessions
        self._faults = faults
        self._journal = journal
        self._sockets = sockets
        self._desk = login.Desk(sessions, fabric.clock, faults, journal)

    def answer(self, request: Request) -> Reply:
        """The answer to a request, refusals included."""
        try:
            with self._fabric.lock:
                return self._route(request)
        except ApicError as error:
            path = request.path.partition("?")[0]
            self._journal.refused(Refusal(request.method, path, error.status, error.code, error.text))
            return Reply(error.status, error.body())

    def _route(self, request: Request) -> Reply:
        path, _, query = request.path.partition("?")
        name = _without_suffix(path.removeprefix("/api/"))
        given = queries.parameters(query)
        if name == "aaaLogin" and request.method == "POST":
            return _granted(self._desk.login(request.body))
        if unquote(name).removeprefix("node/").removeprefix("mo/") == "aaaLogin":
            raise ApicError("403", "Login is not allowed through this path", 403)
        identity = self._identify(request)
        special = self._special(name, identity, given)
        if special is not None:
            return special
        if request.method == "GET":
            return self._read(name, given, identity, request)
        if request.method in {"POST", "DELETE"}:
            return self._write(name, given, identity, request)
        raise ApicError("405", "Method not allowed", 405)

    def _special(self, name: str, identity: Identity, given: dict[str, str]) -> Reply | None:
        session = identity.session
        match name:
            case "aaaRefresh":
                return _granted(self._desk.refresh(_needed(session)))
            case "aaaLogout":
                self._desk.logout(_needed(session))
                return _nothing()
            case "webtokenSession":
                return Reply(200, self._desk.webtoken(identity.user))
            case "subscriptionRefresh":
                self._journal.count("subscription_refreshes")
                ids = [part.strip() for part in given.get("id", "").split(",")]
                timeout = queries.number(given, "refresh-timeout")
                self._fabric.bus.refresh(ids, _needed(session), timeout)
                return Reply(200, {"imdata": []})
        return None

    def _identify(self, request: Request) -> Identity:
        cookies = dict(request.cookies)
        if signatures.is_signed(cookies):
            user = signatures.verify(self._fabric.tree, cookies, request.method, request.path, request.body)
            token = cookies.get(SOCKET_COOKIE)
            return Identity(user, self._sessions.of_token(token) if token else None)
        refusal: ApicError | None = None
        for token in request.tokens() or [""]:
            try:
                session = self._sessions.of_token(token)
            except ApicError as error:
                refusal = error
            else:
                return Identity(session.user, session)
        raise refusal or errors.token_invalid()

    def _read(self, name: str, given: dict[str, str], identity: Identity, request: Request) -> Reply:
        self._journal.count("queries")
        schema = self._fabric.schema
        query = queries.parse(queries.target_of(name, schema), given, schema)
        if not query.subscribe:
            result = self._fabric.query(query)
            return Reply(200, {"totalCount": str(result.total), "imdata": result.imdata})
        subscription = self._subscribe(query, identity, mute=len(request.tokens()) > 1)
        result = self._fabric.query(query)
        body = {"totalCount": str(result.total), "subscriptionId": subscription, "imdata": result.imdata}
        return Reply(200, body)

    def _subscribe(self, query: Query, identity: Identity, *, mute: bool) -> str:
        self._journal.count("subscriptions")
        socket = None if identity.session is None else self._sockets.of_session(identity.session)
        if socket is None:
            raise errors.not_subscribable()
        return self._fabric.bus.subscribe(query, socket, mute=mute)

    def _write(self, name: str, given: dict[str, str], identity: Identity, request: Request) -> Reply:
        schema = self._fabric.schema
        dn = _written_dn(name)
        document: Any = None
        if request.method == "POST":
            self._journal.count("posts")
            document = documents.decode(request.body)
            operations = documents.operations(schema, dn, document)
        else:
            self._journal.count("deletes")
            operations = [documents.deletion(schema, dn)]
        answer = queries.option(given, "rsp-subtree", ("no", "children", "full", "modified"))
        self._faults.check(operations)
        changes = self._fabric.write(operations, self._author(identity.user))
        touched = tuple((str(change.kind), change.mo.dn) for change in changes)
        now = self._fabric.clock.wall()
        self._journal.accepted(Write(request.method, dn, identity.user, document, len(changes), now, touched))
        imdata = self._written(answer, operations, changes)
        return Reply(200, {"totalCount": str(len(imdata)), "imdata": imdata}, committed=True)

    def _written(self, answer: str, operations: list[Operation], changes: list[Change]) -> list[Json]:
        if answer == "no":
            return []
        if answer == "modified":
            return rendering.modified_answer(changes)
        written = {operation.dn for operation in operations}
        roots = [operation.dn for operation in operations if operation.parent_dn not in written]
        nesting = Nesting(DEPTHS[answer], lambda mo: not mo.schema.record)
        found = [mo for dn in dict.fromkeys(roots) if (mo := self._fabric.tree.get(dn)) is not None]
        return [rendering.render(mo, "all", nesting) for mo in found]

    def _author(self, user: str) -> Author:
        mo = self._fabric.tree.get(f"{USERS_DN}/user-{user}")
        return Author(user, "0" if mo is None else mo.get("unixUserId"), ":all:")


def _without_suffix(path: str) -> str:
    """A path's format is chosen by its suffix; only the last one counts, dns may have dots."""
    if path.endswith(".json"):
        return path.removesuffix(".json")
    if path.endswith(".xml"):
        raise ApicError("400", "XML is not supported by this simulator; use the .json form of the URL")
    raise ApicError("400", "Request failed, the URL must end in .json or .xml")


def _written_dn(name: str) -> str:
    kind, _, dn = name.removeprefix("node/").partition("/")
    if kind != "mo":
        raise ApicError("400", f"Invalid request. Cannot write to '{name}'")
    return unquote(dn)


def _needed(session: Session | None) -> Session:
    if session is None:
        raise errors.token_invalid("Need a valid webtoken cookie (named APIC-Cookie)")
    return session


def _granted(grant: login.Grant) -> Reply:
    return Reply(200, grant.body, token=grant.token)


def _nothing() -> Reply:
    return Reply(200, {"totalCount": "0", "imdata": []})
