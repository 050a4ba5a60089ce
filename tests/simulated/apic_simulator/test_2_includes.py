"""`rsp-subtree-include` and `rsp-prop-include` (facts, section 2.2)."""

from typing import Any

import pytest

from akb_sync.simulators.apic import ApicSimulator
from tests.simulated.apic_simulator.client import Client, attributes, error_of, mo

TENANT = "uni/tn-TEN_K8_C1"
L3OUT = f"{TENANT}/out-L3O_K8_C1"
EPG = f"{L3OUT}/instP-web"
BINDING = f"{L3OUT}/rsectx"
FAULT = f"{BINDING}/fault-F1020"


@pytest.fixture(autouse=True)
def _unresolved(apic: ApicSimulator) -> None:
    subnets = [mo("l3extSubnet", ip="10.0.0.0/8", name="ten")]
    apic.post(L3OUT, mo("l3extInstP", subnets, name="web"))
    apic.post(L3OUT, mo("l3extOut", [mo("l3extRsEctx", tnFvCtxName="missing")]))


def included(client: Client, path: str, include: str, **query: str) -> list[dict[str, Any]]:
    return client.imdata(path, **{"rsp-subtree-include": include}, **query)


def classes(items: list[dict[str, Any]]) -> list[str]:
    return [name for item in items for name in item]


def children(item: dict[str, Any]) -> list[dict[str, Any]]:
    ((_name, body),) = item.items()
    found: list[dict[str, Any]] = body.get("children", [])
    return found


def test_faults_are_nested_below_the_object_that_has_them(client: Client) -> None:
    (item,) = included(client, f"mo/{BINDING}", "faults")
    (fault,) = children(item)
    assert attributes(fault)["code"] == "F1020"
    assert attributes(fault)["rn"] == "fault-F1020"


def test_faults_further_below_are_shown_with_subtree(client: Client) -> None:
    (item,) = included(client, f"mo/{TENANT}", "faults")
    assert children(item) == []
    (item,) = included(client, f"mo/{TENANT}", "faults,subtree")
    (l3out,) = children(item)
    (binding,) = children(l3out)
    assert classes(children(binding)) == ["faultInst"]


def test_no_scoped_leaves_the_objects_themselves_out(client: Client) -> None:
    assert included(client, f"mo/{TENANT}", "faults,no-scoped") == []
    (fault,) = included(client, f"mo/{TENANT}", "faults,no-scoped,subtree")
    assert attributes(fault)["dn"] == FAULT


def test_required_leaves_out_objects_without_what_was_asked_for(client: Client) -> None:
    assert len(included(client, "class/l3extRsEctx", "faults")) == len(client.imdata("class/l3extRsEctx"))
    (item,) = included(client, "class/l3extRsEctx", "faults,required")
    assert attributes(item)["dn"] == BINDING


def test_records_come_in_addition_to_the_classes_that_are_asked_for(client: Client) -> None:
    query = {"rsp-subtree": "full", "rsp-subtree-class": "l3extInstP"}
    (item,) = included(client, f"mo/{L3OUT}", "faults", **query)
    assert sorted(classes(children(item))) == ["l3extInstP", "l3extRsEctx"]
    (plain,) = client.imdata(f"mo/{L3OUT}", **query)
    assert classes(children(plain)) == ["l3extInstP"]


def test_faults_are_not_part_of_a_plain_subtree(client: Client) -> None:
    (item,) = client.imdata(f"mo/{BINDING}", **{"rsp-subtree": "full"})
    assert children(item) == []


def test_fault_counts_are_of_all_that_is_below(client: Client) -> None:
    (item,) = included(client, f"mo/{TENANT}", "fault-count")
    (counts,) = children(item)
    assert classes([counts]) == ["faultCounts"]
    found = attributes(counts)
    assert (found["rn"], found["crit"], found["maj"], found["minor"], found["warn"]) == (
        "fltCnts",
        "0",
        "0",
        "0",
        "1",
    )
    assert client.dns(f"mo/{TENANT}/fltCnts") == [f"{TENANT}/fltCnts"]


def test_health_falls_with_the_worst_fault(apic: ApicSimulator, client: Client) -> None:
    (item,) = included(client, f"mo/{L3OUT}", "health")
    (health,) = children(item)
    assert (attributes(health)["cur"], attributes(health)["maxSev"]) == ("90", "warning")
    apic.post(L3OUT, mo("l3extOut", [mo("l3extRsEctx", tnFvCtxName="VRF_K8_C1")]))
    (health,) = client.imdata(f"mo/{L3OUT}/health")
    assert (attributes(health)["cur"], attributes(health)["maxSev"]) == ("100", "cleared")


def test_health_and_fault_count_are_asked_for_together_with_children(client: Client) -> None:
    query = {"rsp-subtree": "children", "rsp-subtree-class": "l3extRsEctx"}
    (item,) = included(client, f"mo/{L3OUT}", "health,fault-count", **query)
    assert sorted(classes(children(item))) == ["faultCounts", "healthInst", "l3extRsEctx"]


