"""What planning gives: the items, what people should know, and when to look again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain

from akb_sync.item import Action, Item
from akb_sync.model import Binding, Notice
from akb_sync.reasons import Reason

OPEN = frozenset(
    {
        Reason.INVALID_ANNOTATION,
        Reason.PARENT_UNKNOWN,
        Reason.NOT_ALLOWED,
        Reason.OUT_OF_RANGE,
        Reason.AMBIGUOUS_SERVICE,
        Reason.MARKS_LOST,
        Reason.DUPLICATE,
    }
)
"""Reasons that somebody has to look at although nothing is to be written."""

APPROVABLE = frozenset({Reason.MASS_DELETE, Reason.UNCONFIRMED})
"""Holds of removals that a person ends by approving exactly those removals."""


@dataclass(frozen=True, slots=True)
class Shift:
    """Addresses that leave the policy of a wider subnet, because the longest prefix wins."""

    addresses: int
    leaves: Binding
    leaves_contracts: int
    joins: Binding
    joins_contracts: int

    def __str__(self) -> str:
        """Say it in one line."""
        return (
            f"{self.addresses} {'address leaves' if self.addresses == 1 else 'addresses leave'} "
            f"EPG {self.leaves} ({_contracts(self.leaves_contracts)}) "
            f"for {self.joins} ({_contracts(self.joins_contracts)})"
        )


def _contracts(count: int) -> str:
    return {0: "no contract", 1: "1 contract"}.get(count, f"{count} contracts")


@dataclass(frozen=True)
class Plan:
    """The difference between what is wanted and what is there, item by item."""

    notable: tuple[Item, ...] = ()
    """The EPGs, and the subnets that are not simply right, in a stable order."""
    right: Mapping[str, tuple[Item, ...]] = field(default_factory=dict)
    """By prefix: the subnets that are right. There are many, and nothing is to be done about them."""
    right_count: int = 0
    notices: tuple[Notice, ...] = ()
    shifts: tuple[Shift, ...] = ()
    revisit_at: float | None = None
    """When time alone will change it, in monotonic seconds."""
    reread_at: float | None = None
    """When both sides have to be read again from scratch, for a mass delete's second look."""

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """Every object that is wanted or ours, in a stable order; made when asked for, since it is long."""
        return tuple(sorted((*self.notable, *chain.from_iterable(self.right.values())), key=order))

    @property
    def changes(self) -> tuple[Item, ...]:
        """The items that differ, held or not."""
        return tuple(item for item in self.notable if item.changes)

    @property
    def actionable(self) -> tuple[Item, ...]:
        """The items to be written now."""
        return tuple(item for item in self.notable if item.actionable)

    @property
    def held(self) -> tuple[Item, ...]:
        """The items that differ and are held."""
        return tuple(item for item in self.notable if item.changes and item.hold)

    @property
    def awaiting_approval(self) -> tuple[Item, ...]:
        """The removals that a person can release: too many at once, or of what was adopted unasked."""
        return tuple(
            item
            for item in self.notable
            if item.action is Action.DELETE and item.hold and item.hold.reason in APPROVABLE
        )

    @property
    def approval_id(self) -> str:
        """Names exactly the removals that wait for a person; empty when none does."""
        waiting = sorted(item.dn for item in self.awaiting_approval)
        return hashlib.sha256("\n".join(waiting).encode()).hexdigest()[:12] if waiting else ""

    @property
    def settled(self) -> bool:
        """Whether the fabric is as it is wanted and nothing is open."""
        told = (*(item.reason for item in self.notable), *(notice.reason for notice in self.notices))
        return not self.changes and OPEN.isdisjoint(told)

    def narrowed(self, keep: Callable[[Item], bool]) -> Plan:
        """Give the plan of some items only; what was read stays what it was."""
        return self.of(item for item in self.items if keep(item))

    def of(self, items: Iterable[Item]) -> Plan:
        """Give the plan of other items; what was read stays what it was."""
        right: dict[str, list[Item]] = {}
        notable = []
        for item in items:
            if is_right(item):
                right.setdefault(item.prefix, []).append(item)
            else:
                notable.append(item)
        return replace(
            self,
            notable=tuple(sorted(notable, key=order)),
            right={prefix: tuple(each) for prefix, each in right.items()},
            right_count=sum(map(len, right.values())),
        )


def is_right(item: Item) -> bool:
    """Whether an item is a subnet that is as it is wanted, so that there is nothing to say of it."""
    return bool(item.prefix) and item.action is Action.NONE and item.reason is Reason.IN_SYNC


def order(item: Item) -> tuple[object, ...]:
    """Sort an EPG before its subnets, all by their names."""
    where = item.binding
    return (where.tenant, where.l3out, where.epg, bool(item.prefix), item.prefix, item.dn)
