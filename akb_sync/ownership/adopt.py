"""Which marks `adopt` puts, and where. Nothing is deleted, and nothing but marks and our tag is written.

Adopted are an EPG and those of its subnets that workloads ask for. Of a party that is named (`--from`) all
objects are taken over, the stale ones too, since nobody else would ever clear them away. What nobody asks
for is then ours, and the engine would delete it: so the EPG gets our tag, and the engine waits for a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto

from akb_sync.item import Action, Hold, Item
from akb_sync.mark import ADOPTED, RELEASED, Identity, Mark, Owner, tag_key
from akb_sync.model import Binding, ObservedEpg, ObservedSubnet
from akb_sync.plan.world import World
from akb_sync.reasons import Reason

from .origin import Origin, whose

STALE = "no workload asks for it: it goes once a person approves the plan"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a person allows."""

    origin: Origin | None = None
    """Whose marks give way, and whose stale objects come along."""
    force: bool = False
    """Whether anybody's mark gives way."""
    all_subnets: bool = False
    """Whether subnets come along that no workload asks for and that bear no mark."""
    only_origin: bool = False
    """Whether an EPG without the origin's mark stays as it is (a whole fabric is taken over, not one EPG)."""


class Claim(Enum):
    """How an object stands to us."""

    OURS = auto()
    FREE = auto()
    """It bears no mark, or one of ours that was copied along from another object."""
    GIVEN = auto()
    """It bears a mark that gives way."""
    THEIRS = auto()


def adoption(world: World, bindings: Iterable[Binding], terms: Terms) -> tuple[Item, ...]:
    """Say what adopting these EPGs writes; what is right already has no item.

    What may not be taken over, though it was asked for, is held.
    """
    found = (world.observed.epg(binding) for binding in sorted(set(bindings)))
    return tuple(item for epg in found if epg is not None for item in _items(world, epg, terms))


def _items(world: World, epg: ObservedEpg, terms: Terms) -> Iterator[Item]:
    claim = claim_on(world.identity, epg.annotation, epg.dn, terms)
    subnets = list(_subnets(world, epg, claim, terms))
    own = _epg(world, epg, claim, terms, stale=any(one.message for one in subnets))
    if own is not None:
        yield own
    yield from subnets


def _epg(world: World, epg: ObservedEpg, claim: Claim, terms: Terms, *, stale: bool) -> Item | None:
    wanted = epg.binding in world.workloads
    passed_over = terms.only_origin and claim in (Claim.FREE, Claim.THEIRS)
    taken = claim is not Claim.OURS and not passed_over
    tags = tuple(_tags(world, epg, terms, stale=stale or (taken and not wanted)))
    item = Item(
        action=Action.UPDATE,
        binding=epg.binding,
        dn=epg.dn,
        reason=Reason.ADOPTED,
        message=STALE if taken and not wanted else "",
        mark=world.identity.mark(epg.dn) if taken else None,
        tags=tags,
        workloads=tuple(one.ref for one in world.workloads.get(epg.binding, ())),
        observed=epg,
    )
    if claim is Claim.THEIRS and taken:
        return item.held(Hold(Reason.UNMANAGED, whose(epg.annotation)))
    return item if taken or tags else None


def _tags(world: World, epg: ObservedEpg, terms: Terms, *, stale: bool) -> Iterator[tuple[str, str]]:
    key = world.identity.release_tag
    if stale and epg.tags.get(key) != ADOPTED:
        yield key, ADOPTED
    elif epg.tags.get(key) == RELEASED:
        yield key, ""
    other = terms.origin.cluster if terms.origin else None
    if other and tag_key(other.uid8) in epg.tags:
        yield tag_key(other.uid8), ""


def _subnets(world: World, epg: ObservedEpg, of_epg: Claim, terms: Terms) -> Iterator[Item]:
    for subnet in sorted(epg.subnets.values(), key=lambda one: one.dn):
        claim = claim_on(world.identity, subnet.annotation, subnet.dn, terms)
        wanted = bool(world.exposures(epg.binding, subnet.prefix))
        if claim is Claim.THEIRS and (wanted or terms.all_subnets) and not terms.only_origin:
            held = Hold(Reason.UNMANAGED, whose(subnet.annotation))
            yield _subnet(world, epg, subnet, wanted=True).held(held)
        elif _comes_along(claim, of_epg, terms, subnet, wanted=wanted):
            yield _subnet(world, epg, subnet, wanted=wanted)


def _comes_along(claim: Claim, of_epg: Claim, terms: Terms, subnet: ObservedSubnet, *, wanted: bool) -> bool:
    if claim is Claim.GIVEN and terms.origin and terms.origin.covers(subnet.annotation, subnet.dn):
        return True
    if terms.only_origin and of_epg not in (Claim.OURS, Claim.GIVEN):
        return False
    return claim in (Claim.FREE, Claim.GIVEN) and (wanted or terms.all_subnets)


def _subnet(world: World, epg: ObservedEpg, subnet: ObservedSubnet, *, wanted: bool) -> Item:
    exposures = world.exposures(epg.binding, subnet.prefix)
    return Item(
        action=Action.UPDATE,
        binding=epg.binding,
        dn=subnet.dn,
        reason=Reason.ADOPTED,
        prefix=subnet.key,
        message="" if wanted else STALE,
        mark=world.identity.mark(subnet.dn),
        sources=tuple(dict.fromkeys(one.source for one in exposures)),
        workloads=tuple(dict.fromkeys(one.workload.ref for one in exposures)),
        observed=subnet,
    )


def claim_on(identity: Identity, annotation: str, dn: str, terms: Terms) -> Claim:
    """Say how the object at `dn` with this annotation stands to us."""
    if identity.owner(annotation, dn) is Owner.MANAGED:
        return Claim.OURS
    mark = Mark.parse(annotation)
    if not annotation or (mark is not None and mark.uid8 == identity.uid8):
        return Claim.FREE
    if terms.force or (terms.origin is not None and terms.origin.covers(annotation, dn)):
        return Claim.GIVEN
    return Claim.THEIRS
