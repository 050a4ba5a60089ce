"""`akb-sync release`: take EPGs back from akb-sync, or leave the fabric."""

from __future__ import annotations

from typing import Annotated

import typer

from akb_sync.engine import Engine
from akb_sync.engine.shared import connect, who_leads
from akb_sync.errors import SettingsError
from akb_sync.ownership import Deed, Ownership
from akb_sync.settings import Settings

from .deeds import DryRunOption, EpgArgument, Manner, YesOption, carry_through
from .exits import one_sentence
from .options import Output, OutputOption, with_settings


@one_sentence
@with_settings
def release(
    settings: Settings,
    epg: EpgArgument = "",
    release_all: Annotated[
        bool, typer.Option("--all", help="Leave the fabric: every mark and tag of this cluster goes.")
    ] = False,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    output: OutputOption = Output.TABLE,
) -> None:
    """Take our mark off an EPG and off its subnets.

    Nothing is deleted, and nothing else changes. The EPG gets a tag, and akb-sync leaves it alone
    until it is adopted, whatever workloads ask. With --all nothing of ours stays, tags included:
    that is how to uninstall. Stop the engine first.

    Exit code 0: done; 3: something is still to be done; 1: failed or refused.

    Examples:
        akb-sync release EPG_K8_APP_MCAST

        akb-sync release TEN_K8_C1/L3O_K8_C1/EPG_K8_APP_MCAST --dry-run -o json

        akb-sync release --all
    """
    if bool(epg) == release_all:
        raise SettingsError("release takes one EPG, or --all", "name an EPG such as EPG_K8_APP_MCAST")

    def look(ownership: Ownership) -> Deed:
        return ownership.release_of_all() if release_all else ownership.release(epg)

    def leader() -> str | None:
        return who_leads(settings, connect(settings)) or None

    with Engine.connect(settings, read_only=dry_run) as engine:
        carry_through(engine, look, Manner(yes, dry_run, output), leader)
