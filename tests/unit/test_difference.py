"""What differs between two mappings is found, and what is the same object or equal is not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from akb_sync.difference import changed_keys

tables = st.dictionaries(st.integers(0, 6), st.lists(st.integers(0, 2), max_size=2))


@given(tables, tables, st.booleans())
def test_it_gives_what_came_went_or_changed_each_once(
    before: dict[int, list[int]], after: dict[int, list[int]], shared: bool
) -> None:
    if shared:
        after = {key: before[key] if before.get(key) == value else value for key, value in after.items()}
    found = changed_keys(before, after)
    differ = [key for key in before.keys() | after.keys() if before.get(key) != after.get(key)]
    assert sorted(found) == sorted(differ)


def test_the_same_mapping_has_no_differences() -> None:
    table = {1: [1]}
    assert changed_keys(table, table) == []
