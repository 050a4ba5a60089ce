"""How much is said where there is little room: every block gets its share, what matters most first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

LABEL = 9
"""Columns of the labels on the left."""
NARROW = 40
"""Columns below which labels would take the room that the words need."""


@dataclass(frozen=True, slots=True)
class Block:
    """A label and entries; each entry takes as many rows as it needs."""

    label: str
    entries: Sequence[Text]
    rank: int
    """Who gets room first: the least."""


def fitted(console: Console, blocks: Sequence[Block], width: int, height: int) -> list[Text]:
    """Give the rows, at most `height`, none wider than `width` columns."""
    indent = LABEL if width >= NARROW else 0
    room = max(1, width - indent)
    bodies = [_entries(console, block, room, height) for block in blocks]
    shares = _shares([sum(map(len, body)) for body in bodies], [block.rank for block in blocks], height)
    return [
        _labelled(block.label if index == 0 else "", row, indent)
        for block, body, share in zip(blocks, bodies, shares, strict=True)
        for index, row in enumerate(_cut(body, share, len(block.entries), room))
    ]


def _entries(console: Console, block: Block, width: int, most: int) -> list[list[Text]]:
    """Give the rows of each entry, of as many as could be shown at all."""
    return [list(entry.wrap(console, width, overflow="fold")) for entry in block.entries[:most]]


def _shares(needs: Sequence[int], ranks: Sequence[int], room: int) -> list[int]:
    """Deal out rows one by one, so that a long block leaves room for the others."""
    shares = [0] * len(needs)
    order = sorted(range(len(needs)), key=lambda index: (ranks[index], index))
    open_ones = [index for index in order if needs[index]]
    while room > 0 and open_ones:
        dealt = open_ones[:room]
        for index in dealt:
            shares[index] += 1
        room -= len(dealt)
        open_ones = [index for index in open_ones if shares[index] < needs[index]]
    return shares


def _cut(body: Sequence[Sequence[Text]], share: int, entries: int, width: int) -> list[Text]:
    """Show whole entries and how many there are more; a first one that is too long is cut itself."""
    rows = [row for entry in body for row in entry]
    if len(rows) <= share and len(body) == entries:
        return rows
    if share <= 1 or entries == 1:
        return _ending(rows[:share], width)
    shown: list[Text] = []
    whole = 0
    for entry in body:
        if len(shown) + len(entry) > share - 1:
            break
        shown.extend(entry)
        whole += 1
    if whole:
        return [*shown, Text(f"… {entries - whole} more")]
    return [*_ending(rows[: share - 1], width), Text(f"… {entries - 1} more")]


def _ending(rows: list[Text], width: int) -> list[Text]:
    """Mark the last row as going on."""
    if not rows:
        return rows
    last = rows[-1].copy()
    last.rstrip()
    last.truncate(max(0, width - 2))
    return [*rows[:-1], last.append(" …")]


def _labelled(label: str, row: Text, indent: int) -> Text:
    """The label has no more than its columns."""
    return Text.assemble((f"{label:<{indent}}", "bold"), row) if indent else row
