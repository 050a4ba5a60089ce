"""`/livez`, `/readyz` and `/metrics` on a port. It tells what is so and takes no orders."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from akb_sync.errors import SettingsError

from .health import Answer, Health
from .metrics import CONTENT_TYPE, Metrics

PORT = 9090
EVERYWHERE = f"0.0.0.0:{PORT}"
"""A kubelet's probe and Prometheus come from other addresses than the Pod's own."""
SLOWEST_CLIENT = 10.0
PLAIN = "text/plain; charset=utf-8"
Reply = tuple[int, str, bytes]


class Server:
    """Answers until it is stopped."""

    def __init__(self, listen: str, health: Health, metrics: Metrics) -> None:
        """Take the port; nothing is answered yet.

        Raises:
            SettingsError: `listen` is not ADDRESS:PORT, or the port cannot be had.
        """
        address = parse(listen)
        self._server = _Http(address, _handler(pages(health, metrics)), listen)
        self._thread = threading.Thread(target=self._server.serve_forever, name="http", daemon=True)

    @property
    def address(self) -> str:
        """Where it answers."""
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Give the port back."""
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()


def parse(listen: str) -> tuple[str, int]:
    """Read ADDRESS:PORT.

    Raises:
        SettingsError: It is something else.
    """
    host, _, port = listen.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise SettingsError(f"--listen {listen!r} is not understood", "write ADDRESS:PORT, auto or none")
    return host.strip("[]"), int(port)


def pages(health: Health, metrics: Metrics) -> Mapping[str, Callable[[], Reply]]:
    """Give what is answered, by path."""

    def probe(ask: Callable[[], Answer]) -> Reply:
        answer = ask()
        word = "ok" if answer.well else "failed"
        return (200 if answer.well else 503), PLAIN, f"{word}: {answer.text}\n".encode()

    return {
        "/livez": lambda: probe(health.alive),
        "/readyz": lambda: probe(health.ready),
        "/metrics": lambda: (200, CONTENT_TYPE, metrics.text()),
    }


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler], listen: str) -> None:
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        try:
            super().__init__(address, handler)
        except OSError as error:
            reason = error.strerror or error
            raise SettingsError(
                f"--listen {listen}: the port cannot be had: {reason}", "give another port"
            ) from error


def _handler(known: Mapping[str, Callable[[], Reply]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """One request."""

        timeout = SLOWEST_CLIENT
        server_version, sys_version = "akb-sync", ""

        def do_GET(self) -> None:
            """Answer it."""
            page = known.get(self.path.partition("?")[0])
            code, kind, body = page() if page else (404, PLAIN, b"there is /livez, /readyz and /metrics\n")
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class' name
            """A probe every few seconds is no news."""

    return Handler
