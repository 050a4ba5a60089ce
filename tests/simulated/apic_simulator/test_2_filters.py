"""The filter language (facts, section 2.3)."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akb_sync.simulators.apic import ApicError, ApicSimulator
from akb_sync.simulators.apic.filters import parse
from akb_sync.simulators.apic.schema import standard_schema
from tests.simulated.apic_simulator.client import Client, error_of, mo

EPG = "uni/tn-TEN_K8_C1/out-L3O_K8_C1/instP-web"


@pytest.fixture(autouse=True)
def _subnets(apic: ApicSimulator) -> None:
    children = [
        mo("l3extSubnet", ip="10.0.0.0/8", name="alpha", scope="import-security,shared-security"),
        mo("l3extSubnet", ip="11.0.0.0/8", name="beta", scope="export-rtctrl"),
        mo("l3extSubnet", ip="12.0.0.0/8", annotation="orchestrator:x:y"),
    ]
    apic.post(EPG, mo("l3extInstP", children, name="web"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('eq(l3extSubnet.name,"alpha")', "10"),
        ('ne(l3extSubnet.name,"alpha")', "11 12"),
        ('wcard(l3extSubnet.annotation, "orchestrator:x")', "12"),
        ('wcard(l3extSubnet.dn,"instP-web/extsubnet-[11.0.0.0/8]")', "11"),
        ('wcard(l3extSubnet.ip,"^1.*/8$")', "10 11 12"),
        ('wcard(l3extSubnet.ip,"^0.0")', ""),
        ('lt(l3extSubnet.ip,"11.0.0.0/8")', "10"),
        ('le(l3extSubnet.ip,"11.0.0.0/8")', "10 11"),
        ('gt(l3extSubnet.ip,"11.0.0.0/8")', "12"),
        ('ge(l3extSubnet.ip,"11.0.0.0/8")', "11 12"),
        ('bw(l3extSubnet.ip,"10.0.0.0/8","11.0.0.0/8")', "10 11"),
        ('anybit(l3extSubnet.scope,"import-security,export-rtctrl")', "10 11 12"),
        ('allbits(l3extSubnet.scope,"import-security,shared-security")', "10"),
        ('eq(l3extSubnet.scope,"shared-security,import-security")', "10"),
        ('or(eq(l3extSubnet.name,"alpha"),eq(l3extSubnet.name,"beta"))', "10 11"),
        ('and(eq(l3extSubnet.name,"alpha"),eq(l3extSubnet.name,"beta"))', ""),
        ('xor(eq(l3extSubnet.name,"alpha"),wcard(l3extSubnet.ip,"0.0"))', "11 12"),
        ('not(eq(l3extSubnet.name,"alpha"))', "11 12"),
        ("true()", "10 11 12"),
        ("false()", ""),
        ('eq(l3extInstP.name,"web")', ""),
    ],
)
def test_a_filter_selects_what_it_says(client: Client, text: str, expected: str) -> None:
    found = client.dns("class/l3extSubnet", **{"query-target-filter": text})
    assert " ".join(sorted(dn.split("[")[1][:2] for dn in found)) == expected


def test_a_filter_is_read_raw_and_encoded(client: Client) -> None:
    for text in ('eq(l3extSubnet.name,"alpha")', "eq(l3extSubnet.name%2C%22alpha%22)"):
        answer = client.raw_get(f"/api/class/l3extSubnet.json?query-target-filter={text}")
        assert answer.json()["totalCount"] == "1"


@pytest.mark.parametrize(
    "text",
    [
        "eq(",
        "eq()",
        'eq(l3extSubnet.name,"a"',
        'eq(l3extSubnet.name "a")',
        "x",
        'eq(name,"a")',
        "not()",
        "()",
    ],
)
def test_a_broken_filter_is_refused(client: Client, text: str) -> None:
    assert client.get("class/l3extSubnet", **{"query-target-filter": text}).status_code == 400


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ('contains(l3extSubnet.name,"a")', "301", "Incorrect filter format"),
        ("isdigit(l3extSubnet.name)", "301", "Incorrect filter format"),
        ('eq(l3extSubne.name,"a")', "122", "class l3extSubne not found"),
        ('eq(l3extSubnet.nam,"a")', "121", "Prop 'nam' not found in class 'l3extSubnet' property table"),
        (
            'eq(l3extSubnet.scope,"everything")',
            "301",
            "Incorrect filter format for l3extSubnet.scope, value 'everything' is not valid",
        ),
        (
            'eq(faultInst.code,"F999999")',
            "301",
            "Incorrect filter format for faultInst.code, value 'F999999' is not valid",
        ),
        ('eq(aaaUser.pwd,"secret")', "121", "Prop 'pwd' not found in class 'aaaUser' property table"),
        ('and(true(),eq(l3extSubne.name,"a"))', "122", "class l3extSubne not found"),
    ],
)
def test_a_filter_that_cannot_be_meant_is_refused_with_its_code(
    client: Client, text: str, code: str, words: str
) -> None:
    for name in ("query-target-filter", "rsp-subtree-filter"):
        status, found, told = error_of(client.get("class/l3extSubnet", **{name: text}))
        assert (status, found) == (400, code)
        assert told.startswith(words)


def test_a_filter_is_about_one_class_and_others_do_not_meet_it(client: Client) -> None:
    query = {"query-target": "subtree", "query-target-filter": 'wcard(l3extSubnet.dn,"instP-web")'}
    assert {name for item in client.imdata(f"mo/{EPG}", **query) for name in item} == {"l3extSubnet"}


def test_blanks_between_the_words_of_a_filter_are_accepted(client: Client) -> None:
    text = ' and( eq( l3extSubnet.name , "alpha" ) , true( ) ) '
    assert len(client.dns("class/l3extSubnet", **{"query-target-filter": text})) == 1


def test_an_inner_quote_is_written_with_a_backslash(apic: ApicSimulator, client: Client) -> None:
    apic.post(EPG, mo("tagAnnotation", key="k", value='say "x"'))
    query = {"query-target-filter": r'eq(tagAnnotation.value,"say \"x\"")'}
    assert len(client.dns("class/tagAnnotation", **query)) == 1


def test_booleans_are_yes_and_no_in_filters(apic: ApicSimulator, client: Client) -> None:
    apic.post("uni/tn-TEN_K8_C1", mo("fvBD", name="flooding", arpFlood="true"))
    query = {"query-target-filter": 'eq(fvBD.arpFlood,"yes")'}
    assert client.dns("class/fvBD", **query) == ["uni/tn-TEN_K8_C1/BD-flooding"]


def test_pholder_and_passive_let_everything_through(client: Client) -> None:
    for name in ("pholder", "passive"):
        assert len(client.dns("class/l3extSubnet", **{"query-target-filter": f"{name}()"})) == 3


@given(st.text(alphabet='andeqworbitl3extSubnet.name(),"\\ ', max_size=80))
def test_any_text_is_a_filter_or_a_query_error(text: str) -> None:
    with contextlib.suppress(ApicError):
        parse(text, standard_schema())
