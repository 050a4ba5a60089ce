"""The engine as people run it: the command `akb-sync` in a process of its own, told by its environment."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from .process import Program, ProgramFailedError
from .sides import Cluster, Sides

COMMAND = Path(sys.executable).with_name("akb-sync")
LONGEST = 300.0
QUIET = 0.6
POLL = 0.05


def environment(sides: Sides[Cluster], number: int = 0) -> dict[str, str]:
    """What the engine of a cluster is given."""
    apic = sides.apic.access()
    return {
        "ACI_APIC": apic["url"],
        "ACI_USERNAME": apic["user"],
        "ACI_PASSWORD": apic["password"],
        "AKB_SYNC_APIC_CA_FILE": apic["ca"],
        "AKB_SYNC_KUBECONFIG": sides.clusters[number].access()["kubeconfig"],
    }


def watch(sides: Sides[Cluster], number: int = 0) -> Program:
    """Start `akb-sync watch` for a cluster."""
    log = sides.folder / f"watch-{number}.log"
    return Program([str(COMMAND), "watch"], environment(sides, number), log)


def sync(sides: Sides[Cluster]) -> Program:
    """Start `akb-sync sync` for the first cluster."""
    log = sides.folder / "sync.log"
    return Program([str(COMMAND), "sync", "--yes", "--no-wait"], environment(sides), log)


def until(what: str, holds: Callable[[], bool], *programs: Program, seconds: float = LONGEST) -> None:
    """Wait until something holds. Raises ProgramFailedError when a program ended or it takes too long."""
    end = time.monotonic() + seconds
    while not holds():
        for program in programs:
            program.must_run()
            program.look()
        if time.monotonic() > end:
            said = "".join(program.said()[-1000:] for program in programs)
            raise ProgramFailedError(f"after {seconds:g} s still not: {what}\n{said}")
        time.sleep(POLL)


def until_quiet(*programs: Program) -> None:
    """Wait until programs take next to no processor time: what they had to do is done."""
    for program in programs:
        before = program.cpu()
        while True:
            time.sleep(QUIET)
            program.must_run()
            now = program.cpu()
            if now - before <= 0.03 * QUIET + 0.01:
                break
            before = now
