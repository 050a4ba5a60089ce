"""`akb-sync adopt`: hand EPGs that exist to akb-sync."""

from __future__ import annotations

from typing import Annotated

import typer

from akb_sync.engine import Engine
from akb_sync.errors import SettingsError
from akb_sync.ownership import Deed, Origin, Ownership, Terms
from akb_sync.settings import Settings

from .completion import completed
from .deeds import DryRunOption, EpgArgument, Manner, YesOption, carry_through
from .exits import one_sentence
from .options import Output, OutputOption, with_settings


@one_sentence
@with_settings
def adopt(
    settings: Settings,
    epg: EpgArgument = "",
    take_all: Annotated[
        bool, typer.Option("--all", help="Take over everything that bears the mark of --from.")
    ] = False,
    origin: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="PARTY",
            help="Whose marks give way: aci-k8-haystack (the prior application), or NAME.UID8 of a "
            "cluster that is gone. Its stale subnets come along.",
            autocompletion=completed(["aci-k8-haystack"]),
        ),
    ] = "",
    force: Annotated[bool, typer.Option("--force", help="Let anybody's mark give way.")] = False,
    all_subnets: Annotated[
        bool, typer.Option("--all-subnets", help="Take along subnets that no workload asks for.")
    ] = False,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    output: OutputOption = Output.TABLE,
) -> None:
    """Put our mark on an EPG that exists, and on those of its subnets that workloads ask for.

    Nothing is deleted. What comes along and is not asked for is deleted by the engine only after
    a person has approved its plan. A released EPG is taken back.

    Exit code 0: done; 3: something is left as it is, or is still to be done; 1: failed or refused.

    Examples:
        akb-sync adopt EPG_K8_APP_MCAST

        akb-sync adopt --all --from aci-k8-haystack --dry-run

        akb-sync adopt TEN_K8_C1/L3O_K8_C1/EPG_K8_APP_MCAST --from k8s.0a1b2c3d --yes
    """
    if bool(epg) == take_all:
        raise SettingsError(
            "adopt takes one EPG, or --all with --from", "name an EPG such as EPG_K8_APP_MCAST"
        )
    terms = Terms(Origin.parse(origin) if origin else None, force, all_subnets, only_origin=take_all)

    def look(ownership: Ownership) -> Deed:
        return ownership.adoption_of_all(terms) if take_all else ownership.adoption(epg, terms)

    with Engine.connect(settings, read_only=dry_run) as engine:
        carry_through(engine, look, Manner(yes, dry_run, output))
