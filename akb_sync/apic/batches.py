"""How a plan is cut into POSTs. It does no I/O.

One POST is one transaction of the APIC, so a batch is at most so large, and what belongs together is in one:
a move is never cut. A batch goes to the DN of one L3Out; only moves between two L3Outs of a tenant go to the
tenant's DN, their lowest common parent. Order matters: an EPG comes with or before its subnets, and goes
after what moves out of it. "Choose <= 500 objects or about 1 MB" is our own bound; the APIC publishes none.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from akb_sync.item import Action, Item
from akb_sync.model import Binding, L3Out

from .change import tag_dn, written

MAX_OBJECTS = 500
MAX_BYTES = 1_000_000
_OVERHEAD = 160
"""Bytes of an object beside its values: class, attribute names, status, braces, children, separators."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Items that are carried out by one POST to `dn`, in this order."""

    dn: str
    items: tuple[Item, ...]

    @property
    def l3outs(self) -> frozenset[L3Out]:
        """The L3Outs that the POST changes."""
        return frozenset(binding.parent for item in self.items for binding in bindings(item))


def bindings(item: Item) -> tuple[Binding, ...]:
    """Give the EPGs that an item touches: its own, and the one that a move leaves."""
    left = Binding.of_dn(item.leaves.dn) if item.leaves is not None else None
    return (item.binding,) if left is None or left == item.binding else (item.binding, left)


def batches(
    items: Iterable[Item], *, max_objects: int = MAX_OBJECTS, max_bytes: int = MAX_BYTES
) -> list[Batch]:
    """Cut the items that are to be done now into POSTs, in the order in which they are to be sent.

    A single item that is larger than a limit is a batch of its own.

    Raises:
        ValueError: an item moves between tenants, which no single POST can do.
    """
    by_tenant: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        if item.actionable:
            by_tenant[item.binding.tenant].append(item)
    return [
        batch
        for _, of_tenant in sorted(by_tenant.items())
        for dn, ordered in _sequences(of_tenant)
        for batch in _cut(dn, ordered, max_objects, max_bytes)
    ]


def _sequences(items: list[Item]) -> Iterator[tuple[str, list[Item]]]:
    """Give what is posted to one DN after the other: L3Outs, moves between them, EPGs that these emptied."""
    between = [item for item in items if item.leaves is not None and len(_l3outs(item)) > 1]
    left = {binding.dn for item in between for binding in bindings(item)[1:]}
    apart = {item.dn for item in between}
    first: dict[L3Out, list[Item]] = defaultdict(list)
    last: dict[L3Out, list[Item]] = defaultdict(list)
    for item in items:
        if item.dn not in apart:
            emptied = item.is_epg and item.action is Action.DELETE and item.dn in left
            (last if emptied else first)[item.binding.parent].append(item)
    yield from ((l3out.dn, sorted(first[l3out], key=_order)) for l3out in sorted(first))
    if between:
        yield f"uni/tn-{_tenant(between)}", sorted(between, key=_order)
    yield from ((l3out.dn, sorted(last[l3out], key=_order)) for l3out in sorted(last))


def _l3outs(item: Item) -> set[L3Out]:
    return {binding.parent for binding in bindings(item)}


def _tenant(between: Sequence[Item]) -> str:
    tenants = {binding.tenant for item in between for binding in bindings(item)}
    if len(tenants) > 1:
        raise ValueError(f"a move between tenants is no single transaction: {sorted(tenants)}")
    return tenants.pop()


def _order(item: Item) -> tuple[bool, bool, str, bool, str]:
    """Sort EPG by EPG: what is made, then the subnets that go, then the EPGs that go."""
    goes = item.action is Action.DELETE
    phase = (goes and item.is_epg, goes)
    return (*phase, item.binding.epg, not item.is_epg, item.dn)


def _cut(dn: str, items: Sequence[Item], max_objects: int, max_bytes: int) -> Iterator[Batch]:
    filling = _Filling(dn, max_objects, max_bytes)
    for item in items:
        nodes = _nodes(item)
        if filling.items and not filling.has_room_for(nodes):
            yield filling.batch()
            filling = _Filling(dn, max_objects, max_bytes)
        filling.add(item, nodes)
    if filling.items:
        yield filling.batch()


class _Filling:
    """A batch that is being filled. Parents are objects of the body too, and are counted once."""

    def __init__(self, dn: str, max_objects: int, max_bytes: int) -> None:
        self.items: list[Item] = []
        self._dn = dn
        self._max = (max_objects, max_bytes)
        self._nodes: dict[str, int] = {dn: _OVERHEAD + len(dn)}
        self._bytes = self._nodes[dn]

    def has_room_for(self, nodes: Mapping[str, int]) -> bool:
        known = self._nodes
        count, grown = len(known), self._bytes
        for dn, size in nodes.items():
            before = known.get(dn, 0)
            count += not before
            grown += max(0, size - before)
        return count <= self._max[0] and grown <= self._max[1]

    def add(self, item: Item, nodes: Mapping[str, int]) -> None:
        self.items.append(item)
        for dn, size in nodes.items():
            before = self._nodes.get(dn, 0)
            if size > before:
                self._nodes[dn] = size
                self._bytes += size - before

    def batch(self) -> Batch:
        return Batch(self._dn, tuple(self.items))


def _nodes(item: Item) -> dict[str, int]:
    """Give the DNs of the objects in a body that an item accounts for, with their size in bytes at most."""
    nodes: dict[str, int] = {}
    for binding in bindings(item):
        nodes[binding.parent.dn] = _OVERHEAD + _length(binding.l3out)
        nodes[binding.dn] = _OVERHEAD + _length(binding.epg)
    if item.leaves is not None:
        nodes[item.leaves.dn] = _OVERHEAD + _length(item.leaves.ip)
    nodes[item.dn] = _OVERHEAD + sum(map(_length, written(item).values()))
    for key, value in item.tags:
        nodes[tag_dn(item.dn, key)] = _OVERHEAD + _length(key) + _length(value)
    return nodes


def _length(text: str) -> int:
    return len(text) + 2 if text.isascii() else len(json.dumps(text))
