"""`aci_rest` sends documents as they are, in JSON and in XML, and reads `rsp-subtree=modified` answers."""

from typing import Any

import pytest

from tests.conformance.ansible.conftest import CERTIFICATE, PASSWORD, Recording

both_logins = pytest.mark.parametrize("login", [PASSWORD, CERTIFICATE])

CHANGES = {
    "a tenant in JSON": True,
    "the same tenant in JSON again": False,
    "a change in JSON": True,
    "an object in XML": True,
    "reading in JSON": False,
    "reading in XML": False,
    "a page of a reading": False,
    "deleting": True,
    "deleting again": False,
}


@both_logins
@pytest.mark.parametrize("name", CHANGES)
def test_a_document_changes_something_once(recording: Recording, login: str, name: str) -> None:
    result = done(recording, login, name)
    assert (result["status"], result["changed"]) == (200, CHANGES[name])


@both_logins
def test_a_reading_in_json_is_filtered_and_sorted(recording: Recording, login: str) -> None:
    found = done(recording, login, "reading in JSON")
    assert [item["fvCtx"]["attributes"]["name"] for item in found["imdata"]] == ["one", "two"]
    assert found["totalCount"] == 2


@both_logins
def test_a_reading_in_xml_has_the_same_objects(recording: Recording, login: str) -> None:
    (tenant,) = done(recording, login, "reading in XML")["imdata"]
    assert tenant["fvTenant"]["attributes"]["descr"] == "In JSON, as text"
    names = {child["fvCtx"]["attributes"]["name"] for child in tenant["fvTenant"]["children"]}
    assert names == {"one", "two"}


@both_logins
def test_a_page_counts_all_pages(recording: Recording, login: str) -> None:
    found = done(recording, login, "a page of a reading")
    assert len(found["imdata"]) == 2
    assert found["totalCount"] > 2


@both_logins
@pytest.mark.parametrize(
    ("name", "code", "text"),
    [
        (
            "a description that is refused",
            "801",
            "property descr of uni/tn-rest failed validation for value 'This is an [invalid] description'",
        ),
        ("a class that is refused", "122", "unknown managed object class fvFoobar"),
        ("an XML document that is refused", "400", "unknown attribute 'description' in element 'fvTenant'"),
    ],
)
def test_a_refusal_reaches_the_user(
    recording: Recording, login: str, name: str, code: str, text: str
) -> None:
    result = recording.rest[login, name]
    assert result["failed"]
    assert result["msg"] == f"APIC Error {code}: {text}"


def done(recording: Recording, login: str, name: str) -> dict[str, Any]:
    result = recording.rest[login, name]
    assert not result.get("failed"), f"{result.get('msg')} ({result.get('method')} {result.get('url')})"
    return result
