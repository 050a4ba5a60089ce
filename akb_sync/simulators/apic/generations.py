"""Which connections are older than the certificate that the server shows now.

A web server that gets a new certificate lets its old workers answer once more and then closes their
connections, so that clients meet the new one soon. Websockets stay: they are not asked for anything.
"""

import weakref
from asyncio import BaseTransport

from aiohttp import web


class Generations:
    """Knows under which certificate each connection began."""

    def __init__(self) -> None:
        self._now = 0
        self._born: weakref.WeakKeyDictionary[BaseTransport, int] = weakref.WeakKeyDictionary()

    def renew(self) -> None:
        """From now on connections are of a new generation; may be called from any thread."""
        self._now += 1

    async def end_old(self, request: web.Request, response: web.StreamResponse) -> None:
        """Close an old connection after this answer; a signal of the application."""
        if request.transport is None or isinstance(response, web.WebSocketResponse):
            return
        if self._born.setdefault(request.transport, self._now) < self._now:
            response.force_close()
            # The headers are made already when this signal comes; without one the client would not know.
            response.headers["Connection"] = "close"
