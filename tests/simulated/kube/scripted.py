"""A server that answers what a test tells it to, byte by byte where it matters, with and without TLS."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

from akb_sync.simulators.certificates import Authority, ssl_context

Answer = Callable[[BaseHTTPRequestHandler], None]


class ScriptedServer:
    """Listens on 127.0.0.1; `answer` handles each request and may be exchanged at any time."""

    def __init__(self, answer: Answer, authority: Authority | None = None) -> None:
        self.answer = answer
        self.requests: list[tuple[str, dict[str, str]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.requests.append((self.path, dict(self.headers)))
                outer.answer(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
                del format, args

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                """A client that hangs up is part of the tests."""

        self._server = Server(("127.0.0.1", 0), Handler)
        if authority is not None:
            self._server.socket = ssl_context(authority).wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self.url = f"{'https' if authority else 'http'}://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def answer_json(document: object, code: int = 200) -> Answer:
    return answer_bytes(json.dumps(document).encode(), code)


def answer_bytes(body: bytes, code: int = 200, length: int | None = None) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        handler.send_header("Content-Length", str(len(body) if length is None else length))
        handler.end_headers()
        handler.wfile.write(body)
        if length is not None:
            handler.close_connection = True

    return answer


def begin_chunked(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()


def chunk(handler: BaseHTTPRequestHandler, data: bytes) -> None:
    handler.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
    handler.wfile.flush()


def write_kubeconfig(
    path: Path,
    server: str,
    *,
    ca: Path | None = None,
    user: Mapping[str, Any] | None = None,
    cluster: Mapping[str, Any] | None = None,
) -> Path:
    more = {"certificate-authority": str(ca)} if ca else {}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "contexts": [
            {"name": "here", "context": {"cluster": "c", "user": "u"}},
            {"name": "there", "context": {"cluster": "c", "user": "u"}},
        ],
        "clusters": [{"name": "c", "cluster": {"server": server, **more, **(cluster or {})}}],
        "users": [{"name": "u", "user": dict(user or {"token": "secret-token"})}],
    }
    path.write_text(yaml.safe_dump(document))
    return path
