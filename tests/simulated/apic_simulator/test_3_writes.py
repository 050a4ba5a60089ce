"""Addressing, status, answers and transactions of writes (facts, sections 3.1 to 3.3)."""

import json
from collections.abc import Callable

import pytest
from requests import Response

from akb_sync.simulators.apic import ApicSimulator
from tests.simulated.apic_simulator.client import Client, attributes, error_of, mo

TENANT = "uni/tn-TEN_K8_C1"
L3OUT = f"{TENANT}/out-L3O_K8_C1"
EPG = f"{L3OUT}/instP-web"
SUBNET = f"{EPG}/extsubnet-[10.0.0.0/8]"
WEB = mo("l3extInstP", [mo("l3extSubnet", ip="10.0.0.0/8")], name="web")


# ---- addressing


@pytest.mark.parametrize(
    ("path", "document"),
    [
        (f"mo/{L3OUT}", WEB),
        (f"mo/{EPG}", WEB),
        (f"node/mo/{EPG}", WEB),
        (f"mo/{EPG}", mo("l3extInstP", [mo("l3extSubnet", ip="10.0.0.0/8")])),
        (f"mo/{EPG}", mo("l3extInstP", [mo("l3extSubnet", rn="extsubnet-[10.0.0.0/8]")], dn=EPG)),
        ("mo", mo("l3extInstP", [mo("l3extSubnet", dn=SUBNET)], dn=EPG)),
        ("node/mo", mo("l3extInstP", [mo("l3extSubnet", dn=SUBNET, ip="10.0.0.0/8")], dn=EPG)),
        (f"mo/{TENANT}", mo("l3extOut", [WEB], name="L3O_K8_C1")),
        ("mo/uni", mo("fvTenant", [mo("l3extOut", [WEB], name="L3O_K8_C1")], name="TEN_K8_C1")),
        (
            "mo/uni",
            mo("polUni", [mo("fvTenant", [mo("l3extOut", [WEB], name="L3O_K8_C1")], name="TEN_K8_C1")]),
        ),
        (f"mo/{EPG}", {"totalCount": "1", "imdata": [WEB]}),
    ],
)
def test_an_object_is_posted_to_its_own_dn_or_above(
    apic: ApicSimulator, client: Client, path: str, document: object
) -> None:
    assert client.post(path, document).content == b'{"totalCount":"0","imdata":[]}'
    assert apic.get(SUBNET) is not None


@pytest.mark.parametrize(
    ("path", "document", "code"),
    [
        (f"mo/{L3OUT}", mo("l3extInstP", dn=f"{TENANT}/out-other/instP-web"), "120"),
        (f"mo/{EPG}", mo("l3extInstP", name="other"), "120"),
        (f"mo/{TENANT}", mo("l3extInstP", name="web"), "120"),
        ("mo", mo("l3extInstP", name="web"), "120"),
        (f"mo/{L3OUT}", mo("l3extInstP", [mo("fvSubnet", ip="1.0.0.1/8")], name="web"), "400"),
        (f"mo/{L3OUT}", mo("l3extInstP", [mo("l3extSubnet")], name="web"), "104"),
        (f"mo/{TENANT}/nonsense-x", mo("l3extInstP", name="web"), "400"),
    ],
)
def test_a_dn_that_disagrees_with_the_url_or_the_class_is_refused(
    apic: ApicSimulator, client: Client, path: str, document: object, code: str
) -> None:
    before = apic.subtree()
    assert error_of(client.post(path, document))[:2] == (400, code)
    assert apic.subtree() == before


def test_the_children_that_an_apic_makes_by_itself_are_there(apic: ApicSimulator, client: Client) -> None:
    client.post(f"mo/{L3OUT}", WEB)
    assert apic.get(f"{EPG}/rscustQosPol") is not None
    assert apic.get(f"{L3OUT}/rsectx") is not None


# ---- status


def test_a_post_without_status_creates_and_then_merges(apic: ApicSimulator, client: Client) -> None:
    client.post(f"mo/{EPG}", mo("l3extInstP", descr="one", prefGrMemb="include"))
    client.post(f"mo/{EPG}", mo("l3extInstP", descr="two"))
    found = apic.get(EPG)
    assert found is not None
    assert (found["descr"], found["prefGrMemb"]) == ("two", "include")
    client.post(f"mo/{EPG}", mo("l3extInstP", [mo("l3extSubnet", ip="10.0.0.0/8")]))
    assert apic.get(EPG) == found


