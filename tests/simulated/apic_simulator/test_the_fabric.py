"""Nodes that are there, come and go, and the faults, events and records that the fabric makes by itself."""

import re
from datetime import datetime
from typing import Any

import pytest

from akb_sync.simulators.apic import ApicError, ApicSimulator, documents
from akb_sync.simulators.apic.clock import Clock
from akb_sync.simulators.apic.fabric import Fabric
from akb_sync.simulators.apic.topology import FabricShape
from akb_sync.simulators.errors import SimulatorError
from tests.simulated.apic_simulator.client import Client, attributes, mo

TENANT = "uni/tn-TEN_K8_C1"
L3OUT = f"{TENANT}/out-L3O_K8_C1"
SVI = f"{L3OUT}/lnodep-n/lifp-i/vlifp-[topology/pod-1/node-102]-[vlan-310]"


def read(apic: ApicSimulator, dn: str) -> dict[str, str]:
    found = apic.get(dn)
    assert found is not None, f"{dn} is absent"
    return found


# ---- the nodes


def test_a_fabric_has_two_spines_four_leafs_and_three_controllers(client: Client) -> None:
    found = [attributes(item) for item in client.imdata("class/fabricNode", **{"order-by": "fabricNode.id"})]
    assert [(node["id"], node["role"]) for node in found] == [
        *(("1", "controller"), ("2", "controller"), ("3", "controller")),
        *(("101", "leaf"), ("102", "leaf"), ("103", "leaf"), ("104", "leaf")),
        *(("1001", "spine"), ("1002", "spine")),
    ]
    assert {node["dn"] for node in found} == {f"topology/pod-1/node-{node['id']}" for node in found}
    assert {node["fabricSt"] for node in found if node["role"] != "controller"} == {"active"}
    assert len({node["serial"] for node in found} | {node["name"] for node in found}) == 2 * len(found)


def test_a_node_has_the_attributes_of_a_recorded_one(apic: ApicSimulator) -> None:
    found = read(apic, "topology/pod-1/node-1001")
    assert set(found) == {
        *("adSt", "address", "annotation", "apicType", "childAction", "delayedHeartbeat", "dn", "extMngdBy"),
        *("fabricSt", "id", "lastStateModTs", "lcOwn", "modTs", "model", "monPolDn", "name", "nameAlias"),
        *("nodeType", "role", "serial", "status", "uid", "userdom", "vendor", "version"),
    }
    assert found["monPolDn"] == "uni/fabric/monfab-default"


def test_every_node_is_a_system_in_service_with_a_version(apic: ApicSimulator) -> None:
    nodes = apic.of_class("fabricNode")
    systems = apic.of_class("topSystem")
    assert set(systems) == {f"{dn}/sys" for dn in nodes}
    for dn, found in systems.items():
        node = nodes[dn.removesuffix("/sys")]
        assert found["state"] == "in-service"
        assert (found["id"], found["role"], found["version"]) == (node["id"], node["role"], node["version"])


def test_a_system_tells_the_time_of_the_question(apic: ApicSimulator, client: Client) -> None:
    def now() -> datetime:
        found = attributes(client.imdata("mo/topology/pod-1/node-1/sys")[0])
        assert re.fullmatch(r"\d\d:\d\d:\d\d:\d\d\.\d{3}", found["systemUpTime"])
        return datetime.fromisoformat(found["currentTime"])

    before = now()
    apic.clock.advance(300)
    assert 300 <= (now() - before).total_seconds() < 400


def test_the_fabric_is_healthy_and_its_controllers_fully_fit(apic: ApicSimulator) -> None:
    assert read(apic, "topology/health")["cur"] == "100"
    members = apic.of_class("infraWiNode")
    assert len(members) == 9
    assert {found["health"] for found in members.values()} == {"fully-fit"}


def test_the_fabric_has_an_as_and_route_reflectors(apic: ApicSimulator) -> None:
    assert read(apic, "uni/fabric/bgpInstP-default/as")["asn"] == "65000"
    assert set(apic.of_class("bgpRRNodePEp")) == {
        f"uni/fabric/bgpInstP-default/rr/node-{spine}" for spine in (1001, 1002)
    }


def test_a_fabric_may_have_another_shape() -> None:
    fabric = Fabric(Clock(), shape=FabricShape(pods=2, spines=1, leafs=2, controllers=1, asn=64_999))
    assert sorted(mo.dn for mo in fabric.tree.of_class("fabricNode")) == [
        *("topology/pod-1/node-1", "topology/pod-1/node-1001", "topology/pod-1/node-101"),
        *("topology/pod-1/node-102", "topology/pod-2/node-1101", "topology/pod-2/node-201"),
        "topology/pod-2/node-202",
    ]


