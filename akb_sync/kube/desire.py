"""What the cluster wants: what follows from what is known, the operator's limits and the time.

The answer does not depend on what was asked before; what was worked out before is kept, so that the
work is that of what changed.
"""

from __future__ import annotations

from collections.abc import Mapping

from akb_sync.model import Desired, Exposure, Notice, Workload, in_order

from .claims import Claims, claims
from .facts import WorkloadFacts
from .gathering import Gathering
from .home import Home
from .limits import Limits
from .pod_addresses import PodAddresses
from .service_addresses import ServiceAddresses
from .store import Snapshot

NOWHERE = Home()


class Wishes:
    """What one cluster wants, from one moment to the next. Not thread-safe."""

    def __init__(self, limits: Limits) -> None:
        """Know nothing yet; `limits` are the operator's."""
        self._limits = limits
        self._pods = PodAddresses(limits)
        self._services = ServiceAddresses(limits)
        self._claimed: tuple[Mapping[str, WorkloadFacts], Home, Claims] | None = None
        self._workloads: tuple[Workload, ...] = ()
        self._wanted: dict[str, tuple[Exposure, ...]] = {}
        self._protected: dict[str, Notice] = {}
        self.settled = 0
        """How many prefixes the last answer had to work out: what it cost, whatever the machine."""

    def at(self, snapshot: Snapshot, now: float, home: Home = NOWHERE) -> Desired:
        """Give what is wanted at the moment of a snapshot; `now` is in monotonic seconds.

        Neither does the order in which things were read show, nor what was asked before.
        """
        found = self._claims(snapshot, home)
        touched = self._pods.update(snapshot, found.by_uid)
        touched |= self._services.update(snapshot, found.by_uid, now)
        if touched:
            self._wanted, self._protected = dict(self._wanted), dict(self._protected)
        for prefix in touched:
            self._settle(prefix)
        self.settled = len(touched)
        return Desired(
            workloads=self._workloads,
            wanted=self._wanted,
            protected=self._protected,
            undecided=found.undecided,
            notices=tuple(sorted({*found.notices, *self._notices()}, key=_notice_order)),
            sources=snapshot.sources,
            revisit_at=earliest(snapshot.stale_at, lingers_until(snapshot, now)),
        )

    def _claims(self, snapshot: Snapshot, home: Home) -> Claims:
        known = self._claimed
        if known is not None and known[0] is snapshot.workloads and known[1] == home:
            return known[2]
        found = claims(snapshot.workloads.values(), self._limits, home)
        self._claimed = (snapshot.workloads, home, found)
        granted = (claim.workload for claim in found.by_uid.values())
        self._workloads = tuple(workload for workload in granted if workload is not None)
        return found

    def _settle(self, prefix: str) -> None:
        """Bring together what Pods and Services make of one address."""
        of_pod = self._pods.exposed.get(prefix)
        exposures = [*((of_pod,) if of_pod else ()), *self._services.exposed.get(prefix, ())]
        guards = (self._pods.guarded.get(prefix), self._services.gathered.protected.get(prefix))
        guard = min((one for one in guards if one), key=lambda one: one.subject, default=None)
        self._wanted.pop(prefix, None)
        self._protected.pop(prefix, None)
        if exposures:
            self._wanted[prefix] = in_order(exposures)
        if guard:
            self._protected[prefix] = guard

    def _notices(self) -> list[Notice]:
        of_pods = Gathering()
        for prefix, (claim, why) in self._pods.refused.items():
            of_pods.refuse(claim, prefix, "Pods", why)
        for claim, name in self._pods.on_host.values():
            of_pods.on_host(claim, name)
        return [*of_pods.notices(), *self._services.gathered.notices()]


def desire(snapshot: Snapshot, limits: Limits, now: float, home: Home = NOWHERE) -> Desired:
    """Give what is wanted, from nothing but these. Linear in the number of objects."""
    return Wishes(limits).at(snapshot, now, home)


def earliest(*moments: float | None) -> float | None:
    """Give the first of the moments that are there."""
    return min((moment for moment in moments if moment is not None), default=None)


def lingers_until(snapshot: Snapshot, now: float) -> float | None:
    """Give when the next lingering address goes."""
    return earliest(
        *(until for prefixes in snapshot.lingering.values() for until in prefixes.values() if until > now)
    )


def _notice_order(notice: Notice) -> tuple[str, str, str, str, str]:
    subject = notice.subject
    return (subject.namespace, subject.name, subject.kind, notice.reason.value, notice.message)
