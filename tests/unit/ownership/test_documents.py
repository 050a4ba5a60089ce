"""The schema of the ownership commands knows exactly the words that the code knows."""

from __future__ import annotations

import json
from typing import Any

from akb_sync_cli import ownership_render
from jsonschema import Draft202012Validator

from akb_sync.reasons import Reason
from tests.unit.docs.pages import DOCS

SCHEMA: dict[str, Any] = json.loads((DOCS / "schemas" / "ownership.schema.json").read_text())


def test_it_is_a_valid_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_it_knows_every_reason_and_no_other() -> None:
    assert SCHEMA["$defs"]["reason"]["enum"] == sorted(Reason)


def test_it_knows_every_action_and_no_other() -> None:
    assert set(SCHEMA["$defs"]["action"]["enum"]) == set(ownership_render._PAST)