@pytest.mark.parametrize(
    "wrong", [{"pods": 0}, {"pods": 10}, {"leafs": 100}, {"controllers": 0}, {"spines": -1}]
)
def test_a_shape_that_cannot_be_is_refused_in_one_sentence(wrong: dict[str, int]) -> None:
    with pytest.raises(SimulatorError, match=r"^A fabric has .*\.$"):
        FabricShape(**wrong)  # type: ignore[arg-type]


def test_a_leaf_joins_and_leaves_with_events_and_records(apic: ApicSimulator, listener: Client) -> None:
    listener.subscribe("class/fabricNode")
    dn = apic.add_leaf()
    assert dn == "topology/pod-1/node-105"
    assert listener.event()[1:2] == ("created",)
    assert read(apic, f"{dn}/sys")["role"] == "leaf"
    apic.remove_leaf(105)
    _name, status, found = listener.event()
    assert (status, found["dn"]) == ("deleted", dn)
    assert not [each for each in apic.subtree("topology") if "node-105" in each]
    assert not [each for each in apic.subtree("uni") if "105" in each]
    records = list(apic.of_class("eventRecord").values())
    assert [record["affected"] for record in records] == [dn, dn]
    assert [record["user"] for record in records] == ["internal", "internal"]
    assert records[0]["modTs"] == "never"
    assert attributes(listener.imdata(f"mo/{records[0]['dn']}")[0])["descr"] == records[0]["descr"]


def test_a_leaf_that_is_there_or_is_not_is_an_error(apic: ApicSimulator) -> None:
    with pytest.raises(SimulatorError, match="There is no pod 2"):
        apic.add_leaf(pod=2)
    with pytest.raises(SimulatorError, match="cannot have the id 101"):
        apic.add_leaf(node_id=101)
    with pytest.raises(SimulatorError, match="There is no leaf 1001"):  # that is a spine
        apic.remove_leaf(1001)


def test_a_relation_to_a_leaf_is_formed_while_the_leaf_is_there(apic: ApicSimulator) -> None:
    node = mo("l3extRsNodeL3OutAtt", tDn="topology/pod-1/node-105")
    apic.post(L3OUT, mo("l3extLNodeP", [node], name="n"))
    relation = f"{L3OUT}/lnodep-n/rsnodeL3OutAtt-[topology/pod-1/node-105]"
    assert read(apic, relation)["state"] == "unformed"
    apic.add_leaf()
    assert (read(apic, relation)["state"], read(apic, relation)["tCl"]) == ("formed", "fabricNode")
    apic.remove_leaf(105)
    assert read(apic, relation)["state"] == "unformed"


@pytest.mark.parametrize("dn", ["topology", "topology/pod-1/node-101", "topology/pod-1/node-101/sys"])
def test_nobody_writes_the_topology(client: Client, dn: str) -> None:
    assert client.delete(f"mo/{dn}").status_code == 400
    name = client.imdata(f"mo/{dn}")[0]
    assert (
        client.post(f"mo/{dn}", {next(iter(name)): {"attributes": {"status": "deleted"}}}).status_code == 400
    )
    assert client.dns(f"mo/{dn}") == [dn]


@pytest.mark.parametrize("dn", ["uni/tn-common", "uni/infra", "uni/fabric", "uni/userext", "uni/controller"])
def test_what_the_fabric_came_with_cannot_be_deleted(apic: ApicSimulator, dn: str) -> None:
    with pytest.raises(ApicError):
        apic.delete(dn)
    assert apic.get(dn) is not None


def test_operational_classes_are_known_and_empty(client: Client) -> None:
    for name in ("bgpPeerEntry", "bgpPeerAfEntry", "uribv4Route", "uribv4Nexthop", "ipv4Addr", "arpAdjEp"):
        assert client.imdata(f"class/{name}") == []
    dn = "topology/pod-1/node-101/sys/bgp/inst/dom-t:v/peer-[192.168.2.0/24]/ent-[192.168.2.1]"
    assert client.imdata(f"mo/{dn}") == []


# ---- what the system allots


def test_what_lives_in_a_vrf_shows_its_segment(apic: ApicSimulator) -> None:
    domain = mo("fvBD", [mo("fvRsCtx", tnFvCtxName="VRF_K8_C1")], name="b")
    profile = mo("fvAp", [mo("fvAEPg", [mo("fvRsBd", tnFvBDName="b")], name="e")], name="a")
    apic.post("uni", mo("fvTenant", [domain, profile], name="TEN_K8_C1"))
    scope = read(apic, f"{TENANT}/ctx-VRF_K8_C1")["scope"]
    assert read(apic, f"{TENANT}/BD-b")["scope"] == read(apic, f"{TENANT}/ap-a/epg-e")["scope"] == scope
    apic.post(TENANT, mo("fvCtx", name="other"))
    apic.post(f"{TENANT}/BD-b", mo("fvRsCtx", tnFvCtxName="other"))
    scope = read(apic, f"{TENANT}/ctx-other")["scope"]
    assert read(apic, f"{TENANT}/BD-b")["scope"] == read(apic, f"{TENANT}/ap-a/epg-e")["scope"] == scope


