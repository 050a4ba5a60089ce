from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akb_sync.kube.annotation import AnnotationError, parse
from akb_sync.model import Binding
from tests.unit.kube.builders import ask

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
)


def refused(text: str) -> str:
    with pytest.raises(AnnotationError) as caught:
        parse(text)
    return str(caught.value)


def test_the_example_of_the_manual_is_read() -> None:
    request = parse('{ "tenant": "TEN_K8_C1", "l3out": "L3O_K8_C1", "epg": "EPG_K8_APP_MCAST" }')
    assert request.binding == Binding("TEN_K8_C1", "L3O_K8_C1", "EPG_K8_APP_MCAST")
    assert request.expose == {"pods", "services"}
    assert request.unknown == ()


def test_expose_narrows_what_is_given_out() -> None:
    assert parse(ask(expose=["services"])).expose == {"services"}
    assert parse(ask(expose=["pods", "services", "pods"])).expose == {"pods", "services"}


@pytest.mark.parametrize("name", ["a", "A_b.c:d-e", "x" * 63])
def test_names_in_the_apics_alphabet_are_taken(name: str) -> None:
    assert parse(ask(name)).binding.epg == name


@pytest.mark.parametrize("name", ["", "x" * 64, "a/b", "a b", "EPG\n", "ä", "a]", "\ud800"])
def test_names_outside_the_apics_alphabet_are_refused_with_the_key(name: str) -> None:
    assert refused(ask(name)).startswith("key `epg`: `")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "it is empty"),
        ("   ", "it is empty"),
        ("{'tenant': 'T'}", "line 1, column 2: no valid JSON at `'`"),
        ('{"tenant": "T",}', "remove the comma before it"),
        (
            '{"tenant": "T"\n "l3out": "L"}',
            "line 2, column 2: no valid JSON at `\"` (Expecting ',' delimiter)",
        ),
        ('{"tenant": "T"', "where the text ends"),
        ('["T"]', "it is a list, not a JSON object"),
        ("null", "it is null, not a JSON object"),
        ("TEN/OUT/EPG", "line 1, column 1"),
        ('{"tenant": NaN}', "`NaN` is no JSON value"),
        ('{"tenant": "A", "tenant": "B"}', "key `tenant` stands there twice"),
        ('{"tenant": 1, "l3out": "L", "epg": "E"}', "key `tenant`: it is a number, not a string"),
        ('{"tenant": {}, "l3out": "L", "epg": "E"}', "key `tenant`: it is an object, not a string"),
        ('{"tenant": "T", "l3Out": "L", "epg": "E"}', "key `l3out` is missing; rename key `l3Out`"),
        ('{"tenant": "T", "epg": "E"}', "key `l3out` is missing; write {"),
        (ask(expose="pods"), "key `expose`: it is a string, not a list"),
        (ask(expose=["pods", "nodes"]), "key `expose`, entry 2: `nodes` cannot be exposed"),
        (ask(expose=[True]), "key `expose`, entry 1: a boolean cannot be exposed"),
        ("[" * 4000, "it is no JSON that can be read"),
        (" " * 5000, "it has 5000 characters"),
    ],
)
def test_what_is_wrong_is_told_with_its_position_and_the_mend(text: str, words: str) -> None:
    assert words in refused(text)


def test_an_annotation_may_leave_tenant_and_l3out_to_the_cluster() -> None:
    request = parse('{"epg": "EPG_WEB", "expose": ["services"]}')
    assert (request.binding, request.names_l3out) == (Binding("", "", "EPG_WEB"), False)
    assert parse(ask()).names_l3out


@pytest.mark.parametrize("key", ["tennant", "Tenant", "l3 out", "l3o", "L3OUT"])
def test_a_misspelt_key_does_not_turn_into_a_default(key: str) -> None:
    assert "is missing" in refused(json.dumps({"epg": "E", key: "X"}))


def test_what_is_echoed_is_cut_and_shows_control_characters() -> None:
    sentence = refused(ask("\x1b[31m" + "x" * 500))
    assert "\\x1b[31mxxx" in sentence
    assert len(sentence) < 250


def test_an_unknown_key_is_named_with_what_may_have_been_meant() -> None:
    more: dict[str, Any] = {"exposed": [], "zone": "x", "\x07": 1}
    request = parse(ask(**more))
    assert request.unknown == ("`\\x07`", "`exposed` (did you mean `expose`?)", "`zone`")


@given(st.text() | JSON_VALUES.map(json.dumps))
def test_no_text_raises_anything_else(text: str) -> None:
    try:
        request = parse(text)
    except AnnotationError as error:
        sentence = str(error)
        assert sentence.isprintable()
        assert len(sentence) < 400
    else:
        tenant, l3out, epg = str(request.binding).split("/")
        assert epg
        assert bool(tenant) == bool(l3out) == request.names_l3out


@given(st.dictionaries(st.sampled_from(["tenant", "l3out", "epg", "expose", "more"]), JSON_VALUES))
def test_no_object_raises_anything_else(document: dict[str, object]) -> None:
    sentence = ""
    try:
        parse(json.dumps(document))
    except AnnotationError as error:
        sentence = str(error)
    assert sentence.isprintable()
