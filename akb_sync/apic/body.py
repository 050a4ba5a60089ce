"""From plan items to the JSON of one POST.

The parents in a body are `status="modified"`: the tenant, the L3Out, and every EPG that this very body does
not create. So a parent that somebody deleted in between is an error of the APIC (code 102) and not a
creation. What is created has no status at all: it is merged with what is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from akb_sync.item import Action, Item
from akb_sync.model import Binding, L3Out

from .change import written
from .dn import subnet_ip
from .models import MODIFIED, ConfirmedL3Out, ConfirmedTenant, EpgTag, Json, MarkedEPG, MarkedSubnet

_DELETED = "deleted"


def body(dn: str, items: Sequence[Item]) -> Json:
    """Give the JSON to be posted to `dn`, the L3Out's or (for moves between L3Outs) the tenant's.

    All items are of that tenant, and of that L3Out where `dn` is one's.
    """
    target = L3Out.of_dn(dn)
    tenant = ConfirmedTenant(items[0].binding.tenant)
    tree = _Tree(tenant, items)
    for item in items:
        tree.write(item)
    return (tree.l3out(target.name) if target else tenant).get_json()


class _Tree:
    """The models of one body, made as they are needed."""

    def __init__(self, tenant: ConfirmedTenant, items: Iterable[Item]) -> None:
        self._tenant = tenant
        self._l3outs: dict[str, ConfirmedL3Out] = {}
        self._epgs: dict[str, MarkedEPG] = {}
        self._own = {item.dn: item for item in items if item.is_epg}

    def l3out(self, name: str) -> ConfirmedL3Out:
        """Give the L3Out's model."""
        if name not in self._l3outs:
            self._l3outs[name] = ConfirmedL3Out(name, self._tenant)
        return self._l3outs[name]

    def write(self, item: Item) -> None:
        """Put an item into the tree."""
        if item.is_epg:
            self._epg(item.binding)
            return
        if item.leaves is not None:
            left = Binding.of_dn(item.leaves.dn)
            if left is not None:
                self._delete_subnet(left, item.leaves.dn)
        if item.action is Action.DELETE:
            self._delete_subnet(item.binding, item.dn)
        else:
            # An update that finds nothing must not make a subnet without our mark.
            status = MODIFIED if item.action is Action.UPDATE else ""
            MarkedSubnet(self._epg(item.binding), written(item), status=status)

    def _delete_subnet(self, binding: Binding, dn: str) -> None:
        own = self._own.get(binding.dn)
        if own is None or own.action is not Action.DELETE:  # else it goes with its EPG
            MarkedSubnet(self._epg(binding), {"ip": subnet_ip(dn)}, status=_DELETED)
        else:
            self._epg(binding)

    def _epg(self, binding: Binding) -> MarkedEPG:
        if binding.dn not in self._epgs:
            own = self._own.get(binding.dn)
            self._epgs[binding.dn] = MarkedEPG(
                binding.epg,
                self.l3out(binding.l3out),
                annotation=own.mark if own and own.action is not Action.DELETE else None,
                status=_status(own),
            )
            for key, value in own.tags if own and own.action is not Action.DELETE else ():
                EpgTag(self._epgs[binding.dn], key, value)
        return self._epgs[binding.dn]


def _status(own: Item | None) -> str:
    """Give the status of an EPG in a body; `own` is the item about the EPG itself, if it is in the body."""
    if own is None or own.action is Action.UPDATE:
        return MODIFIED
    return _DELETED if own.action is Action.DELETE else ""