def test_a_property_is_reset_only_by_naming_its_default(apic: ApicSimulator, client: Client) -> None:
    client.post(f"mo/{EPG}", mo("l3extInstP", descr="one"))
    client.post(f"mo/{EPG}", mo("l3extInstP", descr=""))
    found = apic.get(EPG)
    assert found is not None
    assert found["descr"] == ""


def test_created_on_an_existing_object_is_103(client: Client) -> None:
    client.post(f"mo/{L3OUT}", WEB)
    answer = client.post(f"mo/{EPG}", mo("l3extInstP", status="created"))
    text = f"Cannot create External Network Instance Profile (l3extInstP); object {EPG} already exists."
    assert error_of(answer) == (400, "103", text)


def test_modified_on_an_absent_object_is_102(client: Client) -> None:
    answer = client.post(f"mo/{EPG}", mo("l3extInstP", status="modified"))
    assert error_of(answer) == (400, "102", f"configured object ((Dn0)) not found Dn0={EPG}, ")


def test_an_absent_parent_is_102(client: Client) -> None:
    answer = client.post(f"mo/{TENANT}/out-none/instP-web", mo("l3extInstP"))
    assert error_of(answer) == (400, "102", f"configured object ((Dn0)) not found Dn0={TENANT}/out-none, ")


@pytest.mark.parametrize("status", ["created,modified", "modified,created"])
def test_created_modified_is_an_upsert(apic: ApicSimulator, client: Client, status: str) -> None:
    for _ in range(2):
        assert client.post(f"mo/{EPG}", mo("l3extInstP", status=status)).status_code == 200
    assert apic.get(EPG) is not None


def test_created_modified_with_a_blank_is_refused_for_an_existing_external_epg(client: Client) -> None:
    document = mo("l3extInstP", [mo("l3extSubnet", ip="10.0.0.0/8", status="created, modified")])
    assert client.post(f"mo/{EPG}", document).status_code == 200
    assert client.post(f"mo/{EPG}", document).status_code == 200
    answer = client.post(f"mo/{EPG}", mo("l3extInstP", status="created, modified"))
    assert error_of(answer)[1] == "103"


def test_a_status_outside_of_the_model_is_refused(client: Client) -> None:
    assert error_of(client.post(f"mo/{EPG}", mo("l3extInstP", status="replaced")))[1] == "120"


def test_a_deleted_object_takes_its_subtree_along_and_may_be_deleted_again(
    apic: ApicSimulator, client: Client
) -> None:
    before = apic.subtree(TENANT)
    requests: list[Callable[[], Response]] = [
        lambda: client.delete(f"mo/{EPG}"),
        lambda: client.post(f"mo/{EPG}", mo("l3extInstP", status="deleted")),
        lambda: client.post(f"mo/{L3OUT}", mo("l3extInstP", name="web", status="deleted")),
    ]
    for delete in requests:
        client.post(f"mo/{L3OUT}", WEB)
        for _ in range(2):
            answer = delete()
            assert (answer.status_code, answer.content) == (200, b'{"totalCount":"0","imdata":[]}')
        assert apic.subtree(TENANT) == before


def test_deleting_an_implicit_relation_resets_it(apic: ApicSimulator, client: Client) -> None:
    assert client.delete(f"mo/{L3OUT}/rsectx").status_code == 200
    found = apic.get(f"{L3OUT}/rsectx")
    assert found is not None
    assert (found["tnFvCtxName"], found["state"]) == ("", "unformed")


def test_uni_cannot_be_deleted(client: Client) -> None:
    assert client.delete("mo/uni").status_code == 400


def test_an_identical_post_changes_nothing_not_even_mod_ts(apic: ApicSimulator, client: Client) -> None:
    client.post(f"mo/{L3OUT}", WEB)
    before = apic.subtree()
    apic.clock.advance(5)
    answer = client.post(f"mo/{L3OUT}", WEB, **{"rsp-subtree": "modified"})
    assert answer.json() == {"totalCount": "0", "imdata": []}
    assert apic.subtree() == before
    assert apic.journal[-1].changes == 0


# ---- answers


