"""The whole L3Out of a Kubernetes cluster: two anchors, dual stack, BGP, route control, one request."""

import json
from typing import Any

import pytest

from akb_sync.simulators.apic import ApicSimulator
from akb_sync.simulators.apic.schema import standard_schema
from tests.simulated.apic_simulator.client import Client, mo

TENANT = "uni/tn-TEN_K8_C1"
L3OUT = f"{TENANT}/out-K8s"
NODES = {"topology/pod-1/node-101": 201, "topology/pod-1/node-102": 202}
PODS = ("192.168.3.0/24", "2001:db8:2:1::/64")
INSIDE = (
    *("192.168.2.0/24", *PODS, "192.168.4.0/24", "192.168.5.0/24", "2001:db8:2::/64"),
    *("2001:db8:2:2::/108", "2001:db8:2:2::10:0/108"),
)


def matches(name: str, prefixes: tuple[str, ...]) -> dict[str, Any]:
    rules = [mo("rtctrlMatchRtDest", ip=ip, aggregate="yes") for ip in prefixes]
    return mo("rtctrlSubjP", rules, name=name)


def interface(node: str, own: str, floating: str, secondary: str, subnet: str) -> dict[str, Any]:
    peer = [mo("bgpAsP", asn="65003"), mo("bgpRsPeerPfxPol", tnBgpPeerPfxPolName="K8s")]
    children = [
        mo("l3extRsDynPathAtt", tDn="uni/phys-K8s", floatingAddr=floating),
        mo("l3extIp", addr=secondary),
        mo("bgpPeerP", peer, addr=subnet, ctrl="as-override,dis-peer-as-check", password="S3cret"),
    ]
    given = {"nodeDn": node, "encap": "vlan-310", "addr": own, "autostate": "enabled", "mtu": "9000"}
    return mo("l3extVirtualLIfP", children, **given)


def node_profile() -> dict[str, Any]:
    v4 = [
        interface(node, f"192.168.2.{n}/24", "192.168.2.254/24", "192.168.2.253/24", "192.168.2.0/24")
        for node, n in NODES.items()
    ]
    v6 = [
        interface(
            node,
            f"2001:db8:2::{n}/64",
            "2001:DB8:2:0:ffff:ffff:ffff:fffe/64",
            "2001:db8:2:0:ffff:ffff:ffff:fffd/64",
            "2001:0db8:2::/64",
        )
        for node, n in NODES.items()
    ]
    protocol = [
        mo("bgpRsBgpNodeCtxPol", tnBgpCtxPolName="K8s-Timers"),
        mo("bgpRsBestPathCtrlPol", tnBgpBestPathCtrlPolName="K8s-Relax-AS"),
    ]
    nodes = [
        mo("l3extRsNodeL3OutAtt", tDn=node, rtrId=f"1.1.4.{n}", rtrIdLoopBack="no")
        for node, n in NODES.items()
    ]
    profiles = [mo("l3extLIfP", v4, name="int_v4"), mo("l3extLIfP", v6, name="int_v6")]
    return mo("l3extLNodeP", [*nodes, mo("bgpProtP", protocol), *profiles], name="np")


def route_map(name: str, context: str, subject: str) -> dict[str, Any]:
    relation = mo("rtctrlRsCtxPToSubjP", tnRtctrlSubjPName=subject)
    return mo("rtctrlProfile", [mo("rtctrlCtxP", [relation], name=context, action="permit")], name=name)


def document() -> dict[str, Any]:
    epg = [
        mo("fvRsProv", tnVzBrCPName="k8s"),
        mo("fvRsCons", tnVzBrCPName="k8s"),
        *(mo("l3extSubnet", ip=ip, scope="import-security") for ip in INSIDE),
    ]
    l3out = [
        mo("l3extRsEctx", tnFvCtxName="VRF_K8_C1"),
        mo("l3extRsL3DomAtt", tDn="uni/l3dom-K8s"),
        mo("bgpExtP"),
        node_profile(),
        route_map("default-export", "export_pod_subnet", "K8s-export-match"),
        route_map("default-import", "import_cluster_subnets", "K8s-import-match"),
        mo("l3extInstP", epg, name="catch_all"),
    ]
    families = [
        mo("fvRsCtxToBgpCtxAfPol", tnBgpCtxAfPolName="K8s", af=af) for af in ("ipv4-ucast", "ipv6-ucast")
    ]
    timers = {"grCtrl": "helper", "holdIntvl": "3", "kaIntvl": "1", "maxAsLimit": "1", "staleIntvl": "6"}
    children = [
        mo("bgpCtxPol", name="K8s-Timers", **timers),
        mo("bgpBestPathCtrlPol", name="K8s-Relax-AS", ctrl="asPathMultipathRelax"),
        mo("bgpCtxAfPol", name="K8s", maxEcmp="64", maxEcmpIbgp="64"),
        mo("bgpPeerPfxPol", name="K8s", action="reject", maxPfx="500"),
        matches("K8s-export-match", PODS),
        matches("K8s-import-match", INSIDE),
        mo("fvCtx", families, name="VRF_K8_C1", status="modified"),
        mo("l3extOut", l3out, name="K8s", enforceRtctrl="export,import"),
    ]
    return mo("fvTenant", children, name="TEN_K8_C1", status="modified")


