"""The addresses that LoadBalancer Services give to the workloads behind them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from akb_sync.difference import changed_keys
from akb_sync.model import Exposure, Notice, by_prefix
from akb_sync.reasons import Reason

from .claims import Claim
from .facts import ServiceFacts
from .gathering import Gathering
from .limits import Limits
from .prose import some
from .store import Snapshot

Label = tuple[str, str]


class Selection:
    """Finds the claims that a selector matches, without asking every claim.

    A workload that a selector matches carries each of its labels, so the rarest of them names the few
    to look at.
    """

    def __init__(self, claims: Iterable[Claim]) -> None:
        """Index the claims that expose Services, by namespace and Pod template label."""
        self._by_label: defaultdict[tuple[str, Label], list[Claim]] = defaultdict(list)
        for claim in claims:
            if "services" in claim.expose:
                for label in claim.facts.template_labels:
                    self._by_label[claim.ref.namespace, label].append(claim)

    def matches(self, service: ServiceFacts) -> list[Claim]:
        """Give the claims of the Service's namespace that its selector matches; none for an empty one."""
        groups = [self._by_label.get((service.ref.namespace, label), []) for label in service.selector]
        few = min(groups, key=len, default=[])
        return [claim for claim in few if service.selector <= claim.facts.template_labels]


class ServiceAddresses:
    """What the Services in front of claims give out; worked out again only when one of them changed."""

    def __init__(self, limits: Limits) -> None:
        """Know nothing yet; `limits` are the operator's."""
        self._limits = limits
        self._basis: _Basis | None = None
        self.gathered = Gathering()
        self.exposed: Mapping[str, tuple[Exposure, ...]] = {}
        """By canonical prefix: what is wanted."""

    def update(self, snapshot: Snapshot, claims: Mapping[str, Claim], now: float) -> set[str]:
        """Take over a snapshot and the claims; give the prefixes that may mean something else now."""
        basis = _Basis.of(snapshot, claims, now)
        if self._basis is not None and self._basis.same_as(basis):
            return set()
        gathered = Gathering()
        gather_services(snapshot, claims.values(), self._limits, now, gathered)
        exposed, guarded = by_prefix(gathered.exposures), gathered.protected
        changed = {*changed_keys(self.exposed, exposed), *changed_keys(self.gathered.protected, guarded)}
        self._basis, self.gathered, self.exposed = basis, gathered, exposed
        return changed


@dataclass(frozen=True, slots=True)
class _Basis:
    """What the addresses of Services follow from."""

    services: Mapping[str, ServiceFacts]
    claims: Mapping[str, Claim]
    lingering: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, snapshot: Snapshot, claims: Mapping[str, Claim], now: float) -> _Basis:
        late = {
            uid: tuple(prefix for prefix, until in each.items() if until > now)
            for uid, each in snapshot.lingering.items()
        }
        return cls(snapshot.services, claims, late)

    def same_as(self, other: _Basis) -> bool:
        same = self.services is other.services and self.claims is other.claims
        return same and self.lingering == other.lingering


def gather_services(
    snapshot: Snapshot, claims: Iterable[Claim], limits: Limits, now: float, into: Gathering
) -> None:
    """Expose or protect the addresses of all Services in front of claims.

    An address that left a living Service's status counts as long as it lingers; `now` is in monotonic
    seconds.
    """
    selection = Selection(claims)
    for service in sorted(snapshot.services.values(), key=lambda service: service.ref):
        matched = selection.matches(service) if service.load_balancer else []
        if not matched:
            continue
        lingering = snapshot.lingering.get(service.ref.uid, {}).items()
        late = [prefix for prefix, until in lingering if until > now]
        prefixes = list(dict.fromkeys([*service.prefixes, *late]))
        for claim in matched:
            if claim.workload is None and claim.guard is not None:
                _protect(claim.guard, prefixes, into)
        for claim in _winners(service, matched, into):
            _give(service, claim, prefixes, limits, into)


def _give(service: ServiceFacts, claim: Claim, prefixes: list[str], limits: Limits, into: Gathering) -> None:
    if claim.guard is not None:
        _protect(claim.guard, prefixes, into)
    rests_on = claim.service_rests_on
    for prefix in prefixes:
        if why := limits.service_out_of_range(prefix):
            into.refuse(claim, prefix, f"Service {service.ref.name}", why)
        else:
            into.expose(claim, prefix, service.ref, service.created, rests_on)
    if service.hostnames:
        sentence = f"{service.ref} has hostnames, which are not resolved: {some(service.hostnames)}"
        into.note(Notice(Reason.HOSTNAME_NOT_SUPPORTED, claim.ref, sentence))


def _winners(service: ServiceFacts, matched: list[Claim], into: Gathering) -> list[Claim]:
    """Give the claims of the EPG that gets the addresses: the oldest workload's."""
    readable = [(claim.workload, claim) for claim in matched if claim.workload is not None]
    if not readable:
        return []
    oldest, _ = min(readable, key=lambda pair: pair[0].seniority)
    for workload, _ in readable:
        if workload.binding != oldest.binding:
            sentence = (
                f"{service.ref} selects this workload (EPG {workload.binding}) and the older {oldest.ref}"
                f" (EPG {oldest.binding}), which gets its addresses"
            )
            into.note(Notice(Reason.AMBIGUOUS_SERVICE, workload.ref, sentence))
    return [claim for workload, claim in readable if workload.binding == oldest.binding]


def _protect(guard: Notice, prefixes: list[str], into: Gathering) -> None:
    for prefix in prefixes:
        into.protect(prefix, guard)