def test_rsp_subtree_modified_answers_with_what_changed(client: Client) -> None:
    client.post(f"mo/{L3OUT}", WEB)
    document = mo("l3extInstP", [mo("l3extSubnet", ip="11.0.0.0/8")], name="web", descr="new")
    answer = client.post(f"mo/{L3OUT}", document, **{"rsp-subtree": "modified"}).json()
    (epg,) = answer["imdata"]
    (subnet,) = epg["l3extInstP"]["children"]
    assert (attributes(epg)["status"], attributes(epg)["dn"], attributes(epg)["rn"]) == ("modified", EPG, "")
    assert attributes(subnet)["status"] == "created"
    assert attributes(subnet)["childAction"] == "deleteNonPresent"
    assert attributes(subnet)["rn"] == "extsubnet-[11.0.0.0/8]"
    deleted = client.post(f"mo/{EPG}", mo("l3extInstP", status="deleted"), **{"rsp-subtree": "modified"})
    assert attributes(deleted.json()["imdata"][0])["status"] == "deleted"


def test_rsp_subtree_full_answers_with_the_object(client: Client) -> None:
    (epg,) = client.post(f"mo/{L3OUT}", WEB, **{"rsp-subtree": "full"}).json()["imdata"]
    kinds = {next(iter(child)) for child in epg["l3extInstP"]["children"]}
    assert (attributes(epg)["dn"], kinds) == (EPG, {"fvRsCustQosPol", "l3extSubnet"})


# ---- transactions


@pytest.mark.parametrize(
    "bad", [mo("l3extSubnet", ip="10.0.0.0/160"), mo("l3extSubnet", ip="9.0.0.0/8", scope="shared-security")]
)
def test_one_wrong_child_leaves_nothing_behind(
    apic: ApicSimulator, client: Client, bad: dict[str, object]
) -> None:
    client.post(f"mo/{L3OUT}", WEB)
    before = apic.subtree()
    children = [mo("l3extSubnet", ip="10.0.0.0/8", status="deleted"), mo("l3extSubnet", ip="8.0.0.0/8"), bad]
    answer = client.post(f"mo/{L3OUT}", mo("l3extInstP", children, name="web", descr="changed"))
    assert answer.status_code == 400
    assert apic.subtree() == before


def test_one_post_to_several_tenants_is_refused(apic: ApicSimulator, client: Client) -> None:
    tenants = [mo("fvTenant", name="a"), mo("fvTenant", name="b")]
    status, _code, text = error_of(client.post("mo/uni", mo("polUni", tenants)))
    assert status == 400
    assert text.startswith("Failed to update multiple items in a single operation - request requires distr")
    assert apic.get("uni/tn-a") is None


def test_accepted_and_refused_writes_are_on_record(apic: ApicSimulator, client: Client) -> None:
    client.post(f"mo/{L3OUT}", WEB)
    client.post(f"mo/{L3OUT}", mo("l3extInstP", name="web", status="created"))
    client.delete(f"mo/{EPG}")
    assert [(write.method, write.dn, write.user) for write in apic.journal] == [
        ("POST", L3OUT, "admin"),
        ("DELETE", EPG, "admin"),
    ]
    assert apic.journal[0].body == WEB
    assert [refusal.code for refusal in apic.refusals] == ["103"]
    counts = {kind: apic.counts[kind] for kind in ("logins", "posts", "deletes", "refused")}
    assert counts == {"logins": 1, "posts": 2, "deletes": 1, "refused": 1}


def test_the_audit_log_has_one_record_for_each_accepted_request(client: Client) -> None:
    client.post(f"mo/{L3OUT}", WEB)
    client.post(f"mo/{L3OUT}", WEB)
    client.delete(f"mo/{EPG}")
    found = [attributes(item) for item in client.imdata("class/aaaModLR")]
    assert [(each["ind"], each["affected"], each["user"]) for each in found] == [
        ("creation", EPG, "admin"),
        ("deletion", EPG, "admin"),
    ]


def test_ten_thousand_subnets_in_posts_of_five_hundred_take_seconds(client: Client) -> None:
    for block in range(20):
        children = [mo("l3extSubnet", ip=f"10.{block}.{i // 250}.{i % 250}/32") for i in range(500)]
        answer = client.post(f"mo/{EPG}", json.dumps(mo("l3extInstP", children)))
        assert answer.elapsed.total_seconds() < 2
    answer = client.get(f"mo/{EPG}", **{"query-target": "subtree", "target-subtree-class": "l3extSubnet"})
    assert answer.json()["totalCount"] == "10000"
