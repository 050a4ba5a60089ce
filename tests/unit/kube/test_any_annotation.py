"""An annotation can be any text that JSON can carry, and JSON can carry what is no Unicode at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from akb_sync.kube.annotation import AnnotationError, parse

KEYS = st.sampled_from(["tenant", "l3out", "epg", "expose"]) | st.text(max_size=8)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=80),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)


def sentence_of(text: str) -> str:
    try:
        request = parse(text)
    except AnnotationError as error:
        return str(error)
    assert request.binding.epg
    return "; ".join(request.unknown)


def is_for_people(sentence: str) -> None:
    """One line that can be printed, sent in an Event and written to a log."""
    assert sentence.encode("utf-8", "strict").decode() == sentence
    assert sentence == "" or sentence.isprintable()


@pytest.mark.parametrize(
    "read",
    [
        lambda data: data.decode("utf-8", "surrogateescape"),
        lambda data: data.decode("utf-16-le", "surrogatepass"),
        lambda data: data.decode("latin-1"),
    ],
    ids=["utf-8 and what is none", "halves of characters", "every byte a character"],
)
@given(data=st.binary(max_size=300))
@example(data=b'{"tenant": "T", "l3out": "L", "epg": "\xff"}')
@example(data=b"\x00\xd8")
def test_no_bytes_raise_anything_else(read: Callable[[bytes], str], data: bytes) -> None:
    with suppress(UnicodeDecodeError):  # half a unit of UTF-16 is no text
        is_for_people(sentence_of(read(data)))


@given(ANY_JSON, st.booleans())
def test_no_json_raises_anything_else(document: Any, escaped: bool) -> None:
    is_for_people(sentence_of(json.dumps(document, ensure_ascii=escaped)))


@given(st.sampled_from(['{"a":', "[", '[{"tenant":', '"']), st.integers(1, 60_000))
@example("[", 60_000)
def test_no_depth_and_no_length_raises_anything_else(begin: str, times: int) -> None:
    is_for_people(sentence_of(begin * times))


@given(st.text(st.characters(categories=["Cs"]), min_size=1, max_size=4))
def test_half_a_character_in_a_name_is_told_in_words_that_can_be_sent(half: str) -> None:
    text = json.dumps({"tenant": half, "l3out": "L", "epg": "E", half: 1})
    sentence = sentence_of(text)
    assert sentence
    is_for_people(sentence)
