"""The addresses that Pods give to the workloads above them, kept up to date as Pods come and go.

A cluster has ten thousands of Pods and changes a few of them at a time, so what each address means is
worked out again only where a Pod, a ReplicaSet or a claim changed. What did not change is known by
being the same object in the next snapshot.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from akb_sync.difference import changed_keys
from akb_sync.model import Exposure, Notice, Source

from .claims import Claim
from .facts import PodFacts, ReplicaSetFacts
from .limits import Limits
from .store import Snapshot


class PodAddresses:
    """What each address of a Pod means to the claims. Not thread-safe."""

    def __init__(self, limits: Limits) -> None:
        """Know nothing yet; `limits` are the operator's."""
        self._limits = limits
        self._pods: Mapping[str, PodFacts] = {}
        self._replicasets: Mapping[str, ReplicaSetFacts] = {}
        self._claims: Mapping[str, Claim] = {}
        self._rests_on: Mapping[str, frozenset[Source]] = {}
        self._holders: dict[str, tuple[PodFacts, ...]] = {}
        self._controlled: dict[str, set[str]] = {}
        self._replicasets_of: dict[str, set[str]] = {}
        self.exposed: dict[str, Exposure] = {}
        """By canonical prefix: what is wanted."""
        self.guarded: dict[str, Notice] = {}
        """By canonical prefix: why it is left as it is."""
        self.refused: dict[str, tuple[Claim, str]] = {}
        """By canonical prefix: the claim that may not have it, and why."""
        self.on_host: dict[str, tuple[Claim, str]] = {}
        """By UID: the Pods of claims that use their node's address, with their names."""

    def update(self, snapshot: Snapshot, claims: Mapping[str, Claim]) -> set[str]:
        """Take over a snapshot and the claims by UID; give the prefixes that may mean something else now."""
        moved = {*self._chains_moved(snapshot.replicasets), *self._claims_changed(claims)}
        again = {uid for owner in moved for uid in self._controlled.get(owner, ())}
        again.update(changed_keys(self._pods, snapshot.pods))
        before, self._pods = self._pods, snapshot.pods
        self._replicasets = snapshot.replicasets
        touched: set[str] = set()
        for uid in again:
            touched.update(self._replace(uid, before.get(uid), snapshot.pods.get(uid)))
        for prefix in touched:
            self._settle(prefix)
        return touched

    def _chains_moved(self, replicasets: Mapping[str, ReplicaSetFacts]) -> list[str]:
        """Give the UIDs of the ReplicaSets that came, went or have another owner."""
        before = self._replicasets
        changed = changed_keys(before, replicasets)
        for uid in changed:
            _move(self._replicasets_of, uid, before.get(uid), replicasets.get(uid))
        return changed

    def _claims_changed(self, claims: Mapping[str, Claim]) -> list[str]:
        """Give the UIDs of the controllers of Pods whose workload's claim is not what it was."""
        before = self._claims
        changed = changed_keys(before, claims)
        if changed:
            self._claims = claims
            self._rests_on = {uid: claim.pod_rests_on for uid, claim in claims.items()}
        return [one for uid in changed for one in (uid, *self._replicasets_of.get(uid, ()))]

    def _replace(self, uid: str, old: PodFacts | None, new: PodFacts | None) -> Iterator[str]:
        """Put a Pod's new facts in the place of the old ones; give the prefixes of both."""
        _move(self._controlled, uid, old, new)
        self.on_host.pop(uid, None)
        for prefix in old.prefixes if old is not None else ():
            self._let_go(prefix, uid)
            yield prefix
        if new is None or new.terminal:
            return
        if new.host_network:
            self._skip(uid, new)
            return
        for prefix in new.prefixes:
            self._let_go(prefix, uid)
            self._holders[prefix] = (*self._holders.get(prefix, ()), new)
            yield prefix

    def _let_go(self, prefix: str, uid: str) -> None:
        held = self._holders.pop(prefix, ())
        if left := tuple(pod for pod in held if pod.ref.uid != uid):
            self._holders[prefix] = left

    def _skip(self, uid: str, pod: PodFacts) -> None:
        claim = claim_of(pod, self._replicasets, self._claims)
        if claim is not None and claim.workload is not None and "pods" in claim.expose:
            self.on_host[uid] = (claim, pod.ref.name)

    def _settle(self, prefix: str) -> None:
        """Work out what one address means now."""
        for known in (self.exposed, self.guarded, self.refused):
            known.pop(prefix, None)
        pod = counting(self._holders.get(prefix, ()))
        claim = claim_of(pod, self._replicasets, self._claims) if pod else None
        if pod is None or claim is None or "pods" not in claim.expose:
            return
        if claim.guard is not None:
            self.guarded[prefix] = claim.guard
        if claim.workload is None:
            return
        if why := self._limits.pod_out_of_range(prefix):
            self.refused[prefix] = (claim, why)
        else:
            rests_on = self._rests_on[claim.ref.uid]
            self.exposed[prefix] = Exposure(prefix, claim.workload, pod.ref, pod.created, rests_on)


def _move(
    index: dict[str, set[str]],
    uid: str,
    old: PodFacts | ReplicaSetFacts | None,
    new: PodFacts | ReplicaSetFacts | None,
) -> None:
    """Keep an index of UIDs by their controller's UID."""
    if old is not None and old.owner is not None and old.owner.uid in index:
        index[old.owner.uid].discard(uid)
        if not index[old.owner.uid]:
            del index[old.owner.uid]
    if new is not None and new.owner is not None:
        index.setdefault(new.owner.uid, set()).add(uid)


def counting(pods: Collection[PodFacts]) -> PodFacts | None:
    """Give the Pod that counts for an address, of all Pods of the cluster that have it.

    One that is being deleted has its address until it is gone, or until another Pod has the same. Pods of no
    claim take part: an address that was handed on to one of them is no claim's any more.
    """
    return max(pods, key=lambda pod: pod.claim_on_address, default=None)


def has_address(pod: PodFacts, prefix: str) -> bool:
    """Whether a Pod takes part in the question whose an address is: a terminal one has none any more."""
    return prefix in pod.prefixes and not (pod.terminal or pod.host_network)


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
