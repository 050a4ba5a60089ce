"""`akb-sync demo`: the whole thing on this machine, as a story in which every promise is checked."""

from __future__ import annotations

import contextlib
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from akb_sync.errors import AkbSyncError

from ..details import Details
from ..document import Shown
from ..exits import Exit, one_sentence
from ..logs import set_up_logging
from ..render import print_lines
from ..status_table import status_lines

if TYPE_CHECKING:
    from .stage import Stage
    from .story import Step


@one_sentence
def demo(
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave both servers up afterwards and say how to use them.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Log everything, and show tracebacks.")] = False,
) -> None:
    """Show the main job on embedded simulators of the APIC and the Kubernetes API.

    Nothing outside this machine is touched. Exit code 0: every promise was kept; 1: one was broken.

    Examples:
        akb-sync demo

        akb-sync demo --keep
    """
    set_up_logging(debug=debug)
    with tempfile.TemporaryDirectory(prefix="akb-sync-demo-") as directory:
        try:
            from .stage import Stage  # noqa: PLC0415 (the simulators are an extra)
        except ImportError as error:
            raise AkbSyncError(f"the simulators need {error.name}", "install akb-sync[simulators]") from error
        with Stage(Path(directory)) as stage:
            kept = tell(stage)
            if keep:
                stage.stop_engine()
                _leave_up(stage)
    raise typer.Exit(Exit.DONE if kept else Exit.FAILED)


def tell(stage: Stage) -> bool:
    """Tell the story; say whether every promise was kept."""
    from .stage import HOLD_DOWN  # noqa: PLC0415 (as above)
    from .story import steps  # noqa: PLC0415

    _say(f"The APIC simulator answers at {stage.apic.url}, the Kubernetes simulator at {stage.cluster.url}.")
    _say(
        f"The engine between them is the real one. Shortened: an EPG's hold-down, 30 s, is {HOLD_DOWN:.0f} s."
    )
    begun = time.monotonic()
    results = [_play(stage, number, step) for number, step in enumerate(steps(stage), start=1)]
    verdict = "every one was kept" if all(results) else f"{results.count(False)} broken"
    _say(f"\n{len(results)} promises in {time.monotonic() - begun:.0f} s: {verdict}.")
    return all(results)


def _play(stage: Stage, number: int, step: Step) -> bool:
    _say(f"\n{number}. {step.promise}.")
    begun = time.monotonic()
    step.act()
    kept = stage.wait_for(step.kept, step.within)
    took = time.monotonic() - begun
    with stage.look() as (engine, found):
        seen = Shown(engine.identity, found, engine.troubles, engine.clock.monotonic())
        print_lines(status_lines(seen, Details(engine), wide=False))
    _say(
        f"   kept, checked on the APIC after {took:.1f} s"
        if kept
        else f"   BROKEN: not so after {took:.1f} s"
    )
    return kept


def _leave_up(stage: Stage) -> None:
    from .stage import PASSWORD, USER  # noqa: PLC0415 (as above)

    _say("\nBoth servers stay up until Ctrl-C. In a second terminal:\n")
    _say(f"export KUBECONFIG={stage.kubeconfig}")
    _say(f"export ACI_APIC={stage.apic.url} ACI_USERNAME={USER} ACI_PASSWORD={PASSWORD}")
    _say(f"export AKB_SYNC_APIC_CA_FILE={stage.ca_file} AKB_SYNC_CLUSTER_NAME=demo\n")
    _say("kubectl create namespace web")
    _say("kubectl -n web create deployment web --image=web --replicas=3")
    _say(
        "kubectl -n web annotate deployment web 'aci.haystacknetworks.com/l3o="
        '{"tenant": "TEN_K8_C1", "l3out": "L3O_K8_C1", "epg": "EPG_WEB"}\''
    )
    _say("akb-sync plan\nakb-sync sync --yes\nakb-sync watch")
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stopped.set())
    with contextlib.suppress(KeyboardInterrupt):
        stopped.wait()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
