"""`akb-sync plan`: what sync would do, item by item, each with its reason."""

from __future__ import annotations

from akb_sync.engine import Engine
from akb_sync.settings import Settings

from .completion import remember
from .exits import Exit, finish, one_sentence
from .narrowing import narrowed, narrowing, shown
from .options import NamespaceOption, Output, OutputOption, SelectorOption, with_settings
from .progress import working
from .render import print_plan


@one_sentence
@with_settings
def plan(
    settings: Settings,
    output: OutputOption = Output.TABLE,
    namespace: NamespaceOption = "",
    selector: SelectorOption = "",
) -> None:
    """Show what `sync` would do, item by item, each with its reason.

    Nothing is written. Exit code 0: no change; 2: there are changes, held ones too;
    1: failed, or something could not be read.

    Examples:
        akb-sync plan

        akb-sync plan -n multicast -o wide

        akb-sync plan -o json | jq '.summary'
    """
    with Engine.connect(settings, read_only=True) as engine:
        with working("reading the cluster and the fabric"):
            engine.read()
            found = engine.look()
        remember(found)
        found = narrowed(found, narrowing(engine, namespace, selector), namespace)
        print_plan(shown(engine, found), output)
        finish(Exit.CHANGES if found.changes else Exit.DONE, engine.troubles)
