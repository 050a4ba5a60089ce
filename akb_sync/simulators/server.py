"""A web application on a port and in a thread of its own: a test starts a server as it opens a file.

Both simulators are aiohttp applications. Tests and the demo are synchronous and start and stop them at
will, also in the middle of requests, to see what a client does when its server goes away and comes back
on the same port.
"""

import asyncio
import contextlib
import errno
import logging
import ssl
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from aiohttp import web
from aiohttp.http import HttpProcessingError

from akb_sync.simulators.errors import SimulatorError

SHUTDOWN_SECONDS = 0.2
START_SECONDS = 30.0
MAX_LINE_BYTES = 64 * 1024
"""Of a request's first line: whoever allows less says so in its own words."""

MAX_BODY_BYTES = 256 * 1024 * 1024

Result = TypeVar("Result")


class _OwnErrors(logging.Filter):
    """Leaves out what is no HTTP: a client that sends it has its 400, and it is no error of the server."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is about something else."""
        return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


_LOGGER = logging.getLogger(__name__)
_LOGGER.addFilter(_OwnErrors())


class BackgroundServer:
    """Runs the application that `build` returns; each start builds a new one in a new event loop.

    Args:
        build: makes the application; called in the server's own loop at each start.
        host: the address to listen on.
        port: 0 lets the system choose at the first start; the choice is kept over stop and start.
        tls: the server's TLS context, or None for plain HTTP.
        name: the thread's name, for people who look at stack dumps.
    """

    def __init__(
        self,
        build: Callable[[], web.Application],
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        name: str = "simulator",
    ) -> None:
        self._build = build
        self.host = host
        self.port = port
        self._tls = tls
        self._name = name
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None

    @property
    def url(self) -> str:
        """The base address, e.g. `https://127.0.0.1:40123`."""
        scheme = "http" if self._tls is None else "https"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{self.port}"

    @property
    def running(self) -> bool:
        """Whether the port is served now."""
        return self._thread is not None

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The server's event loop; raises SimulatorError when it does not run."""
        if self._loop is None:
            raise SimulatorError(f"The {self._name} is not running.")
        return self._loop

    def start(self) -> None:
        """Serve; returns when the port accepts connections. Raises SimulatorError when it cannot be had."""
        if self.running:
            return
        ready: Future[int] = Future()
        thread = threading.Thread(target=self._run, args=(ready,), name=self._name, daemon=True)
        thread.start()
        try:
            self.port = ready.result(timeout=START_SECONDS)
        except OSError as error:
            thread.join()
            raise SimulatorError(self._why_not(error)) from error
        self._thread = thread

    def stop(self) -> None:
        """Close the port and every connection; what the application keeps outside its loop stays."""
        thread, loop, stopping = self._thread, self._loop, self._stopping
        if thread is None or loop is None or stopping is None:
            return
        loop.call_soon_threadsafe(stopping.set)
        thread.join()
        self._thread = None

    def submit(self, work: Callable[[], Awaitable[Result]]) -> Result:
        """Run a coroutine function in the server's loop and wait for its result."""

        async def run() -> Result:
            return await work()

        return asyncio.run_coroutine_threadsafe(run(), self.loop).result(timeout=START_SECONDS)

    def send(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run a coroutine function in the server's loop some time soon; nothing happens without a loop."""
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # it was closed meanwhile
                asyncio.run_coroutine_threadsafe(work(), loop)

    def _run(self, ready: "Future[int]") -> None:
        try:
            asyncio.run(self._serve(ready))
        except Exception as error:
            if ready.done():
                raise
            ready.set_exception(error)  # whatever kept it from starting belongs to the caller of start()
        finally:
            self._loop = None

    async def _serve(self, ready: "Future[int]") -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        # The servers that are simulated take bodies as they come, whatever `Content-Encoding` says.
        runner = web.AppRunner(
            self._build(),
            access_log=None,
            auto_decompress=False,
            logger=_LOGGER,
            shutdown_timeout=SHUTDOWN_SECONDS,
            max_line_size=MAX_LINE_BYTES,
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, self.host, self.port, ssl_context=self._tls).start()
            ready.set_result(_bound_port(runner))
            await self._stopping.wait()
        finally:
            await _close(runner)

    def _why_not(self, error: OSError) -> str:
        where = f"{self.host}:{self.port}"
        if error.errno == errno.EADDRINUSE:
            return f"The {self._name} cannot listen on {where}: the port is in use; choose another one."
        return f"The {self._name} cannot listen on {where}: {error.strerror or error}."


async def _close(runner: web.AppRunner) -> None:
    """Stop serving without leaving a connection half closed: TLS would wait long for the peer's goodbye."""
    await runner.cleanup()
    # The server does not know connections whose TLS handshake is not over; its loop does, under a private
    # name until Python 3.13 gives `Server.abort_clients`.
    for transport in list(getattr(asyncio.get_running_loop(), "_transports", {}).values()):
        transport.abort()
    for _ in range(3):  # the loop closes aborted sockets in its next rounds
        await asyncio.sleep(0)


def _bound_port(runner: web.AppRunner) -> int:
    address: Any = runner.addresses[0]
    return int(address[1])
