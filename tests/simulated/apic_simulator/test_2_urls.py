"""URL forms and envelopes (facts, section 2.1)."""

from urllib.parse import quote

import pytest

from akb_sync.simulators.apic import ApicSimulator
from tests.simulated.apic_simulator.client import Client, attributes, error_of, mo

L3OUT = "uni/tn-TEN_K8_C1/out-L3O_K8_C1"
EPG = f"{L3OUT}/instP-web"
SUBNET = f"{EPG}/extsubnet-[10.0.0.0/8]"


@pytest.fixture(autouse=True)
def _web(apic: ApicSimulator) -> None:
    apic.post(L3OUT, mo("l3extInstP", [mo("l3extSubnet", ip="10.0.0.0/8")], name="web"))


@pytest.mark.parametrize("suffix", ["json", "xml"])
@pytest.mark.parametrize(
    "path",
    [
        f"mo/{SUBNET}",
        f"node/mo/{SUBNET}",
        "class/l3extSubnet",
        "node/class/l3extSubnet",
        f"node/class/{EPG}/l3extSubnet",
    ],
)
def test_every_url_form_answers_in_both_formats(client: Client, path: str, suffix: str) -> None:
    answer = client.raw_get(f"/api/{path}.{suffix}")
    assert answer.status_code == 200
    assert f'dn="{SUBNET}"' in answer.text or f'"dn":"{SUBNET}"' in answer.text


def test_only_the_last_suffix_is_taken_off(apic: ApicSimulator, client: Client) -> None:
    for name in ("a.json", "a.xml", "a.json.xml"):
        apic.post(L3OUT, mo("l3extInstP", name=name))
        assert client.dns(f"mo/{L3OUT}/instP-{name}") == [f"{L3OUT}/instP-{name}"]
        assert f"instP-{name}" in client.raw_get(f"/api/mo/{L3OUT}/instP-{name}.xml").text


@pytest.mark.parametrize("path", ["/api/class/fvTenant", "/api/mo/uni", "/api/mo/uni.yaml"])
def test_a_url_without_a_format_is_refused(client: Client, path: str) -> None:
    assert error_of(client.raw_get(path))[:2] == (400, "400")


@pytest.mark.parametrize("path", ["", "mo", "class", "node", "node/mo", "nothing/fvTenant"])
def test_a_path_that_is_no_query_is_refused(client: Client, path: str) -> None:
    assert client.get(path).status_code == 400


def test_a_query_string_is_read_raw_and_percent_encoded(client: Client) -> None:
    raw = 'query-target-filter=eq(l3extSubnet.ip,"10.0.0.0/8")'
    name, _, value = raw.partition("=")
    for query in (raw, f"{name}={quote(value, safe='')}"):
        assert client.raw_get(f"/api/class/l3extSubnet.json?{query}").json()["totalCount"] == "1"


def test_a_plus_sign_is_sent_as_percent_2b(apic: ApicSimulator, client: Client) -> None:
    apic.post(EPG, mo("l3extInstP", descr="a+b"))
    path = "/api/class/l3extInstP.json?query-target-filter=eq(l3extInstP.descr,%22a{}b%22)"
    assert client.raw_get(path.format("%2B")).json()["totalCount"] == "1"


def test_a_list_may_be_given_as_several_parameters_of_one_name(client: Client) -> None:
    path = f"/api/mo/{L3OUT}.json?query-target=subtree&target-subtree-class=l3extInstP"
    assert client.raw_get(f"{path}&target-subtree-class=l3extSubnet").json()["totalCount"] == "2"


def test_a_request_line_of_more_than_eight_kilobytes_is_refused_by_the_web_server(client: Client) -> None:
    condition = 'eq(l3extSubnet.name,"{}")'
    long, longer = (condition.format("x" * size) for size in (4_000, 10_700))
    assert client.get("class/l3extSubnet", **{"query-target-filter": long}).status_code == 200
    answer = client.get("class/l3extSubnet", **{"query-target-filter": longer})
    assert (answer.status_code, answer.headers["Content-Type"]) == (414, "text/html; charset=utf-8")


def test_the_envelope_has_total_count_first_and_as_text(client: Client) -> None:
    assert client.get("class/l3extSubnet").text.startswith('{"totalCount":"1","imdata":[{"l3extSubnet":')


def test_every_value_is_text(client: Client) -> None:
    query = {"query-target": "subtree"}
    for item in client.imdata("mo/uni", **query):
        assert all(isinstance(value, str) for value in attributes(item).values())


def test_an_absent_dn_of_a_known_class_is_an_empty_answer(client: Client) -> None:
    for dn in ("uni/tn-nobody", f"{EPG}/extsubnet-[1.2.3.4/32]", "topology/pod-9", "comp/prov-VMware"):
        answer = client.get(f"mo/{dn}")
        assert (answer.status_code, answer.text) == (200, '{"totalCount":"0","imdata":[]}')


def test_a_dn_that_cannot_be_names_the_wrong_part_and_its_position(client: Client) -> None:
    for dn, rn, position in (
        (f"{L3OUT}/nonsense", "nonsense", len(L3OUT) + 1),
        ("universe", "universe", 0),
        ("uni/instP-x", "instP-x", 4),
    ):
        text = f"Invalid DN {dn}, wrong rn prefix {rn} at position {position}"
        assert error_of(client.get(f"mo/{dn}")) == (400, "400", text)
