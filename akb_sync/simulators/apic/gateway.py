"""HTTP, TLS and websocket in front of the API: what nginx is on a real APIC.

Faults that belong to the wire (a slow answer, an HTML page, a cut connection) happen here, the API behind
knows nothing of them.
"""

import asyncio
import time
from collections.abc import AsyncIterator

from aiohttp import web

from akb_sync.simulators.apic.api import Api
from akb_sync.simulators.apic.errors import ApicError
from akb_sync.simulators.apic.exchange import Reply, Request
from akb_sync.simulators.apic.fabric import Fabric
from akb_sync.simulators.apic.faults import Canned, Faults, Loss, RequestOccasion
from akb_sync.simulators.apic.forms import Form
from akb_sync.simulators.apic.generations import Generations
from akb_sync.simulators.apic.journal import Journal
from akb_sync.simulators.apic.sessions import Sessions
from akb_sync.simulators.apic.sockets import Sockets
from akb_sync.simulators.server import MAX_BODY_BYTES

SWEEP_SECONDS = 0.1
SOCKET_PATH = "/socket"

# Recorded from real APICs (GitHub issue CiscoDevNet/terraform-provider-aci#77).
HEADERS = {
    "Server": "Cisco APIC",
    "Cache-Control": 'no-cache="Set-Cookie, Set-Cookie2"',
    "Client-Cert-Enabled": "false",
    "Access-Control-Allow-Credentials": "true",
    "Access-Control-Allow-Headers": "Origin, X-Requested-With, Content-Type, Accept, APIC-challenge",
    "Access-Control-Allow-Methods": "POST,GET,OPTIONS,DELETE",
    "Access-Control-Allow-Origin": "*",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
}
# Seen at busy APICs (ACI-Pre-Upgrade-Validation-Script, issue 304).
EMPTY = {"totalCount": "1", "imdata": []}
TOO_LARGE = "413 Request Entity Too Large"
PAGE = (
    "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n"
    "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)


class Gateway:
    """Builds the web application of an APIC; the state behind it outlives the application."""

    def __init__(
        self,
        fabric: Fabric,
        sessions: Sessions,
        faults: Faults,
        journal: Journal,
        *,
        secure: bool,
        controller: int = 1,
    ) -> None:
        self._fabric = fabric
        self._sessions = sessions
        self._faults = faults
        self._journal = journal
        self._secure = secure
        self._controller = controller
        self.generations = Generations()
        self.sockets = Sockets(fabric, faults, controller)
        self._api = Api(fabric, sessions, faults, journal, self.sockets, controller=controller)
        self._never = asyncio.Event()

    def application(self) -> web.Application:
        """A new application for a new event loop."""
        self._never = asyncio.Event()
        limit = self._fabric.behaviour.maximal_post_bytes
        application = web.Application(client_max_size=MAX_BODY_BYTES if limit is None else limit)
        application.router.add_route("*", "/{anything:.*}", self._handle)
        application.cleanup_ctx.append(self._sweeping)
        application.on_shutdown.append(self._cut)
        application.on_response_prepare.append(self.generations.end_old)
        return application

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        arrived, path = time.monotonic(), request.raw_path
        if path.startswith(SOCKET_PATH):
            return await self._socket(request, path.removeprefix(SOCKET_PATH))
        if (page := self._page(request)) is not None:
            return page
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return _page(413, TOO_LARGE)
        except (web.RequestPayloadError, ConnectionError):  # chunks that are none, or the client has gone
            return _page(400, "400 Bad Request")
        cookies = _cookies(request.headers.getall("Cookie", []))
        challenge = request.headers.get("APIC-challenge", "")
        asked = Request(request.method, path, cookies, body, challenge, arrived)
        occasion = RequestOccasion(asked.method, path, body, self._controller, tuple(asked.tokens()))
        verdict = self._faults.of_request(occasion)
        if verdict.end_session:
            with self._fabric.lock:
                self._sessions.end_tokens(occasion.tokens)
        if verdict.delay:
            await asyncio.sleep(verdict.delay)
        if verdict.answer is not None:
            self._journal.count("canned")
            return await self._spoiled(request, verdict.answer)
        reply = self._api.answer(asked)
        loss = self._faults.of_commit(occasion) if reply.committed else None
        return self._response(reply) if loss is None else await self._spoiled(request, loss)

    def _page(self, request: web.Request) -> web.Response | None:
        """What the web server answers without asking the API."""
        how = self._fabric.behaviour
        if len(request.raw_path) > how.maximal_request_line:
            return _page(414, "414 Request-URI Too Large")
        if not request.raw_path.startswith("/api/"):
            return _page(404, "404 Not Found")
        if how.maximal_post_bytes is not None and (request.content_length or 0) > how.maximal_post_bytes:
            return _page(413, TOO_LARGE)
        return web.Response(headers=HEADERS) if request.method == "OPTIONS" else None

    async def _socket(self, request: web.Request, token: str) -> web.StreamResponse:
        try:
            with self._fabric.lock:
                session = self._sessions.of_token(token)
        except ApicError as error:
            return self._response(Reply(error.status, error.body()))
        self._journal.count("sockets")
        return await self.sockets.serve(session, request)

    def _response(self, reply: Reply) -> web.Response:
        response = web.Response(
            status=reply.status,
            body=reply.text().encode(),
            headers={**HEADERS, "Content-Type": reply.form.media_type},
        )
        if reply.token is not None:
            # Written by hand: the token stands in the cookie raw, with its slashes and equals signs.
            secure = "; secure" if self._secure else ""
            response.headers.add("Set-Cookie", f"APIC-cookie={reply.token}; path=/; HttpOnly{secure}")
        return response

    async def _spoiled(self, request: web.Request, answer: Canned | ApicError | Loss) -> web.StreamResponse:
        """What a fault answers in place of the APIC."""
        match answer:
            case Canned():
                return self._canned(request, answer)
            case ApicError():
                return self._response(Reply(answer.status, answer.body(), form=Form.of(request.raw_path)))
            case Loss.CLOSE:
                return _cut_off(request)
            case Loss.HANG:
                return await self._silence(request)

    def _canned(self, request: web.Request, answer: Canned) -> web.Response:
        match answer:
            case Canned.BUSY:
                return _page(503, "503 Service Temporarily Unavailable")
            case Canned.QUEUE_FULL:
                text = "APIC queue is full, slow down"
                return web.Response(status=202, text=text, content_type="text/plain")
            case Canned.NOT_ALLOWED:
                return _page(405, "405 Not Allowed")
            case Canned.HTML:
                return _page(200, "Welcome")
            case Canned.EMPTY:
                return self._response(Reply(200, EMPTY, form=Form.of(request.raw_path)))

    async def _silence(self, request: web.Request) -> web.StreamResponse:
        """Answer nothing until the simulator stops; a client that gives up ends this too."""
        await self._never.wait()
        return _cut_off(request)

    async def _cut(self, _application: web.Application) -> None:
        self._never.set()
        for socket in self.sockets.all():
            socket.cut()

    async def _sweeping(self, _application: web.Application) -> AsyncIterator[None]:
        sweeper = asyncio.create_task(self._sweep())
        yield
        sweeper.cancel()

    async def _sweep(self) -> None:
        """Close the websockets of sessions that are over, and forget what nobody refreshed."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            with self._fabric.lock:
                self._fabric.bus.expire()
                over = [each for each in self.sockets.all() if not self._sessions.alive(each.session)]
            await asyncio.gather(*(socket.close() for socket in over))


def _cookies(headers: list[str]) -> tuple[tuple[str, str], ...]:
    """The cookies as they stand, doubles too: two tokens in one request are a known pitfall."""
    pairs = (part.partition("=") for header in headers for part in header.split(";"))
    return tuple((name.strip().lower(), value.strip().strip('"')) for name, _, value in pairs)


def _cut_off(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


def _page(status: int, title: str) -> web.Response:
    server = {"Server": HEADERS["Server"]}
    return web.Response(status=status, text=PAGE.format(title), content_type="text/html", headers=server)
