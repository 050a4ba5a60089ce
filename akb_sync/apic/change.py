"""What a committed POST did to one object, in a form that a view can take over without reading again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from akb_sync.item import Action, Item

from .dn import subnet_ip

EPG = "l3extInstP"
SUBNET = "l3extSubnet"
TAG = "tagAnnotation"


@dataclass(frozen=True, slots=True)
class Change:
    """One object after a POST."""

    dn: str
    cls: str
    attributes: Mapping[str, str] | None
    """What was written; None when the object is gone."""
    at: float = 0.0
    """When the POST was begun (monotonic). What an event said later is newer than this."""
    creates: bool = False
    """Whether the object was absent: then what was not written has its default."""


def changes(item: Item, at: float) -> tuple[Change, ...]:
    """Say what carrying out `item` did; `at` is when its POST was begun."""
    cls = EPG if item.is_epg else SUBNET
    if item.action is Action.DELETE:
        return (Change(item.dn, cls, None, at),)
    creates = item.action is not Action.UPDATE
    after = Change(item.dn, cls, written(item), at, creates)
    if item.leaves is not None:
        return (Change(item.leaves.dn, SUBNET, None, at), after)
    return (after, *(_tagged(item, key, value, at) for key, value in item.tags))


def _tagged(item: Item, key: str, value: str, at: float) -> Change:
    return Change(
        tag_dn(item.dn, key), TAG, {"key": key, "value": value} if value else None, at, creates=True
    )


def tag_dn(dn: str, key: str) -> str:
    """Give the DN of a `tagAnnotation` below an object (the relative name is `annotationKey-[{key}]`)."""
    return f"{dn}/annotationKey-[{key}]"


def written(item: Item) -> dict[str, str]:
    """Give the attributes that an item writes, its naming property included; nothing that it leaves alone."""
    if item.is_epg:
        attributes = {"name": item.binding.epg}
    else:
        attributes = {"ip": subnet_ip(item.dn)}
        if item.name is not None:
            attributes["name"] = item.name
        if item.scope is not None:
            attributes["scope"] = flags(item.scope)
    if item.mark is not None:
        attributes["annotation"] = item.mark
    return attributes


@lru_cache(maxsize=256)
def flags(scope: frozenset[str]) -> str:
    """Write a set of flags as the APIC reads it back: a comma list in alphabetical order."""
    return ",".join(sorted(scope))
