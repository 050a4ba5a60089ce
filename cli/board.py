"""What the engine told while it ran, kept for whoever draws it: its looks, its writes, and its log.

The engine tells in its own thread, and somebody draws in another. So what was told is one value that is
never changed, only replaced.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from akb_sync.clock import Clock
from akb_sync.engine.observer import Look
from akb_sync.engine.report import Report
from akb_sync.item import Action, Item

from .text import harmless

MOST = 100
"""Changes and log lines that are kept: more than any screen has."""
SHOWN_OTHERWISE = ("akb_sync.engine.narrator", "akb_sync.apic.journal")
"""Loggers whose lines the screen has in a form of its own, or a file has."""
PAST = {
    Action.CREATE: "created",
    Action.UPDATE: "put right",
    Action.MOVE: "moved",
    Action.DELETE: "deleted",
    Action.NONE: "left",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One object that was written, or that the APIC refused."""

    at: datetime
    what: str
    """`created`, `deleted`…, or `refused`."""
    item: Item
    words: str = ""
    """Of a refusal, the APIC's own."""


@dataclass(frozen=True, slots=True)
class Saying:
    """One line of the log."""

    at: datetime
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Told:
    """All that was told up to a moment."""

    look: Look | None = None
    """The last look; None before the first."""
    looked_at: datetime | None = None
    changes: tuple[Change, ...] = ()
    """The newest first."""
    written: Mapping[str, int] = field(default_factory=dict)
    """How many objects were `created`, `deleted`… since the start."""
    sayings: tuple[Saying, ...] = ()
    """The newest first."""


class Board(logging.Handler):
    """An observer of the engine, and a handler of its log."""

    def __init__(self, clock: Clock) -> None:
        """Know nothing yet."""
        super().__init__(logging.INFO)
        self._clock = clock
        self._change = threading.Lock()
        self.told = Told()

    @property
    def troubles(self) -> Mapping[str, str]:
        """Nothing can be wrong with it."""
        return {}

    def looked(self, look: Look) -> None:
        """Take note of a look."""
        with self._change:
            self.told = replace(self.told, look=look, looked_at=self._clock.now())

    def wrote(self, report: Report, _seconds: float) -> None:
        """Take note of what was written and what was refused."""
        now = self._clock.now()
        new = [Change(now, PAST[item.action], item) for item in report.done]
        new += [Change(now, "refused", item, words) for item, words in report.rejected]
        with self._change:
            counts = Counter(self.told.written)
            counts.update(one.what for one in new)
            changes = (*reversed(new), *self.told.changes)[:MOST]
            self.told = replace(self.told, changes=changes, written=dict(counts))

    def emit(self, record: logging.LogRecord) -> None:
        """Take note of a line of the log."""
        if record.name in SHOWN_OTHERWISE:
            return
        saying = Saying(self._clock.now(), record.levelno, harmless(record.getMessage()))
        with self._change:
            self.told = replace(self.told, sayings=(saying, *self.told.sayings)[:MOST])
