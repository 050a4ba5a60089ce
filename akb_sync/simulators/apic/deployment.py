"""What the leafs make of it: one external EPG for each prefix of a VRF, and F0467 for the others.

The APIC accepts the same prefix in two external EPGs of a VRF. Each leaf programs the one it saw first and
raises a fault for the other (ACI-Pre-Upgrade-Validation-Script, prefix_already_in_use_check). Only prefixes
with import-security count, and the default routes do not.
"""

import ipaddress
from collections.abc import Iterable

from akb_sync.simulators.apic.allocation import scope_of, vrf_of
from akb_sync.simulators.apic.rules import DEFAULT_ROUTES
from akb_sync.simulators.apic.schema import Schema
from akb_sync.simulators.apic.transactions import Change, Kind, Transaction
from akb_sync.simulators.apic.tree import Mo, Tree

DEFAULT_NODES = ("topology/pod-1/node-101",)
CODE = "F0467"

Entry = tuple[str, str]  # (dn of the VRF, prefix as a leaf programs it: host bits cleared)


class Deployment:
    """Follows external subnets into the prefix tables of their VRFs."""

    def __init__(self, schema: Schema, tree: Tree) -> None:
        self._schema = schema
        self._tree = tree
        self._entries: dict[str, tuple[Entry, str]] = {}  # by dn of the subnet: entry, dn of its EPG
        self._holders: dict[Entry, dict[str, int]] = {}  # EPGs by entry, the oldest first, with their subnets
        self._lost: dict[str, dict[Entry, None]] = {}  # by dn of the EPG: the entries that another one holds
        self._faults: dict[str, list[str]] = {}  # by dn of the EPG: dns of its faults

    def settle(self, transaction: Transaction, changes: Iterable[Change]) -> None:
        """Follow the changes; raise and clear faults."""
        dirty: dict[str, None] = {}
        for change in changes:
            mo = change.mo
            if mo.schema.name == "l3extSubnet":
                dirty |= self._follow(mo, gone=change.kind is Kind.DELETED)
            elif (
                mo.schema.name == "l3extRsEctx" and mo.parent is not None and change.kind is not Kind.DELETED
            ):
                for subnet in mo.parent.subtree():
                    if subnet.schema.name == "l3extSubnet":
                        dirty |= self._follow(subnet, gone=False)
        for epg in dirty:
            self._update_faults(transaction, epg)

    def _follow(self, subnet: Mo, *, gone: bool) -> dict[str, None]:
        """Move a subnet's entry to where it belongs; return the EPGs whose faults may be others now."""
        old = self._entries.get(subnet.dn)
        new = None if gone else _entry_of(subnet)
        if old == new:
            return {}
        dirty: dict[str, None] = {}
        if old is not None:
            del self._entries[subnet.dn]
            dirty |= self._withdraw(*old)
        if new is not None:
            self._entries[subnet.dn] = new
            dirty |= self._claim(*new)
        return dirty

    def _claim(self, entry: Entry, epg: str) -> dict[str, None]:
        holders = self._holders.setdefault(entry, {})
        holders[epg] = holders.get(epg, 0) + 1
        return self._judge(entry, holders)

    def _withdraw(self, entry: Entry, epg: str) -> dict[str, None]:
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

    def _judge(self, entry: Entry, holders: Iterable[str]) -> dict[str, None]:
        """The first holder has the entry, the others have lost it."""
        dirty: dict[str, None] = {}
        for rank, epg in enumerate(holders):
            lost = self._lost.setdefault(epg, {})
            if (rank > 0) != (entry in lost):
                dirty[epg] = None
                if rank:
                    lost[entry] = None
                else:
                    del lost[entry]
        return dirty

    def _update_faults(self, transaction: Transaction, epg: str) -> None:
        lost = self._lost.get(epg)
        mo = self._tree.get(epg)
        if not lost or mo is None or mo.parent is None:
            self._lost.pop(epg, None)
            for dn in self._faults.pop(epg, []):
                known = self._tree.get(dn)
                if known is not None:
                    transaction.delete(known)
            return
        segment = scope_of(self._tree, mo.parent)
        values = _fault(epg, next(iter(lost))[1], segment, mo.get("modTs"))
        for dn in self._faults.setdefault(epg, _fault_names(mo.parent, epg)):
            known = self._tree.get(dn)
            if known is None:
                transaction.create(self._schema["faultInst"], None, dn, values)
            else:
                transaction.assign(known, {"changeSet": values["changeSet"], "descr": values["descr"]})


def _entry_of(subnet: Mo) -> tuple[Entry, str] | None:
    epg = subnet.parent
    l3out = None if epg is None else epg.parent
    if epg is None or l3out is None:
        return None
    vrf = vrf_of(l3out)
    prefix = str(ipaddress.ip_network(subnet.get("ip"), strict=False))
    if not vrf or prefix in DEFAULT_ROUTES or "import-security" not in subnet.get("scope").split(","):
        return None
    return (vrf, prefix), epg.dn


def _fault_names(l3out: Mo, epg: str) -> list[str]:
    """One dn for each leaf that the L3Out is on."""
    nodes = {mo.get("tDn"): None for mo in l3out.subtree() if mo.schema.name == "l3extRsNodeL3OutAtt"}
    return [
        f"{node}/local/svc-policyelem-id-0/uni/epp/rtd-[{epg}]/nwissues/fault-{CODE}"
        for node in nodes or DEFAULT_NODES
    ]


def _fault(epg: str, prefix: str, segment: str, stamp: str) -> dict[str, str]:
    debug = f"prefix-entry-already-in-use: Prefix entry sys/ctx-[vxlan-{segment}]/pfx-[{prefix}] is in use;"
    return {
        "code": CODE,
        "cause": "configuration-failed",
        "changeSet": "configQual:prefix-entry-already-in-use, configSt:failed-to-apply, "
        f"debugMessage:{debug}, temporaryError:no",
        "created": stamp,
        "lastTransition": stamp,
        "delegated": "yes",
        "descr": f"Configuration failed for {epg} due to Prefix Entry Already Used in Another EPG, "
        f"debug message: {debug}",
        "rule": "fv-nw-issues-config-failed",
        "subject": "management",
    }
