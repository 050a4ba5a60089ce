"""How an object and what holds it are called, alike in the log and in Events."""

from __future__ import annotations

from collections.abc import Sequence

from akb_sync.item import Item
from akb_sync.reasons import Reason


def described(item: Item) -> str:
    """Name an item for people: `subnet 10.0.0.1/32 in T/L/E`, or `EPG T/L/E`."""
    return f"subnet {item.prefix} in {item.binding}" if item.prefix else f"EPG {item.binding}"


def sentence(reason: Reason, message: str) -> str:
    """Say what a reason means here, and what to do."""
    return f"{message or reason.meaning}{f'; {reason.next_step}' if reason.next_step else ''}"


def together(items: Sequence[Item], reason: Reason, message: str) -> str:
    """Say one thing of several items: the first by its name, the others by their number."""
    more = f" and {len(items) - 1} more" if len(items) > 1 else ""
    return f"{described(items[0])}{more}: {sentence(reason, message)}"


def counted(number: int, thing: str) -> str:
    """Give `1 address` or `3 addresses`."""
    return f"{number} {thing if number == 1 else f'{thing}es' if thing.endswith('s') else f'{thing}s'}"
