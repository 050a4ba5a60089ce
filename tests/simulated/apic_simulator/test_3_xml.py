"""Writes in XML (facts, sections 3.1, 3.3 and 3.4); what the parser must not do."""

import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest
from requests import Response

from akb_sync.simulators.apic import ApicSimulator
from tests.simulated.apic_simulator.client import Client

L3OUT = "uni/tn-TEN_K8_C1/out-L3O_K8_C1"
EPG = f"{L3OUT}/instP-web"
SUBNET = f"{EPG}/extsubnet-[10.0.0.0/8]"
WEB = '<l3extInstP name="web"><l3extSubnet ip="10.0.0.0/8"/></l3extInstP>'
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'


def error_of(answer: Response) -> tuple[int, str, str]:
    (error,) = ET.fromstring(answer.text)
    return answer.status_code, error.attrib["code"], error.attrib["text"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (L3OUT, WEB),
        (EPG, WEB),
        (L3OUT, f"{DECLARATION}\n<!-- a comment -->\n{WEB}\n"),
        (L3OUT, f'<imdata totalCount="1">{WEB}</imdata>'),
        (
            "uni",
            f'<fvTenant name="TEN_K8_C1"><l3extOut name="L3O_K8_C1">{WEB}</l3extOut></fvTenant>',
        ),
        (EPG, '<l3extInstP><l3extSubnet rn="extsubnet-[10.0.0.0/8]"/></l3extInstP>'),
    ],
)
def test_an_xml_body_is_written_as_its_json_twin(
    apic: ApicSimulator, client: Client, path: str, body: str
) -> None:
    answer = client.raw_post(f"/api/mo/{path}.xml", body)
    assert (answer.status_code, answer.text) == (200, f'{DECLARATION}<imdata totalCount="0"></imdata>')
    assert apic.get(SUBNET) is not None


def test_rsp_subtree_modified_answers_in_xml(client: Client) -> None:
    answer = client.raw_post(f"/api/mo/{L3OUT}.xml?rsp-subtree=modified", WEB)
    (epg,) = ET.fromstring(answer.text)
    assert (epg.attrib["dn"], epg.attrib["status"]) == (EPG, "created")
    assert {child.tag for child in epg} >= {"l3extSubnet"}
    again = client.raw_post(f"/api/mo/{L3OUT}.xml?rsp-subtree=modified", WEB)
    assert again.text == f'{DECLARATION}<imdata totalCount="0"></imdata>'


def test_a_delete_by_xml_url_and_by_status(apic: ApicSimulator, client: Client) -> None:
    deletes: list[Callable[[], Response]] = [
        lambda: client.http.delete(f"{apic.url}/api/mo/{EPG}.xml", timeout=10),
        lambda: client.raw_post(f"/api/mo/{EPG}.xml", '<l3extInstP status="deleted"/>'),
    ]
    for delete in deletes:
        client.raw_post(f"/api/mo/{L3OUT}.xml", WEB)
        assert delete().text == f'{DECLARATION}<imdata totalCount="0"></imdata>'
        assert apic.get(EPG) is None


@pytest.mark.parametrize(
    ("body", "code", "text"),
    [
        ("<fvFoobar/>", "122", "unknown managed object class fvFoobar"),
        (
            '<l3extInstP name="web" description="x"/>',
            "400",
            "unknown attribute 'description' in element 'l3extInstP'",
        ),
        (
            '<l3extInstP name="web" prio="2768"/>',
            "120",
            "unknown property value 2768, , name prio, class l3extInstP [(Dn0)] Dn0=, ",
        ),
    ],
)
def test_a_wrong_object_is_refused_as_in_json(client: Client, body: str, code: str, text: str) -> None:
    assert error_of(client.raw_post(f"/api/mo/{L3OUT}.xml", body)) == (400, code, text)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "<a>text</a>",
        '{"fvTenant":{"attributes":{}}}',
        '<l3extInstP name="a" name="b"/>',
        "<a>" * 200_000,
        "\x00",
    ],
)
def test_a_body_that_is_no_well_formed_tree_is_refused_with_400(client: Client, body: str) -> None:
    status, code, text = error_of(client.raw_post("/api/mo/uni.xml", body))
    assert (status, code) == (400, "400")
    assert text.startswith("XML parsing failed - ") or "a " in text


def test_a_json_url_takes_no_xml(client: Client) -> None:
    assert (
        client.raw_post(f"/api/mo/{L3OUT}.json", WEB).json()["imdata"][0]["error"]["attributes"]["code"]
        == "400"
    )


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "declaration",
    [
        f'<!DOCTYPE x [<!ENTITY l0 "lol">{LAUGHS}]><l3extInstP name="web" descr="&l9;"/>',
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><l3extInstP name="web" descr="&e;"/>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><l3extInstP name="web"/>',
        '<!DOCTYPE l3extInstP [<!ATTLIST l3extInstP descr CDATA "x">]><l3extInstP name="web"/>',
    ],
)
def test_a_document_type_is_refused_and_nothing_is_expanded_or_fetched(
    apic: ApicSimulator, client: Client, declaration: str
) -> None:
    text = "XML parsing failed - a document type is not allowed"
    assert error_of(client.raw_post(f"/api/mo/{L3OUT}.xml", declaration)) == (400, "400", text)
    assert apic.get(EPG) is None


def test_another_declared_encoding_does_not_choose_the_decoder(apic: ApicSimulator, client: Client) -> None:
    body = '<?xml version="1.0" encoding="rot13"?>' + WEB
    assert client.raw_post(f"/api/mo/{L3OUT}.xml", body).status_code == 200
    assert apic.get(SUBNET) is not None


def test_an_attribute_with_references_is_taken_as_its_text(apic: ApicSimulator, client: Client) -> None:
    body = '<l3extInstP name="web"><tagAnnotation key="k" value="a &amp; &quot;b&quot; &#65;"/></l3extInstP>'
    assert client.raw_post(f"/api/mo/{L3OUT}.xml", body).status_code == 200
    found = apic.get(f"{EPG}/annotationKey-[k]")
    assert found is not None
    assert found["value"] == 'a & "b" A'
