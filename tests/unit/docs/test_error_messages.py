"""Every error tells its reader what to do next, and stands on one page."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

import pytest

from tests.unit.docs.pages import DOCS

BORROWED = {"cli/simulate.py"}
"""A simulator's error is passed on in its own words, which end with what to do."""


@pytest.fixture(scope="module")
def errors_page() -> ModuleType:
    spec = importlib.util.spec_from_file_location("errors_page", DOCS / "errors_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["errors_page"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_every_error_names_the_next_step(errors_page: ModuleType) -> None:
    silent = [
        f"{one.module}:{one.line} {one.kind}: {one.sentence}"
        for one in errors_page.messages()
        if not one.next_step and one.module not in BORROWED
    ]
    assert silent == []


def test_every_kind_of_error_that_is_raised_has_its_messages_on_the_page(errors_page: ModuleType) -> None:
    text = (DOCS / "errors.md").read_text(encoding="utf-8")
    kinds = {one.kind for one in errors_page.messages()}
    assert len(kinds) > 10
    assert kinds <= {line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")}


def test_a_sentence_begins_small_and_ends_open_so_that_the_next_step_can_follow(
    errors_page: ModuleType,
) -> None:
    for one in errors_page.messages():
        assert not one.sentence.endswith((".", ";", " ")), one
        assert not one.next_step.endswith((".", ";", " ")), one
