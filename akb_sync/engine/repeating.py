"""Work that goes on beside the engine, in a thread of its own: a slow answer must not hold up the engine."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)

AFTER_A_DEFECT = 10.0
"""Seconds until work that failed in a way that nobody foresaw is done again."""


class Repeating:
    """Does its work again and again until it is stopped."""

    def __init__(self, name: str, work: Callable[[], float]) -> None:
        """Do nothing yet. `work` gives the seconds after which it is to be done again."""
        self._work = work
        self._poke = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def poke(self) -> None:
        """Work now, not only when the time has come; may be called from any thread."""
        self._poke.set()

    def stop(self, timeout: float) -> None:
        """Work no more; wait for the end of what is being done, at most `timeout` seconds."""
        self._stopping = True
        self._poke.set()
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def _run(self) -> None:
        while not self._stopping:
            self._poke.clear()
            self._poke.wait(self._done())

    def _done(self) -> float:
        try:
            return self._work()
        except Exception as error:
            log.debug("the traceback of what follows", exc_info=True)
            log.error(  # noqa: TRY400 - the traceback is for --debug
                "%s: unexpected %s: %s; report it with the log of --debug",
                self._thread.name,
                type(error).__name__,
                error,
            )
            return AFTER_A_DEFECT
