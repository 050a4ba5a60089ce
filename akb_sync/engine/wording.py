"""How an object and what holds it are called, alike in the log, in Events, in documents and in the state."""

from __future__ import annotations

from collections.abc import Sequence

from akb_sync.item import Hold, Item
from akb_sync.reasons import Reason

_TOLD_ALTHOUGH_RIGHT = frozenset({Reason.RELEASED, Reason.DUPLICATE})
"""Reasons of objects that are left as they are, which people should know of all the same."""


def described(item: Item) -> str:
    """Name an item for people: `subnet 10.0.0.1/32 in T/L/E`, or `EPG T/L/E`."""
    return f"subnet {item.prefix} in {item.binding}" if item.prefix else f"EPG {item.binding}"


def words(hold: Hold) -> str:
    """Say what holds an item, in words of its own where there are some."""
    return hold.message or hold.reason.meaning


def sentence(reason: Reason, message: str) -> str:
    """Say what a reason means here, and what to do."""
    return f"{message or reason.meaning}{f'; {reason.next_step}' if reason.next_step else ''}"


def told(item: Item) -> tuple[Reason, str] | None:
    """Give what people have to be told of an item, reason and message: what holds it, or why it is left."""
    if item.changes:
        return (item.hold.reason, item.hold.message) if item.hold else None
    return (item.reason, item.message) if item.reason in _TOLD_ALTHOUGH_RIGHT else None


def together(items: Sequence[Item], reason: Reason, message: str) -> str:
    """Say one thing of several items: the first by its name, the others by their number."""
    more = f" and {len(items) - 1} more" if len(items) > 1 else ""
    return f"{described(items[0])}{more}: {sentence(reason, message)}"


def counted(number: int, thing: str) -> str:
    """Give `1 address` or `3 addresses`."""
    return f"{number} {thing if number == 1 else f'{thing}es' if thing.endswith('s') else f'{thing}s'}"
