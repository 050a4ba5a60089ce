"""The schemas of the documents know exactly the words that the code knows."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from akb_sync_cli import document
from jsonschema import Draft202012Validator

from akb_sync import doctor, explain
from akb_sync.item import Action
from akb_sync.reasons import Reason
from tests.unit.docs.pages import DOCS, ROOT

NAMES = ("plan", "status", "outcome")
ALL = (*NAMES, "explanation", "diagnosis")
PENDING = {*document._PENDING.values(), "Held", "Conflict"}
RESTING = {*document._RESTING.values(), "Protected"}


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DOCS / "schemas" / f"{name}.schema.json").read_text())
    return found


def _item(name: str) -> dict[str, Any]:
    found: dict[str, Any] = schema(name)["$defs"]["item"]["properties"]
    return found


@pytest.mark.parametrize("name", ALL)
def test_a_schema_is_a_valid_schema(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))


@pytest.mark.parametrize("name", ALL)
def test_every_object_that_a_schema_describes_is_closed(name: str) -> None:
    def objects(node: Any) -> list[dict[str, Any]]:
        if isinstance(node, list):
            return [found for one in node for found in objects(one)]
        if not isinstance(node, dict):
            return []
        own = [node] if "properties" in node and node.get("type") == "object" else []
        return own + [found for one in node.values() for found in objects(one)]

    found = objects(schema(name))
    assert len(found) > 2
    assert all(one["additionalProperties"] is False for one in found)


@pytest.mark.parametrize("name", [*NAMES, "explanation"])
def test_a_schema_knows_every_reason_and_no_other(name: str) -> None:
    assert schema(name)["$defs"]["reason"]["enum"] == sorted(Reason)


@pytest.mark.parametrize("name", ["plan", "outcome"])
def test_a_document_of_changes_knows_the_actions_and_states_of_what_differs(name: str) -> None:
    assert set(_item(name)["action"]["enum"]) == set(Action) - {Action.NONE}
    assert set(_item(name)["state"]["enum"]) == PENDING


def test_the_status_document_knows_every_action_and_state() -> None:
    assert set(_item("status")["action"]["enum"]) == set(Action)
    assert set(_item("status")["state"]["enum"]) == PENDING | RESTING


def test_the_command_line_page_explains_every_state() -> None:
    section = (DOCS / "cli.md").read_text().split("\n## status\n")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == PENDING | RESTING


@pytest.mark.parametrize("name", ALL)
def test_a_schema_is_of_the_version_that_the_documents_say(name: str) -> None:
    assert schema(name)["properties"]["apiVersion"]["const"] == document.API_VERSION


def test_the_explanation_and_the_diagnosis_know_every_verdict() -> None:
    step = schema("explanation")["$defs"]["step"]["properties"]
    check = schema("diagnosis")["$defs"]["check"]["properties"]
    assert set(step["verdict"]["enum"]) == set(explain.Verdict)
    assert set(check["verdict"]["enum"]) == set(doctor.Verdict)
    assert set(check["group"]["enum"]) == set(doctor.Group)


def test_every_step_that_an_explanation_can_have_is_in_its_schema() -> None:
    sources = (ROOT / "akb_sync" / "explain").glob("*.py")
    named = {name for file in sources for name in re.findall(r'Step\(\s*"(\w+)"', file.read_text())}
    known = set(schema("explanation")["$defs"]["step"]["properties"]["name"]["enum"])
    assert named | {"conflict", "held"} == known


def test_the_manual_explains_every_check() -> None:
    page = (DOCS / "doctor.md").read_text()
    for check in doctor.CHECKS:
        assert f"| `{check.name}` | {check.looks} | {check.bad} |" in page
