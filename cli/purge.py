"""`akb-sync purge`: remove what a cluster that is gone left on the fabric."""

from __future__ import annotations

from typing import Annotated

import typer

from akb_sync.engine import Engine
from akb_sync.settings import Settings

from .deeds import DryRunOption, Manner, YesOption, carry_through
from .exits import one_sentence
from .options import Output, OutputOption, with_settings


@one_sentence
@with_settings
def purge(
    settings: Settings,
    cluster: Annotated[
        str,
        typer.Option(
            "--cluster", metavar="NAME.UID8", help="The cluster that is gone, as its marks name it."
        ),
    ],
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    output: OutputOption = Output.TABLE,
) -> None:
    """Delete the EPGs and subnets that bear the mark of a cluster that is gone.

    EPGs with other people's work in them stay. Each object is written to the journal first. Refused
    for our own cluster, and while marks of the other one changed in the last 10 minutes.

    Exit code 0: done; 3: something stays or is still to be done; 1: failed or refused.

    Examples:
        akb-sync purge --cluster k8s.0a1b2c3d --dry-run

        akb-sync purge --cluster k8s.0a1b2c3d --journal purged.jsonl
    """
    with Engine.connect(settings, read_only=dry_run) as engine:
        carry_through(engine, lambda ownership: ownership.purge(cluster), Manner(yes, dry_run, output))
