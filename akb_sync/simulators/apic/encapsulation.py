"""What the leafs make of a floating SVI's VLAN: it must be in a pool of the domain.

Else F0467 says invalid-vlan. Follows l3extRsDynPathAtt -> domain -> VLAN pool -> encap blocks. A domain that
does not exist is another fault's business (F3565 of the relation).
"""

from collections.abc import Iterable, Iterator

from akb_sync.simulators.apic.fault_book import FaultBook
from akb_sync.simulators.apic.leaf_issues import L3OUTS, Issue, LeafIssues
from akb_sync.simulators.apic.schema import Schema
from akb_sync.simulators.apic.transactions import Change, Kind, Transaction
from akb_sync.simulators.apic.tree import Mo, Tree

SVI, PATH = "l3extVirtualLIfP", "l3extRsDynPathAtt"
ACCESS = frozenset({"physDomP", "vmmDomP", "infraRsVlanNs", "fvnsVlanInstP", "fvnsEncapBlk", "fabricNode"})


class Encapsulation:
    """Checks the VLANs of floating SVIs."""

    def __init__(self, schema: Schema, tree: Tree, faults: FaultBook) -> None:
        self._tree = tree
        self._issues = LeafIssues(schema, tree, faults, L3OUTS)
        self._paths: dict[str, dict[str, Mo]] = {}  # by dn of the L3Out: its dynamic paths by dn

    def settle(self, transaction: Transaction, changes: Iterable[Change]) -> None:
        """Check the L3Outs that the changes may matter to."""
        dirty: dict[str, None] = {}
        for change in changes:
            mo = change.mo
            if mo.schema.name == PATH:
                dirty[self._follow(mo, gone=change.kind is Kind.DELETED)] = None
            elif mo.schema.name in ACCESS:
                dirty |= dict.fromkeys(self._paths)
        for l3out in dirty:
            self._issues.report(transaction, l3out, self._wrong(l3out))

    def _follow(self, path: Mo, *, gone: bool) -> str:
        l3out = path.dn.partition("/lnodep-")[0]
        paths = self._paths.setdefault(l3out, {})
        if gone:
            paths.pop(path.dn, None)
        else:
            paths[path.dn] = path
        if not paths:
            del self._paths[l3out]
        return l3out

    def _wrong(self, l3out: str) -> dict[str, Issue]:
        """The nodes whose floating SVIs have a VLAN that their domain does not have."""
        found: dict[str, Issue] = {}
        for path in self._paths.get(l3out, {}).values():
            domain = self._tree.get(path.get("tDn"))
            svi = path.parent
            if domain is None or svi is None or self._allows(domain, svi.get("encap")):
                continue
            detail = (
                f"{svi.get('encap')} :Either the EpG is not associated with a domain or the domain "
                "does not have this vlan assigned to it"
            )
            found[svi.get("nodeDn")] = Issue("invalid-vlan", "Invalid VLAN Configuration", detail)
        return found

    def _allows(self, domain: Mo, encap: str) -> bool:
        kind, _, number = encap.partition("-")
        return kind != "vlan" or any(int(number) in block for block in self._blocks(domain))

    def _blocks(self, domain: Mo) -> Iterator[range]:
        relation = domain.children.get("rsvlanNs")
        pool = None if relation is None else self._tree.get(relation.get("tDn"))
        for block in () if pool is None else pool.children.values():
            if block.schema.name == "fvnsEncapBlk":
                first, last = (int(block.get(end).rpartition("-")[2]) for end in ("from", "to"))
                yield range(first, last + 1)
