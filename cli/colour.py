"""Colour for the words that a person looks for first: on a terminal only, and never without the word.

`NO_COLOR` (no-color.org) and `TERM=dumb` switch it off. A pipe or a file never has any.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TextIO

import typer

RIGHT, WAITS, WRONG, QUIET = "green", "yellow", "red", "bright_black"
COLOURS: Mapping[str, str] = {
    **dict.fromkeys(("insync", "ok", "fresh", "leading", "create", "created", "restored"), RIGHT),
    **dict.fromkeys(("held", "missing", "drifted", "moving", "leaving", "protected"), WAITS),
    **dict.fromkeys(("update", "move", "put right", "moved", "warning", "unknown", "??"), WAITS),
    **dict.fromkeys(("stale", "never", "standby", "dry run", "paused", "stopping"), WAITS),
    **dict.fromkeys(("conflict", "delete", "deleted", "refused", "failed", "error", "no"), WRONG),
    **dict.fromkeys(("unmanaged", "released", "skipped", "-"), QUIET),
}
"""The colour of a word, in lower case; one that is not here has none. Both rich and Click know the names."""
COLUMNS = frozenset({"STATE", "VERDICT", "ACTION"})
"""The columns of tables whose words are coloured."""
WAITING = frozenset({"HELD", "LEFT"})
"""The columns in which whatever stands there waits."""


def animated(stream: TextIO) -> bool:
    """Whether somebody looks at a stream on a terminal that can move its cursor."""
    return stream.isatty() and os.environ.get("TERM", "dumb") not in ("dumb", "unknown")


def coloured(stream: TextIO) -> bool:
    """Whether a stream is to have colours."""
    return animated(stream) and not os.environ.get("NO_COLOR")


def painted(word: str, padded: int = 0) -> str:
    """Give a word for stdout in its colour, where there is one, padded to a width."""
    colour = COLOURS.get(word.lower()) if coloured(sys.stdout) else None
    padding = " " * (padded - len(word))
    return (typer.style(word, fg=colour) if colour else word) + padding


def painted_cell(header: str, cell: str) -> str:
    """Give a table's cell for stdout in the colour that its column has, where it has one."""
    if header in WAITING and cell and coloured(sys.stdout):
        return typer.style(cell, fg=WAITS)
    return painted(cell) if header in COLUMNS else cell
