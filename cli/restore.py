"""`akb-sync restore`: post the deleted objects of a journal back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from akb_sync.engine import Engine
from akb_sync.ownership import Ownership, Restoration
from akb_sync.settings import Settings

from .asking import agreed
from .deeds import DryRunOption, Manner, YesOption
from .exits import Exit, finish, one_sentence
from .options import Output, OutputOption, with_settings
from .ownership_render import counted_revivals, print_restoration, print_restored
from .progress import working


@one_sentence
@with_settings
def restore(
    settings: Settings,
    file: Annotated[
        Path, typer.Argument(help="The journal: of --journal, or lines of the log.", show_default=False)
    ],
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    output: OutputOption = Output.TABLE,
) -> None:
    """Post the objects of a journal back that are absent now.

    What exists is never overwritten. Of an object that went several times, the last time counts.
    What no workload asks for comes back without our mark, or the engine would delete it again.
    To restore a part, keep only those lines.

    Exit code 0: done; 3: something is left, or still to be done; 1: failed.

    Examples:
        akb-sync restore deleted.jsonl --dry-run

        akb-sync restore deleted.jsonl
    """
    manner = Manner(yes, dry_run, output)
    with Engine.connect(settings, read_only=dry_run) as engine:
        ownership = Ownership(engine)
        found = _looked(ownership, file)
        if manner.people:
            print_restoration(engine, found, output)
        if not found.changes or dry_run:
            print_restored(engine, found, (), (), output, dry_run=dry_run)
            finish(Exit.OPEN if found.changes or found.left else Exit.DONE, engine.troubles)
        ownership.must_not_be_paused()
        if not yes:
            found = _agreed(engine, ownership, file, found, output)
        with working("writing to the fabric"):
            back, refused = ownership.bring_back(found)
        left = _looked(ownership, file)
        print_restored(engine, left, back, refused, output, dry_run=False)
        finish(Exit.OPEN if left.changes or left.left or refused else Exit.DONE, engine.troubles)


def _looked(ownership: Ownership, file: Path) -> Restoration:
    with working("reading the cluster and the fabric"):
        return ownership.restoration(file)


def _agreed(
    engine: Engine, ownership: Ownership, file: Path, found: Restoration, output: Output
) -> Restoration:
    """Ask a person. What changed while they thought is shown and asked again."""
    while True:
        agreed(f"{counted_revivals(found)} Write this to the fabric?")
        now = _looked(ownership, file)
        if now.changes == found.changes:
            return now
        sys.stderr.write("the fabric or the cluster has changed in the meantime:\n")
        print_restoration(engine, now, output)
        found = now
