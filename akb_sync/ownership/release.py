"""Which marks `release` takes off. Nothing is deleted, and nothing else is changed.

A released EPG gets a tag that says so, since some other tool may rewrite its `annotation`, and a workload
may ask for it again. Uninstalling (`release --all`) leaves neither marks nor tags.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from akb_sync.item import Action, Item
from akb_sync.mark import RELEASED, Identity, Owner
from akb_sync.model import Binding, Observed, ObservedEpg
from akb_sync.reasons import Reason


def release(identity: Identity, observed: Observed, bindings: Iterable[Binding]) -> tuple[Item, ...]:
    """Say what releasing these EPGs writes; what is done already has no item."""
    return tuple(
        item
        for binding in sorted(set(bindings))
        if (epg := observed.epg(binding)) is not None
        for item in _items(identity, epg, RELEASED)
    )


def release_everything(identity: Identity, observed: Observed) -> tuple[Item, ...]:
    """Say what leaving the fabric writes: every mark and every tag of ours goes."""
    return tuple(
        item
        for l3out in observed.l3outs.values()
        for epg in l3out.epgs.values()
        for item in _items(identity, epg, "")
    )


def ours(identity: Identity, epg: ObservedEpg) -> bool:
    """Whether an EPG, or anything in it, bears our mark or our tag."""
    return identity.release_tag in epg.tags or any(
        identity.owner(annotation, dn) is Owner.MANAGED for dn, annotation in _annotations(epg)
    )


def _annotations(epg: ObservedEpg) -> Iterator[tuple[str, str]]:
    yield epg.dn, epg.annotation
    yield from ((subnet.dn, subnet.annotation) for subnet in epg.subnets.values())


def _items(identity: Identity, epg: ObservedEpg, tag: str) -> Iterator[Item]:
    key = identity.release_tag
    marked = identity.owner(epg.annotation, epg.dn) is Owner.MANAGED
    tags = ((key, tag),) if epg.tags.get(key, "") != tag else ()
    if marked or tags:
        yield Item(
            action=Action.UPDATE,
            binding=epg.binding,
            dn=epg.dn,
            reason=Reason.RELEASED,
            mark="" if marked else None,
            tags=tags,
            observed=epg,
        )
    for subnet in sorted(epg.subnets.values(), key=lambda one: one.dn):
        if identity.owner(subnet.annotation, subnet.dn) is Owner.MANAGED:
            yield Item(
                action=Action.UPDATE,
                binding=epg.binding,
                dn=subnet.dn,
                reason=Reason.RELEASED,
                prefix=subnet.key,
                mark="",
                observed=subnet,
            )
