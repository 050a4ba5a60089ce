"""The table of rows is whole, and every test that it names is there."""

import ast
from functools import cache
from pathlib import Path

import pytest

from .rows import ROWS

ROOT = Path(__file__).parents[2]
NOT_SHOWN_YET = 0
"""Rows that nothing shows. It may only go down."""
SHOWN_IN_PART = 1
"""Rows of whose outcome something is not shown. The same."""


@cache
def _tests_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text())
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_there_are_all_rows_and_no_more_of_them_are_open_than_before() -> None:
    assert sorted(ROWS) == list(range(1, 47))
    assert sum(row.tests is None for row in ROWS.values()) == NOT_SHOWN_YET
    assert sum(bool(row.missing) for row in ROWS.values()) == SHOWN_IN_PART


@pytest.mark.parametrize("number", ROWS)
def test_the_tests_that_a_row_names_are_there(number: int) -> None:
    for node in ROWS[number].tests or ():
        file, _, name = node.partition("::")
        assert name in _tests_in(file), node
