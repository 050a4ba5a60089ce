"""`status` for people: one row for each object, the story of one EPG, a line at the end that says it all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from akb_sync.item import Item
from akb_sync.model import ObjectRef

from .details import Detail, Details
from .document import Shown, state
from .render import NONE, message_of, rest_lines, summary_line, table_lines
from .text import harmless

UNKNOWN = "<unknown>"
MOST_SOURCES = 2
_HEADERS = ["EPG", "PREFIX", "KIND", "SOURCE", "STATE", "REASON", "AGE"]
AGE = _HEADERS.index("AGE")
_WIDE = ["DN", "PCTAG", "SCOPE", "MARK", "FAULTS", "CONTRACTS", "MESSAGE"]
_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


def status_lines(shown: Shown, details: Details, *, wide: bool) -> Iterator[str]:
    """Give the table of all objects, what belongs beside it, and the summary."""
    now = details.engine.clock.now()
    rows = [row(item, details(item), now, wide=wide) for item in shown.plan.items]
    yield from table_lines([*_HEADERS, *(_WIDE if wide else [])], rows)
    yield from _left_lines(shown)
    yield from rest_lines(shown)
    yield from _leader_lines(details, now)
    yield from filter(None, [paused_line(details)])
    yield summary_line(shown)


def _left_lines(shown: Shown) -> Iterator[str]:
    """Why objects are left as they are although somebody could do something about it."""
    left = {(item.reason, item.message) for item in shown.plan.items if not item.changes}
    for reason, message in sorted(one for one in left if one[0].next_step):
        yield f"left {reason}: {harmless(message or reason.meaning)}; next: {reason.next_step}"


def row(item: Item, detail: Detail, now: datetime, *, wide: bool) -> list[str]:
    """Give one row; `now` is the wall clock, for the age."""
    reason = item.hold.reason if item.hold else item.reason
    cells = [
        str(item.binding),
        item.prefix or NONE,
        _kinds(item),
        _sources(item, detail),
        state(item),
        str(reason),
        age(detail.since, now),
    ]
    return cells + (_more(item, detail) if wide else [])


def age(since: datetime | None, now: datetime) -> str:
    """Say how long ago that was, as kubectl does: `3d4h`, `5m`, `12s`."""
    if since is None:
        return UNKNOWN
    seconds = max(0, int((now - since) / timedelta(seconds=1)))
    for index, (unit, size) in enumerate(_UNITS):
        if seconds >= size:
            below = _UNITS[index + 1 : index + 2]
            rest = [
                f"{seconds % size // smaller}{name}" for name, smaller in below if seconds % size // smaller
            ]
            return f"{seconds // size}{unit}{''.join(rest)}"
    return "0s"


def _more(item: Item, detail: Detail) -> list[str]:
    return [
        item.dn,
        detail.pc_tag or NONE,
        detail.scope or NONE,
        detail.mark or NONE,
        faults(detail),
        UNKNOWN if detail.contracts is None else str(detail.contracts),
        message_of(item),
    ]


def faults(detail: Detail) -> str:
    """Name the codes of the faults, each once."""
    if detail.faults is None:
        return UNKNOWN
    return ",".join(sorted({one.code for one in detail.faults})) or NONE


def _kinds(item: Item) -> str:
    return ",".join(dict.fromkeys(ref.kind for ref in item.sources)) or NONE


def _sources(item: Item, detail: Detail) -> str:
    """Name what wants it; of what nobody wants any more its label tells what it was made for."""
    if not item.sources:
        return detail.label.replace("::", "/", 1) or NONE
    return named(item.sources)


def named(refs: Iterable[ObjectRef]) -> str:
    """Name the first few objects, and say how many more there are."""
    all_of_them = list(refs)
    names = [f"{ref.namespace}/{ref.name}" for ref in all_of_them[:MOST_SOURCES]]
    more = len(all_of_them) - len(names)
    return ", ".join([*names, *([f"+{more}"] if more else [])])


def _leader_lines(details: Details, now: datetime) -> Iterator[str]:
    state = details.record.state
    if details.record.trouble:
        yield harmless(f"The leader's record cannot be read: {details.record.trouble}")
    if state is None or state.written_at is None:
        return
    right = (
        f"nothing was left to write {age(state.last_success, now)} ago"
        if state.last_success
        else "something was left to write ever since"
    )
    who = f"Leader {harmless(state.leader)}: last" if state.leader else "No engine runs: the last was"
    yield f"{who} heard of {age(state.written_at, now)} ago, {right}."
    if state.omitted:
        yield f"It holds {state.omitted} more objects than its record has room for."


def paused_line(details: Details) -> str:
    """Say that the whole engine is paused; empty when it is not."""
    state = details.record.state
    if state is None or state.paused is None:
        return ""
    seen = "" if state.obeyed else "; the leader has not seen it yet"
    return harmless(f"PAUSED: nothing is written, {state.paused}{seen}; next: akb-sync resume")
