"""The POSTs that bring deleted objects back, whatever their class. It does no I/O.

One POST is of one EPG, goes to its L3Out, and may create nothing that exists: an EPG or subnet has the status
`created`, so that one which appears in the meantime is an error (code 103) and is not overwritten. Parents
that are there are `modified`, so that one which went is an error too (code 102).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from akb_sync.apic.batches import MAX_OBJECTS
from akb_sync.apic.change import EPG, SUBNET
from akb_sync.model import Binding

from .restore import Revival, parent_dn

Json = dict[str, Any]
_NEW = {"status": "created"}
_THERE = {"status": "modified"}


def parts(revivals: Iterable[Revival], most: int = MAX_OBJECTS) -> Iterator[tuple[Revival, ...]]:
    """Cut what comes back into POSTs: an EPG at a time, parents first, at most so many objects."""
    by_epg: dict[Binding, list[Revival]] = {}
    for one in revivals:
        by_epg.setdefault(one.deleted.binding, []).append(one)
    for group in by_epg.values():
        for start in range(0, len(group), most):
            yield tuple(group[start : start + most])


def body(revivals: Iterable[Revival]) -> Json:
    """Give the JSON to be posted to the L3Out of objects that are all of one EPG."""
    revivals = tuple(revivals)
    binding = revivals[0].deleted.binding
    tree = _Tree(binding)
    for one in revivals:
        tree.add(one)
    return _node("l3extOut", {"name": binding.l3out, **_THERE}, tree.epg)


class _Tree:
    """The objects of one EPG, each below what it is in."""

    def __init__(self, binding: Binding) -> None:
        self.epg = _node(EPG, {"name": binding.epg, **_THERE})
        self._nodes = {binding.dn: self.epg}

    def add(self, one: Revival) -> None:
        deleted = one.deleted
        new = _NEW if deleted.cls in (EPG, SUBNET) else {}
        if deleted.cls == EPG:
            self.epg[EPG]["attributes"] = {"name": deleted.binding.epg, **one.attributes, **new}
            return
        above = parent_dn(deleted)
        if above not in self._nodes:  # a subnet that is there, or came back with an earlier POST
            self._put(above, deleted.binding.dn, _node(SUBNET, {"dn": above, **_THERE}))
        self._put(deleted.dn, above, _node(deleted.cls, {"dn": deleted.dn, **one.attributes, **new}))

    def _put(self, dn: str, above: str, node: Json) -> None:
        self._nodes[dn] = node
        for content in self._nodes[above].values():
            content.setdefault("children", []).append(node)


def _node(cls: str, attributes: Mapping[str, str], *children: Json) -> Json:
    content: Json = {"attributes": dict(attributes)}
    if children:
        content["children"] = list(children)
    return {cls: content}
