"""What the fabric adds to objects by itself, a moment after they were created.

On a real APIC these values come from other processes, so subscribers see a `modified` event after the
`created` one; clients have to expect and ignore it (captured event frames, k8-aci-sync's ignore list).
"""

import itertools
from collections.abc import Sequence

from akb_sync.simulators.apic.transactions import Change, Kind, Transaction
from akb_sync.simulators.apic.tree import Mo, Tree

FIRST_CLASS_TAG = 32_770  # pcTags below are reserved or global
FIRST_SEGMENT = 2_457_600  # VNIDs of VRFs
FIRST_USER_ID = 15_374  # what a real APIC shows for admin


class Allocation:
    """Hands out class tags, segments and user ids, each only once."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._tags = itertools.count(FIRST_CLASS_TAG)
        self._segments = itertools.count(FIRST_SEGMENT)
        self._users = itertools.count(FIRST_USER_ID)

    def settle(self, transaction: Transaction, changes: Sequence[Change]) -> None:
        """Give created objects what they need, and external EPGs the scope of their VRF when that changes."""
        created = [change.mo for change in changes if change.kind is Kind.CREATED]
        # VRFs come first: external EPGs show the segment of theirs.
        for mo in sorted(created, key=lambda mo: mo.schema.name != "fvCtx"):
            given = self._given(mo)
            if given:
                transaction.assign(mo, given)
        for change in changes:
            mo = change.mo
            if change.kind is Kind.MODIFIED and mo.schema.name == "l3extRsEctx" and mo.parent is not None:
                for sibling in mo.parent.children.values():
                    if sibling.schema.name == "l3extInstP":
                        transaction.assign(sibling, {"scope": scope_of(self._tree, mo.parent)})

    def _given(self, mo: Mo) -> dict[str, str]:
        match mo.schema.name:
            case "fvCtx":
                segment = str(next(self._segments))
                return {"pcTag": str(next(self._tags)), "seg": segment, "scope": segment}
            case "fvBD":
                return {"pcTag": str(next(self._tags)), "seg": str(next(self._segments))}
            case "l3extInstP" if mo.parent is not None:
                scope = scope_of(self._tree, mo.parent)
                return {"configSt": "applied", "pcTag": str(next(self._tags)), "scope": scope}
            case "fvAEPg":
                return {"configSt": "applied", "pcTag": str(next(self._tags))}
            case "aaaUser":
                return {"unixUserId": str(next(self._users))}
        return {}


def vrf_of(l3out: Mo) -> str:
    """The dn of the VRF that an L3Out is bound to; empty when there is none."""
    binding = l3out.children.get("rsectx")
    return "" if binding is None else binding.get("tDn")


def scope_of(tree: Tree, l3out: Mo) -> str:
    """The VNID of the VRF of an L3Out, as external EPGs show it in `scope`."""
    vrf = tree.get(vrf_of(l3out))
    return "0" if vrf is None else vrf.get("scope")
