"""What a rival is given: where both sides are, and what to bring from one to the other."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Task:
    """Both sides, and how much is to be done.

    Attributes:
        kubernetes: url, token, ca (PEM) and kubeconfig of the API server.
        apic: url, user, password and ca (path) of the APIC.
        l3outs: the DNs of the L3Outs.
        epgs: how many EPGs the addresses are in.
        addresses: how many addresses a rival brings that is too slow for all of them; 0 is all.
    """

    kubernetes: Mapping[str, str]
    apic: Mapping[str, str]
    l3outs: tuple[str, ...]
    epgs: int
    addresses: int = 0

    def text(self) -> str:
        """As it goes to standard input."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls) -> Task:
        """From standard input."""
        found = json.load(sys.stdin)
        return cls(**{**found, "l3outs": tuple(found["l3outs"])})


def finished(found: Mapping[str, Any]) -> dict[str, Any]:
    """What a rival found, with the processor time and memory that it took, and when it ended."""
    status = Path("/proc/self/status").read_text()
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    times = os.times()
    return {
        **found,
        "cpu": times.user + times.system,
        "peak": int(peak.group(1)) * 1024 / 1e6 if peak else 0.0,
        "ended": time.monotonic(),
    }


def run(work: Callable[[Task], Mapping[str, Any]]) -> None:
    """Do the work of the task, and tell on standard output what it found."""
    tell(work(Task.read()))


def tell(found: Mapping[str, Any]) -> None:
    """Write what a rival found to standard output."""
    sys.stdout.write(json.dumps(finished(found)) + "\n")
    sys.stdout.flush()