def test_class_tags_and_segments_are_allotted_once(apic: ApicSimulator) -> None:
    apic.post(TENANT, mo("fvTenant", [mo("fvCtx", name="a"), mo("fvCtx", name="b"), mo("fvBD", name="c")]))
    for name in ("e", "f"):
        apic.post(L3OUT, mo("l3extInstP", name=name))
    tags = [
        each["pcTag"] for name in ("fvCtx", "fvBD", "l3extInstP") for each in apic.of_class(name).values()
    ]
    assert len(set(tags)) == len(tags)
    segments = [each["seg"] for name in ("fvCtx", "fvBD") for each in apic.of_class(name).values()]
    assert len(set(segments)) == len(segments)


# ---- faults


def a_floating_svi(pool: dict[str, Any] | None) -> list[tuple[str, dict[str, Any]]]:
    """The posts of a floating SVI with VLAN 310 on leaf 102, and of a domain with a pool."""
    path = mo("l3extRsDynPathAtt", tDn="uni/phys-K8s")
    svi = mo("l3extVirtualLIfP", [path], nodeDn="topology/pod-1/node-102", encap="vlan-310")
    profile = mo("l3extLNodeP", [mo("l3extLIfP", [svi], name="i")], name="n")
    relation = mo("infraRsVlanNs", tDn="uni/infra/vlanns-[K8s]-static")
    posts = [("uni", mo("physDomP", [relation] if pool else [], name="K8s")), (L3OUT, profile)]
    return [("uni/infra", pool), *posts] if pool else posts


def pool(first: str, last: str) -> dict[str, Any]:
    block = mo("fvnsEncapBlk", **{"from": first, "to": last})
    return mo("fvnsVlanInstP", [block], name="K8s", allocMode="static")


def vlan_faults(apic: ApicSimulator) -> list[str]:
    return [dn for dn, found in apic.of_class("faultInst").items() if "invalid-vlan" in found["changeSet"]]


def test_a_vlan_outside_of_its_domains_pool_is_a_fault_of_the_leaf(apic: ApicSimulator) -> None:
    for dn, document in a_floating_svi(pool("vlan-100", "vlan-199")):
        apic.post(dn, document)
    (dn,) = vlan_faults(apic)
    assert dn.startswith(
        "topology/pod-1/node-102/local/svc-policyelem-id-0/resPolCont/rtdOutCont/rtdOutDef-["
    )
    assert "invalid-vlan: vlan-310 :Either the EpG is not associated with a domain" in read(apic, dn)["descr"]
    (copy,) = apic.of_class("faultDelegate").values()
    assert copy["dn"].startswith(
        f"{L3OUT}/fd-[resPolCont/rtdOutCont/rtdOutDef-[{L3OUT}]/nwissues]-fault-F0467"
    )
    wider = mo("fvnsEncapBlk", **{"from": "vlan-300", "to": "vlan-399"})
    apic.post("uni/infra/vlanns-[K8s]-static", wider)
    assert vlan_faults(apic) == []
    assert apic.of_class("faultDelegate") == {}
    apic.delete("uni/phys-K8s/rsvlanNs")
    assert len(vlan_faults(apic)) == 1
    apic.delete(SVI)
    assert vlan_faults(apic) == []


def test_a_domain_without_a_pool_allows_no_vlan_and_one_with_it_does(apic: ApicSimulator) -> None:
    for dn, document in a_floating_svi(None):
        apic.post(dn, document)
    assert len(vlan_faults(apic)) == 1
    for dn, document in a_floating_svi(pool("vlan-310", "vlan-310"))[:2]:
        apic.post(dn, document)
    assert vlan_faults(apic) == []


def test_a_fault_of_a_leaf_goes_and_comes_with_the_leaf(apic: ApicSimulator) -> None:
    nodes = [mo("l3extRsNodeL3OutAtt", tDn=f"topology/pod-1/node-{n}") for n in (102, 105)]
    apic.post(L3OUT, mo("l3extLNodeP", nodes, name="np"))
    for name in ("one", "two"):
        apic.post(L3OUT, mo("l3extInstP", [mo("l3extSubnet", ip="10.0.0.0/8")], name=name))

    def leafs() -> list[str]:
        return sorted(dn.split("/")[2] for dn in apic.of_class("faultInst"))

    assert leafs() == ["node-102"]
    apic.add_leaf()
    assert leafs() == ["node-102", "node-105"]
    apic.remove_leaf(102)
    assert leafs() == ["node-105"]
    apic.delete(f"{L3OUT}/lnodep-np/rsnodeL3OutAtt-[topology/pod-1/node-105]")
    assert leafs() == ["node-101"]  # an L3Out on no leaf of the fabric shows on the first one


