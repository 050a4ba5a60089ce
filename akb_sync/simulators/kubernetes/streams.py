"""Watches on the wire: one JSON line per event in a chunked answer, until time or a fault ends it."""

import asyncio
import json
from collections.abc import Callable

from aiohttp import web

from akb_sync.simulators.kubernetes import errors
from akb_sync.simulators.kubernetes.api import Api
from akb_sync.simulators.kubernetes.faults import Command, Faults
from akb_sync.simulators.kubernetes.listing import Query
from akb_sync.simulators.kubernetes.rendering import INITIAL_EVENTS_END, Renderer
from akb_sync.simulators.kubernetes.resources import Resource
from akb_sync.simulators.kubernetes.watching import Event, Subscription

# How long a reordered event waits for another one to overtake it.
OVERTAKE_SECONDS = 0.2
# A handler that waits does not notice a client that left; it looks at this interval.
LOOK_SECONDS = 0.5

Hear = Callable[[Resource, Event], object]


def _nobody(_resource: Resource, _event: Event) -> None:
    """Nobody listens."""


class WatchStream:
    """One open watch."""

    def __init__(
        self,
        api: Api,
        resource: Resource,
        query: Query,
        renderer: Renderer,
        faults: Faults,
        *,
        hear: Hear = _nobody,
    ) -> None:
        self.resource = resource
        self._hear = hear
        self._query = query
        self._renderer = renderer
        self._faults = faults
        self._options = api.options
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._command: Command | None = None
        self._held: Event | None = None
        self._held_until = 0.0
        self._dead = False
        self.subscription = Subscription(api.store, resource, query, self.wake)

    def wake(self) -> None:
        """Look again; may be called from any thread."""
        try:
            self._loop.call_soon_threadsafe(self._news.set)
        except RuntimeError:  # the server stopped in between
            self.subscription.close()

    def order(self, command: Command) -> None:
        """End the stream from outside, from any thread."""
        self._command = command
        self.wake()

    async def serve(self, request: web.Request, first: list[Event]) -> web.StreamResponse:
        """Send events until the watch ends; `first` is what it begins with."""
        response = web.StreamResponse(headers={"Cache-Control": "no-cache, private"})
        response.content_type = "application/json"
        response.enable_chunked_encoding()
        await response.prepare(request)
        try:
            await self._run(request, response, first)
        finally:
            self.subscription.close()
        return response

    async def _run(self, request: web.Request, response: web.StreamResponse, first: list[Event]) -> None:
        deadline = self._loop.time() + (self._query.timeout or self._options.watch_timeout)
        bookmark_at = self._loop.time() + self._options.bookmark_interval
        await self._send_all(response, [] if self._is_silent() else first)
        if self._query.send_initial_events:
            await self._bookmark(response, INITIAL_EVENTS_END)
        while not self._left(request):
            await self._send_all(response, self._drain())
            if await self._obey(request, response):
                return
            now = self._loop.time()
            if now >= deadline and not self._is_silent():
                await self._bookmark(response, {})
                return
            if now >= bookmark_at:
                await self._bookmark(response, {})
                bookmark_at = now + self._options.bookmark_interval
            await self._wait(min(deadline, bookmark_at) - now)

    def _left(self, request: web.Request) -> bool:
        return request.transport is None or request.transport.is_closing()

    def _drain(self) -> list[Event]:
        return [] if self._is_silent() else self.subscription.drain(self._view())

    def _view(self) -> int | None:
        fault = self._faults.present("old_view", "watch", self.resource.plural)
        return fault.values["revision"] if fault else None

    def _is_silent(self) -> bool:
        if not self._dead and self._faults.strike("half_open", "watch", self.resource.plural):
            self._dead = True
        return self._dead

    async def _wait(self, seconds: float) -> None:
        seconds = min(max(seconds, 0.01), LOOK_SECONDS, OVERTAKE_SECONDS if self._held else LOOK_SECONDS)
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            pass
        self._news.clear()

    async def _obey(self, request: web.Request, response: web.StreamResponse) -> bool:
        if self._command is None:
            return False
        if self._command == "expire":
            status = errors.expired("The resourceVersion for the provided watch is too old.").status
            await self._write(response, "ERROR", json.dumps(status))
        if self._command == "abort" and request.transport is not None:
            request.transport.abort()
        return True

    async def _send_all(self, response: web.StreamResponse, events: list[Event]) -> None:
        for event in self._reordered(events):
            await self._send(response, event)

    def _reordered(self, events: list[Event]) -> list[Event]:
        ordered: list[Event] = []
        for event in events:
            if self._held is not None:
                ordered += [event, self._held]
                self._held = None
            elif self._faults.strike("reorder", "watch", self.resource.plural):
                self._held, self._held_until = event, self._loop.time() + OVERTAKE_SECONDS
            else:
                ordered.append(event)
        if self._held is not None and self._loop.time() >= self._held_until:
            ordered.append(self._held)
            self._held = None
        return ordered

    async def _send(self, response: web.StreamResponse, event: Event) -> None:
        subject = {"type": event.type, "name": event.record.data["metadata"]["name"]}
        if self._faults.strike("suppress", "watch", self.resource.plural, subject=subject):
            return
        text = self._renderer.event(event.record)
        self._hear(self.resource, event)
        await self._write(response, event.type, text)
        if self._faults.strike("duplicate", "watch", self.resource.plural):
            await self._write(response, event.type, text)

    async def _bookmark(self, response: web.StreamResponse, annotations: dict[str, str]) -> None:
        revision = self.subscription.quiet_revision(self._view())
        if self._query.bookmarks and revision is not None and self._held is None and not self._is_silent():
            await self._write(response, "BOOKMARK", self._renderer.bookmark(revision, annotations))

    async def _write(self, response: web.StreamResponse, kind: str, text: str) -> None:
        await response.write(f'{{"type":"{kind}","object":{text}}}\n'.encode())


class Streams:
    """The open watches of a server, so that faults and shutdown can reach them."""

    def __init__(self) -> None:
        self._open: set[WatchStream] = set()
        self.hear: Hear = _nobody
        """Told of each event just before it goes out, in the server's thread: it must be quick."""

    def add(self, stream: WatchStream) -> Callable[[], None]:
        """Know a stream; returns how to forget it."""
        self._open.add(stream)
        return lambda: self._open.discard(stream)

    def count(self, resource: str = "*") -> int:
        """How many watches of a kind are open."""
        return len(self._matching(resource))

    def command(self, resource: str, command: Command) -> int:
        """Order all streams of a kind to end in some way; returns how many."""
        streams = self._matching(resource)
        for stream in streams:
            stream.order(command)
        return len(streams)

    def wake(self) -> None:
        """Make all streams look again."""
        for stream in list(self._open):
            stream.wake()

    def _matching(self, resource: str) -> list[WatchStream]:
        return [stream for stream in list(self._open) if resource in ("*", stream.resource.plural)]
