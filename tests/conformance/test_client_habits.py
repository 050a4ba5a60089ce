"""What known clients do in their own ways, imitated with plain requests: each test is named by the habit.

The clients are the Terraform provider (aci-go-client), cobra, AIM, go-aci and aci-containers, as their
published sources show them.
"""

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from akb_sync.simulators.apic import ApicSimulator
from tests.conformance.key_pairs import self_signed
from tests.simulated.apic_simulator.client import Client, attributes, error_of, mo

TENANT = "uni/tn-TEN_K8_C1"
L3OUT = f"{TENANT}/out-L3O_K8_C1"
NOTHING = {"totalCount": "0", "imdata": list[Any]()}
UPSERT = "created, modified"  # aci-go-client writes a blank


class Signer:
    """Signs requests as `admin`, with cookies in the order that a client chooses."""

    def __init__(self, apic: ApicSimulator) -> None:
        key, certificate = self_signed("signer")
        apic.add_certificate("admin", "signer", certificate)
        loaded = serialization.load_pem_private_key(key.encode(), None)
        assert isinstance(loaded, rsa.RSAPrivateKey)
        self._key = loaded

    def cookies(self, signed: str) -> dict[str, str]:
        signature = self._key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return {
            "APIC-Request-Signature": base64.b64encode(signature).decode(),
            "APIC-Certificate-Algorithm": "v1.0",
            "APIC-Certificate-Fingerprint": "fingerprint",
            "APIC-Certificate-DN": "uni/userext/user-admin/usercert-signer",
        }

    def header(self, signed: str, order: list[str]) -> dict[str, str]:
        cookies = self.cookies(signed)
        return {"Cookie": "; ".join(f"{name}={cookies[name]}" for name in order)}


TERRAFORM_ORDER = [
    "APIC-Request-Signature",
    "APIC-Certificate-Algorithm",
    "APIC-Certificate-Fingerprint",
    "APIC-Certificate-DN",
]
ANSIBLE_ORDER = [
    "APIC-Certificate-Algorithm",
    "APIC-Certificate-DN",
    "APIC-Certificate-Fingerprint",
    "APIC-Request-Signature",
]


@pytest.mark.parametrize("order", [TERRAFORM_ORDER, ANSIBLE_ORDER], ids=["terraform", "ansible"])
def test_signature_cookies_come_in_any_order(apic: ApicSimulator, order: list[str]) -> None:
    signer = Signer(apic)
    path = f"/api/node/mo/{TENANT}.json"
    body = json.dumps(mo("fvTenant", name="TEN_K8_C1", descr="signed"))
    with Client(apic) as client:
        headers = signer.header(f"POST{path}{body}", order)
        assert client.http.post(f"{apic.url}{path}", data=body, headers=headers).json() == NOTHING
        headers = signer.header(f"GET{path}", order)
        (found,) = client.raw_get(path, headers=headers).json()["imdata"]
    assert attributes(found)["descr"] == "signed"
    assert apic.counts["logins"] == 0


def test_aci_containers_asks_for_a_websocket_token_with_a_signed_request(apic: ApicSimulator) -> None:
    signer = Signer(apic)
    with Client(apic) as client:
        path = "/api/webtokenSession.json"
        answer = client.raw_get(path, headers=signer.header(f"GET{path}", TERRAFORM_ORDER))
        token = attributes(answer.json()["imdata"][0])["token"]
        client.open_socket(token)
        path = "/api/class/fvTenant.json?subscription=yes&refresh-timeout=600"
        cookies = signer.header(f"GET{path}", TERRAFORM_ORDER)["Cookie"]
        headers = {"Cookie": f"{cookies}; APIC-WebSocket-Session={token}"}
        assert "subscriptionId" in client.raw_get(path, headers=headers).json()
        apic.post("uni", mo("fvTenant", name="new"))
        assert client.event()[:2] == ("fvTenant", "created")


def test_terraform_logs_in_at_a_login_domain(apic: ApicSimulator) -> None:
    with Client(apic) as client:
        client.login(user="apic:local\\\\admin")
        assert client.get("node/class/fvTenant").status_code == 200


def test_terraform_upserts_with_a_blank_in_the_status(client: Client) -> None:
    tenant = mo("fvTenant", name="terraform", annotation="orchestrator:terraform", status=UPSERT)
    for _ in range(2):
        answer = client.post("node/mo/uni/tn-terraform", tenant)
        assert (answer.status_code, answer.json()) == (200, NOTHING)


