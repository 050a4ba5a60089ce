"""`akb-sync doctor`: everything that can be wrong, looked at before it is."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer

from akb_sync.doctor import CHECKS, Case, Check, Examination, Result, Verdict
from akb_sync.errors import SettingsError
from akb_sync.explain.near import near
from akb_sync.settings import Settings

from .colour import painted
from .completion import completed
from .document import API_VERSION
from .exits import Exit, one_sentence
from .options import Output, OutputOption, with_settings
from .progress import working
from .render import print_document, print_lines, table_lines, terminal_width
from .text import harmless

_VERDICT = max(map(len, Verdict))
_ORDER = (Verdict.FAILED, Verdict.WARNING, Verdict.UNKNOWN, Verdict.SKIPPED, Verdict.OK)


@one_sentence
@with_settings
def doctor(
    settings: Settings,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CHECK]...",
            help="Only these checks.",
            show_default=False,
            autocompletion=completed(check.name for check in CHECKS),
        ),
    ] = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Check everything that can be wrong, on both sides and between them.

    Nothing is written. Each row says how it is, what was seen, and the exact next command.

    Exit code 0: nothing failed (there may be warnings); 1: something failed.

    Examples:
        akb-sync doctor

        akb-sync doctor -o json | jq '.checks[] | select(.verdict == "failed")'

        akb-sync doctor apic-login apic-rights
    """
    checks = chosen(names or [])
    case = Case(settings)
    try:
        with working("looking at both sides"):
            results = Examination(case, checks).run()
    finally:
        case.close()
    wanted = [result for result in results if not names or result.name in names]
    if output in (Output.JSON, Output.YAML):
        print_document(doctor_document(wanted), output)
    else:
        print_lines(doctor_lines(wanted, terminal_width()))
    failures = any(result.finding.verdict is Verdict.FAILED for result in wanted)
    raise typer.Exit(Exit.FAILED if failures else Exit.DONE)


def chosen(names: Sequence[str]) -> tuple[Check, ...]:
    """Give the checks of these names and those that they rest on; all for none.

    Raises:
        SettingsError: There is no check of a name.
    """
    known = {check.name: check for check in CHECKS}
    for name in names:
        if name not in known:
            raise SettingsError(f"there is no check {name!r}", near(name, list(known)))
    wanted, open_ends = set(names), list(names)
    while open_ends:
        needs = set(known[open_ends.pop()].needs) - wanted
        wanted |= needs
        open_ends += sorted(needs)
    return tuple(check for check in CHECKS if not names or check.name in wanted)


def doctor_lines(results: Sequence[Result], width: int | None = None) -> Iterator[str]:
    """Give the table in the order of the registry, then a summary; a list, if there is only so much room."""
    table = list(_table_lines(results))
    room = width or sys.maxsize
    yield from table if max(map(len, table), default=0) <= room else _list_lines(results)
    yield summary(results)


def _list_lines(results: Sequence[Result]) -> Iterator[str]:
    """Give each check with what to do below it, for a terminal that is too narrow for the table."""
    longest = max(len(one.name) for one in results)
    for one in results:
        verdict = painted(_shown(one.finding.verdict), _VERDICT)
        yield f"  {verdict} {harmless(f'{one.name:<{longest}}  {one.finding.seen}')}"
        if one.finding.next_step:
            yield harmless(f"  {'next:':<{_VERDICT + 1 + longest}}  {one.finding.next_step}")


def _table_lines(results: Sequence[Result]) -> Iterator[str]:
    rows = [
        [str(one.group), one.name, _shown(one.finding.verdict), one.finding.seen or "", one.finding.next_step]
        for one in results
    ]
    yield from table_lines(["GROUP", "CHECK", "VERDICT", "SEEN", "NEXT"], rows)


def summary(results: Sequence[Result]) -> str:
    """Say the whole in one line."""
    counted = Counter(one.finding.verdict for one in results)
    told = ", ".join(f"{counted[verdict]} {verdict}" for verdict in _ORDER if counted[verdict])
    return harmless(f"{len(results)} checks: {told}.")


def doctor_document(results: Sequence[Result]) -> dict[str, Any]:
    """The document of `akb-sync doctor`."""
    counted = Counter(str(one.finding.verdict) for one in results)
    return {
        "apiVersion": API_VERSION,
        "kind": "Diagnosis",
        "summary": {str(verdict): counted[str(verdict)] for verdict in _ORDER},
        "checks": [
            {
                "name": one.name,
                "group": str(one.group),
                "verdict": str(one.finding.verdict),
                "seen": one.finding.seen,
                "nextStep": one.finding.next_step,
                "seconds": round(one.seconds, 3),
            }
            for one in results
        ],
    }


def _shown(verdict: Verdict) -> str:
    """What asks for a person stands out in any terminal, without colour."""
    return str(verdict).upper() if verdict is Verdict.FAILED else str(verdict)
