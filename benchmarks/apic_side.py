"""The APIC side of a measurement: a simulator in a process of its own, and what its journal says."""

import gc
import os
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from akb_sync.simulators.apic import ApicSimulator

from .documents import Json


@dataclass(frozen=True, slots=True)
class Post:
    """One write: when it came, when it was carried out (monotonic seconds), and what it did to subnets.

    `subnets` has the kind of change (`created`, `modified`, `deleted`) and the address of each.
    """

    arrived: float
    committed: float
    objects: int
    subnets: tuple[tuple[str, str], ...]


class ApicSide:
    """One simulated fabric. Made and called in its own process."""

    def __init__(self, folder: Path, documents: Iterable[Json], latency: float = 0.0) -> None:
        self._seen, self._kinds, self._made = 0, Counter[str](), set[str]()
        self._simulator = ApicSimulator(output_dir=folder)
        for document in documents:
            self._simulator.post("uni", document)
        self._simulator.start()
        self.set_latency(latency)
        gc.freeze()

    def access(self) -> dict[str, str]:
        """How to reach it: url, user, password and the path of the CA's certificate."""
        simulator = self._simulator
        return {"url": simulator.url, "user": "admin", "password": "secret", "ca": str(simulator.ca_file)}

    def set_latency(self, seconds: float) -> None:
        """Let each request wait that long before it is looked at, as a busy APIC lets it."""
        self._simulator.faults.latency = seconds

    def reset(self, *, fabric: bool = False) -> None:
        """Forget journal and counts; with `fabric` every EPG that was made, too."""
        for write in self._simulator.journal:
            self._made.update(dn for kind, dn in write.touched if kind == "created" and _is_epg(dn))
        if fabric:
            for dn in self._made:
                if self._simulator.get(dn) is not None:
                    self._simulator.delete(dn)
            self._made = set()
        self._simulator.reset_journal()
        self._seen, self._kinds = 0, Counter[str]()
        gc.collect()

    def requests(self) -> Counter[str]:
        """How many requests came, by kind."""
        return self._simulator.counts

    def subscriptions(self) -> int:
        """How many subscriptions live now."""
        return self._simulator.subscriptions

    def written(self) -> int:
        """How many subnets more than at the last reset there are, by what was written since."""
        self._count()
        return self._kinds["created"] - self._kinds["deleted"]

    def changed(self) -> int:
        """How many subnets were written since the last reset."""
        self._count()
        return self._kinds.total()

    def _count(self) -> None:
        writes = self._simulator.journal
        for write in writes[self._seen :]:
            self._kinds.update(kind for kind, dn in write.touched if "/extsubnet-[" in dn)
        self._seen = len(writes)

    def posts(self) -> list[Post]:
        """The writes since the last reset."""
        return [
            Post(
                write.arrived,
                write.committed,
                len(write.touched),
                tuple(
                    (kind, dn.rpartition("extsubnet-[")[2].partition("/")[0])
                    for kind, dn in write.touched
                    if "/extsubnet-[" in dn
                ),
            )
            for write in self._simulator.journal
        ]

    def cpu(self) -> float:
        """Seconds of processor time of this process so far."""
        return time.process_time()

    def pid(self) -> int:
        """The process."""
        return os.getpid()


def _is_epg(dn: str) -> bool:
    return dn.rpartition("/")[2].startswith("instP-")
