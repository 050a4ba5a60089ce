"""What stands on the fabric, by prefix, kept up to date from one moment to the next.

A plan asks for each prefix where it stands and whose it is. To find that out anew for ten thousands of
subnets at each look would take longer than the look may take, and nearly nothing changes between two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from akb_sync.difference import changed_keys
from akb_sync.mark import Identity, Owner
from akb_sync.model import Binding, Observed, ObservedEpg, ObservedSubnet
from akb_sync.prefix import canonical, of_one

_NOTHING: Mapping[str, ObservedSubnet] = {}


@dataclass(frozen=True, slots=True)
class Holder:
    """A subnet on the fabric, the EPG that it stands in, and whose it is."""

    binding: Binding
    subnet: ObservedSubnet
    owner: Owner


@dataclass(slots=True)
class Changed:
    """What a new moment may have changed."""

    prefixes: set[str] = field(default_factory=set)
    bindings: set[Binding] = field(default_factory=set)
    """EPGs that came, went, or were released or adopted: all that is wanted there is concerned."""
    vrfs: bool = False
    """Whether an L3Out is in another VRF than before, or known to be: everything is concerned."""


class Inventory:
    """All subnets in view by prefix. Not thread-safe."""

    def __init__(self, identity: Identity) -> None:
        """Know nothing yet; the identity says what is ours."""
        self._identity = identity
        self._epgs: dict[Binding, ObservedEpg] = {}
        self._vrfs: dict[object, str] = {}
        self._at: dict[str, tuple[Holder, ...]] = {}
        self._managed: Counter[Binding] = Counter()
        self.wide: dict[str, None] = {}
        """Prefixes that are wider than one address, and those that are no prefix."""

    def at(self, prefix: str) -> tuple[Holder, ...]:
        """Give the subnets of a prefix (or of a text that is none) by DN, and whose their marks say."""
        return self._at.get(prefix, ())

    def managed(self, binding: Binding) -> int:
        """How many subnets of an EPG bear our mark."""
        return self._managed[binding]

    def prefixes(self) -> Mapping[str, object]:
        """Give all prefixes that stand anywhere."""
        return self._at

    def update(self, observed: Observed) -> Changed:
        """Take over a new moment; give what may be different."""
        changed = Changed()
        vrfs: dict[object, str] = {key: one.vrf for key, one in observed.l3outs.items()}
        changed.vrfs, self._vrfs = vrfs != self._vrfs, vrfs
        before = self._epgs
        self._epgs = {epg.binding: epg for one in observed.l3outs.values() for epg in one.epgs.values()}
        for binding, epg in self._epgs.items():
            if before.get(binding) is not epg:
                self._replace(binding, before.get(binding), epg, changed)
        for binding, epg in before.items():
            if binding not in self._epgs:
                self._replace(binding, epg, None, changed)
        return changed

    def _replace(
        self, binding: Binding, old: ObservedEpg | None, new: ObservedEpg | None, changed: Changed
    ) -> None:
        before, after = old.subnets if old else _NOTHING, new.subnets if new else _NOTHING
        for dn in changed_keys(before, after):
            changed.prefixes.add(_named(dn))
            if dn in before:
                changed.prefixes.add(self._remove(before[dn]))
            if dn in after:
                changed.prefixes.add(self._add(binding, after[dn]))
        if self._shell(old) != self._shell(new):
            changed.bindings.add(binding)
            changed.prefixes.update(subnet.key for subnet in after.values())

    def _shell(self, epg: ObservedEpg | None) -> tuple[str, str | None] | None:
        """What there is about an EPG itself that decides on its subnets."""
        return None if epg is None else (epg.annotation, epg.tags.get(self._identity.release_tag))

    def _add(self, binding: Binding, subnet: ObservedSubnet) -> str:
        prefix = subnet.key
        holder = Holder(binding, subnet, self._identity.owner(subnet.annotation, subnet.dn))
        held = self._at.get(prefix, ())
        self._at[prefix] = tuple(sorted((*held, holder), key=_dn)) if held else (holder,)
        self._managed[binding] += holder.owner is Owner.MANAGED
        if not of_one(prefix):
            self.wide[prefix] = None
        return prefix

    def _remove(self, subnet: ObservedSubnet) -> str:
        prefix = subnet.key
        left = []
        for holder in self._at.pop(prefix, ()):
            if holder.subnet.dn != subnet.dn:
                left.append(holder)
            else:
                self._managed[holder.binding] -= holder.owner is Owner.MANAGED
        if left:
            self._at[prefix] = tuple(left)
        else:
            self.wide.pop(prefix, None)
        return prefix


def _dn(holder: Holder) -> str:
    return holder.subnet.dn


def _named(dn: str) -> str:
    """Give the prefix that a DN names: its object may say another address, and is in the way all the same."""
    return canonical(dn.rpartition("extsubnet-[")[2].removesuffix("]"))
