"""Calls something again and again beside the servers, which may all be stopped meanwhile."""

import threading
from collections.abc import Callable

TICK_SECONDS = 0.05


class Ticker:
    """A thread that calls a function every few hundredths of a second, while it is started."""

    def __init__(self, call: Callable[[], None]) -> None:
        self._call = call
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; nothing happens when it has begun."""
        if self._thread is not None:
            return
        self._stopped = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(self._stopped,), name="APIC simulator, time", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """End, when the call that is under way has returned."""
        thread, self._thread = self._thread, None
        self._stopped.set()
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _run(self, stopped: threading.Event) -> None:
        while not stopped.wait(TICK_SECONDS):
            self._call()