def test_terraform_meets_103_when_it_upserts_an_external_epg_that_is_there(client: Client) -> None:
    epg = mo("l3extInstP", name="terraform", status=UPSERT)
    assert client.post(f"node/mo/{L3OUT}/instP-terraform", epg).status_code == 200
    status, code, text = error_of(client.post(f"node/mo/{L3OUT}/instP-terraform", epg))
    assert (status, code) == (400, "103")
    assert text.endswith(f"object {L3OUT}/instP-terraform already exists.")
    again = mo("l3extInstP", name="terraform", status="modified")
    assert client.post(f"node/mo/{L3OUT}/instP-terraform", again).status_code == 200


def test_terraform_deletes_by_a_post_and_ignores_what_is_gone_already(client: Client) -> None:
    client.post(f"node/mo/{TENANT}", mo("fvCtx", name="gone"))
    deleted = mo("fvCtx", dn=f"{TENANT}/ctx-gone", status="deleted")
    for _ in range(2):
        assert client.post(f"node/mo/{TENANT}/ctx-gone", deleted).json() == NOTHING
    assert client.imdata(f"node/mo/{TENANT}/ctx-gone") == []


def test_terraform_reads_the_children_that_it_manages(client: Client) -> None:
    epg = mo(
        "l3extInstP",
        [mo("tagAnnotation", key="owner", value="me"), mo("fvRsProv", tnVzBrCPName="web")],
        name="terraform",
    )
    client.post(f"mo/{L3OUT}", epg)
    wanted = "fvRsCustQosPol,tagAnnotation,tagTag"
    query = {"rsp-subtree": "children", "rsp-subtree-class": wanted}
    (found,) = client.imdata(f"mo/{L3OUT}/instP-terraform", **query)
    children = {name for child in found["l3extInstP"]["children"] for name in child}
    assert children == {"fvRsCustQosPol", "tagAnnotation"}


def test_aim_reads_only_what_can_be_configured(client: Client) -> None:
    query = {"rsp-prop-include": "config-only", "query-target": "subtree"}
    for item in client.imdata(f"mo/{TENANT}", **query):
        found = attributes(item)
        assert "dn" in found
        assert not {"modTs", "uid", "status", "childAction", "lcOwn", "pcTag", "configSt"} & found.keys()


def test_what_was_read_as_config_only_can_be_posted_as_it_is(apic: ApicSimulator, client: Client) -> None:
    query = {"rsp-prop-include": "config-only", "rsp-subtree": "full"}
    (tenant,) = client.imdata(f"mo/{TENANT}", **query)
    before = apic.subtree(TENANT)
    assert client.post(f"mo/{TENANT}", tenant, **{"rsp-subtree": "modified"}).json() == NOTHING
    assert apic.subtree(TENANT) == before


def test_cobra_wraps_its_commits_in_the_policy_universe(client: Client) -> None:
    vrf = mo("fvCtx", name="one", status="created,modified")
    tenant = mo("fvTenant", [vrf], name="cobra", status="created,modified")
    document = mo("polUni", [tenant], dn="uni")
    assert client.post("mo/uni", document).json() == NOTHING
    assert client.dns("node/class/uni/tn-cobra/fvCtx") == ["uni/tn-cobra/ctx-one"]


def test_cobra_replaces_nothing_but_plus_signs_in_its_urls(client: Client) -> None:
    client.post(f"mo/{TENANT}", mo("fvCtx", name="one", descr="a+b"))
    condition = f'and(eq(fvCtx.descr,"a%2Bb"),wcard(fvCtx.dn,"{TENANT}/"))'
    path = f"/api/node/class/fvCtx.json?query-target-filter={condition}"
    assert client.raw_get(path).json()["totalCount"] == "1"


def test_go_aci_deletes_by_a_delete_and_asks_for_a_whole_class(client: Client) -> None:
    client.post("mo/uni", mo("fvTenant", name="goaci"))
    assert client.delete("mo/uni/tn-goaci").json() == NOTHING
    query = {"query-target-filter": 'eq(fvTenant.name,"goaci")'}
    assert client.get("class/fvTenant", **query).json() == NOTHING


def test_ansible_names_annotations_without_brackets(client: Client) -> None:
    path = f"mo/{TENANT}/annotationKey-owner"
    assert client.get(path).json() == NOTHING
    assert client.post(path, mo("tagAnnotation", value="me")).status_code == 200
    assert client.dns(path) == [f"{TENANT}/annotationKey-[owner]"]
    assert client.delete(path).status_code == 200
    assert client.imdata(path) == []
