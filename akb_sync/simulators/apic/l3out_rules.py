"""Rules between the objects of an L3Out's nodes and interfaces, and between L3Outs of one VRF.

A floating address lies in the subnet of the leaf's own address; a node has one router id in a VRF; a loopback
belongs to one L3Out of a VRF (live runs against 6.0(9c), niwaki); the flags about private AS numbers come
together or not at all (model reference). The text about the router id is recorded; the others are this
simulator's, under the code of semantic checks.
"""

import ipaddress

from akb_sync.simulators.apic import errors
from akb_sync.simulators.apic.errors import ApicError
from akb_sync.simulators.apic.tree import Mo, Tree

UNSET = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - nothing listens on it


def check(mo: Mo, tree: Tree) -> None:
    """Refuse an object that, as it would stand, breaks one of the rules."""
    match mo.schema.name:
        case "l3extRsNodeL3OutAtt":
            _router_id(mo, tree)
        case "l3extLoopBackIfP":
            _loopback(mo, tree)
        case "l3extRsDynPathAtt":
            _floating_address(mo)
        case "l3extVirtualLIfP":
            for child in mo.children.values():
                if child.schema.name == "l3extRsDynPathAtt":
                    _floating_address(child)
        case "bgpPeerP":
            _private_as(mo)


def _floating_address(path: Mo) -> None:
    floating, anchor = path.get("floatingAddr"), "" if path.parent is None else path.parent.get("addr")
    if {floating, anchor} & UNSET:
        return
    if ipaddress.ip_interface(floating).ip not in ipaddress.ip_interface(anchor).network:
        raise _invalid(f"floating address {floating} is not in the subnet of {anchor}", path)


def _private_as(peer: Mo) -> None:
    flags = peer.get("privateASctrl")
    if flags and len(flags.split(",")) != len(peer.schema.properties["privateASctrl"].options):
        raise _invalid(f"privateASctrl {flags} has to name all of its flags or none", peer)


def _loopback(mo: Mo, tree: Tree) -> None:
    l3out, vrf = _l3out(mo), _vrf(mo, tree)
    for other in tree.of_class(mo.schema.name) if vrf else ():
        if other.get("addr") == mo.get("addr") and _l3out(other) is not l3out and _vrf(other, tree) == vrf:
            raise _invalid(f"loopback {mo.get('addr')} is used by another L3Out of the VRF, {other.dn}", mo)


def _invalid(text: str, mo: Mo) -> ApicError:
    return ApicError("100", f"Validation failed: Invalid Configuration - {text}. Dn0={mo.dn}, ")


def _router_id(mo: Mo, tree: Tree) -> None:
    """A node has one router id in a VRF, whatever L3Outs it serves there (recorded refusal)."""
    vrf = _vrf(mo, tree)
    for other in tree.of_class(mo.schema.name) if vrf else ():
        ids = {mo.get("rtrId"), other.get("rtrId")} - UNSET
        if len(ids) > 1 and other.get("tDn") == mo.get("tDn") and _vrf(other, tree) == vrf:
            raise errors.router_id(vrf, other.dn, (other.get("rtrId"), mo.get("rtrId")))


def _vrf(attachment: Mo, tree: Tree) -> str:
    """The dn of the VRF of a node's L3Out, as its relation names it now; empty when there is none."""
    l3out = _l3out(attachment)
    binding = None if l3out is None else l3out.children.get("rsectx")
    if l3out is None or l3out.parent is None or binding is None or not binding.get("tnFvCtxName"):
        return ""
    near = f"{l3out.parent.dn}/ctx-{binding.get('tnFvCtxName')}"
    return near if tree.get(near) is not None else f"uni/tn-common/ctx-{binding.get('tnFvCtxName')}"


def _l3out(mo: Mo) -> Mo | None:
    return next((above for above in mo.ancestors() if above.schema.name == "l3extOut"), None)
