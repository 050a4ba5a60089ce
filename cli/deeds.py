"""What `adopt`, `release` and `purge` have in common: show, ask, write, look again, say what is left."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, NoReturn

import typer

from akb_sync.engine import Engine, Report
from akb_sync.ownership import Deed, Ownership
from akb_sync.ownership.ownership import nobody

from .asking import agreed, must_be_askable
from .completion import epgs
from .exits import Exit, finish
from .logs import keep_the_journal
from .options import Output
from .ownership_render import counted, print_deed, print_outcome
from .progress import Bar, count_writes, working

EpgArgument = Annotated[
    str,
    typer.Argument(
        help="The EPG: its name, tenant/l3out/epg, or its DN.",
        metavar="EPG",
        show_default=False,
        autocompletion=epgs,
    ),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Show the plan and write nothing.")]
MOST_ROUNDS = 5
"""Others write at the same time: what they undo or change is looked at again this often."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a person wants it done."""

    yes: bool
    dry_run: bool
    output: Output

    @property
    def people(self) -> bool:
        """Whether tables are printed."""
        return self.output in (Output.TABLE, Output.WIDE)


def carry_through(
    engine: Engine,
    look: Callable[[Ownership], Deed],
    manner: Manner,
    leader: Callable[[], str | None] = nobody,
) -> NoReturn:
    """Do what a person asked for, if they agree to what is shown; ends the program.

    `leader` names the engine that leads this cluster now, if any does.
    """
    keep_the_journal()
    ownership = Ownership(engine, leader)
    deed = _looked(ownership, look)
    if manner.people:
        print_deed(engine, deed, manner.output)
    report = Report()
    if deed.changes and not manner.dry_run:
        ownership.must_not_be_paused()
        if not manner.yes:
            deed = _agreed(engine, ownership, look, deed, manner.output)
        deed, report = _done(engine, ownership, look, deed)
    print_outcome(engine, deed, report, manner.output, dry_run=manner.dry_run)
    if report.error and deed.changes:
        raise report.error
    finish(Exit.OPEN if deed.changes or deed.left or report.rejected else Exit.DONE, engine.troubles)


def _looked(ownership: Ownership, look: Callable[[Ownership], Deed]) -> Deed:
    with working("reading the cluster and the fabric"):
        return look(ownership)


def _agreed(
    engine: Engine, ownership: Ownership, look: Callable[[Ownership], Deed], deed: Deed, output: Output
) -> Deed:
    """Ask a person. What changed while they thought is shown and asked again."""
    must_be_askable()
    while True:
        agreed(f"{counted(deed)} Write this to the fabric?")
        now = _looked(ownership, look)
        if now.changes == deed.changes:
            return now
        sys.stderr.write("the fabric or the cluster has changed in the meantime:\n")
        print_deed(engine, now, output)
        deed = now


def _done(
    engine: Engine, ownership: Ownership, look: Callable[[Ownership], Deed], deed: Deed
) -> tuple[Deed, Report]:
    """Write until nothing is left, or nothing more lands; give what is left."""
    report = Report()
    for _ in range(MOST_ROUNDS):
        with Bar("writing to the fabric") as bar:
            count_writes(engine, bar, len(deed.changes))
            latest = ownership.carry_out(deed)
        report += latest
        if latest.error and not latest.unknown:
            raise latest.error
        deed = _looked(ownership, look)
        if not deed.changes or not (latest.wrote or latest.overtaken):
            break
    return deed, report
