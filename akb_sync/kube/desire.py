"""What the cluster wants, as a pure function of what is known, the operator's limits and the time."""

from __future__ import annotations

from akb_sync.model import Desired, Exposure, Notice

from .claims import claims
from .gathering import Gathering
from .home import Home
from .limits import Limits
from .pod_addresses import gather_pods
from .service_addresses import gather_services
from .store import Snapshot

NOWHERE = Home()


def desire(snapshot: Snapshot, limits: Limits, now: float, home: Home = NOWHERE) -> Desired:
    """Give workloads, exposures and notices in an order that does not depend on how they were read.

    `now` is in monotonic seconds. Linear in the number of objects.
    """
    found = claims(snapshot.workloads.values(), limits, home)
    gathering = Gathering()
    gather_pods(snapshot, found.by_uid, limits, gathering)
    gather_services(snapshot, found.by_uid.values(), limits, now, gathering)
    granted = (claim.workload for claim in found.by_uid.values())
    return Desired(
        workloads=tuple(workload for workload in granted if workload is not None),
        exposures=tuple(sorted(gathering.exposures, key=_order)),
        protected=dict(sorted(gathering.protected.items())),
        undecided=found.undecided,
        notices=tuple(sorted({*found.notices, *gathering.notices()}, key=_notice_order)),
        sources=snapshot.sources,
        revisit_at=_revisit_at(snapshot, now),
    )


def earliest(*moments: float | None) -> float | None:
    """Give the first of the moments that are there."""
    return min((moment for moment in moments if moment is not None), default=None)


def lingers_until(snapshot: Snapshot, now: float) -> float | None:
    """Give when the next lingering address goes."""
    return earliest(
        *(until for prefixes in snapshot.lingering.values() for until in prefixes.values() if until > now)
    )


def _revisit_at(snapshot: Snapshot, now: float) -> float | None:
    return earliest(snapshot.stale_at, lingers_until(snapshot, now))


def _order(exposure: Exposure) -> tuple[str, str, str, str, str, str]:
    source, workload = exposure.source, exposure.workload.ref
    return (exposure.prefix, source.kind, source.namespace, source.name, workload.kind, workload.name)


def _notice_order(notice: Notice) -> tuple[str, str, str, str, str]:
    subject = notice.subject
    return (subject.namespace, subject.name, subject.kind, notice.reason.value, notice.message)
