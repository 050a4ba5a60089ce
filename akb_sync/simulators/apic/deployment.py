"""What the leafs make of external subnets: one external EPG for each prefix of a VRF, F0467 for the others.

The APIC accepts the same prefix in two external EPGs of a VRF. Each leaf programs the one it saw first and
raises a fault for the other (ACI-Pre-Upgrade-Validation-Script, prefix_already_in_use_check). Only prefixes
with import-security count, and the default routes do not.
"""

import ipaddress
from collections.abc import Iterable, Iterator

from akb_sync.simulators.apic.allocation import scope_of, vrf_of
from akb_sync.simulators.apic.fault_book import FaultBook
from akb_sync.simulators.apic.leaf_issues import EXTERNAL_EPGS, Issue, LeafIssues
from akb_sync.simulators.apic.rules import DEFAULT_ROUTES
from akb_sync.simulators.apic.schema import Schema
from akb_sync.simulators.apic.transactions import Change, Kind, Transaction
from akb_sync.simulators.apic.tree import Mo, Tree

Entry = tuple[str, str]  # (dn of the VRF, prefix as a leaf programs it: host bits cleared)
Dirty = dict[str, None]  # dns of EPGs whose faults may be others now, in order


class Deployment:
    """Follows external subnets into the prefix tables of their VRFs."""

    def __init__(self, schema: Schema, tree: Tree, faults: FaultBook) -> None:
        self._tree = tree
        self._issues = LeafIssues(schema, tree, faults, EXTERNAL_EPGS)
        self._entries: dict[str, tuple[Entry, str]] = {}  # by dn of the subnet: entry, dn of its EPG
        self._holders: dict[Entry, dict[str, int]] = {}  # EPGs by entry, the oldest first, with their subnets
        self._lost: dict[str, dict[Entry, None]] = {}  # by dn of the EPG: the entries that another one holds
        self._nodes: dict[str, dict[str, str]] = {}  # by dn of the L3Out: nodes by the dn that names them

    def settle(self, transaction: Transaction, changes: Iterable[Change]) -> None:
        """Follow the changes; raise and clear faults."""
        dirty: Dirty = {}
        for change in changes:
            mo, gone = change.mo, change.kind is Kind.DELETED
            match mo.schema.name:
                case "l3extSubnet":
                    dirty |= self._follow(mo, gone=gone)
                case "l3extRsEctx" if not gone:
                    for subnet in _subnets(mo.parent):
                        dirty |= self._follow(subnet, gone=False)
                case "l3extRsNodeL3OutAtt":
                    dirty |= self._follow_node(mo, gone=gone)
                case "fabricNode":
                    dirty |= dict.fromkeys(self._lost)
        for epg in dirty:
            self._report(transaction, epg)

    def _follow(self, subnet: Mo, *, gone: bool) -> Dirty:
        """Move a subnet's entry to where it belongs."""
        old = self._entries.get(subnet.dn)
        new = None if gone else _entry_of(subnet)
        if old == new:
            return {}
        dirty: Dirty = {}
        if old is not None:
            del self._entries[subnet.dn]
            dirty |= self._withdraw(*old)
        if new is not None:
            self._entries[subnet.dn] = new
            dirty |= self._claim(*new)
        return dirty

    def _follow_node(self, mo: Mo, *, gone: bool) -> Dirty:
        """An L3Out came to a node, or left it."""
        l3out = mo.dn.partition("/lnodep-")[0]
        if gone:
            self._nodes.get(l3out, {}).pop(mo.dn, None)
        else:
            self._nodes.setdefault(l3out, {})[mo.dn] = mo.get("tDn")
        return {epg: None for epg in self._lost if epg.startswith(f"{l3out}/")}

    def _claim(self, entry: Entry, epg: str) -> Dirty:
        holders = self._holders.setdefault(entry, {})
        holders[epg] = holders.get(epg, 0) + 1
        return {} if len(holders) == 1 else self._judge(entry, holders)

    def _withdraw(self, entry: Entry, epg: str) -> Dirty:
        holders = self._holders[entry]
        holders[epg] -= 1
        if holders[epg]:
            return {}
        del holders[epg]
        if not holders:
            del self._holders[entry]
        dirty = self._judge(entry, holders)
        lost = self._lost.get(epg, {})
        if entry in lost:
            del lost[entry]
            dirty[epg] = None
        return dirty

    def _judge(self, entry: Entry, holders: Iterable[str]) -> Dirty:
        """The first holder has the entry, the others have lost it."""
        dirty: Dirty = {}
        for rank, epg in enumerate(holders):
            lost = self._lost.setdefault(epg, {})
            if (rank > 0) != (entry in lost):
                dirty[epg] = None
                if rank:
                    lost[entry] = None
                else:
                    del lost[entry]
        return dirty

    def _report(self, transaction: Transaction, epg: str) -> None:
        lost = self._lost.get(epg)
        mo = self._tree.get(epg)
        if not lost or mo is None or mo.parent is None:
            self._lost.pop(epg, None)
            self._issues.report(transaction, epg, {})
            return
        segment, prefix = scope_of(self._tree, mo.parent), next(iter(lost))[1]
        issue = Issue(
            "prefix-entry-already-in-use",
            "Prefix Entry Already Used in Another EPG",
            f"Prefix entry sys/ctx-[vxlan-{segment}]/pfx-[{prefix}] is in use",
        )
        self._issues.report(transaction, epg, dict.fromkeys(self._leafs(mo.parent.dn), issue))

    def _leafs(self, l3out: str) -> list[str]:
        """The leafs that an L3Out is on.

        An L3Out that names none of the fabric's leafs would be nowhere on a real fabric. Here the first leaf
        has it, so that whoever tests with a bare L3Out sees the conflict too.
        """
        named = dict.fromkeys(self._nodes.get(l3out, {}).values())
        leafs = [mo.dn for mo in self._tree.of_class("fabricNode") if mo.get("role") == "leaf"]
        return [node for node in named if node in leafs] or leafs[:1]


def _subnets(l3out: Mo | None) -> Iterator[Mo]:
    for epg in () if l3out is None else l3out.children.values():
        if epg.schema.name == "l3extInstP":
            yield from (mo for mo in epg.children.values() if mo.schema.name == "l3extSubnet")


def _entry_of(subnet: Mo) -> tuple[Entry, str] | None:
    epg = subnet.parent
    l3out = None if epg is None else epg.parent
    if epg is None or l3out is None:
        return None
    vrf = vrf_of(l3out)
    if not vrf or "import-security" not in subnet.get("scope").split(","):
        return None
    prefix = str(ipaddress.ip_network(subnet.get("ip"), strict=False))
    return None if prefix in DEFAULT_ROUTES else ((vrf, prefix), epg.dn)
