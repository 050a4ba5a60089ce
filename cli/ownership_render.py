"""How the ownership commands print what they would do and did: tables for people, documents for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from akb_sync.engine import Engine, Report
from akb_sync.engine.wording import words
from akb_sync.item import Hold, Item
from akb_sync.model import Binding
from akb_sync.ownership import Deed, Restoration, Revival
from akb_sync.ownership.deed import verb
from akb_sync.reasons import Reason

from .document import API_VERSION
from .options import Output
from .render import print_document, print_lines, table_lines
from .text import harmless

MOST_REFUSALS = 10
_CLASSES = {"l3extInstP": "EPG", "l3extSubnet": "Subnet"}
_PAST = {
    "mark": "marked",
    "unmark": "unmarked",
    "tag": "tagged",
    "untag": "untagged",
    "delete": "deleted",
    "create": "restored",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One object, whatever is done to it."""

    action: str
    kind: str
    binding: Binding
    prefix: str
    dn: str
    reason: Reason
    message: str
    annotation: str | None
    """The annotation that is written; None: not written."""
    hold: Hold | None

    @classmethod
    def of_item(cls, item: Item) -> Line:
        """Tell of an EPG or subnet that is marked, unmarked, tagged or deleted."""
        kind = "EPG" if item.is_epg else "Subnet"
        return cls(
            verb(item),
            kind,
            item.binding,
            item.prefix,
            item.dn,
            item.reason,
            item.message,
            item.mark,
            item.hold,
        )

    @classmethod
    def of_revival(cls, one: Revival) -> Line:
        """Tell of an object of a journal."""
        deleted = one.deleted
        kind = _CLASSES.get(deleted.cls, deleted.cls)
        reason = Reason.RESTORED if one.action == "create" else Reason.IN_SYNC
        annotation = one.attributes.get("annotation", "") if one.actionable else None
        return cls(
            str(one.action),
            kind,
            deleted.binding,
            one.prefix,
            deleted.dn,
            reason,
            one.message,
            annotation,
            one.hold,
        )


def print_deed(engine: Engine, deed: Deed, output: Output) -> None:
    """Print what would be written, as a table."""
    _print_table([Line.of_item(item) for item in (*deed.changes, *deed.left)], output)
    _print_holds(item.hold for item in deed.left)
    print_lines(harmless(remark) for remark in deed.remarks)
    print_lines([f"{_cluster(engine)}: {counted(deed)}"])


def counted(deed: Deed) -> str:
    """Say the whole in one line."""
    return _sentence(Counter(verb(item) for item in deed.changes), len(deed.left))


def _sentence(counts: Mapping[str, int], left: int) -> str:
    parts = [f"{count} to {name}" for name, count in sorted(counts.items())]
    parts += [f"{left} left as {'it is' if left == 1 else 'they are'}"] if left else []
    return f"{', '.join(parts) or 'nothing to do'}."


def print_outcome(engine: Engine, deed: Deed, report: Report, output: Output, *, dry_run: bool) -> None:
    """Print what was written; `deed` is what is left."""
    done = Counter(verb(item) for item in report.done)
    if output in (Output.JSON, Output.YAML):
        lines = [Line.of_item(item) for item in (*deed.changes, *deed.left)]
        print_document(
            _document(engine, deed.kind, lines, done, dry_run=dry_run, remarks=deed.remarks), output
        )
        return
    print_lines(_refusals((item.dn, text) for item, text in report.rejected))
    _print_done(done)


def print_restoration(engine: Engine, found: Restoration, output: Output) -> None:
    """Print what would be posted back, as a table."""
    _print_table([Line.of_revival(one) for one in (*found.changes, *found.left)], output)
    _print_holds(one.hold for one in found.left)
    there = len(found.revivals) - len(found.changes) - len(found.left)
    also = f" {there} there already." if there else ""
    print_lines([f"{_cluster(engine)}: {counted_revivals(found)}{also}"])


