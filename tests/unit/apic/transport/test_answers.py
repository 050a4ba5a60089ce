"""Whatever a server says, it is an answer or an error of the tree; nothing else gets past this."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from akb_sync.apic.answers import Answer, are_objects, read, unpacked
from akb_sync.apic.query import plain, target_of
from akb_sync.apic.wire import Call, Reply
from akb_sync.errors import LATER, ApicError, ApicOutcomeUnknown, ApicRejected

KEYS = st.sampled_from(
    ["imdata", "totalCount", "subscriptionId", "error", "attributes", "code", "text", "dn"]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.floats(allow_nan=False)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)
ERRORS = st.fixed_dictionaries({"code": LEAVES, "text": LEAVES | st.text()}).map(
    lambda attributes: {"imdata": [{"error": {"attributes": attributes}}]}
)
OBJECTS = st.lists(
    st.dictionaries(
        st.sampled_from(["error", "l3extSubnet"]),
        st.fixed_dictionaries(
            {"attributes": st.dictionaries(KEYS, st.text(max_size=5)) | JSON}, optional={"children": JSON}
        ),
        max_size=2,
    ),
    max_size=3,
)
ENVELOPES = st.fixed_dictionaries(
    {"imdata": OBJECTS | JSON}, optional={"totalCount": LEAVES, "subscriptionId": JSON}
).map(lambda value: json.dumps(value).encode())
BODIES = st.binary(max_size=40) | (JSON | ERRORS).map(lambda value: json.dumps(value).encode())
STATUSES = st.integers(100, 599) | st.sampled_from([200, 202, 400, 401, 403, 405, 413, 429, 502, 503])


def outcome(method: str, status: int, body: bytes) -> Answer | ApicError:
    try:
        return read(Call(method, "/api/mo/uni.json"), Reply("https://apic", status, body))
    except ApicError as error:
        return error


@given(st.sampled_from(["GET", "POST"]), STATUSES, BODIES)
def test_every_reply_is_an_answer_or_an_apic_error(method: str, status: int, body: bytes) -> None:
    result = outcome(method, status, body)
    if isinstance(result, Answer):
        assert status == 200
        assert all(isinstance(value["attributes"], dict) for item in result.imdata for value in item.values())
    else:
        assert str(result).isprintable()
        assert len(str(result)) < 600


@given(ENVELOPES)
@example(rb'{"imdata": [{"l3extSubnet": {"attributes": {"name": "\ud800"}}}]}')
@example(rb'{"imdata": [{"error": {"attributes": {"code": 1}}}]}')
def test_an_envelope_is_read_as_json_reads_it_and_its_objects_are_of_the_one_form(body: bytes) -> None:
    document = json.loads(body)
    assert unpacked(body) == (document if are_objects(document["imdata"]) else None)


@given(STATUSES, BODIES)
def test_a_read_never_has_an_unknown_outcome(status: int, body: bytes) -> None:
    assert not isinstance(outcome("GET", status, body), ApicOutcomeUnknown)


@given(st.text(), st.text(min_size=1))
def test_an_escaped_target_is_one_line_of_ascii_and_means_what_was_asked_for(dn: str, value: str) -> None:
    try:
        (dn + value).encode()
    except UnicodeEncodeError:
        return  # half of a surrogate pair is no text
    target = target_of(f"/api/mo/{dn}.json", {"x": value})
    assert all("!" <= char <= "~" for char in target)
    assert plain(target) == f"/api/mo/{dn}.json?x={value}"
    assert target.count("?") == 1 + value.count("?")


def test_slashes_that_are_escaped_in_json_and_imdata_before_total_count_are_no_matter() -> None:
    item: dict[str, Any] = {"error": {"attributes": {"code": "102", "text": "x"}}}
    body = json.dumps({"imdata": [item], "totalCount": "1"}).replace('"x"', r'"uni\/tn-a not found"').encode()
    result = outcome("POST", 400, body)
    assert isinstance(result, ApicRejected)
    assert (result.code, result.text) == ("102", "uni/tn-a not found")


def test_script_and_style_of_a_page_are_not_its_words() -> None:
    page = b"<html><style>b{color:red}</style><script>alert(1)</script><b>Please   wait</b></html>"
    assert str(outcome("GET", 503, page)) == f"https://apic answers 503 to uni: Please wait; {LATER}"
