"""Attributes that nearly every class has, and tags (facts, sections 5.1 and 5.4)."""

import pytest

from akb_sync.simulators.apic import ApicError, ApicSimulator
from tests.simulated.apic_simulator.client import Client, attributes, error_of, mo

TENANT = "uni/tn-TEN_K8_C1"
L3OUT = f"{TENANT}/out-L3O_K8_C1"
EPG = f"{L3OUT}/instP-web"
OF_DESCRIPTIONS = "aZ09\\!#$%()*,-./:;@ _{|}~?&+"


def refusal(apic: ApicSimulator, **given: str) -> str:
    with pytest.raises(ApicError) as refused:
        apic.post(EPG, mo("l3extInstP", **given))
    assert apic.get(EPG) is None
    return refused.value.code


@pytest.mark.parametrize(
    ("prop", "longest", "alphabet"),
    [
        ("nameAlias", 63, "aZ09_.-"),
        ("descr", 128, OF_DESCRIPTIONS),
        ("annotation", 128, "aZ09_.:-"),
    ],
)
def test_a_text_attribute_takes_its_alphabet_up_to_its_length(
    apic: ApicSimulator, prop: str, longest: int, alphabet: str
) -> None:
    text = (alphabet * longest)[:longest]
    apic.post(EPG, mo("l3extInstP", **{prop: text}))
    found = apic.get(EPG)
    assert found is not None
    assert found[prop] == text
    apic.delete(EPG)
    assert refusal(apic, **{prop: f"{text}a"}) == "801"
    apic.post(EPG, mo("l3extInstP", **{prop: ""}))


@pytest.mark.parametrize("prop", ["nameAlias", "descr", "annotation"])
@pytest.mark.parametrize("character", list("[]<>\"'="))
def test_no_text_attribute_takes_brackets_quotes_or_an_equals_sign(
    apic: ApicSimulator, prop: str, character: str
) -> None:
    assert refusal(apic, **{prop: f"a{character}b"}) == "801"


@pytest.mark.parametrize("character", list(",/ "))
def test_an_annotation_takes_no_comma_slash_or_blank(apic: ApicSimulator, character: str) -> None:
    assert refusal(apic, annotation=f"a{character}b") == "801"


def test_an_alias_takes_no_colon(apic: ApicSimulator) -> None:
    assert refusal(apic, nameAlias="a:b") == "801"


@pytest.mark.parametrize(("prop", "longest"), [("ownerKey", 128), ("ownerTag", 64)])
def test_owner_key_and_tag_have_the_alphabet_of_descriptions(
    apic: ApicSimulator, prop: str, longest: int
) -> None:
    apic.post(L3OUT, mo("l3extOut", **{prop: (OF_DESCRIPTIONS * 5)[:longest]}))
    for bad in ("a" * (longest + 1), "a=b"):
        with pytest.raises(ApicError) as refused:
            apic.post(L3OUT, mo("l3extOut", **{prop: bad}))
        assert refused.value.code == "801"


@pytest.mark.parametrize(
    ("cls", "where", "name", "code"),
    [
        ("l3extInstP", L3OUT, "a" * 64, None),
        ("l3extInstP", L3OUT, "a" * 65, "801"),
        ("l3extInstP", L3OUT, "a:b", None),
        ("l3extInstP", L3OUT, "a b", "801"),
        ("fvTenant", "uni", "a" * 63, None),
        ("fvTenant", "uni", "a" * 64, "801"),
        ("fvTenant", "uni", "a:b", "801"),
        ("fvCtx", TENANT, "a:b", "801"),
    ],
)
def test_names_have_an_alphabet_and_a_length(
    apic: ApicSimulator, cls: str, where: str, name: str, code: str | None
) -> None:
    if code is None:
        apic.post(where, mo(cls, name=name))
        return
    with pytest.raises(ApicError) as refused:
        apic.post(where, mo(cls, name=name))
    assert refused.value.code == code


def test_external_management_is_a_read_only_mask_that_is_normally_empty(apic: ApicSimulator) -> None:
    assert apic.get(L3OUT) == {**(apic.get(L3OUT) or {}), "extMngdBy": ""}
    assert refusal(apic, extMngdBy="msc") == "170"


@pytest.mark.parametrize("prop", ["lcOwn", "uid", "modTs", "monPolDn", "configSt", "pcTag", "configIssues"])
def test_bookkeeping_cannot_be_written(apic: ApicSimulator, prop: str) -> None:
    assert refusal(apic, **{prop: "x"}) == "170"


def test_bookkeeping_reads_as_on_an_apic(client: Client) -> None:
    client.post(f"mo/{EPG}", mo("l3extInstP"))
    found = attributes(client.imdata(f"mo/{EPG}")[0])
    expected = {"lcOwn": "local", "uid": "15374", "status": "", "childAction": "", "userdom": ":all:"}
    expected["monPolDn"] = "uni/tn-common/monepg-default"
    assert {prop: found[prop] for prop in expected} == expected


def test_numbers_are_texts_in_one_form(apic: ApicSimulator) -> None:
    apic.post(TENANT, mo("bgpPeerPfxPol", name="p", maxPfx="00500", thresh=80))
    found = apic.get(f"{TENANT}/bgpPfxP-p")
    assert found is not None
    assert (found["maxPfx"], found["thresh"]) == ("500", "80")


def test_a_tag_annotation_holds_any_key_and_a_long_value(apic: ApicSimulator) -> None:
    key = "example.org/of: what, so=ever"
    apic.post(L3OUT, mo("tagAnnotation", key=key, value="v" * 2048))
    assert (apic.get(f"{L3OUT}/annotationKey-[{key}]") or {})["value"] == "v" * 2048


@pytest.mark.parametrize(
    ("tag", "given"),
    [
        ("tagAnnotation", {"key": "k", "value": ""}),
        ("tagAnnotation", {"key": "k", "value": "v" * 2049}),
        ("tagAnnotation", {"key": "k", "value": "a<b"}),
        ("tagTag", {"key": "k" * 65, "value": "v"}),
        ("tagTag", {"key": "a/b", "value": "v"}),
        ("tagTag", {"key": "k", "value": "v" * 129}),
        ("tagTag", {"key": "k", "value": "a b"}),
        ("tagInst", {"name": "n" * 65}),
    ],
)
def test_tags_have_their_limits(apic: ApicSimulator, tag: str, given: dict[str, str]) -> None:
    with pytest.raises(ApicError) as refused:
        apic.post(L3OUT, mo(tag, **given))
    assert refused.value.code == "801"


def test_multi_site_leaves_its_marker(apic: ApicSimulator) -> None:
    apic.post(L3OUT, mo("tagExtMngdInst"))
    assert apic.get(f"{L3OUT}/extmngd") is not None


def test_tag_annotations_are_not_observable_and_tag_instances_are(
    apic: ApicSimulator, listener: Client
) -> None:
    listener.subscribe(f"mo/{L3OUT}", **{"query-target": "subtree"})
    apic.post(L3OUT, mo("tagAnnotation", key="k", value="v"))
    apic.post(L3OUT, mo("tagTag", key="k", value="v"))
    apic.post(L3OUT, mo("tagInst", name="seen"))
    assert listener.event()[2]["dn"] == f"{L3OUT}/tag-seen"


def test_a_refused_value_is_named_with_its_place(client: Client) -> None:
    answer = client.post(f"mo/{TENANT}", mo("fvTenant", descr="an [invalid] one"))
    text = f"property descr of {TENANT} failed validation for value 'an [invalid] one'"
    assert error_of(answer) == (400, "801", text)
