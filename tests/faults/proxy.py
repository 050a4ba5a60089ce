"""Bad weather on the wire: a TCP proxy before either simulator or a real server, which knows no protocol.

TLS goes through it untouched, so certificates are verified as ever. Every fault is set while it runs, from
any thread, and is in force until it is taken back.
"""

import asyncio
import contextlib
import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

CHUNK = 16_384
STEP = 0.02
"""Seconds between two looks at whether a hang is over."""
WARM = 3
"""Turns that a connection has had before an answer on it can be lost: until then it may be TLS's own talk."""


@dataclass
class Weather:
    """What is wrong on the way.

    Attributes:
        delay: seconds that everything waits, in both directions.
        rate: bytes per second and direction; None for no limit.
        hang: nothing gets through in either direction, and no connection ends.
        refuse: new connections are closed at once.
        lose_answers: so many answers on connections that are in use get lost, and the connection with each.
    """

    delay: float = 0.0
    rate: int | None = None
    hang: bool = False
    refuse: bool = False
    lose_answers: int = 0


class FaultProxy:
    """Listens on a port of this machine and passes all on to `target`, as far as the weather allows."""

    def __init__(self, target: str) -> None:
        """`target` is a URL, such as `https://127.0.0.1:6443`."""
        parts = urlsplit(target)
        assert parts.hostname, target
        self._scheme, self._host = parts.scheme, parts.hostname
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self.weather = Weather()
        self.lost = 0
        """How many answers were lost."""
        self.url = ""
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="fault proxy")

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10.0), "the proxy does not start"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10.0)
        assert not self._thread.is_alive(), "the proxy does not stop"

    def cut(self) -> int:
        """Cut every connection that is open, as a dead firewall does; give how many there were."""
        return asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result(10.0)

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.url = f"{self._scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._ready.set()
        await self._stop.wait()
        server.close()
        await self._cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _cut(self) -> int:
        writers = list(self._open)
        for writer in writers:
            writer.transport.abort()
        return len(writers) // 2

    async def _connected(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        if self.weather.refuse:
            back.transport.abort()
            return
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._pass_on(near, back)
        except OSError:
            back.transport.abort()
        finally:
            self._tasks.discard(task)

    async def _pass_on(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        far, forth = await asyncio.open_connection(self._host, self._port)
        self._open |= {back, forth}
        talk = _Talk()
        try:
            pumps = [self._pump(near, forth, talk, asking=True), self._pump(far, back, talk, asking=False)]
            await asyncio.gather(*pumps)
        finally:
            self._open -= {back, forth}
            back.transport.abort()
            forth.transport.abort()

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, talk: "_Talk", *, asking: bool
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await source.read(CHUNK):
                talk.note(asking=asking)
                if not asking and self._loses(talk):
                    break
                await self._wait(len(data))
                sink.write(data)
                await sink.drain()
        # Half of a connection is of no use to HTTP or to a websocket.
        sink.close()

    def _loses(self, talk: "_Talk") -> bool:
        if self.weather.lose_answers <= 0 or talk.turns < WARM:
            return False
        self.weather.lose_answers -= 1
        self.lost += 1
        return True

    async def _wait(self, size: int) -> None:
        weather = self.weather
        await asyncio.sleep(weather.delay + (size / weather.rate if weather.rate else 0.0))
        while weather.hang:  # noqa: ASYNC110 - set from any thread, so there is no event of this loop
            await asyncio.sleep(STEP)


class _Talk:
    """Whose turn it is on a connection; a turn begins when the client speaks after the server did."""

    def __init__(self) -> None:
        self.turns = 0
        self._answered = True

    def note(self, *, asking: bool) -> None:
        self.turns += asking and self._answered
        self._answered = not asking
