"""What `status` tells of an object beside the plan: since when, whose mark, class tag, contracts, faults.

All of it is for people. Nothing here is compared or decided on, so it is taken from what was read anyway;
only faults cost a query, one for all.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from akb_sync.apic.fault_records import Fault
from akb_sync.engine import Engine
from akb_sync.errors import ApicError
from akb_sync.item import Item
from akb_sync.mark import Mark, Owner
from akb_sync.model import Binding, L3Out, Observed, ObservedEpg, ObservedSubnet

from .leader import Record

EPG_CLASS = "l3extInstP"
CONTRACTS = {"fvRsProv": "provides", "fvRsCons": "consumes", "fvRsConsIf": "consumes"}
_CONTRACT_NAMES = ("tnVzBrCPName", "tnVzCPIfName")


Faults = Mapping[Binding, tuple[Fault, ...]]
FAULTS_LAST = 15.0
"""Seconds for which faults are good enough for who watches: they are asked for, and not pushed."""


class FaultBook:
    """The faults, asked for in one query, and again only after a while."""

    def __init__(self) -> None:
        """Ask nothing yet."""
        self._asked: tuple[float, frozenset[L3Out]] | None = None
        self._faults: Faults | None = None

    def read(self, engine: Engine, l3outs: Collection[L3Out]) -> Faults | None:
        """Give the faults of some L3Outs; None when they cannot be read, which hides nothing else."""
        now, wanted = engine.clock.monotonic(), frozenset(l3outs)
        if self._asked is None or now - self._asked[0] >= FAULTS_LAST or self._asked[1] != wanted:
            self._asked = (now, wanted)
            try:
                self._faults = engine.fabric.faults(wanted)
            except ApicError:
                self._faults = None
        return self._faults


@dataclass(frozen=True, slots=True)
class Detail:
    """What there is to say about one object."""

    since: datetime | None = None
    """Since when it is as it is; None when nobody knows."""
    owner: str = ""
    """`managed`, `foreign` or `unmanaged`; empty when it is not on the fabric."""
    annotation: str = ""
    label: str = ""
    scope: str = ""
    """Of a subnet its flags, of an EPG the VRF's number."""
    pc_tag: str = ""
    contracts: int | None = None
    """How many contracts the EPG provides or consumes; None while it is not on the fabric."""
    faults: tuple[Fault, ...] | None = None
    """None: they were not read."""

    @property
    def mark(self) -> str:
        """Whose it is, short: the cluster of a mark, else the annotation's own text."""
        mark = Mark.parse(self.annotation)
        return mark.cluster if mark else self.annotation


@dataclass(frozen=True)
class Details:
    """Finds the details of items in what an engine has read."""

    engine: Engine
    record: Record = field(default_factory=Record)
    faults: Faults | None = None
    """None: they were not read."""

    def __call__(self, item: Item) -> Detail:
        """Give the details of one item."""
        seen = item.observed
        attributes = self.epg_attributes(item.binding)
        epg = self._observed.epg(item.binding)
        return Detail(
            since=self._since(item),
            owner=str(self._owner(item)) if seen else "",
            annotation=seen.annotation if seen else "",
            label=seen.name if isinstance(seen, ObservedSubnet) else "",
            scope=_scope(seen, attributes),
            pc_tag=attributes.get("pcTag", ""),
            contracts=len(epg.contracts) if epg else None,
            faults=None if self.faults is None else self._faults_of(item),
        )

    def epg_attributes(self, binding: Binding) -> Mapping[str, str]:
        """Give the attributes of an EPG as the APIC has them; empty when it is not there."""
        known = self._attributes.get(binding)
        if known is None:
            nodes = self.engine.fabric.nodes(binding.dn)
            known = next((attributes for _, cls, attributes in nodes if cls == EPG_CLASS), {})
            self._attributes[binding] = known
        return known

    @cached_property
    def _observed(self) -> Observed:
        return self.engine.fabric.observed()

    @cached_property
    def _attributes(self) -> dict[Binding, Mapping[str, str]]:
        """Answers of `epg_attributes`: it is asked for every prefix, and there are few EPGs."""
        return {}

    def contracts(self, binding: Binding) -> Mapping[str, tuple[str, ...]]:
        """Give the names of the contracts that an EPG `provides` and `consumes`."""
        found: dict[str, set[str]] = {"provides": set(), "consumes": set()}
        for _, cls, attributes in self.engine.fabric.nodes(binding.dn):
            name = next((attributes[one] for one in _CONTRACT_NAMES if attributes.get(one)), "")
            if cls in CONTRACTS and name:
                found[CONTRACTS[cls]].add(name)
        return {role: tuple(sorted(names)) for role, names in found.items()}

    def _since(self, item: Item) -> datetime | None:
        waiting = self.record.waiting(item.dn)
        if waiting is not None and item.changes:
            return waiting.since
        text = self.engine.fabric.changed_at(item.dn) if item.observed else ""
        try:
            return datetime.fromisoformat(text) if text else None
        except ValueError:
            return None

    def _owner(self, item: Item) -> Owner:
        annotation = item.observed.annotation if item.observed else ""
        return self.engine.identity.owner(annotation, item.dn)

    def _faults_of(self, item: Item) -> tuple[Fault, ...]:
        all_of_them = (self.faults or {}).get(item.binding, ())
        if item.is_epg:
            return all_of_them
        return tuple(one for one in all_of_them if f"[{item.prefix}]" in f"{one.dn} {one.description}")


def _scope(seen: ObservedSubnet | ObservedEpg | None, epg: Mapping[str, str]) -> str:
    if isinstance(seen, ObservedSubnet):
        return ",".join(sorted(seen.scope))
    return epg.get("scope", "") if seen else ""
