"""What the fabric adds to objects by itself, a moment after they were created.

On a real APIC these values come from other processes, so subscribers see a `modified` event after the
`created` one; clients have to expect and ignore it (captured event frames, k8-aci-sync's ignore list).
"""

import ipaddress
import itertools
from collections.abc import Sequence

from akb_sync.simulators.apic.transactions import Change, Kind, Transaction
from akb_sync.simulators.apic.tree import Mo, Tree
from akb_sync.simulators.apic.values import whole

FIRST_CLASS_TAG = 32_770  # pcTags below are reserved or global
FIRST_SEGMENT = 2_457_600  # VNIDs of VRFs
FIRST_USER_ID = 15_374  # what a real APIC shows for admin
FIRST_TRANSACTION = 576_460_752_303_423_488
FIRST_GROUP = 0xE1_00_00_10  # 225.0.0.16: multicast groups of bridge domains
NUMBERED = frozenset({"pcTag", "seg", "unixUserId", "txId", "bcastP"})
BINDINGS = frozenset({"l3extRsEctx", "fvRsCtx", "fvRsBd"})


class Allocation:
    """Hands out class tags, segments, multicast groups and user ids, each only once."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._tags = itertools.count(FIRST_CLASS_TAG)
        self._segments = itertools.count(FIRST_SEGMENT)
        self._users = itertools.count(FIRST_USER_ID)
        self._groups = itertools.count(FIRST_GROUP, 16)
        self._transactions = itertools.count(FIRST_TRANSACTION)

    def settle(self, transaction: Transaction, changes: Sequence[Change]) -> None:
        """Give created objects what they need, and what lives in a VRF that one's segment."""
        created = [change.mo for change in changes if change.kind is Kind.CREATED]
        # VRFs come first, then bridge domains: others show the segment of theirs.
        for mo in sorted(created, key=lambda mo: _ORDER.get(mo.schema.name, len(_ORDER))):
            given = self._given(mo)
            if given:
                transaction.assign(mo, given)
        for change in changes:
            if change.kind is Kind.MODIFIED and change.mo.schema.name in BINDINGS:
                self._follow(transaction, change.mo)

    def resume(self) -> None:
        """Go on behind the highest numbers that are in use, after objects were put back."""
        highest: dict[str, int] = {}
        for name in ("fvCtx", "fvBD", "l3extInstP", "fvAEPg", "aaaUser"):
            for mo in self._tree.of_class(name):
                for prop in NUMBERED & mo.schema.properties.keys():
                    highest[prop] = max(highest.get(prop, 0), _number(mo.get(prop)))
        self._tags = itertools.count(max(FIRST_CLASS_TAG, highest.get("pcTag", 0) + 1))
        self._segments = itertools.count(max(FIRST_SEGMENT, highest.get("seg", 0) + 1))
        self._users = itertools.count(max(FIRST_USER_ID, highest.get("unixUserId", 0) + 1))
        self._transactions = itertools.count(max(FIRST_TRANSACTION, highest.get("txId", 0) + 1))
        group = highest.get("bcastP", 0)
        self._groups = itertools.count(max(FIRST_GROUP, group + 16), 16)

    def _follow(self, transaction: Transaction, binding: Mo) -> None:
        """What was bound to another VRF shows that one's segment."""
        holder = binding.parent
        if holder is None:
            return
        scope = scope_of(self._tree, holder)
        if holder.schema.name == "l3extOut":
            for epg in holder.children.values():
                if epg.schema.name == "l3extInstP":
                    transaction.assign(epg, {"scope": scope})
            return
        transaction.assign(holder, {"scope": scope})
        if holder.schema.name == "fvBD":
            for relation in self._tree.of_class("fvRsBd"):
                if relation.get("tDn") == holder.dn and relation.parent is not None:
                    transaction.assign(relation.parent, {"scope": scope})

    def _given(self, mo: Mo) -> dict[str, str]:
        found: dict[str, str] = {}
        match mo.schema.name:
            case "fvCtx":
                segment = str(next(self._segments))
                found = {"pcTag": str(next(self._tags)), "seg": segment, "scope": segment}
            case "vzAny" if mo.parent is not None:
                found = {"pcTag": mo.parent.get("pcTag")}
            case "fvBD":
                found = {"pcTag": str(next(self._tags)), "seg": str(next(self._segments))}
                found |= {"bcastP": _group(next(self._groups)), "scope": scope_of(self._tree, mo)}
            case "l3extInstP" if mo.parent is not None:
                found = self._applied() | {"scope": scope_of(self._tree, mo.parent)}
            case "fvAEPg":
                found = self._applied() | {"scope": scope_of(self._tree, mo)}
            case "aaaUser":
                found = {"unixUserId": str(next(self._users))}
        return found

    def _applied(self) -> dict[str, str]:
        tag, transaction = next(self._tags), next(self._transactions)
        return {"configSt": "applied", "pcTag": str(tag), "txId": str(transaction)}


_ORDER = {"fvCtx": 0, "fvBD": 1}


def vrf_of(l3out: Mo) -> str:
    """The dn of the VRF that an L3Out is bound to; empty when there is none."""
    binding = l3out.children.get("rsectx")
    return "" if binding is None else binding.get("tDn")


def scope_of(tree: Tree, mo: Mo) -> str:
    """The VNID of the VRF that an L3Out, bridge domain or application EPG is in; 0 without one."""
    match mo.schema.name:
        case "l3extOut":
            target = vrf_of(mo)
        case "fvBD":
            target = _target(mo, "rsctx")
        case _:
            domain = tree.get(_target(mo, "rsbd"))
            target = "" if domain is None else _target(domain, "rsctx")
    vrf = tree.get(target)
    return "0" if vrf is None else vrf.get("scope")


def _target(mo: Mo, rn: str) -> str:
    relation = mo.children.get(rn)
    return "" if relation is None else relation.get("tDn")


def _number(text: str) -> int:
    """The number that a property shows; 0 for a word."""
    try:
        return int(ipaddress.IPv4Address(text))
    except ValueError:
        return whole(text)


def _group(number: int) -> str:
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))
