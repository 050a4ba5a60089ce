"""Everything that an explanation rests on: both views and the plan, at one moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from akb_sync.kube.claims import Claim, Claims
from akb_sync.kube.facts import PodFacts, ServiceFacts, WorkloadFacts
from akb_sync.kube.store import Snapshot
from akb_sync.mark import Identity
from akb_sync.model import Desired, Notice, ObjectRef, Observed, ObservedEpg, ObservedSubnet
from akb_sync.plan import Plan


@dataclass(frozen=True)
class Evidence:
    """One moment of both sides. `now` is monotonic seconds, as the plan's holds are."""

    identity: Identity
    snapshot: Snapshot
    claims: Claims
    desired: Desired
    observed: Observed
    plan: Plan
    now: float
    annotation_key: str

    def claim(self, workload: WorkloadFacts) -> Claim | None:
        """What a workload may have; None without an annotation, or when it is not allowed."""
        return self.claims.by_uid.get(workload.ref.uid)

    def notices(self, ref: ObjectRef) -> list[Notice]:
        """What people should know of one object."""
        every = (*self.desired.undecided, *self.desired.notices)
        return [notice for notice in every if notice.subject == ref]

    def pods_of(self, workload: WorkloadFacts) -> list[PodFacts]:
        """The Pods of a workload, by name."""
        found = (pod for pod in self.snapshot.pods.values() if self._workload_uid(pod) == workload.ref.uid)
        return sorted(found, key=lambda pod: pod.ref)

    def workload_of(self, pod: PodFacts) -> WorkloadFacts | None:
        """The workload on a Pod's chain of controllers."""
        return self.snapshot.workloads.get(self._workload_uid(pod))

    def selected_by(self, service: ServiceFacts) -> list[WorkloadFacts]:
        """The workloads whose Pod template a Service selects, by name."""
        if not service.selector:
            return []
        found = (
            one
            for one in self.snapshot.workloads.values()
            if one.ref.namespace == service.ref.namespace and service.selector <= one.template_labels
        )
        return sorted(found, key=lambda one: one.ref)

    def subnets(self) -> Iterator[tuple[ObservedEpg, ObservedSubnet]]:
        """Every subnet in view with its EPG."""
        for l3out in self.observed.l3outs.values():
            for epg in l3out.epgs.values():
                for subnet in epg.subnets.values():
                    yield epg, subnet

    def _workload_uid(self, pod: PodFacts) -> str:
        owner = pod.owner
        if owner is not None and owner.kind == "ReplicaSet":
            replicaset = self.snapshot.replicasets.get(owner.uid)
            owner = replicaset.owner if replicaset else None
        return owner.uid if owner else ""
