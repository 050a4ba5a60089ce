"""What `restore` posts back: objects of a journal that are absent now. Nothing that exists is touched.

An object of ours comes back with its mark if a workload asks for it. If none does it comes back without
one: with a mark the engine would delete it again at once, and a person has just said that it is to be there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from akb_sync.apic.change import EPG, SUBNET
from akb_sync.apic.children import people_made
from akb_sync.item import Action, Hold
from akb_sync.mark import Mark, Owner
from akb_sync.model import IMPORT_SECURITY
from akb_sync.plan.world import World
from akb_sync.prefix import canonical
from akb_sync.reasons import Reason

from .journal_file import Deleted, names_below

Present = Mapping[str, tuple[str, Mapping[str, str]]]
"""What the fabric has in the EPGs of the journal: DN to class and attributes."""


@dataclass(frozen=True, slots=True)
class Revival:
    """One object of the journal and what is to become of it."""

    deleted: Deleted
    action: Action
    """`create`, or `none` when it is there as it was."""
    attributes: Mapping[str, str]
    """What is posted."""
    message: str = ""
    hold: Hold | None = None

    @property
    def prefix(self) -> str:
        """The canonical prefix of a subnet; empty for anything else."""
        ip = self.deleted.attributes.get("ip", "") if self.deleted.cls == SUBNET else ""
        return canonical(ip)

    @property
    def actionable(self) -> bool:
        """Whether it is to be posted."""
        return self.action is Action.CREATE and self.hold is None


@dataclass(frozen=True, slots=True)
class Restoration:
    """Everything in a journal, and what is to become of it, parents first."""

    revivals: tuple[Revival, ...]

    @property
    def changes(self) -> tuple[Revival, ...]:
        """What is to be posted."""
        return tuple(one for one in self.revivals if one.actionable)

    @property
    def left(self) -> tuple[Revival, ...]:
        """What is not, each with its hold."""
        return tuple(one for one in self.revivals if one.hold)


def restoration(deleted: Iterable[Deleted], present: Present, world: World) -> Restoration:
    """Say what becomes of each object of a journal.

    Args:
        deleted: The journal's objects, parents first.
        present: What is there now.
        world: Who we are, what the cluster wants, and the L3Outs of the journal as they are.
    """
    deleted = tuple(one for one in deleted if _of_people(one))
    rivals = _latest(deleted, present, world)
    revived: dict[str, Revival] = {}
    for one in deleted:
        revived[one.dn] = _revival(one, present, world, revived, rivals)
    return Restoration(tuple(revived.values()))


def _of_people(one: Deleted) -> bool:
    """Whether somebody made it; what the APIC makes by itself comes back by itself."""
    return one.cls in (EPG, SUBNET) or people_made(one.cls, one.attributes)


def _revival(
    one: Deleted,
    present: Present,
    world: World,
    revived: Mapping[str, Revival],
    rivals: Mapping[tuple[str, str], Deleted],
) -> Revival:
    attributes = _marked(one, world)
    if one.dn in present:
        differs = "; ".join(_differences(one, attributes, present[one.dn], world))
        found = Revival(one, Action.NONE, attributes)
        held = Hold(Reason.CONFLICT, f"it exists and differs: {differs}")
        return replace(found, action=Action.CREATE, hold=held) if differs else found
    unmarked = attributes.get("annotation") != one.attributes.get("annotation")
    message = "no workload asks for it: it comes back without our mark" if unmarked else ""
    hold = _parent(one, present, world, revived) or _conflict(one, world, rivals)
    return Revival(one, Action.CREATE, attributes, message, hold)


def _marked(one: Deleted, world: World) -> Mapping[str, str]:
    """Give the attributes to be posted; our mark only on what is wanted, and only where it fits."""
    mark = Mark.parse(one.attributes.get("annotation", ""))
    if mark is None or mark.uid8 != world.identity.uid8:
        return one.attributes
    prefix = canonical(one.attributes.get("ip", ""))
    wanted = one.binding in world.workloads if one.cls == EPG else bool(world.exposures(one.binding, prefix))
    fits = world.identity.owner(str(mark), one.dn) is Owner.MANAGED
    if wanted and fits:
        return one.attributes
    return {name: value for name, value in one.attributes.items() if name != "annotation"}


def _differences(
    one: Deleted, attributes: Mapping[str, str], there: tuple[str, Mapping[str, str]], world: World
) -> Iterator[str]:
    cls, now = there
    if cls != one.cls:
        yield f"its class is {cls}"
        return
    for name, value in sorted(one.attributes.items()):
        if name == "annotation":
            ours = world.identity.owner(now.get(name, ""), one.dn) is Owner.MANAGED
            if ours or now.get(name, "") in (value, attributes.get(name, "")):
                continue
        if _flags(now.get(name, "")) != _flags(value):
            yield f"{name} is {now.get(name, '')!r}, in the journal {value!r}"


def _flags(text: str) -> frozenset[str]:
    """A comma list without its order: the APIC gives flags in an order of its own."""
    return frozenset(text.split(","))


def _parent(one: Deleted, present: Present, world: World, revived: Mapping[str, Revival]) -> Hold | None:
    """Say that what it was in is not there, and does not come back either."""
    l3out = world.observed.of(one.binding.parent)
    if one.cls == EPG:
        return (
            None
            if l3out.exists
            else Hold(Reason.PARENT_MISSING, f"{l3out.missing or l3out.l3out.dn} is gone")
        )
    above = parent_dn(one)
    parent = revived.get(above)
    if above in present or (parent is not None and parent.hold is None):
        return None
    return parent.hold if parent and parent.hold else Hold(Reason.PARENT_MISSING, f"{above} is gone")


def parent_dn(one: Deleted) -> str:
    """Give the DN of what an object is directly below."""
    return "/".join([one.binding.dn, *names_below(one.binding.dn, one.dn)[:-1]])


def _conflict(one: Deleted, world: World, rivals: Mapping[tuple[str, str], Deleted]) -> Hold | None:
    """A prefix may classify in one external EPG of a VRF only."""
    prefix = _classified(one)
    if not prefix:
        return None
    vrf = world.vrf(one.binding)
    if not vrf:
        return Hold(Reason.VRF_UNKNOWN, f"the VRF of L3Out {one.binding.parent} is not resolved")
    holders = [held for held in world.holders(vrf, prefix) if held.binding != one.binding]
    if holders:
        return Hold(Reason.CONFLICT, f"{holders[0].binding} has the prefix now")
    rival = rivals.get((vrf, prefix), one)
    if rival.binding != one.binding:
        return Hold(Reason.CONFLICT, f"it went from {rival.binding} later, and comes back there")
    return None


def _latest(deleted: Iterable[Deleted], present: Present, world: World) -> Mapping[tuple[str, str], Deleted]:
    """By VRF and prefix: of several EPGs that an address was in, the one that it went from last."""
    latest: dict[tuple[str, str], Deleted] = {}
    for one in deleted:
        prefix = _classified(one)
        key = (world.vrf(one.binding), prefix)
        if prefix and one.dn not in present and (key not in latest or one.time > latest[key].time):
            latest[key] = one
    return latest


def _classified(one: Deleted) -> str:
    """The prefix that an object classifies; empty for anything but such a subnet."""
    scope = one.attributes.get("scope", IMPORT_SECURITY)
    classifies = one.cls == SUBNET and IMPORT_SECURITY in scope.split(",")
    return canonical(one.attributes.get("ip", "")) if classifies else ""
