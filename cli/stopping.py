"""How a running engine ends on a signal: after the write in flight, and not after anything else that hangs.

The engine turns in a thread of its own. So a signal, which Python delivers to the main thread, never
interrupts it between taking and giving back a lock that `stop` needs; and a controller that accepts a
query and never answers it cannot keep the process from ending.
"""

from __future__ import annotations

import signal
import threading
import time
from concurrent import futures
from concurrent.futures import Future
from types import FrameType
from typing import Protocol

LOOK_UP = 0.5
PATIENCE = 5.0
"""Seconds for reads to end and for the logout; a write in flight is waited for as long as it takes."""


class Stoppable(Protocol):
    """What runs until it is stopped."""

    def run(self) -> None:
        """Run; raises what cannot be mended by waiting."""
        ...

    def stop(self) -> None:
        """Let `run` return soon; may be called from a signal handler."""
        ...

    @property
    def stopping(self) -> bool:
        """Whether it was told to stop."""
        ...

    @property
    def writing(self) -> bool:
        """Whether a write is under way, which has to be waited for."""
        ...


def run_until_stopped(running: Stoppable) -> None:
    """Run until SIGTERM or SIGINT; to be called in the main thread.

    Raises:
        AkbSyncError: What `Watch.run` raises.
    """
    ended: Future[None] = Future()
    thread = threading.Thread(target=_run, args=(running, ended), name="engine", daemon=True)

    def stop(_number: int, _frame: FrameType | None) -> None:
        running.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    thread.start()
    _wait(running, ended)


def _run(running: Stoppable, ended: Future[None]) -> None:
    try:
        running.run()
    except BaseException as error:  # noqa: BLE001 - whatever it is belongs to the caller in the main thread
        ended.set_exception(error)
    else:
        ended.set_result(None)


def _wait(running: Stoppable, ended: Future[None]) -> None:
    """Wait for the end, or for no longer than the patience once it was told to stop and writes nothing."""
    told_at: float | None = None
    while not ended.done():
        futures.wait([ended], LOOK_UP)
        now = time.monotonic()
        told_at = now if running.stopping and told_at is None else told_at
        if told_at is not None and now - told_at > PATIENCE and not running.writing:
            return
    ended.result()