@pytest.fixture
def prepared(apic: ApicSimulator) -> ApicSimulator:
    """What the fabric admin has made before: domains with a VLAN pool and a profile, and the contract."""
    pool = mo(
        "fvnsVlanInstP",
        [mo("fvnsEncapBlk", **{"from": "vlan-300", "to": "vlan-319"})],
        name="K8s",
        allocMode="static",
    )
    relation = mo("infraRsVlanNs", tDn="uni/infra/vlanns-[K8s]-static")
    profile = mo("infraAttEntityP", [mo("infraRsDomP", tDn="uni/phys-K8s")], name="K8s")
    apic.post("uni/infra", pool)
    apic.post("uni", mo("physDomP", [relation], name="K8s"))
    apic.post("uni", mo("l3extDomP", [relation], name="K8s"))
    apic.post("uni/infra", profile)
    apic.post(TENANT, mo("vzBrCP", name="k8s"))
    return apic


def test_it_is_posted_in_one_request_and_nothing_is_wrong(prepared: ApicSimulator, client: Client) -> None:
    answer = client.post("mo/uni", document())
    assert answer.status_code == 200, answer.text
    assert prepared.of_class("faultInst") == {}
    svi = f"{L3OUT}/lnodep-np/lifp-int_v4/vlifp-[topology/pod-1/node-101]-[vlan-310]"
    assert client.dns(f"mo/{svi}/peerP-[192.168.2.0/24]/as") == [f"{svi}/peerP-[192.168.2.0/24]/as"]
    six = f"{L3OUT}/lnodep-np/lifp-int_v6/vlifp-[topology/pod-1/node-102]-[vlan-310]/peerP-[2001:db8:2::/64]"
    assert client.dns(f"mo/{six}") == [six]
    formed = {
        found["state"]
        for name in (
            "l3extRsDynPathAtt",
            "bgpRsPeerPfxPol",
            "infraRsDomP",
            "infraRsVlanNs",
            "l3extRsL3DomAtt",
            "l3extRsNodeL3OutAtt",
            "fvRsCtxToBgpCtxAfPol",
            "bgpRsBestPathCtrlPol",
            "rtctrlRsCtxPToSubjP",
        )
        for found in prepared.of_class(name).values()
    }
    assert formed == {"formed"}
    assert "S3cret" not in json.dumps(prepared.subtree())


def test_posting_it_again_changes_nothing(prepared: ApicSimulator, client: Client) -> None:
    client.post("mo/uni", document())
    before = prepared.subtree()
    answer = client.post("mo/uni", document(), **{"rsp-subtree": "modified"})
    assert answer.json() == {"totalCount": "0", "imdata": []}
    assert prepared.subtree() == before


def test_without_the_vrf_nothing_of_it_is_made(prepared: ApicSimulator, client: Client) -> None:
    prepared.delete(f"{TENANT}/ctx-VRF_K8_C1")
    assert client.post("mo/uni", document()).status_code == 400
    assert prepared.get(L3OUT) is None
    assert prepared.get(f"{TENANT}/bgpCtxP-K8s-Timers") is None


def test_it_goes_with_the_l3out_and_the_policies_stay(prepared: ApicSimulator, client: Client) -> None:
    client.post("mo/uni", document())
    client.delete(f"mo/{L3OUT}")
    assert not [dn for dn in prepared.subtree() if dn.startswith(L3OUT)]
    assert prepared.get(f"{TENANT}/bgpCtxAfP-K8s") is not None
    client.delete(f"mo/{TENANT}/bgpCtxAfP-K8s")
    assert {found["code"] for found in prepared.of_class("faultInst").values()} == {"F1500"}


@pytest.mark.parametrize(
    "name",
    [
        *("bgpPeerPfxPol", "bgpCtxAfPol", "bgpBestPathCtrlPol", "rtctrlSubjP", "rtctrlMatchRtDest"),
        *("uribv4Route", "uribv4Nexthop", "uribv6Route", "uribv6Nexthop"),
    ],
)
def test_no_event_tells_of_it_and_clients_poll(name: str) -> None:
    assert not standard_schema()[name].observable


def test_policies_that_are_not_observable_push_nothing(prepared: ApicSimulator, client: Client) -> None:
    client.open_socket().subscribe(f"mo/{TENANT}", **{"query-target": "subtree"})
    prepared.post(TENANT, mo("bgpPeerPfxPol", name="silent"))
    prepared.post(TENANT, matches("silent", PODS))
    prepared.post(TENANT, mo("bgpCtxPol", name="told"))
    assert client.event()[2]["dn"] == f"{TENANT}/bgpCtxP-told"
