"""Websockets: who has one open, and how frames get out without ever blocking the fabric."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence

from aiohttp import WSMsgType, web

from akb_sync.simulators.apic.fabric import Fabric
from akb_sync.simulators.apic.faults import EventOccasion, Faults
from akb_sync.simulators.apic.sessions import Session
from akb_sync.simulators.apic.tree import Mo

CLOSE_SECONDS = 0.5
MOST_WAITING = 200_000
"""Frames that wait for one client: who does not read them loses the connection, not everybody the memory."""


class SocketConnection:
    """One open websocket. `push` may be called from any thread that holds the fabric's lock."""

    def __init__(self, session: Session, request: web.Request, faults: Faults, controller: int = 1) -> None:
        self.session = session
        self._faults = faults
        self._controller = controller
        self._silent_until = 0.0
        self._loop = asyncio.get_running_loop()
        self._request = request
        # Pings are answered by hand: a socket that is silent on purpose answers none.
        self._stream = web.WebSocketResponse(timeout=CLOSE_SECONDS, autoping=False, compress=False)
        self._frames: deque[str] = deque()
        self._waiting = asyncio.Event()

    def push(self, frame: str, about: Mo) -> None:
        """Queue a text frame about an object."""
        verdict = self._faults.of_event(EventOccasion(about.schema.name, about.dn, self._controller))
        if verdict.silence is not None:
            self._silent_until = self._faults.elapsed() + verdict.silence
        frames = [frame] * verdict.copies
        if verdict.delay:
            self._soon(self._loop.call_later, verdict.delay, self._enqueue_late, frames)
        elif frames:
            self._enqueue(frames)

    def _enqueue(self, frames: Sequence[str]) -> None:
        """Let frames wait for their turn; the connection is cut when too many do."""
        if len(self._frames) >= MOST_WAITING:
            self._soon(self.cut)
            return
        self._frames.extend(frames)
        # Looked at afterwards: the sender may have taken all that was there before, and gone to sleep.
        if len(self._frames) <= len(frames):
            self._soon(self._waiting.set)

    def _enqueue_late(self, frames: Sequence[str]) -> None:
        self._enqueue(frames)
        self._waiting.set()

    @property
    def silent(self) -> bool:
        """Whether a fault keeps this socket from saying anything now."""
        return self._faults.silent_sockets or self._faults.elapsed() < self._silent_until

    async def serve(self) -> web.WebSocketResponse:
        """Send frames and answer pings until the socket closes."""
        await self._stream.prepare(self._request)
        sender = asyncio.create_task(self._send())
        try:
            async for message in self._stream:
                if message.type is WSMsgType.PING and not self.silent:
                    await self._stream.pong(message.data)
        finally:
            sender.cancel()
        return self._stream

    async def close(self) -> None:
        """Close in the orderly way."""
        await self._stream.close()

    def cut(self) -> None:
        """Cut the connection, as when the process behind it dies."""
        if self._request.transport is not None:
            self._request.transport.abort()

    def _soon(self, call: Callable[..., object], *arguments: object) -> None:
        # A loop that is closed has no reader either: the frame is lost, as it is on a cut connection.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(call, *arguments)

    async def _send(self) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                await self._waiting.wait()
                self._waiting.clear()
                while self._frames:
                    if self._faults.event_latency:
                        await asyncio.sleep(self._faults.event_latency)
                    frame = self._frames.popleft()
                    if not self.silent:
                        await self._stream.send_str(frame)


class Sockets:
    """The open websockets of one APIC."""

    def __init__(self, fabric: Fabric, faults: Faults, controller: int = 1) -> None:
        self._fabric = fabric
        self._faults = faults
        self._controller = controller
        self._open: list[SocketConnection] = []

    def of_session(self, session: Session) -> SocketConnection | None:
        """The newest open websocket of a session."""
        return next((each for each in reversed(self._open) if each.session is session), None)

    def all(self) -> list[SocketConnection]:
        """Every open websocket."""
        with self._fabric.lock:
            return list(self._open)

    async def serve(self, session: Session, request: web.Request) -> web.StreamResponse:
        """Serve a websocket until it closes; then all its subscriptions are gone."""
        socket = SocketConnection(session, request, self._faults, self._controller)
        with self._fabric.lock:
            self._open.append(socket)
        try:
            return await socket.serve()
        finally:
            with self._fabric.lock:
                self._open.remove(socket)
                self._fabric.bus.drop_socket(socket)
