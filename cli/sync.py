"""`akb-sync sync`: one full pass. It shows the plan, asks on a terminal, writes, waits out the holds."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

import typer

from akb_sync.engine import Engine
from akb_sync.engine.once import Narrow, Pass
from akb_sync.engine.report import Report
from akb_sync.engine.shared import refuse_beside_leader
from akb_sync.errors import AkbSyncError
from akb_sync.plan import Plan
from akb_sync.settings import Settings

from .asking import must_be_askable
from .completion import approvals
from .exits import Exit, finish, one_sentence
from .logs import keep_the_journal
from .narrowing import narrowed, narrowing, shown
from .options import NamespaceOption, Output, OutputOption, SelectorOption, with_settings
from .progress import Bar, count_writes, say, working
from .render import print_outcome, print_plan, summary_line


class DeleteEpgs(StrEnum):
    """Which EPGs of ours go once nobody names them."""

    EMPTY = "empty"
    """Those with nothing of other people's in them."""
    IN_USE = "in-use"
    """Those that stay `InUse` too; what is in them goes along."""


@one_sentence
@with_settings
def sync(
    settings: Settings,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait out what only time holds.")] = True,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan and write nothing.")] = False,
    approve: Annotated[
        str,
        typer.Option(
            "--approve",
            metavar="PLAN-ID",
            help="Release exactly the removals of this plan.",
            autocompletion=approvals,
        ),
    ] = "",
    delete_epgs: Annotated[
        DeleteEpgs,
        typer.Option(
            "--delete-epgs",
            metavar="WORD",
            help="Which EPGs that nobody names go: empty ones, or in-use ones too, with the contracts and "
            "other people's subnets in them.",
        ),
    ] = DeleteEpgs.EMPTY,
    force: Annotated[
        bool, typer.Option("--force", help="Write although an engine runs in the cluster.")
    ] = False,
    output: OutputOption = Output.TABLE,
    namespace: NamespaceOption = "",
    selector: SelectorOption = "",
) -> None:
    """Bring the fabric to what the cluster wants, once.

    Exit code 0: done and nothing open; 3: something is held or in conflict;
    1: failed, or something could not be read.

    Beside an engine that leads in the cluster it refuses, since that does the same
    all the time; but a person's --approve is for that case, and passes.

    Examples:
        akb-sync sync

        akb-sync sync --yes --no-wait -o json

        akb-sync sync --approve 3f9a0c1b22de

        akb-sync sync --delete-epgs in-use --journal deleted.jsonl
    """
    keep_the_journal()
    if delete_epgs is DeleteEpgs.IN_USE and not (yes or dry_run):
        must_be_askable()
    with Engine.connect(settings, read_only=dry_run) as engine:
        if delete_epgs is DeleteEpgs.IN_USE:
            engine.prune_in_use()
        if not (dry_run or force or approve):
            refuse_beside_leader(settings, engine.kube)
        with working("reading the cluster and the fabric"):
            engine.read()
        keep = narrowing(engine, namespace, selector)
        found = _look(engine, keep, namespace, approve)
        people = output in (Output.TABLE, Output.WIDE)
        if people:
            print_plan(shown(engine, found), output)
        if found.actionable and not dry_run and not yes and sys.stdin.isatty():
            found = _agreed(engine, found, lambda: _look(engine, keep, namespace, approve), output)
        left, reports = found, list[Report]()
        if not dry_run:
            left, reports = _carried_out(engine, found, keep, wait=wait)
            left = narrowed(left, keep, namespace)
        print_outcome(shown(engine, left), reports, output)
        finish(Exit.DONE if left.settled else Exit.OPEN, engine.troubles)


def _carried_out(engine: Engine, found: Plan, keep: Narrow, *, wait: bool) -> tuple[Plan, list[Report]]:
    """Write, wait, look again, until nothing is left to do; give what is left and what was done."""
    with Bar("looking again") as bar:
        count_writes(engine, bar, len(found.actionable))

        def rest(seconds: float) -> None:
            bar.goes_on("waiting", max(1, round(seconds)))
            until = time.monotonic() + seconds
            while (left := until - time.monotonic()) > 0:
                time.sleep(min(1.0, left))
                bar.done()
            bar.goes_on("looking again")

        one_pass = Pass(engine, wait=wait, sleep=rest, narrow=keep, on_wait=_say_wait)
        return one_pass.run(found), one_pass.reports


def _look(engine: Engine, keep: Narrow, namespace: str, approve: str) -> Plan:
    found = engine.look()
    if approve:
        if approve != found.approval_id:
            raise AkbSyncError(
                f"no removals wait under the plan id {approve}"
                + (f"; those of {found.approval_id} do" if found.approval_id else ""),
                "look at `akb-sync plan` and approve what it names",
            )
        engine.approve(found)
        found = engine.look()
    return narrowed(found, keep, namespace)


def _agreed(engine: Engine, found: Plan, look: Callable[[], Plan], output: Output) -> Plan:
    """Ask a person. What changed while they thought is shown and asked again."""
    while True:
        question = f"{summary_line(shown(engine, found))} Write this to the fabric?"
        if not typer.confirm(question, err=True):
            sys.stderr.write("nothing was written\n")
            raise typer.Exit(Exit.OPEN)
        with working("reading the cluster and the fabric"):
            engine.read()
        now = look()
        if _writes(now) == _writes(found):
            return now
        sys.stderr.write("the plan has changed in the meantime:\n")
        print_plan(shown(engine, now), output)
        found = now


def _writes(found: Plan) -> set[tuple[str, str]]:
    return {(str(item.action), item.dn) for item in found.actionable}


def _say_wait(held: Plan, seconds: float) -> None:
    reasons = sorted({str(item.hold.reason) for item in held.held if item.hold and item.hold.until})
    say(f"waiting {seconds:.0f} s for {', '.join(reasons)} (--no-wait to leave it)")
