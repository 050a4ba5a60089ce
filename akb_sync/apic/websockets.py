"""Opens `wss://host/socket<token>` as safely as REST: verified, direct, and silent about the token.

The TCP and TLS connection is made here and not by the library, which would take proxies from the environment
and follow redirects, with the token in the path.
"""

from __future__ import annotations

import socket
import ssl
from typing import Any
from urllib.parse import urlsplit

from websocket import WebSocket, WebSocketBadStatusException, WebSocketException

from akb_sync.errors import LATER, ApicBusy, ApicError, ApicUnreachable

from .answers import TokenRefused
from .wire import untrusted, why

_KEEPALIVE = (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3))
"""A peer that is gone without a word is noticed after a minute."""


def open_websocket(
    controller: str, token: str, cookie: str, context: ssl.SSLContext, timeout: float
) -> WebSocket:
    """Open `/socket<token>` on a controller; raise an ApicError, which never shows the token."""
    parts = urlsplit(controller)
    try:
        sock = _connected(
            parts.hostname or "", parts.port, context if parts.scheme == "https" else None, timeout
        )
    except OSError as error:
        raise untrusted(controller, error) or ApicUnreachable(
            f"cannot open the websocket of {controller}: {why(error)}", "check the address and the way to it"
        ) from error
    # Each frame is read as JSON, which refuses what is no UTF-8; to check that beforehand, byte by byte in
    # Python, took a tenth of a cold start.
    websocket = WebSocket(enable_multithread=False, skip_utf8_validation=True)
    try:
        websocket.connect(  # type: ignore[no-untyped-call]
            f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}/socket{token}",
            socket=sock,
            timeout=timeout,
            cookie=cookie or None,
            redirect_limit=0,
        )
    except (WebSocketException, OSError, ValueError) as error:
        sock.close()
        raise _refusal(controller, error) from None  # its text may show headers, and with them the token
    return websocket


def _connected(host: str, port: int | None, context: ssl.SSLContext | None, timeout: float) -> socket.socket:
    sock = socket.create_connection((host, port or (443 if context else 80)), timeout)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _KEEPALIVE:
            if hasattr(socket, name):
                sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
        return context.wrap_socket(sock, server_hostname=host) if context else sock
    except BaseException:
        sock.close()
        raise


def _refusal(controller: str, error: Exception) -> ApicError:
    if not isinstance(error, WebSocketBadStatusException):
        return ApicUnreachable(
            f"cannot open the websocket of {controller}: {why(error)}",
            "check the address and the way to it",
        )
    status: Any = error.status_code
    message = f"{controller} answers {status} to the opening of its websocket"
    return TokenRefused(message) if status in {401, 403} else ApicBusy(message, LATER)
