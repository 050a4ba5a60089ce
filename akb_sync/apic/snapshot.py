"""What is known of one L3Out: a query's answer, amended by events and by what we wrote ourselves.

It does no I/O. An event that cannot be understood from what is known (a change to an object that was never
seen, a child of an EPG that was never seen) says that something was missed: then the L3Out is to be read
again, and nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from akb_sync.model import IMPORT_SECURITY, Binding, L3Out, ObservedEpg

from .change import EPG, SUBNET, Change
from .dn import first
from .epg_table import Attributes, EpgTable

L3OUT = "l3extOut"
VRF_RELATION = "l3extRsEctx"
_BOOKKEEPING = ("status", "childAction", "rn", "modTs", "dn")
_INST_P = "instP-"
MOST_REMEMBERED = 20_000
"""Objects whose last event is remembered, so that an older write of ours does not pass for newer."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What an event did to the picture."""

    changed: bool = False
    """Whether the picture is another one now."""
    complete: bool = True
    """Whether the event was understood; if not, the L3Out is to be read again."""

    def __or__(self, other: Effect) -> Effect:
        """Give the effect of both."""
        return Effect(self.changed or other.changed, self.complete and other.complete)


_NOTHING = Effect()
_MISSED = Effect(complete=False)


class Snapshot:
    """The mutable picture of one L3Out."""

    def __init__(self, l3out: L3Out, answer: Iterable[Mapping[str, Any]] = ()) -> None:
        """Begin with the answer to the subtree query; an empty one means that the L3Out does not exist."""
        self.l3out = l3out
        self.exists = False
        self._relation: Attributes = {}
        self._epgs: dict[str, EpgTable] = {}
        self._heard: dict[str, float] = {}
        self._observed: Mapping[str, ObservedEpg] | None = None
        for cls, attributes in _objects(answer):
            self._put(cls, attributes["dn"], _kept(attributes))
            self._note_change(cls, attributes)

    @property
    def whole(self) -> bool:
        """Whether the picture holds together: no EPG without its L3Out, no child without its EPG."""
        if not self.exists:
            return not self._epgs and not self._relation
        return all(table.known for table in self._epgs.values())

    @property
    def vrf(self) -> str:
        """DN of the VRF; empty while the relation is not resolved."""
        formed = self._relation.get("state", "formed") == "formed"
        return self._relation.get("tDn", "") if formed else ""

    def epgs(self) -> Mapping[str, ObservedEpg]:
        """Give the EPGs by name; the same object until something changes."""
        if self._observed is None:
            self._observed = {name: table.observed() for name, table in self._epgs.items() if table.known}
        return self._observed

    def nodes(self, dn: str) -> Iterator[tuple[str, str, Attributes]]:
        """Give DN, class and attributes of an EPG or subnet and of what is below it."""
        binding = Binding.of_dn(dn)
        table = self._epgs.get(binding.epg) if binding else None
        return table.nodes(dn) if table else iter(())

    def changed_at(self, dn: str) -> str:
        """Give when the APIC last changed an EPG or a subnet, in its own words; empty when not known."""
        binding = Binding.of_dn(dn)
        table = self._epgs.get(binding.epg) if binding else None
        return table.changed_at(dn) if table else ""

    def apply(self, events: Iterable[Mapping[str, Any]], at: float) -> Effect:
        """Take over pushed events, heard `at` (monotonic seconds). Doing it twice does no harm."""
        effect = _NOTHING
        for cls, attributes in _objects(events):
            dn = attributes["dn"]
            self._remember(dn, at)
            effect |= self._event(cls, dn, attributes)
            self._note_change(cls, attributes)
        if effect.changed:
            self._observed = None
        return effect

    def assume(self, changes: Iterable[Change]) -> None:
        """Take over what we wrote, but for objects of which an event was heard since the POST was begun."""
        for change in changes:
            if not self.exists or self._heard.get(change.dn, -1.0) >= change.at:
                continue
            if change.attributes is None:
                self._remove(change.cls, change.dn)
            elif self._knows(change.cls, change.dn):
                self._merge(change.cls, change.dn, dict(change.attributes))
            elif change.creates and self._has_place_for(change):
                default = {"scope": IMPORT_SECURITY} if change.cls == SUBNET else {}
                self._put(change.cls, change.dn, {**default, **change.attributes})
        self._observed = None

    def _note_change(self, cls: str, attributes: Mapping[str, str]) -> None:
        if cls not in (EPG, SUBNET) or not attributes.get("modTs") or attributes.get("status") == "deleted":
            return
        table = self._epgs.get(self._locate(cls, attributes["dn"])[0])
        if table is not None and table.knows(cls, attributes["dn"]):
            table.note_change(attributes["dn"], attributes["modTs"])

    def _remember(self, dn: str, at: float) -> None:
        """Note the time of an event, for as long as a POST may take at the rate at which events come."""
        self._heard.pop(dn, None)
        self._heard[dn] = at
        if len(self._heard) > MOST_REMEMBERED:
            del self._heard[next(iter(self._heard))]

    def _has_place_for(self, change: Change) -> bool:
        """Whether the parent is there: an EPG that somebody deleted since then took its subnets along."""
        table = self._epgs.get(self._locate(change.cls, change.dn)[0])
        return change.cls == EPG or (table is not None and table.known)

    def _event(self, cls: str, dn: str, attributes: Mapping[str, str]) -> Effect:
        status = attributes.get("status", "")
        if status == "deleted":
            return self._remove(cls, dn)
        kept = _kept(attributes)
        if status != "modified":
            return self._put(cls, dn, kept)
        if not self._knows(cls, dn):
            return _MISSED if self._concerns(cls, dn) else _NOTHING
        return self._merge(cls, dn, kept)

    def _put(self, cls: str, dn: str, attributes: Attributes) -> Effect:
        if cls in (L3OUT, VRF_RELATION):
            return self._put_own(cls, dn, attributes)
        name, subnet = self._locate(cls, dn)
        if not name:
            return _NOTHING
        table = self._epgs.get(name)
        if table is None:
            table = self._epgs[name] = EpgTable(Binding(self.l3out.tenant, self.l3out.name, name))
        changed = table.put(cls, dn, attributes, subnet)
        return Effect(changed, table.known and self.exists)

    def _put_own(self, cls: str, dn: str, attributes: Attributes) -> Effect:
        if cls == L3OUT:
            existed, self.exists = self.exists, self.exists or dn == self.l3out.dn
            # On a real APIC the first children of a new parent may be missed: read again.
            appeared = self.exists and not existed
            return Effect(appeared, not appeared)
        changed = self._relation != attributes
        self._relation = attributes
        return Effect(changed, self.exists)

    def _merge(self, cls: str, dn: str, attributes: Attributes) -> Effect:
        if cls == L3OUT:
            return _NOTHING
        if cls == VRF_RELATION:
            return self._put_own(cls, dn, {**self._relation, **attributes})
        name, subnet = self._locate(cls, dn)
        table = self._epgs[name]
        before = table.annotation(cls, dn)
        changed = table.merge(cls, dn, attributes, subnet)
        # Somebody took it over or let it go. Why is in the tags, and no APIC has to push those.
        return Effect(changed, table.annotation(cls, dn) == before)

    def _remove(self, cls: str, dn: str) -> Effect:
        if cls == L3OUT:
            # Whether the tenant went too is not in the event: reading again tells.
            existed, self.exists = self.exists, False
            self._relation, self._epgs = {}, {}
            return Effect(existed, not existed)
        if cls == VRF_RELATION:
            changed, self._relation = bool(self._relation), {}
            return Effect(changed)
        name, subnet = self._locate(cls, dn)
        table = self._epgs.get(name)
        if table is None:
            return _NOTHING
        changed = cls == EPG or table.remove(cls, dn, subnet)
        if cls == EPG or table.empty:
            del self._epgs[name]
        return Effect(changed)

    def _knows(self, cls: str, dn: str) -> bool:
        if cls == L3OUT:
            return self.exists
        if cls == VRF_RELATION:
            return bool(self._relation)
        name, subnet = self._locate(cls, dn)
        return name in self._epgs and self._epgs[name].knows(cls, dn, subnet)

    def _concerns(self, cls: str, dn: str) -> bool:
        return cls in (L3OUT, VRF_RELATION) or bool(self._locate(cls, dn)[0])

    def _locate(self, cls: str, dn: str) -> tuple[str, str]:
        """Name the EPG that an object is or is below, and the DN of the subnet that it is below, if any."""
        head = f"{self.l3out.dn}/"
        if not dn.startswith(head + _INST_P):
            return "", ""
        epg, _, rest = dn[len(head) + len(_INST_P) :].partition("/")
        if cls in (EPG, SUBNET):
            return epg, ""
        child, below = first(rest)
        return epg, f"{head}{_INST_P}{epg}/{child}" if below else ""


def _objects(imdata: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, str]]]:
    for item in imdata:
        for cls, body in item.items():
            attributes = body.get("attributes", {})
            if attributes.get("dn"):
                yield cls, attributes


def _kept(attributes: Mapping[str, str]) -> Attributes:
    return {name: value for name, value in attributes.items() if name not in _BOOKKEEPING}
