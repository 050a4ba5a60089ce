"""`status --watch`: one screen that is drawn anew on a terminal, one line for each change elsewhere."""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Protocol

from akb_sync.engine import Engine
from akb_sync.engine.troubles import told
from akb_sync.item import Item

from .details import Details
from .document import Shown
from .options import Output
from .render import summary_line, yaml_text
from .status_table import AGE, paused_line, row
from .text import harmless

IDLE = 2.0
"""Seconds after which ages and the leader's record are looked at again though nothing happened."""
SHORTEST = 0.3
"""Seconds between two pictures: a storm of events is one change to people."""


class Seen(Protocol):
    """What is shown at one moment."""

    @property
    def shown(self) -> Shown:
        """The plan, and what is in trouble."""
        ...

    @property
    def details(self) -> Details:
        """What there is to say beside the plan."""
        ...

    def lines(self, *, wide: bool) -> Iterable[str]:
        """Give the lines for people."""
        ...

    def document(self) -> dict[str, Any]:
        """Give the document for programs."""
        ...


def watch_status(engine: Engine, resync: float, look: Callable[[], Seen], output: Output) -> None:
    """Follow both sides and show what changes, until SIGINT or SIGTERM."""
    with _stopped_by_signals(engine) as stop:
        engine.start()
        pictures = _pictures(engine, resync, look, stop)
        if output in (Output.JSON, Output.YAML):
            _documents(pictures, output)
        elif sys.stdout.isatty():
            _screen(pictures, wide=output is Output.WIDE)
        else:
            _changes(pictures, wide=output is Output.WIDE)


def _pictures(
    engine: Engine, resync: float, look: Callable[[], Seen], stop: threading.Event
) -> Iterator[Seen]:
    """Look whenever a view wakes us, and now and then for what time alone changes."""
    again = engine.clock.monotonic() + resync
    while not stop.is_set():
        engine.wake.clear()
        if engine.clock.monotonic() >= again:
            again = engine.clock.monotonic() + resync
            engine.reread()
        engine.follow()
        yield look()
        stop.wait(SHORTEST)
        if not stop.is_set():
            engine.wake.wait(IDLE)


def _screen(pictures: Iterable[Seen], *, wide: bool) -> None:
    from rich.console import Console  # noqa: PLC0415 (only people on a terminal pay for its import)
    from rich.live import Live  # noqa: PLC0415 (as above)
    from rich.text import Text  # noqa: PLC0415 (as above)

    with Live(console=Console(), screen=True, auto_refresh=False) as live:
        for picture in pictures:
            lines = [*picture.lines(wide=wide), *_troubles(picture), "Ctrl-C ends this."]
            text = Text.from_ansi("\n".join(_fitting(lines, live.console.height)))
            text.no_wrap, text.overflow = True, "ellipsis"  # a line is a row: the summary is always in sight
            live.update(text, refresh=True)


def _fitting(lines: list[str], height: int) -> list[str]:
    """Leave out rows in the middle: head and summary say the most."""
    if len(lines) <= height:
        return lines
    tail = max(1, min(height // 2, 12))
    left = len(lines) - height + 1
    head = height - tail - 1
    return [*lines[:head], f"... {left} lines more; narrow with an EPG, -n or --state", *lines[-tail:]]


def _changes(pictures: Iterable[Seen], *, wide: bool) -> None:
    """Print every object first, and then a line whenever one, or the whole, is another one."""
    before: dict[str, list[str]] = {}
    said: list[str] = []
    for picture in pictures:
        now = {item.dn: _told(picture, item, wide=wide) for item in picture.shown.plan.items}
        for dn, cells in now.items():
            if before.get(dn) != cells:
                _say("  ".join(cells))
        for dn in before.keys() - now.keys():
            _say("  ".join([*before[dn][:4], "Gone"]))
        summary = [
            *filter(None, [paused_line(picture.details)]),
            summary_line(picture.shown),
            *_troubles(picture),
        ]
        for line in summary if summary != said else ():
            _say(line)
        before, said = now, summary


def _told(picture: Seen, item: Item, *, wide: bool) -> list[str]:
    """The row without the age, which changes by itself."""
    details = picture.details
    cells = row(item, details(item), details.engine.clock.now(), wide=wide)
    return [harmless(cell) for index, cell in enumerate(cells) if index != AGE]


def _documents(pictures: Iterable[Seen], output: Output) -> None:
    """Print a document whenever it is another one: JSON in one line each, YAML as a stream of documents."""
    said = ""
    for picture in pictures:
        document = picture.document()
        text = json.dumps(document) if output is Output.JSON else f"---\n{yaml_text(document)}"
        if text != said:
            _say(text.rstrip("\n"))
        said = text


def _troubles(picture: Seen) -> list[str]:
    return [f"error: {harmless(sentence)}" for sentence in told(picture.shown.troubles)]


@contextmanager
def _stopped_by_signals(engine: Engine) -> Iterator[threading.Event]:
    """Let SIGINT and SIGTERM end the watch in good order, and nothing else by surprise."""
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        engine.wake.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
