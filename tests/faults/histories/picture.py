"""The policy tree at one moment, read by rules of its own: whose each object is, and what classifies what.

It shares no code with the engine, so that both can only agree about the contract and not about a mistake.
"""

import hashlib
import ipaddress
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

Objects = Mapping[str, tuple[str, dict[str, str]]]
"""Class and attributes by DN."""
EPG, SUBNET = "l3extInstP", "l3extSubnet"
CONTRACT, TAG = "fvRsProv", "tagAnnotation"
IMPLIED = "fvRsCustQosPol"
"""The child that the APIC gives to each EPG by itself."""
REMARKS = ("faultInst", "faultDelegate")
"""The APIC's own remarks, with the times at which it made them."""
_MARK = re.compile(r"orchestrator:akb-sync:[a-zA-Z0-9_.-]+\.([0-9a-f]{8}):([0-9a-f]{8})")


@dataclass(frozen=True)
class Subnet:
    """A subnet with all that matters for conflicts."""

    dn: str
    epg: str
    """DN of its EPG."""
    prefix: str
    """Canonical."""
    vrf: str
    """DN; empty when it is not resolved."""
    owner: str
    """Id of the akb-sync whose mark fits it; empty for none."""
    classifies: bool


@dataclass(frozen=True)
class Picture:
    """Everything below `uni`."""

    objects: Objects

    def owner(self, dn: str) -> str:
        """The id of the akb-sync whose mark the object bears, if the mark fits its DN."""
        match = _MARK.fullmatch(self.attributes(dn).get("annotation", ""))
        return match[1] if match and match[2] == hashlib.sha256(dn.encode()).hexdigest()[:8] else ""

    def attributes(self, dn: str) -> dict[str, str]:
        return self.objects[dn][1] if dn in self.objects else {}

    def of_class(self, cls: str) -> list[str]:
        return sorted(dn for dn, (name, _) in self.objects.items() if name == cls)

    def below(self, dn: str) -> list[str]:
        return [other for other in self.objects if other.startswith(f"{dn}/")]

    @cached_property
    def subnets(self) -> Mapping[str, Subnet]:
        return {dn: self._subnet(dn) for dn in self.of_class(SUBNET)}

    def holders(self, vrf: str, prefix: str) -> list[Subnet]:
        """What classifies a prefix in a VRF."""
        return [
            one for one in self.subnets.values() if one.classifies and (one.vrf, one.prefix) == (vrf, prefix)
        ]

    def has(self, subnet: Subnet, uid8: str) -> bool:
        """Whether a subnet is one that this akb-sync may touch: not in an EPG that a person released."""
        return subnet.owner == uid8 and not self.released(subnet.epg, uid8)

    def released(self, epg: str, uid8: str) -> bool:
        return self.attributes(f"{epg}/annotationKey-[akb-sync.{uid8}]").get("value") == "released"

    def vrf(self, epg: str) -> str:
        """The VRF of an EPG's L3Out: a name means one of the own tenant, else one of `common`."""
        l3out = epg.partition("/instP-")[0]
        name = self.attributes(f"{l3out}/rsectx").get("tnFvCtxName", "")
        candidates = (f"{l3out.partition('/out-')[0]}/ctx-{name}", f"uni/tn-common/ctx-{name}")
        return next((dn for dn in candidates if name and dn in self.objects), "")

    def _subnet(self, dn: str) -> Subnet:
        attributes, epg = self.attributes(dn), dn.partition("/extsubnet-[")[0]
        return Subnet(
            dn=dn,
            epg=epg,
            prefix=canonical(attributes["ip"]),
            vrf=self.vrf(epg),
            owner=self.owner(dn),
            classifies="import-security" in flags(attributes),
        )


def canonical(text: str) -> str:
    return str(ipaddress.ip_network(text, strict=False))


def flags(attributes: Mapping[str, str]) -> frozenset[str]:
    return frozenset(attributes.get("scope", "").split(",")) - {""}


