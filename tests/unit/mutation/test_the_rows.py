"""Each row of the mutation table finds its place in the code, and the tests that it names are there."""

from __future__ import annotations

import ast
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tests.mutation.guard import Guard
from tests.mutation.guards import AREAS, GUARDS
from tests.mutation.page import BEGIN, END, tables

ROOT = Path(__file__).parents[3]


@cache
def _source(file: Path) -> str:
    return (ROOT / file).read_text(encoding="utf-8")


@cache
def _tests_in(file: str) -> frozenset[str]:
    tree = ast.parse(_source(Path(file)))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_a_row_finds_its_place_and_what_is_left_can_be_compiled_and_differs(guard: Guard) -> None:
    assert guard.cuts
    for cut in guard.cuts:
        before = _source(cut.file)
        after = cut.applied(before)
        assert after != before
        compile(after, str(cut.file), "exec")


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_the_tests_that_a_row_names_are_there(guard: Guard) -> None:
    assert guard.tests
    for node in guard.tests:
        file, _, name = node.partition("::")
        assert name in _tests_in(file), node


def test_every_row_has_a_name_of_its_own_and_says_a_sentence_of_its_own() -> None:
    for told in (Counter(guard.name for guard in GUARDS), Counter(guard.keeps for guard in GUARDS)):
        assert [text for text, count in told.items() if count > 1] == []
    assert [guard.name for guard in GUARDS if not guard.keeps.endswith(".")] == []


def test_the_table_of_the_manual_is_that_of_the_rows() -> None:
    page = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    shown = page.partition(BEGIN)[2].partition(END)[0]
    assert shown == f"\n{tables(AREAS)}", "python -m tests.mutation --write"