def test_the_policy_shows_a_copy_of_its_leafs_fault(apic: ApicSimulator, client: Client) -> None:
    for name in ("one", "two"):
        apic.post(L3OUT, mo("l3extInstP", [mo("l3extSubnet", ip="10.0.0.0/8")], name=name))
    query = {"query-target": "subtree", "target-subtree-class": "faultInst,faultDelegate"}
    (dn,) = client.dns(f"mo/{L3OUT}", **query)
    assert dn == f"{L3OUT}/instP-two/fd-[uni/epp/rtd-[{L3OUT}/instP-two]/nwissues]-fault-F0467"
    (fault,) = apic.of_class("faultInst").values()
    copy = read(apic, dn)
    same = ("code", "cause", "changeSet", "descr", "lc", "severity", "created", "rule", "occur")
    assert {prop: copy[prop] for prop in same} == {prop: fault[prop] for prop in same}
    apic.delete(f"{L3OUT}/instP-one")
    assert client.dns(f"mo/{L3OUT}", **query) == []


def test_a_mended_fault_may_be_retained_and_counted_when_it_comes_back() -> None:
    clock = Clock()
    fabric = Fabric(clock, fault_retention=3600)

    def post(dn: str, document: dict[str, Any]) -> None:
        fabric.write(documents.operations(fabric.schema, dn, document))

    def fault() -> dict[str, str] | None:
        known = fabric.tree.get("uni/tn-t/BD-b/rsctx/fault-F0952")
        return None if known is None else known.attributes()

    def state() -> tuple[str, ...]:
        known = fault()
        assert known is not None
        return tuple(known[prop] for prop in ("lc", "severity", "origSeverity", "occur"))

    post("uni", mo("fvTenant", [mo("fvBD", [mo("fvRsCtx", tnFvCtxName="v")], name="b")], name="t"))
    assert state() == ("raised", "warning", "warning", "1")
    post("uni/tn-t", mo("fvCtx", name="v"))
    assert state() == ("retaining", "cleared", "warning", "1")
    post("uni/tn-t/ctx-v", mo("fvCtx", status="deleted"))
    assert state() == ("raised", "warning", "warning", "2")
    post("uni/tn-t", mo("fvCtx", name="v"))
    clock.advance(3599)
    post("uni/tn-t", mo("fvTenant", descr="a"))
    assert state() == ("retaining", "cleared", "warning", "2")
    clock.advance(2)
    post("uni/tn-t", mo("fvTenant", descr="b"))
    assert fault() is None


# ---- the audit log


def test_each_write_leaves_one_record_of_who_did_what(apic: ApicSimulator, client: Client) -> None:
    before = len(apic.of_class("aaaModLR"))
    subnets = [mo("l3extSubnet", ip=f"10.0.0.{n}/32") for n in range(3)]
    client.post(f"mo/{L3OUT}", mo("l3extInstP", subnets, name="web"))
    client.post(f"mo/{L3OUT}/instP-web", mo("l3extInstP", descr="new", prio="level1"))
    client.post(f"mo/{L3OUT}/instP-web", mo("l3extInstP", descr="new"))  # changes nothing
    client.delete(f"mo/{L3OUT}/instP-web")
    created, modified, deleted = list(apic.of_class("aaaModLR").values())[before:]
    assert [record["ind"] for record in (created, modified, deleted)] == [
        "creation",
        "modification",
        "deletion",
    ]
    assert {record["user"] for record in (created, modified, deleted)} == {"admin"}
    assert {record["affected"] for record in (created, modified, deleted)} == {f"{L3OUT}/instP-web"}
    assert created["descr"].startswith("InstP web created and ")
    assert "name (New: web)" in created["changeSet"]
    assert modified["changeSet"] == "descr (Old: , New: new), prio (Old: unspecified, New: level1)"
    assert deleted["changeSet"] == ""
    assert created["dn"] == f"subj-[{L3OUT}/instP-web]/mod-{created['id']}"
    assert len({record["txId"] for record in (created, modified, deleted)}) == 3
    assert (created["cause"], created["trig"], created["modTs"]) == ("transition", "config", "never")
    assert client.dns(f"mo/{created['dn']}") == [created["dn"]]
    assert {record["sessionId"] for record in (created, modified, deleted)} == {session_of(client)}


def session_of(client: Client) -> str:
    return attributes(client.get("aaaRefresh").json()["imdata"][0])["sessionId"]
