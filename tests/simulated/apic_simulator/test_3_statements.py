"""What else is known about writes, one test for each statement (facts, section 3)."""

import re

import pytest

from akb_sync.simulators.apic import ApicSimulator
from tests.simulated.apic_simulator.client import Client, attributes, error_of, mo

TENANT = "uni/tn-TEN_K8_C1"
L3OUT = f"{TENANT}/out-L3O_K8_C1"
EPG = f"{L3OUT}/instP-web"
SUBNET = f"{EPG}/extsubnet-[10.0.0.0/8]"
WEB = mo("l3extInstP", [mo("l3extSubnet", ip="10.0.0.0/8")], name="web")


@pytest.fixture(autouse=True)
def _web(apic: ApicSimulator) -> None:
    apic.post(L3OUT, WEB)


def got(apic: ApicSimulator, dn: str, prop: str) -> str:
    found = apic.get(dn)
    assert found is not None, f"{dn} is absent"
    return found[prop]


# ---- 3.1 addressing


def test_a_child_is_known_by_dn_then_by_rn_then_by_its_name(apic: ApicSimulator, client: Client) -> None:
    for child, dn in (
        (mo("l3extSubnet", dn=f"{EPG}/extsubnet-[1.0.0.0/8]", rn="extsubnet-[9.0.0.0/8]"), "1.0.0.0/8"),
        (mo("l3extSubnet", rn="extsubnet-[2.0.0.0/8]"), "2.0.0.0/8"),
        (mo("l3extSubnet", ip="3.0.0.0/8"), "3.0.0.0/8"),
    ):
        assert client.post(f"mo/{EPG}", mo("l3extInstP", [child])).status_code == 200
        assert got(apic, f"{EPG}/extsubnet-[{dn}]", "ip") == dn


def test_a_child_below_the_wrong_parent_is_named_in_the_error(client: Client) -> None:
    answer = client.post(f"mo/{EPG}", mo("l3extInstP", [mo("fvBD", name="x")]))
    text = f"Invalid request. Can not contain child 'BD-x' under parent '{EPG}'"
    assert error_of(answer) == (400, "400", text)


def test_a_name_may_be_written_in_another_way_than_in_the_dn(apic: ApicSimulator, client: Client) -> None:
    bd = f"{TENANT}/BD-b"
    apic.post(TENANT, mo("fvBD", name="b"))
    document = mo("fvSubnet", ip="2001:0bd1::1/125")
    assert client.post(f"mo/{bd}/subnet-[2001:bd1::1/125]", document).status_code == 200
    assert got(apic, f"{bd}/subnet-[2001:bd1::1/125]", "ip") == "2001:bd1::1/125"


def test_a_wrapped_body_may_hold_several_objects_of_one_tenant(apic: ApicSimulator, client: Client) -> None:
    items = [mo("l3extInstP", dn=f"{L3OUT}/instP-{name}") for name in ("a", "b")]
    assert client.post("mo", {"totalCount": "2", "imdata": items}).status_code == 200
    assert apic.get(f"{L3OUT}/instP-a")
    assert apic.get(f"{L3OUT}/instP-b")


@pytest.mark.parametrize("path", ["class/fvTenant", "node/class/fvTenant", "fvTenant", ""])
def test_only_objects_can_be_written_to(client: Client, path: str) -> None:
    assert error_of(client.post(path, mo("fvTenant", name="x")))[:2] == (400, "400")


# ---- 3.2 status


def test_created_creates_and_modified_merges(apic: ApicSimulator, client: Client) -> None:
    other = f"{L3OUT}/instP-other"
    assert client.post(f"mo/{other}", mo("l3extInstP", status="created", descr="x")).status_code == 200
    answer = client.post(f"mo/{other}", mo("l3extInstP", status="modified", prio="level1"))
    assert answer.status_code == 200
    assert (got(apic, other, "descr"), got(apic, other, "prio")) == ("x", "level1")


def test_a_naming_property_cannot_change(apic: ApicSimulator, client: Client) -> None:
    answer = client.post(f"mo/{EPG}", mo("l3extInstP", name="other"))
    assert error_of(answer)[2].startswith(
        "Create-only and naming props cannot be modified after creation, class=l3extInstP, prop=name"
    )
    assert apic.get(f"{L3OUT}/instP-other") is None


def test_a_delete_of_what_never_was_is_200(client: Client) -> None:
    for dn in (f"{EPG}/extsubnet-[1.2.3.4/32]", "uni/tn-nobody/out-none/instP-x"):
        assert client.delete(f"mo/{dn}").content == b'{"totalCount":"0","imdata":[]}'


def test_status_of_a_child_is_its_own(apic: ApicSimulator, client: Client) -> None:
    children = [mo("l3extSubnet", ip="10.0.0.0/8", status="deleted"), mo("l3extSubnet", ip="11.0.0.0/8")]
    assert client.post(f"mo/{EPG}", mo("l3extInstP", children)).status_code == 200
    assert apic.get(SUBNET) is None
    assert apic.get(f"{EPG}/extsubnet-[11.0.0.0/8]")


@pytest.mark.parametrize("dn", ["uni", "uni/tn-common", "uni/tn-infra", "uni/tn-mgmt", "uni/userext"])
def test_what_belongs_to_the_system_cannot_be_deleted(apic: ApicSimulator, client: Client, dn: str) -> None:
    before = apic.subtree()
    status, code, text = error_of(client.delete(f"mo/{dn}"))
    assert (status, code) in {(400, "107"), (400, "400")}
    assert text.startswith(("Cannot delete object", "Invalid access"))
    assert apic.subtree() == before


# ---- 3.3 answers and transactions


