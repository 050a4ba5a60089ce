"""An APIC that answers what it is told, and a clock that is turned by hand: the transport's other side."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HTML = (
    b"<html><head><title>503</title><style>b{}</style></head><body><h1>Service Unavailable</h1></body></html>"
)


class FakeClock:
    """Time that stands still until it is turned."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    def turn(self, seconds: float) -> None:
        self.seconds += seconds


@dataclass
class Asked:
    """A request as it came over the wire."""

    method: str
    target: str
    headers: dict[str, list[str]]
    body: bytes

    @property
    def cookie(self) -> str:
        (line,) = self.headers["cookie"]
        return line


@dataclass
class Say:
    """An answer; `cut` ends the connection instead, `hang` keeps it open and says nothing."""

    status: int = 200
    body: bytes = b'{"totalCount":"0","imdata":[]}'
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    hang: bool = False


def envelope(*objects: dict[str, Any], total: int | None = None, **more: str) -> Say:
    count = len(objects) if total is None else total
    return Say(body=json.dumps({"totalCount": str(count), **more, "imdata": objects}).encode())


def error(status: int, code: str, text: str) -> Say:
    item = {"error": {"attributes": {"code": code, "text": text}}}
    return Say(status, json.dumps({"totalCount": "1", "imdata": [item]}).encode())


def mo(dn: str, name: str = "fvTenant") -> dict[str, Any]:
    return {name: {"attributes": {"dn": dn}}}


def session_of(token: str, refresh: str = "600", lifetime: str = "86400") -> Say:
    attributes = {"token": token, "refreshTimeoutSeconds": refresh, "maximumLifetimeSeconds": lifetime}
    return envelope({"aaaLogin": {"attributes": attributes}})


def cookie_of(token: str) -> str:
    return f"APIC-cookie={token}"


class ScriptedApic:
    """An HTTP server that logs anybody in and answers the rest by `answer`."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answer: Callable[[Asked], Say] = lambda _: Say()
        self.login: Callable[[Asked], Say] = self._log_in
        self.refresh: Callable[[Asked], Say] = self._refresh
        self.logins = 0
        self.refreshes = 0
        self._stopped = threading.Event()
        self._connections: list[socket.socket] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def targets(self, containing: str = "") -> list[str]:
        return [asked.target for asked in self.asked if containing in asked.target]

    def stop(self) -> None:
        self._stopped.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        for connection in self._connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _log_in(self, _: Asked) -> Say:
        self.logins += 1
        return session_of(f"tok/en+{self.logins}==")

    def _refresh(self, _: Asked) -> Say:
        self.refreshes += 1
        return session_of(f"fresh+{self.refreshes}==")

    def _respond(self, asked: Asked) -> Say:
        self.asked.append(asked)
        if asked.target.startswith("/api/aaaLogin"):
            return self.login(asked)
        if asked.target.startswith("/api/aaaRefresh"):
            return self.refresh(asked)
        return self.answer(asked)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        apic = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self) -> None:
                apic._connections.append(self.request)
                super().setup()

            def _serve(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                headers: dict[str, list[str]] = {}
                for name, value in self.headers.items():
                    headers.setdefault(name.lower(), []).append(value)
                target = self.requestline.split(" ")[1]
                say = apic._respond(Asked(self.command, target, headers, self.rfile.read(length)))
                if say.hang:
                    apic._stopped.wait()
                if say.hang or say.cut:
                    self.close_connection = True
                    return
                self.send_response(say.status)
                for name, value in say.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(say.body)))
                self.end_headers()
                self.wfile.write(say.body)

            do_GET = do_POST = _serve  # noqa: N815 - the names that http.server looks for

            def log_message(self, *args: object) -> None:
                pass

        return Handler
