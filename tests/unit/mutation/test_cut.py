"""A cut finds its place by what stands there, changes that and nothing else, or says that it is lost."""

from __future__ import annotations

import pytest

from tests.mutation.cut import (
    Cut,
    LostPlaceError,
    always,
    drops,
    gives,
    lacks,
    never,
    swaps,
)

SOURCE = '''\
"""Münzen: a module."""

ENDED = frozenset({"Failed", "Succeeded"})  # both of them


def held(items: list[int], limit: int) -> list[int]:
    """Hold some."""
    if limit and (
        len(items) > limit
    ):
        items = items[:limit]
        note("ä", items)
    return items if limit else []


class Box:
    def full(self, other: int) -> bool:
        return self.size >= other and not self.open

    def name(self) -> str:
        return "box"
'''


def _lines_that_differ(cut: Cut) -> list[str]:
    before, after = SOURCE.splitlines(), cut.applied(SOURCE).splitlines()
    return [line.strip() for line in after if line not in before]


@pytest.mark.parametrize(
    ("cut", "there_now"),
    [
        (gives("m", "Box.full", "True"), ["return True"]),
        (never("m", "held", "limit and len(items) > limit"), ["if False:"]),
        (always("m", "held", "limit"), ["return items if True else []"]),
        (swaps("m", "Box.full", "self.size >= other", "True"), ["return (True) and not self.open"]),
        (swaps("m", "held", "items = items[:limit]", "items = items[1:]"), ["items = items[1:]"]),
        (drops("m", "held", "note('ä', items)"), ["pass"]),
        (lacks("m", "ENDED", '"Failed"'), ["ENDED = frozenset({'Succeeded',})  # both of them"]),
    ],
    ids=str,
)
def test_a_cut_changes_its_place_and_leaves_the_rest_as_it_is_written(cut: Cut, there_now: list[str]) -> None:
    assert _lines_that_differ(cut) == there_now


def test_a_body_gives_way_but_for_its_docstring() -> None:
    text = gives("m", "held", "items").applied(SOURCE)
    assert '    """Hold some."""\n    return items\n\n\nclass Box' in text


@pytest.mark.parametrize(
    "cut",
    [
        gives("m", "gone", "None"),
        gives("m", "ENDED", "None"),
        never("m", "held", "limit > 3"),
        swaps("m", "held", "items", "other"),
        drops("m", "held", "note(items)"),
        lacks("m", "ENDED", '"Running"'),
        swaps("m", "Box", "limit", "0"),
    ],
    ids=str,
)
def test_a_place_that_is_not_there_or_there_twice_is_an_error_that_names_it(cut: Cut) -> None:
    with pytest.raises(LostPlaceError, match=r"times|no function"):
        cut.applied(SOURCE)


def test_a_set_that_is_left_empty_is_still_something_to_iterate_over() -> None:
    text = lacks("m", "ONE", "1").applied("ONE = frozenset({1})\n")
    assert text == "ONE = frozenset(())\n"
