"""The addresses that Pods give to the workloads above them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .claims import Claim
from .facts import PodFacts, ReplicaSetFacts
from .gathering import Gathering
from .limits import Limits
from .store import Snapshot


def gather_pods(snapshot: Snapshot, claims: Mapping[str, Claim], limits: Limits, into: Gathering) -> None:
    """Expose or protect the addresses of all claims' Pods; claims by the workload's UID."""
    replicasets = snapshot.replicasets
    for pod in snapshot.pods.values():
        if pod.host_network and not pod.terminal:
            _skip_host(pod, claim_of(pod, replicasets, claims), into)
    rests_on = {uid: claim.pod_rests_on for uid, claim in claims.items()}
    for prefix, pod in holders(snapshot.pods.values()).items():
        claim = claim_of(pod, replicasets, claims)
        if claim is None or "pods" not in claim.expose:
            continue
        if claim.guard is not None:
            into.protect(prefix, claim.guard)
        if claim.workload is None:
            continue
        if why := limits.pod_out_of_range(prefix):
            into.refuse(claim, prefix, "Pods", why)
        else:
            into.expose(claim, prefix, pod.ref, pod.created, rests_on[claim.ref.uid])


def holders(pods: Iterable[PodFacts]) -> dict[str, PodFacts]:
    """Give the one Pod that counts for each address, of all Pods of the cluster.

    A terminal Pod has no address any more; one that is being deleted has it until it is gone, or until
    another Pod has the same. Pods of no claim take part: an address that was handed on to one of them is
    no claim's any more.
    """
    found: dict[str, PodFacts] = {}
    for pod in pods:
        if pod.terminal or pod.host_network:
            continue
        for prefix in pod.prefixes:
            other = found.get(prefix)
            if other is None or pod.claim_on_address > other.claim_on_address:
                found[prefix] = pod
    return found


def claim_of(
    pod: PodFacts, replicasets: Mapping[str, ReplicaSetFacts], claims: Mapping[str, Claim]
) -> Claim | None:
    """Find the claim that a Pod belongs to; None when its workload has none.

    A Pod belongs to the first workload on its chain of controllers, which is one step up, or two through
    a ReplicaSet.
    """
    owner = pod.owner
    if owner is not None and owner.kind == "ReplicaSet":
        replicaset = replicasets.get(owner.uid)
        owner = replicaset.owner if replicaset else None
    return claims.get(owner.uid) if owner else None


def _skip_host(pod: PodFacts, claim: Claim | None, into: Gathering) -> None:
    if claim is not None and claim.workload is not None and "pods" in claim.expose:
        into.on_host(claim, pod.ref.name)
