"""Who stands behind a request: a session by its token, or a user by a signature."""

from urllib.parse import parse_qs

from akb_sync.simulators.apic import errors, signatures
from akb_sync.simulators.apic.errors import ApicError
from akb_sync.simulators.apic.exchange import Identity, Request
from akb_sync.simulators.apic.rights import rights_of
from akb_sync.simulators.apic.sessions import Session, Sessions
from akb_sync.simulators.apic.tree import Tree

SOCKET_COOKIE = "apic-websocket-session"


class Gatekeeper:
    """Lets requests in."""

    def __init__(self, tree: Tree, sessions: Sessions) -> None:
        self._tree = tree
        self._sessions = sessions

    def identify(self, request: Request) -> Identity:
        """Who asks; raises the APIC's 403."""
        cookies = dict(request.cookies)
        if signatures.is_signed(cookies):
            user = signatures.verify(self._tree, cookies, request.method, request.path, request.body)
            token = cookies.get(SOCKET_COOKIE)
            session = self._sessions.of_token(token) if token else None
            return Identity(user.get("name"), session, user.dn, rights_of(self._tree, user))
        session = self._session(request)
        self._check_challenge(request, session)
        mo = self._sessions.user_of(session)
        return Identity(session.user, session, mo.dn, rights_of(self._tree, mo))

    def _session(self, request: Request) -> Session:
        refusal: ApicError | None = None
        for token in request.tokens() or [""]:
            try:
                return self._sessions.of_token(token)
            except ApicError as error:
                refusal = error
        raise refusal or errors.token_invalid()

    @staticmethod
    def _check_challenge(request: Request, session: Session) -> None:
        """A login for a browser gives a second token, which no foreign page can send along."""
        if not session.challenge:
            return
        given = parse_qs(request.path.partition("?")[2]).get("challenge", [request.challenge])
        if session.challenge not in given:
            raise errors.token_invalid("Need a valid APIC-challenge header or challenge parameter")
