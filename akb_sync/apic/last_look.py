"""A last look at an EPG before it is deleted, because everything below it would go with it.

The plan deletes an EPG only when nothing in it is other people's work, but a contract can be given to it
between the plan and the POST, and tags are not pushed by every APIC. What the plan knew of (a person asked
for the EPG to go all the same) is no objection; what is new is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from akb_sync.item import Item
from akb_sync.mark import Identity, Owner
from akb_sync.model import ObservedEpg

from .journal import Entry, postable
from .ports import Reader
from .queries import below_query
from .query import mo_path
from .snapshot import Snapshot

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Look:
    """What was found."""

    objection: str
    """A sentence why the EPG must stay; empty when it may go."""
    entries: tuple[Entry, ...]
    """The EPG and what would go with it."""


def last_look(session: Reader, identity: Identity, item: Item) -> Look:
    """Read the EPG of a deletion once more.

    Raises:
        ApicError: it could not be read; then it must not be deleted.
    """
    snapshot = Snapshot(item.binding.parent, session.get(mo_path(item.dn), below_query()))
    epg = snapshot.epgs().get(item.binding.epg)
    if epg is None:
        return Look("", ())
    known = item.observed if isinstance(item.observed, ObservedEpg) else ObservedEpg(item.binding)
    found = list(_objections(identity, epg, known))
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    objection = f"{item.binding} stays: {', '.join(found[:_SHOWN])}{more}" if found else ""
    entries = (
        Entry(dn, cls, postable(cls, attributes), item.reason)
        for dn, cls, attributes in snapshot.nodes(item.dn)
    )
    return Look(objection, tuple(entries))


def _objections(identity: Identity, epg: ObservedEpg, known: ObservedEpg) -> Iterator[str]:
    if identity.owner(epg.annotation, epg.dn) is not identity.owner(known.annotation, epg.dn):
        yield "its mark has changed"
    if identity.release_tag in epg.tags and identity.release_tag not in known.tags:
        yield "it was released"
    if epg.preferred_group and not known.preferred_group:
        yield "it is in the preferred group now"
    for dn in sorted(set(epg.others) - set(known.others)):
        yield f"it has {_below(epg, dn)} now"
    for dn, subnet in epg.subnets.items():
        if identity.owner(subnet.annotation, dn) is not Owner.MANAGED and dn not in known.subnets:
            yield f"it has the subnet {subnet.ip} of somebody else now"


def _below(epg: ObservedEpg, dn: str) -> str:
    return dn.removeprefix(f"{epg.dn}/")