def wrongs(
    before: Picture, after: Picture, uid8: str, modified: Collection[str] = (), *, misled: bool = False
) -> Iterator[str]:
    """Say what an engine of the identity `uid8` did between two pictures that it may never do.

    Args:
        before: The one picture.
        after: The other one.
        uid8: Who it is.
        modified: What was changed on the way. An emptied mark may have been put back first, and what bears it
            may go.
        misled: An event was hidden from it, so it cannot know that an EPG was released.
    """
    for dn in sorted(before.objects.keys() | after.objects.keys()):
        old, new = before.objects.get(dn), after.objects.get(dn)
        if old == new:
            continue
        if old is None:
            fine = _may_create(before, after, dn, uid8)
        elif new is None:
            restored = dn in modified and _emptied(before, dn, uid8)
            fine = _may_delete(before, after, dn, uid8, restored=restored, misled=misled)
        else:
            fine = _may_change(before, after, dn, uid8, misled=misled)
        if not fine:
            yield f"{dn} was {old} and is {new}"


def _may_create(before: Picture, after: Picture, dn: str, uid8: str) -> bool:
    cls, attributes = after.objects[dn]
    if cls == IMPLIED:
        return dn.rpartition("/")[0] not in before.objects
    if cls == SUBNET:
        return after.owner(dn) == uid8 and flags(attributes) == {"import-security"}
    l3out = dn.partition("/instP-")[0]
    return cls == EPG and after.owner(dn) == uid8 and l3out in before.objects


def _may_delete(before: Picture, after: Picture, dn: str, uid8: str, *, restored: bool, misled: bool) -> bool:
    cls, _ = before.objects[dn]
    if cls in (EPG, SUBNET):
        ours = before.owner(dn) == uid8
        return (ours and misled) or ((ours or restored) and not before.released(_epg(dn), uid8))
    if cls == IMPLIED:
        return dn.rpartition("/")[0] not in after.objects
    if cls == TAG and dn.endswith(f"/annotationKey-[akb-sync.{uid8}]"):
        return before.attributes(dn)["value"] == "adopted"  # its own, once a person has confirmed
    # Below a subnet it goes along; whether that might go is asked about itself.
    return any(dn.startswith(f"{subnet}/") and subnet not in after.objects for subnet in before.subnets)


def _may_change(before: Picture, after: Picture, dn: str, uid8: str, *, misled: bool) -> bool:
    """Drift of ours, and an emptied mark put back in an EPG of ours; the name is never the reason of that."""
    old, new = before.attributes(dn), after.attributes(dn)
    changed = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    if before.objects[dn][0] != SUBNET or flags(new) not in (flags(old), flags(old) | {"import-security"}):
        return False
    if before.released(_epg(dn), uid8) and not misled:
        return False
    if before.owner(dn) == uid8:
        return changed <= {"name", "scope"}
    restored = _emptied(before, dn, uid8) and after.owner(dn) == uid8
    return restored and changed <= {"annotation", "scope"}


def _emptied(picture: Picture, dn: str, uid8: str) -> bool:
    return picture.attributes(dn).get("annotation", "") == "" and picture.owner(_epg(dn)) == uid8


def _epg(dn: str) -> str:
    return dn.partition("/extsubnet-[")[0]


Touches = list[tuple[tuple[str, str], ...]]
"""Of each write in its order: kind of change and DN of what it touched."""


def doubles(
    before: Picture, after: Picture, touches: Touches, uid8: str, unknown: Collection[str]
) -> Iterator[str]:
    """Say which writes made a prefix classify in a second EPG of its VRF.

    What is not the cluster's own and stands in an L3Out that is `unknown` to it cannot have been seen.
    """
    held = {
        dn: (one.vrf, one.prefix)
        for dn, one in before.subnets.items()
        if one.classifies and (dn.partition("/instP-")[0] not in unknown or before.owner(dn) == uid8)
    }
    for touched in touches:
        known = set(held)
        for kind, dn in touched:
            held.pop(dn, None)
            if "/extsubnet-[" in dn and dn.endswith("]") and kind != "deleted":
                last = after.subnets.get(dn)
                if last is None or last.classifies:
                    held[dn] = (after.vrf(dn), canonical(dn.partition("/extsubnet-[")[2][:-1]))
        for dn in held.keys() - known:
            epgs = {one.partition("/extsubnet-[")[0] for one, entry in held.items() if entry == held[dn]}
            if held[dn][0] and len(epgs) > 1:
                yield f"{held[dn]} was made to stand in {sorted(epgs)}"
