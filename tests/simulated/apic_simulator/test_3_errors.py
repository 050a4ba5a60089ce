"""Codes and texts of refused writes (facts, section 3.4)."""

import pytest

from akb_sync.simulators.apic import ApicSimulator
from tests.simulated.apic_simulator.client import Client, error_of, mo

TENANT = "uni/tn-TEN_K8_C1"
EPG = f"{TENANT}/out-L3O_K8_C1/instP-web"
SHARED = "External subnet's shared_security scope also needs import_security."
MISSING = (
    "invalid data at line '1'. Attributes are missing, tag 'attributes' must be specified first, "
    "before any other tag"
)


def subnet(ip: str, **given: str) -> dict[str, object]:
    return mo("l3extInstP", [mo("l3extSubnet", ip=ip, **given)])


def broken(prop: str, value: str) -> str:
    return f"property {prop} of {EPG} failed validation for value '{value}'"


def unknown(value: str, prop: str, name: str) -> str:
    return f"unknown property value {value}, , name {prop}, class {name} [(Dn0)] Dn0=, "


def malformed(rn: str) -> str:
    return f"unknown property value {EPG}/{rn}, name dn, class l3extSubnet [(Dn0)] Dn0=, "


@pytest.mark.parametrize(
    ("document", "code", "text"),
    [
        (mo("fvFoobar", name="x"), "122", "unknown managed object class fvFoobar"),
        (mo("l3extInstP") | mo("cdpIfPol"), "122", "class cdpIfPol not found"),
        (mo("l3extInstP", description="x"), "400", "unknown attribute 'description' in element 'l3extInstP'"),
        (mo("l3extInstP", descr="an [invalid] one"), "801", broken("descr", "an [invalid] one")),
        (mo("l3extInstP", descr="d" * 129), "801", broken("descr", "d" * 129)),
        (mo("l3extInstP", annotation="a,b"), "801", broken("annotation", "a,b")),
        (mo("l3extInstP", nameAlias="a" * 64), "801", broken("nameAlias", "a" * 64)),
        (mo("l3extInstP", prio="2768"), "120", unknown("2768", "prio", "l3extInstP")),
        (subnet("10.0.0.0/160"), "120", malformed("extsubnet-[10.0.0.0/160]")),
        (subnet("10.0.0.0"), "120", malformed("extsubnet-[10.0.0.0]")),
        (subnet("1.0.0.0/8", scope="all"), "120", unknown("all", "scope", "l3extSubnet")),
        (
            subnet("0.0.0.0/1", scope="shared-security"),
            "120",
            f"{SHARED} Dn0={EPG}/extsubnet-[0.0.0.0/1],",
        ),
        ({"l3extInstP": {"children": []}}, "400", MISSING),
        ({"l3extInstP": {"children": [], "attributes": {}}}, "400", MISSING),
        ({"l3extInstP": {}}, "400", MISSING),
        (mo("faultInst", code="F1"), "400", "Invalid access"),
    ],
)
def test_a_wrong_object_is_refused_with_its_code_and_text(
    apic: ApicSimulator, client: Client, document: object, code: str, text: str
) -> None:
    path = EPG if "faultInst" not in str(document) else f"{EPG}/fault-F1"
    assert error_of(client.post(f"mo/{path}", document)) == (400, code, text)
    assert apic.get(EPG) is None


@pytest.mark.parametrize("prop", ["configSt", "modTs", "pcTag", "uid", "lcOwn", "monPolDn"])
def test_a_read_only_property_is_refused_with_170(client: Client, prop: str) -> None:
    status, code, text = error_of(client.post(f"mo/{EPG}", mo("l3extInstP", **{prop: "1"})))
    assert (status, code) == (400, "170")
    assert text.startswith("Admin implicit props cannot be modified, class=l3extInstP")


def test_an_answer_cannot_be_posted_back_as_it_is(apic: ApicSimulator, client: Client) -> None:
    apic.post(EPG, mo("l3extInstP"))
    assert error_of(client.post(f"mo/{EPG}", client.get(f"mo/{EPG}").json()))[1] == "170"


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "5", "null", '{"fvTenant": 1}', "[" * 100_000, '{"imdata": 3}']
)
def test_a_body_that_is_no_object_is_refused_with_400(client: Client, body: str) -> None:
    assert error_of(client.post("mo/uni", body))[:2] == (400, "400")


@pytest.mark.parametrize(
    "body",
    [
        rb'{"tagAnnotation": {"attributes": {"dn": "uni/tn-common/annotationKey-[a]", "value": "\ud800"}}}',
        '{"fvTenant": {"attributes": {"name": "a"}}}'.encode("utf-16"),
        b'{"fvTenant": {"attributes": {"name": "\xff"}}}',
    ],
)
def test_a_json_body_that_is_no_unicode_text_is_refused_with_400(client: Client, body: bytes) -> None:
    assert error_of(client.raw_post("/api/mo/uni.json", body))[:2] == (400, "400")


def test_import_and_export_aggregation_are_for_the_default_route_only(client: Client) -> None:
    wrong = subnet("10.0.0.0/8", scope="import-rtctrl,import-security", aggregate="import-rtctrl")
    assert error_of(client.post(f"mo/{EPG}", wrong))[2].startswith(
        "Invalid Configuration - Import/Export Subnet Aggregation Supported Only"
    )
    for right in (
        subnet("0.0.0.0/0", aggregate="import-rtctrl"),
        subnet("10.0.0.0/8", scope="export-rtctrl", aggregate="shared-rtctrl"),
    ):
        assert client.post(f"mo/{EPG}", right).status_code == 200


def test_shared_security_is_checked_on_what_would_result(client: Client) -> None:
    assert client.post(f"mo/{EPG}", subnet("10.0.0.0/8")).status_code == 200
    assert client.post(f"mo/{EPG}", subnet("10.0.0.0/8", scope="shared-security")).status_code == 400
    both = "shared-security,import-security"
    assert client.post(f"mo/{EPG}", subnet("10.0.0.0/8", scope=both)).status_code == 200


@pytest.mark.parametrize("name", ["a b", "a/b", "", "n" * 65, "a,b"])
def test_a_name_outside_of_the_alphabet_is_refused_with_801(client: Client, name: str) -> None:
    answer = client.post("mo/uni/tn-TEN_K8_C1/out-L3O_K8_C1", mo("l3extInstP", name=name))
    assert error_of(answer)[1] == "801"


def test_a_put_is_not_allowed(client: Client) -> None:
    assert client.http.put(client.url("mo/uni"), data="{}", timeout=10).status_code == 405


def test_paths_outside_of_the_api_are_a_page_not_found(client: Client) -> None:
    answer = client.raw_get("/nothing")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
