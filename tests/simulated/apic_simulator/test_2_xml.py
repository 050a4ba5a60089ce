"""The XML form of queries and their answers (facts, sections 1.1 and 2.1)."""

import xml.etree.ElementTree as ET

import pytest
from requests import Response

from akb_sync.simulators.apic import ApicSimulator
from tests.simulated.apic_simulator.client import Client, attributes, mo

L3OUT = "uni/tn-TEN_K8_C1/out-L3O_K8_C1"
EPG = f"{L3OUT}/instP-web"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'


@pytest.fixture(autouse=True)
def _web(apic: ApicSimulator) -> None:
    apic.post(L3OUT, mo("l3extInstP", [mo("l3extSubnet", ip="10.0.0.0/8")], name="web"))


def root_of(answer: Response) -> ET.Element:
    assert answer.text.startswith(f"{DECLARATION}<imdata ")
    assert answer.headers["Content-Type"] == "text/xml; charset=UTF-8"
    return ET.fromstring(answer.text)


def test_an_answer_is_a_declaration_and_imdata_with_the_count(client: Client) -> None:
    answer = client.raw_get("/api/mo/uni/tn-nobody.xml")
    assert (answer.status_code, answer.text) == (200, f'{DECLARATION}<imdata totalCount="0"></imdata>')


def test_an_object_has_the_same_attributes_in_the_same_order(client: Client) -> None:
    (element,) = root_of(client.raw_get(f"/api/mo/{EPG}.xml"))
    (item,) = client.imdata(f"mo/{EPG}")
    assert (element.tag, list(element.attrib.items())) == ("l3extInstP", list(attributes(item).items()))


def test_children_are_nested_elements(client: Client) -> None:
    (epg,) = root_of(client.raw_get(f"/api/mo/{EPG}.xml?rsp-subtree=children&rsp-subtree-class=l3extSubnet"))
    (subnet,) = epg
    assert (subnet.tag, subnet.attrib["rn"]) == ("l3extSubnet", "extsubnet-[10.0.0.0/8]")


def test_an_error_is_an_element_with_code_and_text(client: Client) -> None:
    answer = client.raw_get("/api/class/faultInf.xml")
    (error,) = root_of(answer)
    text = "Request failed, unresolved class for faultInf"
    assert (answer.status_code, error.attrib) == (400, {"code": "400", "text": text})
    recorded = f'{DECLARATION}<imdata totalCount="1"><error code="400" text="{text}"/></imdata>'
    assert answer.text == recorded


def test_special_characters_survive_the_way_through_xml(apic: ApicSimulator, client: Client) -> None:
    value = "a & \"b\" 'c'\n\td"
    apic.post(EPG, mo("tagAnnotation", key="k&k", value=value))
    (found,) = root_of(client.raw_get("/api/class/tagAnnotation.xml"))
    assert (found.attrib["key"], found.attrib["value"]) == ("k&k", value)


def test_what_xml_cannot_hold_is_replaced(apic: ApicSimulator, client: Client) -> None:
    apic.post(EPG, mo("tagAnnotation", key="k", value="a\x00b\ud800"))
    (found,) = root_of(client.raw_get("/api/class/tagAnnotation.xml"))
    assert found.attrib["value"] == "a\ufffdb\ufffd"


def test_a_count_and_pages_are_the_same_in_xml(client: Client) -> None:
    (count,) = root_of(client.raw_get("/api/class/l3extSubnet.xml?rsp-subtree-include=count"))
    assert (count.tag, count.attrib["count"]) == ("moCount", "1")
    beyond = root_of(client.raw_get("/api/class/l3extSubnet.xml?page=3&page-size=10"))
    assert (beyond.attrib["totalCount"], len(beyond)) == ("1", 0)


def test_a_login_in_xml_is_answered_in_xml_and_sets_the_cookie(apic: ApicSimulator) -> None:
    with Client(apic) as client:
        answer = client.raw_post("/api/aaaLogin.xml", '<aaaUser name="admin" pwd="secret"/>')
        (login,) = root_of(answer)
        assert (login.tag, login.attrib["userName"]) == ("aaaLogin", "admin")
        assert login.find("aaaUserDomain") is not None
        assert client.get("class/fvTenant").status_code == 200
        (fresh,) = root_of(client.raw_get("/api/aaaRefresh.xml"))
        assert fresh.attrib["token"] != login.attrib["token"]
        assert root_of(client.raw_post("/api/aaaLogout.xml", '<aaaUser name="admin"/>')).attrib == {
            "totalCount": "0"
        }
        assert client.get("class/fvTenant").status_code == 403


def test_a_refused_login_in_xml_is_an_error_in_xml(apic: ApicSimulator) -> None:
    with Client(apic) as client:
        answer = client.raw_post("/api/aaaLogin.xml", '<aaaUser name="admin" pwd="wrong"/>')
        (error,) = root_of(answer)
        assert (answer.status_code, error.attrib["code"]) == (401, "401")
        assert error.attrib["text"] == "Username or password is incorrect - FAILED local authentication"
