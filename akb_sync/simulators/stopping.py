"""A simulator in the foreground stops cleanly when somebody presses Ctrl-C or sends SIGTERM."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

POLL_SECONDS = 0.5
"""A handler that sets an event may interrupt a wait on it for good, so whoever waits looks up this often."""


@contextmanager
def stop_signals() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set, instead of what they did before; for the main thread."""
    stopped = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def wait_until(stopped: threading.Event) -> None:
    """Return when the event is set."""
    while not stopped.wait(POLL_SECONDS):
        pass
