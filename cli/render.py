"""How objects are printed: tables for people, documents for programs, text from elsewhere made harmless."""

from __future__ import annotations

import json
import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import yaml

from akb_sync.engine.report import Report
from akb_sync.item import Item
from akb_sync.model import Notice
from akb_sync.plan import Plan
from akb_sync.reasons import Reason

from .colour import painted_cell
from .document import Shown, outcome_document, plan_document, state, summary
from .narrow_tables import for_stdout
from .options import Output
from .text import hanging, harmless

NONE = "<none>"
MOST_SOURCES = 2


def print_plan(shown: Shown, output: Output) -> None:
    """Print what would change."""
    if output in (Output.JSON, Output.YAML):
        print_document(plan_document(shown), output)
        return
    wide = output is Output.WIDE
    headers = ["ACTION", "EPG", "PREFIX", "SOURCE", "REASON", "HELD", *(["DN", "MESSAGE"] if wide else [])]
    rows = [_plan_row(item, shown.now, wide=wide) for item in shown.plan.changes]
    print_lines((*table_lines(headers, rows), *rest_lines(shown), summary_line(shown)))


def print_outcome(shown: Shown, reports: Sequence[Report], output: Output) -> None:
    """Print what a sync wrote, and what is left."""
    written = Counter(str(item.action) for report in reports for item in report.done)
    if output in (Output.JSON, Output.YAML):
        print_document(outcome_document(shown, written), output)
        return
    for report in reports:
        for item, text in report.rejected:
            _say(f"refused by the APIC: {item.dn}: {harmless(text)}")
    if written:
        done = ", ".join(f"{count} {_PAST[action]}" for action, count in sorted(written.items()))
        _say(f"Done: {done}. Left: {summary_line(shown)}")


_PAST = {"create": "created", "update": "put right", "move": "moved", "delete": "deleted"}


def _plan_row(item: Item, now: float, *, wide: bool) -> list[str]:
    more = [item.dn, message_of(item)] if wide else []
    start = [str(item.action), str(item.binding), item.prefix or NONE, _sources(item)]
    return [*start, str(item.reason), _held(item, now), *more]


def _sources(item: Item) -> str:
    shown = [f"{ref.kind} {ref.namespace}/{ref.name}" for ref in item.sources[:MOST_SOURCES]]
    more = len(item.sources) - len(shown)
    return ", ".join([*shown, *([f"+{more}"] if more else [])]) or NONE


def _held(item: Item, now: float) -> str:
    if not item.hold:
        return ""
    if item.hold.until is not None:
        return f"{item.hold.reason} {max(0, round(item.hold.until - now))}s"
    return str(item.hold.reason)


def message_of(item: Item) -> str:
    """Say what there is to say beside the reason; may be empty."""
    held = item.hold.message if item.hold else ""
    return "; ".join(part for part in (item.message, held) if part)


def table_lines(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Give the lines of a table; none without rows."""
    if rows:
        headers, rows = for_stdout(headers, [[harmless(cell).strip() for cell in row] for row in rows])
        widths = [max(map(len, column)) for column in zip(headers, *rows, strict=True)]
        yield _row(headers, headers, widths)
        for row in rows:
            yield _row([painted_cell(*pair) for pair in zip(headers, row, strict=True)], row, widths)


def _row(shown: Sequence[str], cells: Sequence[str], widths: Sequence[int]) -> str:
    """Give one line of a table; what is shown may be longer than its cell by colours, which take no room."""
    padded = (
        text + " " * (width - len(cell)) for text, cell, width in zip(shown, cells, widths, strict=True)
    )
    return "  ".join(padded).rstrip()


def rest_lines(shown: Shown) -> Iterator[str]:
    """What belongs beside the table: why things are held, notices, shifts of policy."""
    plan = shown.plan
    for reason, message in sorted({(i.hold.reason, i.hold.message) for i in plan.held if i.hold}):
        yield f"held {reason}: {harmless(message or reason.meaning)}; next: {reason.next_step or 'wait'}"
    for notice in plan.notices:
        yield _notice_line(notice)
    for shift in plan.shifts:
        yield f"policy: {harmless(str(shift))}"
    if plan.approval_id:
        yield f"To approve the removals that wait: akb-sync sync --approve {plan.approval_id}"


def _notice_line(notice: Notice) -> str:
    step = f"; next: {notice.reason.next_step}" if notice.reason.next_step else ""
    return f"{notice.reason}: {harmless(str(notice.subject))}: {harmless(notice.message)}{step}"


def summary_line(shown: Shown) -> str:
    """Say the whole in one line."""
    return plan_line(shown.plan)


def plan_line(plan: Plan) -> str:
    """Say in one line what a plan would write, what it holds, and how much is right."""
    counts = summary(plan)
    parts = [f"{count} to {name}" for name, count in counts.items() if count and name in _ACTIONS]
    parts += [f"{counts['held']} held"] if counts["held"] else []
    left = Counter(state(item).lower() for item in plan.items if _left_alone(item))
    right = [f"{counts['inSync']} in sync", *(f"{count} {name}" for name, count in sorted(left.items()))]
    return f"{', '.join(parts) or 'no change'}; {', '.join(right)}."


def _left_alone(item: Item) -> bool:
    """Whether an object is neither right nor going to be: a person has it, or asked for it to be left."""
    return not item.changes and item.reason is not Reason.IN_SYNC


_ACTIONS = ("create", "update", "move", "delete")


def print_document(document: dict[str, Any], output: Output) -> None:
    """Print a document as JSON or YAML."""
    if output is Output.JSON:
        _say(json.dumps(document, indent=2))
    else:
        _say(yaml_text(document).rstrip())


def yaml_text(document: dict[str, Any]) -> str:
    """Give a document as YAML, by libyaml where PyYAML has it: the same text in a fifth of the time."""
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text: str = yaml.dump(document, Dumper=dumper, sort_keys=False)
    return text


def terminal_width() -> int | None:
    """Give the columns of the terminal that stdout is; None when it is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def print_lines(lines: Iterable[str]) -> None:
    """Print lines for people; on a terminal none is broken within a word."""
    width = terminal_width()
    for line in lines:
        _say(line if width is None else hanging(line, width))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
