"""Where the addresses of Pods and Services are brought together while `Desired` is made."""

from __future__ import annotations

from collections import defaultdict

from akb_sync.model import Exposure, Notice, ObjectRef, Source
from akb_sync.reasons import Reason

from .claims import Claim
from .prose import some


class Gathering:
    """Exposures, protected prefixes and notices, the latter one per workload and cause."""

    def __init__(self) -> None:
        """Begin empty."""
        self.exposures: list[Exposure] = []
        self.protected: dict[str, Notice] = {}
        self._single: list[Notice] = []
        self._refused: defaultdict[tuple[ObjectRef, str, str], set[str]] = defaultdict(set)
        self._on_host: defaultdict[ObjectRef, set[str]] = defaultdict(set)

    def protect(self, prefix: str, notice: Notice) -> None:
        """Leave an address as it is. Of several causes the first in the order of the workloads stays."""
        other = self.protected.get(prefix)
        if other is None or notice.subject < other.subject:
            self.protected[prefix] = notice

    def expose(
        self, claim: Claim, prefix: str, source: ObjectRef, created: str, rests_on: frozenset[Source]
    ) -> None:
        """Want an address for a claim whose annotation could be read."""
        if claim.workload is not None:
            self.exposures.append(Exposure(prefix, claim.workload, source, created, rests_on))

    def refuse(self, claim: Claim, prefix: str, giver: str, why: str) -> None:
        """Take note of an address that must not be exposed; `giver` says whose it is."""
        self._refused[claim.ref, giver, why].add(prefix)

    def on_host(self, claim: Claim, pod: str) -> None:
        """Take note of a Pod that uses its node's address."""
        self._on_host[claim.ref].add(pod)

    def note(self, notice: Notice) -> None:
        """Take note of something else."""
        self._single.append(notice)

    def notices(self) -> list[Notice]:
        """Give what people should know, each cause once per workload."""
        found = list(self._single)
        for (ref, giver, why), prefixes in self._refused.items():
            sentence = f"{len(prefixes)} address(es) of its {giver} not exposed, {why}: {some(prefixes)}"
            found.append(Notice(Reason.OUT_OF_RANGE, ref, sentence))
        for ref, pods in self._on_host.items():
            sentence = f"{len(pods)} Pod(s) use their node's address and are skipped: {some(pods)}"
            found.append(Notice(Reason.HOST_NETWORK, ref, sentence))
        return found
