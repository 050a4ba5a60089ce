"""What a row of `status` costs does not grow with their number, and stays as little as it is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from akb_sync.item import Item
from cli.document import status_document
from cli.render import table_lines
from cli.status_table import status_lines
from tests.unit.cli.shown import details, plan, right, shown

from .calls import calls

FEW, MANY = 100, 2_000


def table(items: list[Item]) -> object:
    return list(status_lines(shown(plan(*items)), details(*items), wide=False))


def document(items: list[Item]) -> object:
    return status_document(shown(plan(*items)), details(*items))


def lines(items: list[Item]) -> object:
    return list(table_lines(["EPG", "PREFIX"], [["t/l/e", item.prefix] for item in items]))


@pytest.mark.parametrize(("work", "most"), [(table, 112), (document, 45), (lines, 21)])
def test_a_row_costs_a_few_calls_however_many_there_are(
    work: Callable[[list[Item]], object], most: int
) -> None:
    counts = []
    for rows in (1, FEW, MANY):  # the first warms caches
        items = [right(f"10.0.{number >> 8}.{number & 255}/32") for number in range(rows)]
        counts.append(calls(partial(work, items)))
    _, few, many = counts
    assert many / MANY <= most
    assert many / MANY <= few / FEW * 1.05
