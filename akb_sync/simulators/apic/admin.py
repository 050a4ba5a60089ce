"""A door for whoever runs the simulator, beside the APIC and not a part of it.

It can do what no user of an APIC can: put back a state, break things, move the time. So it has a port of its
own on the loopback address, a token of its own, and exists only when somebody asks for it.
"""

import asyncio
import dataclasses
import hmac
import json
import secrets
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from akb_sync.simulators.apic.errors import ApicError
from akb_sync.simulators.apic.faults import read_text
from akb_sync.simulators.apic.simulator import ApicSimulator
from akb_sync.simulators.apic.snapshots import Snapshot
from akb_sync.simulators.errors import SimulatorError
from akb_sync.simulators.server import MAX_BODY_BYTES, BackgroundServer

LOOPBACK = "127.0.0.1"

Json = Any
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Admin:
    """The admin endpoint of a simulator; use it as a context manager, or call `start` and `stop`.

    Args:
        simulator: whose endpoint it is.
        port: 0 lets the system choose.

    Attributes:
        token: what `Authorization: Bearer` has to bear.
    """

    def __init__(self, simulator: ApicSimulator, port: int = 0) -> None:
        self._simulator = simulator
        self._first = simulator.snapshot()
        self.token = secrets.token_urlsafe(24)
        tls = simulator.new_tls()
        self._server = BackgroundServer(self._application, LOOPBACK, port, tls, "admin endpoint")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The base address; known once started."""
        return self._server.url

    def start(self) -> None:
        """Listen; raises SimulatorError when the port is in use."""
        self._server.start()

    def stop(self) -> None:
        """Free the port."""
        self._server.stop()

    def _application(self) -> web.Application:
        application = web.Application(client_max_size=MAX_BODY_BYTES, middlewares=[self._guard])
        application.router.add_routes(
            [
                web.get("/snapshot", self._do(lambda _request, _body: self._simulator.snapshot().document())),
                web.post("/restore", self._do(self._restore)),
                web.post("/reset", self._do(self._reset)),
                web.get("/faults", self._do(lambda _request, _body: self._faults())),
                web.put("/faults", self._do(self._load_faults)),
                web.delete("/faults", self._do(self._unload_faults)),
                web.post("/clock", self._do(self._advance)),
                web.post("/leafs", self._do(self._add_leaf)),
                web.delete("/leafs/{id:[0-9]+}", self._do(self._remove_leaf)),
                web.get("/controllers", self._do(lambda _request, _body: self._controllers())),
                web.post("/controllers/{number:[0-9]+}/stop", self._do(self._stop_controller)),
                web.post("/controllers/{number:[0-9]+}/start", self._do(self._start_controller)),
                web.get("/journal", self._do(lambda _request, _body: self._journal())),
                web.delete("/journal", self._do(self._clear_journal)),
            ]
        )
        return application

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let in who has the token, and answer every mistake with a sentence."""
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self.token}".encode()):
            return _refusal(401, "Send the header 'Authorization: Bearer' with the admin token.")
        try:
            return await handler(request)
        except web.HTTPException as error:
            return _refusal(error.status, f"{request.method} {request.path} is not one of the admin paths.")
        except (SimulatorError, ApicError) as error:
            return _refusal(400, str(error))

    @staticmethod
    def _do(work: Callable[[web.Request, bytes], Json]) -> Handler:
        """A handler that works in a thread: the state has a lock, and a controller takes time to stop."""

        async def handle(request: web.Request) -> web.StreamResponse:
            body = await request.read()
            return web.json_response(await asyncio.to_thread(work, request, body))

        return handle

    def _restore(self, _request: web.Request, body: bytes) -> Json:
        return {"changes": self._simulator.restore(Snapshot.from_document(_json(body), "the request's body"))}

    def _reset(self, _request: web.Request, _body: bytes) -> Json:
        self._simulator.faults.clear()
        self._simulator.reset_journal()
        return {"changes": self._simulator.restore(self._first)}

    def _load_faults(self, _request: web.Request, body: bytes) -> Json:
        try:
            text = body.decode()
        except UnicodeDecodeError as error:
            raise SimulatorError(f"The fault script is not UTF-8 at byte {error.start}.") from error
        script = read_text(text, "the request's body", len(self._simulator.urls))
        self._simulator.load_faults(script)
        return self._faults()

    def _unload_faults(self, _request: web.Request, _body: bytes) -> Json:
        self._simulator.faults.unload()
        return self._faults()

    def _faults(self) -> Json:
        rules = self._simulator.faults.script
        return {"faults": [{"name": rule.name, "seen": rule.seen, "struck": rule.struck} for rule in rules]}

    def _advance(self, _request: web.Request, body: bytes) -> Json:
        seconds = _fields(body, {"advance"}).get("advance")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < 1e10:
            raise SimulatorError('Send the seconds that pass as {"advance": 61}.')
        self._simulator.clock.advance(seconds)
        return {"time": self._simulator.clock.stamp()}

    def _add_leaf(self, _request: web.Request, body: bytes) -> Json:
        given = _fields(body, {"pod", "id"})
        if any(isinstance(value, bool) or not isinstance(value, int) for value in given.values()):
            raise SimulatorError('Send whole numbers, as in {"pod": 1, "id": 105}, or nothing.')
        return {"dn": self._simulator.add_leaf(given.get("pod", 1), given.get("id"))}

    def _remove_leaf(self, request: web.Request, _body: bytes) -> Json:
        return {"dn": self._simulator.remove_leaf(int(request.match_info["id"]))}

    def _stop_controller(self, request: web.Request, _body: bytes) -> Json:
        self._simulator.stop_controller(int(request.match_info["number"]))
        return self._controllers()

    def _start_controller(self, request: web.Request, _body: bytes) -> Json:
        self._simulator.start_controller(int(request.match_info["number"]))
        return self._controllers()

    def _controllers(self) -> Json:
        running = self._simulator.running_controllers
        return {
            "controllers": [
                {"number": number, "url": url, "running": number in running}
                for number, url in enumerate(self._simulator.urls, 1)
            ]
        }

    def _journal(self) -> Json:
        return {
            "writes": [dataclasses.asdict(write) for write in self._simulator.journal],
            "refusals": [dataclasses.asdict(refusal) for refusal in self._simulator.refusals],
            "counts": dict(self._simulator.counts),
        }

    def _clear_journal(self, _request: web.Request, _body: bytes) -> Json:
        self._simulator.reset_journal()
        return self._journal()


def _refusal(status: int, sentence: str) -> web.Response:
    return web.json_response({"error": sentence}, status=status)


def _json(body: bytes) -> Json:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise SimulatorError(f"The request's body is not JSON: {error}.") from error


def _fields(body: bytes, known: set[str]) -> dict[str, Any]:
    """The members of a JSON object, none but the known ones; nothing is an empty object."""
    document = _json(body) if body.strip() else {}
    if not isinstance(document, dict) or not document.keys() <= known:
        raise SimulatorError(f"Send a JSON object with nothing but {', '.join(sorted(known))}.")
    return document
