"""This engine's seat in the election, and how it is given up: after the write in flight, before all else.

The election goes on in a thread of its own, since a Lease has to be renewed while the engine writes or waits
for a slow answer, and handed back at the end even when the engine hangs in a read.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping

from akb_sync.kube.election import Elector

from .observer import Look
from .repeating import Repeating
from .report import Report

log = logging.getLogger(__name__)

LAST_STEPS = 0.1
"""Seconds between two looks whether the last write is through."""


class Seat:
    """A `Licence` that the election gives; nobody has it before the election has begun."""

    def __init__(self, stopping: Callable[[], bool], writing: Callable[[], bool]) -> None:
        """Take how the engine tells that it is to stop, and that a write is under way."""
        self._stopping, self._writing = stopping, writing
        self._elector: Elector | None = None
        self._given_up = threading.Event()
        self._told = ("", False)
        self._thread = Repeating("lease", self._campaign)

    @property
    def leading(self) -> bool:
        """Whether this engine may write at this moment."""
        return self._elector is not None and self._elector.leading

    @property
    def term(self) -> int:
        """Grows whenever this engine begins to lead."""
        return self._elector.term if self._elector else 0

    @property
    def leader(self) -> str:
        """Who leads, as far as is known."""
        return self._elector.leader if self._elector else ""

    @property
    def troubles(self) -> Mapping[str, str]:
        """Why the Lease cannot be read or written; empty when it can."""
        trouble = self._elector.trouble if self._elector else ""
        return {"lease": trouble} if trouble else {}

    def looked(self, _look: Look) -> None:
        """What the engine sees does not matter here."""

    def wrote(self, _report: Report, _seconds: float) -> None:
        """Nor what it does."""

    def stand(self, elector: Elector) -> None:
        """Take part from now on."""
        self._elector = elector
        elector.step()
        self._tell(elector)
        self._thread.start()

    def give_up(self, timeout: float) -> None:
        """Wait until the Lease is handed back, at most `timeout` seconds."""
        if self._elector is not None:
            self._thread.poke()
            self._given_up.wait(timeout)
            self._thread.stop(timeout)

    def hurry(self) -> None:
        """Notice soon that the engine is to stop; may be called from a signal handler."""
        self._thread.poke()

    def _campaign(self) -> float:
        elector = self._elector
        if elector is None or self._given_up.is_set():
            return LAST_STEPS
        if self._stopping() and not self._writing():
            elector.release()
            self._given_up.set()
            return LAST_STEPS
        elector.step()
        self._tell(elector)
        return LAST_STEPS if self._stopping() else elector.pause

    def _tell(self, elector: Elector) -> None:
        now = (elector.leader, elector.leading)
        if now == self._told:
            return
        self._told = now
        if elector.leading:
            log.info("this process leads: %s", elector.leader)
        else:
            log.info(
                "another process leads: %s; this one keeps its views fresh", elector.leader or "none yet"
            )
