"""What an ownership command would do: items in the order in which they are to be written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from akb_sync.item import Action, Item
from akb_sync.mark import Identity


@dataclass(frozen=True, slots=True)
class Deed:
    """The difference that a person asks for; empty when it is done already."""

    kind: str
    """`Adoption`, `Release` or `Purge`."""
    stages: tuple[tuple[Item, ...], ...]
    """What is written first, and what only after that."""
    on_behalf: Identity | None = None
    """Whose objects are deleted, when they are not ours."""
    remarks: tuple[str, ...] = ()
    """Sentences that people should read before they agree."""

    @property
    def items(self) -> tuple[Item, ...]:
        """All of it, an EPG before its subnets."""
        items = (item for stage in self.stages for item in stage)
        return tuple(sorted(items, key=lambda item: (item.binding, bool(item.prefix), item.dn)))

    @property
    def changes(self) -> tuple[Item, ...]:
        """What is to be written."""
        return tuple(item for item in self.items if item.actionable)

    @property
    def left(self) -> tuple[Item, ...]:
        """What was asked for and is not done, each with its hold."""
        return tuple(item for item in self.items if item.changes and item.hold)


def verb(item: Item) -> str:
    """Say in one word what is done to an object: mark, unmark, tag, untag, or the item's own action."""
    if item.action is not Action.UPDATE:
        return str(item.action)
    if item.mark is not None:
        return "mark" if item.mark else "unmark"
    return "tag" if any(value for _, value in item.tags) else "untag"


def epgs_first(items: Iterable[Item]) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """Part items: EPGs, then subnets."""
    items = tuple(items)
    return tuple(item for item in items if item.is_epg), tuple(item for item in items if not item.is_epg)