def test_a_created_object_is_answered_whole_with_delete_non_present(client: Client) -> None:
    document = mo("l3extSubnet", ip="11.0.0.0/8")
    (item,) = client.post(f"mo/{EPG}", document, **{"rsp-subtree": "modified"}).json()["imdata"]
    found = attributes(item)
    dn = f"{EPG}/extsubnet-[11.0.0.0/8]"
    (read,) = client.imdata(f"mo/{dn}")
    assert found == attributes(read) | {"childAction": "deleteNonPresent", "rn": "", "status": "created"}
    assert found["uid"] == "15374"


def test_a_wrong_rsp_subtree_of_a_write_is_refused_and_nothing_is_written(
    apic: ApicSimulator, client: Client
) -> None:
    answer = client.post(f"mo/{EPG}", mo("l3extInstP", descr="x"), **{"rsp-subtree": "some"})
    assert error_of(answer)[1] == "8"
    assert got(apic, EPG, "descr") == ""


def test_a_referenced_contract_may_be_deleted_and_leaves_an_unformed_relation(
    apic: ApicSimulator, client: Client
) -> None:
    apic.post(TENANT, mo("vzBrCP", name="web"))
    apic.post(EPG, mo("l3extInstP", [mo("fvRsProv", tnVzBrCPName="web")]))
    assert got(apic, f"{EPG}/rsprov-web", "state") == "formed"
    assert client.delete(f"mo/{TENANT}/brc-web").status_code == 200
    assert got(apic, f"{EPG}/rsprov-web", "state") == "unformed"
    assert got(apic, f"{EPG}/rsprov-web/fault-F0974", "lc")


def test_a_subnet_below_a_deleted_epg_is_gone_with_it(apic: ApicSimulator, client: Client) -> None:
    assert client.delete(f"mo/{TENANT}").status_code == 200
    assert apic.get(SUBNET) is None


def test_mod_ts_is_local_time_with_milliseconds_and_offset(apic: ApicSimulator) -> None:
    stamp = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d"
    assert re.fullmatch(stamp, got(apic, EPG, "modTs"))


# ---- 3.4 errors


def test_an_error_is_one_object_with_code_and_text(client: Client) -> None:
    answer = client.post("mo/uni", mo("fvFoobar"))
    error = {"attributes": {"code": "122", "text": "unknown managed object class fvFoobar"}}
    assert answer.json() == {"totalCount": "1", "imdata": [{"error": error}]}
    assert answer.text.startswith('{"totalCount":"1","imdata":[{"error":')


@pytest.mark.parametrize("body", ["", "{", "{'fvTenant': {}}", '{"fvTenant":{"attributes":{"name":"a}}}'])
def test_broken_json_is_refused_in_the_words_of_the_apic(client: Client, body: str) -> None:
    text = "JSON parsing failed - incomplete attribute value at line: 1"
    assert error_of(client.post("mo/uni", body)) == (400, "400", text)


def test_an_existing_vrf_is_103_with_its_label(client: Client) -> None:
    dn = f"{TENANT}/ctx-VRF_K8_C1"
    answer = client.post(f"mo/{dn}", mo("fvCtx", status="created"))
    assert error_of(answer) == (400, "103", f"Cannot create VRF (fvCtx); object {dn} already exists.")


def test_a_child_without_its_name_is_104(client: Client) -> None:
    answer = client.post(f"mo/{EPG}", mo("l3extInstP", [mo("l3extSubnet", descr="x")]))
    assert error_of(answer) == (400, "104", "Invalid RN extsubnet-[]")


def attached(l3out: str, rtr_id: str) -> dict[str, object]:
    node = mo("l3extRsNodeL3OutAtt", tDn="topology/pod-1/node-101", rtrId=rtr_id)
    binding = mo("l3extRsEctx", tnFvCtxName="VRF_K8_C1")
    return mo("l3extOut", [binding, mo("l3extLNodeP", [node], name="n")], name=l3out)


def test_a_node_with_two_router_ids_in_one_vrf_is_refused_with_100(
    apic: ApicSimulator, client: Client
) -> None:
    assert client.post(f"mo/{TENANT}", attached("one", "1.1.1.1")).status_code == 200
    status, code, text = error_of(client.post(f"mo/{TENANT}", attached("two", "2.2.2.2")))
    assert (status, code) == (400, "100")
    assert text == (
        f"Invalid Configuration - VRF Validation failed for VRF = {TENANT}/ctx-VRF_K8_C1: Different RouterId "
        f"exists for node in {TENANT}/out-one/lnodep-n/rsnodeL3OutAtt-[topology/pod-1/node-101]; conflicting "
        "router ids are: 1.1.1.1 and 2.2.2.2 If this was an attempt to modify, consider deletion followed by "
        "addition"
    )
    assert apic.get(f"{TENANT}/out-two") is None
    assert client.post(f"mo/{TENANT}", attached("two", "1.1.1.1")).status_code == 200


def test_a_node_may_have_another_router_id_in_another_vrf(apic: ApicSimulator, client: Client) -> None:
    apic.small_fabric("TEN_OTHER")
    assert client.post(f"mo/{TENANT}", attached("one", "1.1.1.1")).status_code == 200
    node = mo("l3extRsNodeL3OutAtt", tDn="topology/pod-1/node-101", rtrId="2.2.2.2")
    document = mo("l3extOut", [mo("l3extLNodeP", [node], name="n")], name="L3O_OTHER")
    assert client.post("mo/uni/tn-TEN_OTHER", document).status_code == 200


def test_records_and_computed_objects_cannot_be_written(client: Client) -> None:
    for dn, name in (
        (f"{EPG}/fault-F1", "faultInst"),
        (f"{EPG}/health", "healthInst"),
        ("topology/pod-9", "fabricPod"),
    ):
        assert error_of(client.post(f"mo/{dn}", mo(name, status="created")))[2] == "Invalid access"
