"""What stands between an engine and an apiserver in the world: a load balancer that answers for it at times.

The fault proxy knows no protocol. This gateway ends TLS (with a CA of its own), passes requests on, and can
answer with an error instead, or cut an answer after some of it.
"""

import asyncio
import contextlib
import json
import random
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web

from akb_sync.simulators.certificates import Authority, ssl_context
from akb_sync.simulators.server import BackgroundServer

_PASSED_ON = ("Authorization", "Accept", "Content-Type", "User-Agent")
_ERRORS = (410, 429, 500, 503)
_MOST_BYTES = 6_000
"""An answer that is cut is cut within so many bytes."""


@dataclass
class Mood:
    """How bad it is; the chances are those of each request.

    Attributes:
        errors: that an error is the answer, and the apiserver is not asked.
        cuts: that the answer ends in its middle.
        delay: seconds that a request waits at most.
    """

    errors: float = 0.0
    cuts: float = 0.0
    delay: float = 0.0


class Gateway:
    """A reverse proxy of HTTPS before `target`; used as a context manager.

    Attributes:
        mood: changed from any thread while it runs.
        ca_file: what its certificate is verified with.
        counts: how many requests it answered itself (by status), cut (0) and passed on (200).
    """

    def __init__(self, target: str, ca_file: Path, folder: Path, rng: random.Random) -> None:
        self._target = target
        self._trust = ssl.create_default_context(cafile=str(ca_file))
        self._rng = rng
        self.mood = Mood()
        self.counts: dict[int, int] = dict.fromkeys((0, 200, *_ERRORS), 0)
        authority = Authority("a load balancer's CA")
        self.ca_file = authority.write(folder)
        self._server = BackgroundServer(self._application, tls=ssl_context(authority), name="gateway")

    @property
    def url(self) -> str:
        return self._server.url

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop()

    def _application(self) -> web.Application:
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._handle)
        application.cleanup_ctx.append(self._client)
        return application

    async def _client(self, _application: web.Application) -> AsyncIterator[None]:
        connector = aiohttp.TCPConnector(ssl=self._trust)
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=5.0)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as self._http:
            yield

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        mood = self.mood
        await asyncio.sleep(self._rng.random() * mood.delay)
        if self._rng.random() < mood.errors:
            return self._refused(self._rng.choice(_ERRORS))
        left = self._rng.randrange(_MOST_BYTES) if self._rng.random() < mood.cuts else None
        return await self._passed_on(request, left)

    def _refused(self, status: int) -> web.Response:
        """As an apiserver says it: a Status object (Kubernetes API conventions), and when to come again."""
        self.counts[status] += 1
        reason = {410: "Expired", 429: "TooManyRequests"}.get(status, "InternalError")
        document = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": status}
        body = json.dumps({**document, "reason": reason, "message": f"the gateway says {status}"})
        headers = {"Retry-After": "1"} if status == 429 else {}
        return web.Response(status=status, text=body, content_type="application/json", headers=headers)

    async def _passed_on(self, request: web.Request, left: int | None) -> web.StreamResponse:
        headers = {name: request.headers[name] for name in _PASSED_ON if name in request.headers}
        body = await request.read()
        url = f"{self._target}{request.raw_path}"
        try:
            async with self._http.request(
                request.method, url, headers=headers, data=body or None, allow_redirects=False
            ) as answer:
                passed = web.StreamResponse(status=answer.status)
                passed.content_type = answer.content_type
                await passed.prepare(request)
                return await self._streamed(answer, passed, request, left)
        except aiohttp.ClientError:
            return self._refused(503)

    async def _streamed(
        self,
        answer: aiohttp.ClientResponse,
        passed: web.StreamResponse,
        request: web.Request,
        left: int | None,
    ) -> web.StreamResponse:
        """Pass an answer on as it comes, a watch line by line; `left` bytes of it, if it is to be cut."""
        with contextlib.suppress(ConnectionError, aiohttp.ClientError):
            async for chunk in answer.content.iter_any():
                await passed.write(chunk if left is None else chunk[:left])
                left = None if left is None else left - len(chunk)
                if left is not None and left <= 0:
                    self._cut(request)
                    return passed
            self.counts[200] += 1
            await passed.write_eof()
        return passed

    def _cut(self, request: web.Request) -> None:
        self.counts[0] += 1
        if request.transport is not None:
            request.transport.abort()