def test_audit_logs_of_an_object_are_read_newest_first_and_by_pages(client: Client) -> None:
    for descr in ("one", "two", "three"):
        client.post(f"mo/{EPG}", mo("l3extInstP", descr=descr))
    query = {"order-by": "aaaModLR.id|desc", "page": "0", "page-size": "2"}
    answer = client.get(f"mo/{EPG}", **{"rsp-subtree-include": "audit-logs,no-scoped"}, **query).json()
    found = [attributes(item) for item in answer["imdata"]]
    assert answer["totalCount"] == "3"
    assert [record["affected"] for record in found] == [EPG, EPG]
    assert ["three" in record["changeSet"] for record in found] == [True, False]
    below = included(client, f"mo/{TENANT}", "audit-logs,no-scoped,subtree")
    assert len(below) == 3
    assert included(client, f"mo/{TENANT}", "audit-logs,no-scoped") == []


def test_a_nested_record_that_lives_elsewhere_bears_its_dn(client: Client) -> None:
    client.post(f"mo/{EPG}", mo("l3extInstP", descr="one"))
    (item,) = included(client, f"mo/{EPG}", "audit-logs")
    (record,) = children(item)
    assert attributes(record)["dn"].startswith(f"subj-[{EPG}]/mod-")
    assert client.dns(f"mo/{attributes(record)['dn']}") == [attributes(record)["dn"]]


def test_relations_are_the_objects_on_their_other_ends_flat(apic: ApicSimulator, client: Client) -> None:
    apic.post(L3OUT, mo("l3extOut", [mo("l3extRsEctx", tnFvCtxName="VRF_K8_C1")]))
    found = included(client, f"mo/{L3OUT}", "relations")
    assert {attributes(item)["dn"] for item in found} >= {f"{TENANT}/ctx-VRF_K8_C1", L3OUT}
    only = included(client, f"mo/{TENANT}/ctx-VRF_K8_C1", "relations", **{"rsp-subtree-class": "l3extOut"})
    assert [attributes(item)["dn"] for item in only] == [L3OUT]


def test_no_scoped_and_required_work_with_classes_alone(client: Client) -> None:
    query = {"rsp-subtree-class": "l3extSubnet"}
    (subnet,) = included(client, f"mo/{L3OUT}", "no-scoped", **query)
    assert attributes(subnet)["dn"] == f"{EPG}/extsubnet-[10.0.0.0/8]"
    found = included(client, "class/l3extInstP", "required", **query)
    assert [attributes(item)["dn"] for item in found] == [EPG]
    assert children(found[0]) == []


@pytest.mark.parametrize("include", ["tasks", "stats", "fault-records", "full-deployment", "health-records"])
def test_what_the_fabric_has_no_records_of_adds_nothing(client: Client, include: str) -> None:
    (item,) = included(client, f"mo/{TENANT}", include)
    assert children(item) == []


def test_an_unknown_include_is_refused_with_code_8(client: Client) -> None:
    answer = client.get(f"mo/{TENANT}", **{"rsp-subtree-include": "everything"})
    assert error_of(answer)[:2] == (400, "8")


def test_a_count_counts_what_the_filter_lets_through(client: Client) -> None:
    query = {"rsp-subtree-include": "count", "query-target-filter": 'eq(l3extSubnet.name,"none")'}
    answer = client.get("class/l3extSubnet", **query).json()
    assert (answer["totalCount"], attributes(answer["imdata"][0])["count"]) == ("1", "0")


def test_an_rsp_subtree_filter_goes_for_records_too(client: Client) -> None:
    query = {"rsp-subtree-filter": 'eq(faultInst.severity,"critical")'}
    assert included(client, f"mo/{TENANT}", "faults,no-scoped,subtree", **query) == []


def test_config_only_shows_what_may_be_written_and_oper_the_rest(client: Client) -> None:
    def shown(what: str) -> set[str]:
        (item,) = client.imdata(f"mo/{EPG}/extsubnet-[10.0.0.0/8]", **{"rsp-prop-include": what})
        return set(attributes(item))

    assert {"ip", "scope", "descr"} <= shown("config-only")
    assert {"modTs", "uid", "lcOwn"} <= shown("oper")
    assert shown("config-only") & shown("oper") == {"dn"}
    assert shown("config-explicit") == {"dn", "ip", "name"}
    assert shown("naming-only") == {"dn", "ip"}
    assert shown("all") == shown("config-only") | shown("oper")


def test_nested_children_follow_rsp_prop_include(client: Client) -> None:
    query = {"rsp-prop-include": "naming-only", "rsp-subtree": "children", "rsp-subtree-class": "l3extSubnet"}
    (item,) = client.imdata(f"mo/{EPG}", **query)
    assert [attributes(child) for child in children(item)] == [
        {"ip": "10.0.0.0/8", "rn": "extsubnet-[10.0.0.0/8]"}
    ]


def test_a_wrong_rsp_prop_include_is_refused_with_code_8(client: Client) -> None:
    assert error_of(client.get(f"mo/{EPG}", **{"rsp-prop-include": "some"}))[:2] == (400, "8")
