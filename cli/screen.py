"""The one screen of `watch`: what the engine told, as lines that fit a terminal of any size.

Nothing here reads, waits or knows a terminal: rich gives width and height, `Told` the rest. Text from
elsewhere is made harmless and never read as rich's markup.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from akb_sync.engine.observer import Look
from akb_sync.engine.troubles import told as sentences
from akb_sync.engine.wording import described, sentence, words
from akb_sync.model import Freshness
from akb_sync.plan import Plan
from akb_sync.reasons import Reason

from .board import Change, Saying, Told
from .colour import COLOURS, QUIET, WAITS, WRONG
from .fitting import Block, fitted
from .render import plan_line
from .status_table import age
from .text import harmless

SILENT = timedelta(seconds=20)
"""After which an engine that has not looked again is said to be silent; it looks every 5 s."""
NEVER_YET = "not read yet"
_LEVELS = {logging.WARNING: WAITS, logging.ERROR: WRONG}


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around what was told."""

    now: datetime
    apic: str = ""
    """The controllers, as the settings name them."""
    journal: str = ""
    """Where deleted objects are recorded."""
    stopping: bool = False
    writing: bool = False
    over: bool = False
    """Whether this is the last screen, which stays when the program is gone."""


@dataclass(frozen=True, slots=True)
class Screen:
    """Renders what was told."""

    told: Told
    frame: Frame

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Give exactly as many rows as there is room for, at most."""
        height = options.height or options.size.height
        rows = fitted(console, blocks(self.told, self.frame), options.max_width, height)
        yield Text("\n", no_wrap=True, overflow="crop", end="").join(rows)


def blocks(told: Told, frame: Frame) -> list[Block]:
    """Give what is to be said, what matters most first."""
    look = told.look
    return [
        Block("Engine", [_engine(told, frame)], rank=0),
        Block("Paused", _paused(look), rank=1),
        Block("APIC", [Text(harmless(frame.apic))] if frame.apic else [], rank=9),
        Block("Cluster", _freshness(look, l3outs=False), rank=2),
        Block("Fabric", _freshness(look, l3outs=True), rank=2),
        Block("Plan", [_plan(look)], rank=1),
        Block("Written", _written(told), rank=6),
        Block("Trouble", _troubles(look), rank=3),
        Block("Held", list(_held(look)), rank=4),
        Block("Approve", _approval(look), rank=4),
        Block("Notice", list(_notices(look)), rank=5),
        Block("To do", _to_do(look), rank=7),
        Block("Changes", [_change(one) for one in told.changes], rank=6),
        Block("Log", [_saying(one) for one in told.sayings], rank=8),
        Block("", _footer(frame), rank=9),
    ]


def word(text: str) -> Text:
    """Give a word in its colour."""
    return styled(text, COLOURS.get(text.lower(), ""))


def styled(text: str, style: str) -> Text:
    """Give text in a style that ends with it: what is added to a `Text` has its style otherwise."""
    return Text.assemble((text, style))


def _engine(told: Told, frame: Frame) -> Text:
    said = word("stopped" if frame.over else _doing(told, frame))
    if told.looked_at is not None:
        silent = frame.now - told.looked_at > SILENT and not frame.over
        text = f"looked {age(told.looked_at, frame.now)} ago{', silent since then' if silent else ''}"
        said = said + Text(", ") + styled(text, WRONG if silent else "")
    return said + styled(f" ({frame.now:%H:%M:%S} UTC)", QUIET)


def _doing(told: Told, frame: Frame) -> str:
    if frame.stopping:
        return "stopping" + (", once the write in flight is through" if frame.writing else "")
    if told.look is None:
        return "connecting"
    if told.look.dry:
        return "dry run"
    if told.look.paused:
        return "paused"
    return "leading" if told.look.leading else "standby"


def _paused(look: Look | None) -> list[Text]:
    if look is None or look.paused is None:
        return []
    return [Text(harmless(f"nothing is written, {look.paused}; next: akb-sync resume"), style=WAITS)]


def _freshness(look: Look | None, *, l3outs: bool) -> list[Text]:
    """Name the kinds, or the L3Outs, under how far each can be believed; the worst first."""
    named = look.freshness if look else {}
    found = {name: how for name, how in named.items() if ("/" in name) is l3outs}
    lines = [
        word(str(how)) + Text(f": {harmless(', '.join(sorted(names)))}")
        for how in (Freshness.NEVER, Freshness.STALE, Freshness.FRESH)
        if (names := [name for name, one in found.items() if one is how])
    ]
    return lines or [Text(NEVER_YET if not l3outs or look is None else "no L3Out is named")]


def _plan(look: Look | None) -> Text:
    if look is None or look.plan is None:
        return Text("none yet: not every kind was read")
    line = plan_line(look.plan)
    return Text(line, style="" if look.plan.changes else COLOURS["insync"])


def _written(told: Told) -> list[Text]:
    counts = ", ".join(f"{count} {what}" for what, count in sorted(told.written.items()))
    return [Text(f"{counts} since the start")] if counts else []


def _troubles(look: Look | None) -> list[Text]:
    found: Mapping[str, str] = look.troubles if look else {}
    return [word("error") + Text(f": {harmless(one)}") for one in sentences(found)]


def _held(look: Look | None) -> Iterator[Text]:
    """What is held, together where reason, words and end are the same; the most first."""
    counted: Counter[tuple[Reason, str, int | None]] = Counter()
    for item in _plan_of(look).held:
        if item.hold:
            until = item.hold.until
            left = None if until is None or look is None else max(0, round(until - look.now))
            counted[item.hold.reason, words(item.hold), left] += 1
    for (reason, why, left), count in counted.most_common():
        end = "" if left is None else f" for {left} s"
        yield Text(f"{count}{end} ") + _reason(reason) + Text(harmless(f": {sentence(reason, why)}"))


def _approval(look: Look | None) -> list[Text]:
    approval = _plan_of(look).approval_id
    return [Text(f"the removals that wait: akb-sync sync --approve {approval}")] if approval else []


def _notices(look: Look | None) -> Iterator[Text]:
    for one in _plan_of(look).notices:
        told = f": {one.subject}: {sentence(one.reason, one.message)}"
        yield _reason(one.reason) + Text(harmless(told))


def _reason(reason: Reason) -> Text:
    return styled(str(reason), WAITS)


def _to_do(look: Look | None) -> list[Text]:
    return [
        word(str(item.action)) + Text(f" {harmless(described(item))}")
        for item in _plan_of(look).actionable[:MOST_TO_DO]
    ]


MOST_TO_DO = 100
"""Objects that are looked at for the screen: 10,000 of them in the first seconds would only cost time."""


def _change(one: Change) -> Text:
    words = f": {one.words}" if one.words else ""
    return _at(one.at) + word(one.what) + Text(harmless(f" {described(one.item)}{words}"))


def _saying(one: Saying) -> Text:
    return _at(one.at) + styled(one.text, _LEVELS.get(one.level, ""))


def _at(moment: datetime) -> Text:
    return styled(f"{moment:%H:%M:%S} ", QUIET)


def _footer(frame: Frame) -> list[Text]:
    lines: Iterable[str] = [
        f"Deleted objects are recorded in {harmless(frame.journal)}" if frame.journal else "",
        "" if frame.over else "Ctrl-C ends this.",
    ]
    return [Text(line, style=QUIET) for line in lines if line]


def _plan_of(look: Look | None) -> Plan:
    return look.plan if look and look.plan else Plan()
