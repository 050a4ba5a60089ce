"""Where the objects of the tests' floating L3Out stand."""

from typing import Any

from akb_sync.simulators.apic import ApicSimulator
from tests.simulated.apic_simulator.client import mo

TENANT = "uni/tn-TEN_K8_C1"
L3OUT = f"{TENANT}/out-L3O_K8_C1"
EPG = f"{L3OUT}/instP-web"
NODE = f"{L3OUT}/lnodep-n"
NODE_DN = "topology/pod-1/node-101"
SVI = f"{NODE}/lifp-i/vlifp-[{NODE_DN}]-[vlan-310]"
PEER = f"{SVI}/peerP-[192.168.2.0/24]"


def read(apic: ApicSimulator, dn: str) -> dict[str, str]:
    found = apic.get(dn)
    assert found is not None, f"{dn} is absent"
    return found


def floating_svi() -> dict[str, Any]:
    """A node profile with a floating SVI and its peer on leaf 101."""
    peer = mo("bgpPeerP", addr="192.168.2.0/24")
    svi = mo("l3extVirtualLIfP", [peer], nodeDn=NODE_DN, encap="vlan-310", addr="192.168.2.201/24")
    interfaces = mo("l3extLIfP", [svi], name="i")
    node = mo("l3extRsNodeL3OutAtt", tDn=NODE_DN, rtrId="1.1.4.201")
    return mo("l3extLNodeP", [node, interfaces, mo("bgpProtP")], name="n")