def counted_revivals(found: Restoration) -> str:
    """Say the whole in one line."""
    counts = {"restore": len(found.changes)} if found.changes else {}
    return _sentence(counts, len(found.left))


def print_restored(
    engine: Engine,
    left: Restoration,
    back: Sequence[Revival],
    refused: Sequence[tuple[Revival, str]],
    output: Output,
    *,
    dry_run: bool,
) -> None:
    """Print what came back; `left` is what did not."""
    done = Counter(str(one.action) for one in back)
    if output in (Output.JSON, Output.YAML):
        lines = [Line.of_revival(one) for one in (*left.changes, *left.left)]
        print_document(_document(engine, "Restoration", lines, done, dry_run=dry_run, remarks=()), output)
        return
    print_lines(_refusals((one.deleted.dn, text) for one, text in refused))
    _print_done(done)


def _refusals(refused: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Tell what the APIC refused in its own words, the first few of them, and what to do."""
    found = list(refused)
    for dn, text in found[:MOST_REFUSALS]:
        yield f"refused by the APIC: {dn}: {harmless(text)}"
    if len(found) > MOST_REFUSALS:
        yield f"refused by the APIC: {len(found) - MOST_REFUSALS} more"
    if found:
        yield "next: mend what the APIC names (rights: `akb-sync doctor apic-rights`), and run the same again"


def _print_done(done: Mapping[str, int]) -> None:
    if done:
        print_lines([f"Done: {', '.join(f'{count} {_PAST[name]}' for name, count in sorted(done.items()))}."])


def _print_table(lines: Sequence[Line], output: Output) -> None:
    wide = output is Output.WIDE
    headers = ["ACTION", "KIND", "EPG", "PREFIX", "REASON", "LEFT", "MESSAGE", *(["DN"] if wide else [])]
    print_lines(table_lines(headers, [_row(line, wide=wide) for line in lines]))


def _row(line: Line, *, wide: bool) -> list[str]:
    hold = line.hold
    return [
        line.action,
        line.kind,
        str(line.binding),
        line.prefix or "<none>",
        str(line.reason),
        str(hold.reason) if hold else "",
        "; ".join(part for part in (line.message, hold.message if hold else "") if part),
        *([line.dn] if wide else []),
    ]


def _print_holds(holds: Iterable[Hold | None]) -> None:
    """Say once for each reason what to do about what is left."""
    reasons = sorted({hold.reason for hold in holds if hold})
    print_lines(f"left {one}: {one.meaning}; next: {one.next_step or 'nothing'}" for one in reasons)


def _document(
    engine: Engine,
    kind: str,
    lines: Iterable[Line],
    done: Mapping[str, int],
    *,
    dry_run: bool,
    remarks: Sequence[str],
) -> dict[str, Any]:
    """The document of an ownership command: what was written, and what is left or would be done."""
    return {
        "apiVersion": API_VERSION,
        "kind": kind,
        "cluster": _cluster(engine),
        "dryRun": dry_run,
        "written": dict(sorted(done.items())),
        "items": [_item(line) for line in lines],
        "remarks": list(remarks),
    }


def _item(line: Line) -> dict[str, Any]:
    return {
        "kind": line.kind,
        "tenant": line.binding.tenant,
        "l3out": line.binding.l3out,
        "epg": line.binding.epg,
        "prefix": line.prefix,
        "dn": line.dn,
        "action": line.action,
        "reason": str(line.reason),
        "message": line.message,
        "annotation": line.annotation,
        "hold": _hold(line.hold) if line.hold else None,
    }


def _hold(hold: Hold) -> dict[str, str]:
    return {
        "reason": str(hold.reason),
        "message": words(hold),
        "nextStep": hold.reason.next_step,
    }


def _cluster(engine: Engine) -> str:
    return f"{engine.identity.name}.{engine.identity.uid8}"
