"""What a request means: who asks, what for, and the answer. No sockets and no event loop in here."""

from dataclasses import replace
from typing import Protocol
from urllib.parse import unquote

from akb_sync.simulators.apic import errors, login, parameters
from akb_sync.simulators.apic.errors import ApicError
from akb_sync.simulators.apic.exchange import Identity, Reply, Request
from akb_sync.simulators.apic.fabric import Fabric
from akb_sync.simulators.apic.faults import Faults
from akb_sync.simulators.apic.forms import Form
from akb_sync.simulators.apic.gatekeeper import Gatekeeper
from akb_sync.simulators.apic.journal import Journal, Refusal
from akb_sync.simulators.apic.queries import Query
from akb_sync.simulators.apic.sessions import Session, Sessions
from akb_sync.simulators.apic.subscriptions import Socket
from akb_sync.simulators.apic.transactions import Author
from akb_sync.simulators.apic.writes import Writes


class SocketDirectory(Protocol):
    """Knows the open websocket of a session."""

    def of_session(self, session: Session) -> Socket | None:
        """The newest open websocket of a session."""


class Api:
    """Answers requests; one object for one APIC."""

    def __init__(
        self,
        fabric: Fabric,
        sessions: Sessions,
        faults: Faults,
        journal: Journal,
        sockets: SocketDirectory,
        *,
        controller: int = 1,
    ) -> None:
        self._fabric = fabric
        self._gatekeeper = Gatekeeper(fabric.tree, sessions)
        self._journal = journal
        self._sockets = sockets
        self._desk = login.Desk(fabric.tree, sessions, fabric.clock, faults, journal, controller=controller)
        self._writes = Writes(fabric, faults, journal)

    def answer(self, request: Request) -> Reply:
        """The answer to a request, refusals included, in the form that its URL asks for."""
        path, _, query = request.path.partition("?")
        form = Form.of(path)
        try:
            with self._fabric.lock:
                reply = self._route(request, _name(path), parameters.parameters(query), form)
        except ApicError as error:
            self._journal.refused(Refusal(request.method, path, error.status, error.code, error.text))
            reply = Reply(error.status, error.body())
        return replace(reply, form=form)

    def _route(self, request: Request, name: str, given: dict[str, str], form: Form) -> Reply:
        if name == "aaaLogin" and request.method == "POST":
            challenge = given.get("gui-token-request") == "yes"
            return _granted(self._desk.login(request.body, form, challenge=challenge))
        if name == "aaaListDomains":
            return Reply(200, self._desk.domains(form))
        if unquote(name).removeprefix("node/").removeprefix("mo/") == "aaaLogin":
            raise ApicError("403", "Login is not allowed through this path", 403)
        identity = self._gatekeeper.identify(request)
        if name == "requestAppToken":
            return _granted(self._desk.app_token(request.body, form, identity))
        special = self._special(name, identity, given)
        if special is not None:
            return special
        if request.method == "GET":
            return self._read(request, name, given, identity, form)
        if request.method in {"POST", "DELETE"}:
            author, rights = self._author(identity), identity.rights
            return self._writes.answer(request, name, given, author=author, rights=rights, form=form)
        raise ApicError("405", "Method not allowed", 405)

    def _special(self, name: str, identity: Identity, given: dict[str, str]) -> Reply | None:
        session = identity.session
        match name:
            case "aaaRefresh":
                return self._refreshed(self._desk.refresh(_needed(session)))
            case "aaaLogout":
                self._desk.logout(_needed(session))
                return Reply(200, {"totalCount": "0", "imdata": []})
            case "webtokenSession":
                return Reply(200, self._desk.webtoken(identity))
            case "subscriptionRefresh":
                self._journal.count("subscription_refreshes")
                ids = [part.strip() for part in given.get("id", "").split(",")]
                timeout = parameters.number(given, "refresh-timeout")
                self._fabric.bus.refresh(ids, _needed(session), timeout)
                return Reply(200, {"imdata": []})
        return None

    def _refreshed(self, grant: login.Grant) -> Reply:
        (item,) = grant.body["imdata"]
        (content,) = item.values()
        body = {**grant.body, "imdata": [{self._fabric.behaviour.refresh_class: content}]}
        return Reply(200, body, token=grant.token)

    def _read(
        self, request: Request, name: str, given: dict[str, str], identity: Identity, form: Form
    ) -> Reply:
        self._journal.count("queries")
        schema, how = self._fabric.schema, self._fabric.behaviour
        query = parameters.parse(parameters.target_of(name, schema, how), given, schema, how)
        if not identity.rights.reads_everything:
            query = replace(query, visible=identity.rights.reads)
        subscribed = {}
        if query.subscribe:
            # The answer is of the moment of the subscription: the lock is held over both.
            mute = len(request.tokens()) > 1
            subscribed = {"subscriptionId": self._subscribe(query, identity, form, mute=mute)}
        result = self._fabric.query(query)
        return Reply(200, {"totalCount": str(result.total), **subscribed, "imdata": result.imdata})

    def _subscribe(self, query: Query, identity: Identity, form: Form, *, mute: bool) -> str:
        self._journal.count("subscriptions")
        socket = None if identity.session is None else self._sockets.of_session(identity.session)
        if socket is None:
            raise errors.not_subscribable()
        return self._fabric.bus.subscribe(query, socket, form=form, mute=mute)

    def _author(self, identity: Identity) -> Author:
        mo = self._fabric.tree.get(identity.user_dn)
        uid = "0" if mo is None or "unixUserId" not in mo.schema.properties else mo.get("unixUserId")
        session = "" if identity.session is None else identity.session.id
        return Author(identity.user, uid, identity.rights.userdom, session)


def _name(path: str) -> str:
    """A path below `/api/` without its suffix; only the last suffix counts, dns may have dots."""
    for form in Form:
        if path.endswith(f".{form}"):
            return path.removeprefix("/api/").removesuffix(f".{form}")
    raise ApicError("400", "Request failed, the URL must end in .json or .xml")


def _needed(session: Session | None) -> Session:
    if session is None:
        raise errors.token_invalid("Need a valid webtoken cookie (named APIC-Cookie)")
    return session


def _granted(grant: login.Grant) -> Reply:
    return Reply(200, grant.body, token=grant.token)
