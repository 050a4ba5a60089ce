"""Tables on a terminal that is too narrow for them: what says little goes, and every row stays one line.

A pipe, a file, and `-o wide` always get everything.
"""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from collections.abc import Sequence

GAP = 2
"""Columns of blanks between two columns of a table."""
Rows = Sequence[Sequence[str]]


def for_stdout(headers: Sequence[str], rows: Rows) -> tuple[Sequence[str], Rows]:
    """Give a table that fits the terminal better, if stdout is one and it has not got the room."""
    if not sys.stdout.isatty() or "DN" in headers:
        return headers, rows
    return fitting(headers, rows, shutil.get_terminal_size().columns)


def fitting(headers: Sequence[str], rows: Rows, width: int) -> tuple[Sequence[str], Rows]:
    """Name EPGs by their name alone where it is the only one; then leave out the kind of what wants them."""
    for lighten in (_with_short_epgs, _without_kind):
        if _width(headers, rows) <= width:
            break
        headers, rows = lighten(headers, rows)
    return headers, rows


def _width(headers: Sequence[str], rows: Rows) -> int:
    columns = zip(headers, *rows, strict=True)
    return sum(max(map(len, column)) + GAP for column in columns) - GAP


def _with_short_epgs(headers: Sequence[str], rows: Rows) -> tuple[Sequence[str], Rows]:
    """As arguments may name them: by the name, if it is the only one."""
    if "EPG" not in headers:
        return headers, rows
    place = headers.index("EPG")
    name_of = {row[place]: row[place].rpartition("/")[2] for row in rows}
    names = Counter(name_of.values())
    short = {full: name if names[name] == 1 else full for full, name in name_of.items()}
    return headers, [[*row[:place], short[row[place]], *row[place + 1 :]] for row in rows]


def _without_kind(headers: Sequence[str], rows: Rows) -> tuple[Sequence[str], Rows]:
    if "KIND" not in headers or "SOURCE" not in headers:
        return headers, rows
    place = headers.index("KIND")
    return [*headers[:place], *headers[place + 1 :]], [[*row[:place], *row[place + 1 :]] for row in rows]
