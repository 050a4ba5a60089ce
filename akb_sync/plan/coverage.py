"""Which addresses leave a wider subnet's policy, because the longest prefix wins.

A new /32 takes its address out of the EPG whose wider subnet covered it until now. That is a change of
policy that nobody sees in the objects themselves, so the plan says it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from akb_sync.item import Action, Item
from akb_sync.model import Binding
from akb_sync.prefix import Network, canonical, network

from .result import Shift
from .world import World

_ByLength = Mapping[int, Mapping[Network, Binding]]


def shifts(world: World, items: tuple[Item, ...]) -> tuple[Shift, ...]:
    """Count the new addresses by the EPG that covered them and the EPG that gets them."""
    new = [item for item in items if item.prefix and item.action is Action.CREATE]
    covers = _covers(world) if new else {}
    counted: Counter[tuple[Binding, Binding]] = Counter()
    for item in new:
        wider = covers.get(world.vrf(item.binding))
        if wider and canonical(item.prefix) == item.prefix:
            covering = _covering(wider, network(item.prefix))
            if covering and covering != item.binding:
                counted[covering, item.binding] += 1
    return tuple(
        Shift(count, left, _contracts(world, left), joined, _contracts(world, joined))
        for (left, joined), count in sorted(counted.items())
    )


def _covers(world: World) -> Mapping[str, _ByLength]:
    """By VRF and length: the subnets that are wider than one address."""
    found: dict[str, dict[int, dict[Network, Binding]]] = defaultdict(lambda: defaultdict(dict))
    for prefix in world.inventory.wide:
        if canonical(prefix) == prefix:
            wide = network(prefix)
            for holder in reversed(world.standing_at(prefix)):
                vrf = world.vrf(holder.binding)
                if vrf and holder.subnet.prefix and holder.subnet.classifies:
                    found[vrf][wide.prefixlen][wide] = holder.binding
    return found


def _covering(covers: _ByLength, address: Network) -> Binding | None:
    return next(_candidates(covers, address), None)


def _candidates(covers: _ByLength, address: Network) -> Iterator[Binding]:
    for length in sorted(covers, reverse=True):
        if length < address.prefixlen:
            found = covers[length].get(address.supernet(new_prefix=length))
            if found:
                yield found


def _contracts(world: World, binding: Binding) -> int:
    epg = world.observed.epg(binding)
    return len(epg.contracts) if epg else 0
