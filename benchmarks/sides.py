"""Both sides in processes of their own, called as objects.

`multiprocessing`'s managers do the calling; a process per side keeps the sides' cost and their interpreter
lock away from the engine and from each other.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.managers import BaseManager
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from .apic_side import ApicSide
from .documents import Json
from .estate import Estate
from .kubernetes_side import Departure, KubernetesSide


class Host(BaseManager):
    """A process that holds one side; what it gives are proxies with the methods of the side."""

    if TYPE_CHECKING:

        def cluster(self, folder: Path, estate: Estate) -> KubernetesSide:
            """Make a simulated cluster."""

        def apic(self, folder: Path, documents: Iterable[Json]) -> ApicSide:
            """Make a simulated fabric."""


Host.register("cluster", KubernetesSide)
Host.register("apic", ApicSide)


class Cluster(Protocol):
    """What every cluster can be asked, simulated or real."""

    def access(self) -> dict[str, str]:
        """How to reach it: url, token, ca (PEM) and the path of a kubeconfig."""
        ...

    def requests(self) -> Counter[str]:
        """How many requests came, by `verb resource`."""
        ...

    def watched(self) -> bool:
        """Whether each kind is watched."""
        ...

    def reset(self) -> None:
        """Forget counts and departures."""
        ...

    def add_pod(self) -> str:
        """One Pod comes up; give its address, empty when it is not known yet."""
        ...

    def departures(self) -> list[Departure]:
        """Each event of a Pod since the last reset."""
        ...

    def cpu(self) -> float:
        """Seconds of processor time of the cluster's process so far."""
        ...


C_co = TypeVar("C_co", bound=Cluster, covariant=True)


@dataclass(frozen=True)
class Sides(Generic[C_co]):
    """One or several clusters, and the fabric that they share."""

    folder: Path
    estates: tuple[Estate, ...]
    clusters: tuple[C_co, ...]
    apic: ApicSide

    @property
    def estate(self) -> Estate:
        """The first cluster's."""
        return self.estates[0]

    @property
    def cluster(self) -> C_co:
        """The first cluster."""
        return self.clusters[0]

    def reset(self, *, fabric: bool = False) -> None:
        """Forget what was counted; with `fabric` what was written too."""
        self.apic.reset(fabric=fabric)
        for cluster in self.clusters:
            cluster.reset()

    def cpu(self) -> float:
        """Seconds of processor time that both sides have taken."""
        return self.apic.cpu() + sum(cluster.cpu() for cluster in self.clusters)


@contextmanager
def opened(*estates: Estate) -> Iterator[Sides[KubernetesSide]]:
    """Both sides, loaded and serving; the clusters share one process."""
    with fabric(*estates) as (folder, apic), Host(ctx=get_context("spawn")) as host:
        yield Sides(folder, estates, tuple(host.cluster(folder, estate) for estate in estates), apic)


@contextmanager
def fabric(*estates: Estate) -> Iterator[tuple[Path, ApicSide]]:
    """The fabric of some clusters, and a folder that lasts as long."""
    documents: Iterable[Json] = [document for estate in estates for document in estate.fabric()]
    with (
        tempfile.TemporaryDirectory(prefix="akb-sync-bench-") as name,
        Host(ctx=get_context("spawn")) as host,
    ):
        yield Path(name), host.apic(Path(name), documents)
