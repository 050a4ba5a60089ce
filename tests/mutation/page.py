"""The table for `docs/reliability.md`: between two marks, and nothing else of the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from .guard import Guard

BEGIN, END = "<!-- mutation table: begin -->", "<!-- mutation table: end -->"
Area = tuple[str, Sequence[Guard]]
"""A heading and its rows."""
_INTRO = """\
{count} pieces of behaviour are taken out of the program, one after the other, and each test that is named
has to turn red then. `python -m tests.mutation` does that; with `--write` it writes these tables.
"""
_HEAD = """
### {heading}

| What is kept | What is disabled | Tests that turn red |
| --- | --- | --- |
"""


def tables(areas: Sequence[Area]) -> str:
    """Give what stands between the marks."""
    count = sum(len(guards) for _, guards in areas)
    return _INTRO.format(count=count) + "".join(_table(*area) for area in areas) + "\n"


def written(page: str, areas: Sequence[Area]) -> str:
    """Give a page with the tables in their place.

    Raises:
        ValueError: The page has not got both marks.
    """
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page has no place for the table: {BEGIN} and {END}")
    return f"{head}{BEGIN}\n{tables(areas)}{END}{tail}"


def _table(heading: str, guards: Sequence[Guard]) -> str:
    rows = (f"| {row.keeps} | {_cuts(row)} | {'; '.join(_tests(row))} |\n" for row in guards)
    return _HEAD.format(heading=heading) + "".join(rows)


def _cuts(guard: Guard) -> str:
    return "; and ".join(str(cut) for cut in guard.cuts).replace("|", "\\|")


def _tests(guard: Guard) -> Iterator[str]:
    for node in guard.tests:
        file, _, name = node.partition("::")
        yield f"{name.removeprefix('test_').replace('_', ' ')} (`{Path(file).relative_to('tests')}`)"
