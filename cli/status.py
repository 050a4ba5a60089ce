"""`akb-sync status`: every object that is wanted or ours, and how it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from akb_sync.engine import Engine
from akb_sync.errors import SettingsError
from akb_sync.item import Item
from akb_sync.plan import Plan
from akb_sync.settings import Settings

from .exits import Exit, finish, one_sentence
from .narrowing import narrowed, narrowing, shown
from .options import NamespaceOption, Output, OutputOption, SelectorOption, with_settings
from .progress import working
from .render import print_status


@one_sentence
@with_settings
def status(
    settings: Settings,
    epg: Annotated[
        str, typer.Argument(help="One EPG: its name, tenant/l3out/epg, or its DN.", show_default=False)
    ] = "",
    output: OutputOption = Output.TABLE,
    namespace: NamespaceOption = "",
    selector: SelectorOption = "",
) -> None:
    """Show every object that is wanted or ours, and how it is. Nothing is written.

    Exit code 0: all is right; 3: something is held, in conflict or not right yet;
    1: failed, or something could not be read.

    Examples:
        akb-sync status

        akb-sync status EPG_K8_APP_MCAST

        akb-sync status TEN_K8_C1/L3O_K8_C1/EPG_K8_APP_MCAST -o wide
    """
    with Engine.connect(settings, read_only=True) as engine:
        with working("reading the cluster and the fabric"):
            engine.read()
            found = engine.look()
        found = narrowed(found, narrowing(engine, namespace, selector), namespace)
        found = of_epg(found, epg) if epg else found
        print_status(shown(engine, found), output)
        finish(Exit.DONE if found.settled else Exit.OPEN, engine.troubles)


def of_epg(found: Plan, asked: str) -> Plan:
    """Give the part of a plan that is about one EPG.

    Raises:
        SettingsError: No EPG, or more than one, is meant.
    """
    meant = {item.binding for item in found.items if asked in _names(item)}
    if len(meant) == 1:
        return replace(found.narrowed(lambda item: item.binding in meant), notices=())
    known = ", ".join(sorted({str(item.binding) for item in (found.items)})) or "none"
    if meant:
        names = ", ".join(sorted(str(binding) for binding in meant))
        raise SettingsError(f"{asked!r} is the name of several EPGs", f"name one of {names}")
    raise SettingsError(f"no wanted or managed EPG is called {asked!r}", f"there are: {known}")


def _names(item: Item) -> tuple[str, str, str]:
    return (item.binding.epg, str(item.binding), item.binding.dn)
