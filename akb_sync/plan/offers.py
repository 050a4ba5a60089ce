"""What a person is asked to approve goes once it is approved.

The guards that ask a person look at each removal by itself. An EPG goes after its subnets: while one of
them is held by something that no approval ends, to approve the EPG would do nothing, and it would be
offered again.
"""

from __future__ import annotations

from dataclasses import replace

from akb_sync.item import Hold, Item
from akb_sync.model import Binding
from akb_sync.reasons import Reason

from .result import APPROVABLE


def offer_what_can_go(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Let an EPG wait for its subnets, instead of for a person, while one of them cannot go."""
    staying = {_left(item) for item in items if item.prefix and item.removes and _for_good(item)}
    first = Hold(Reason.HOLD_DOWN, "its subnets go first")
    return tuple(
        replace(item, hold=first) if _offered(item) and item.is_epg and item.binding in staying else item
        for item in items
    )


def _left(item: Item) -> Binding | None:
    """The EPG that a subnet leaves."""
    return Binding.of_dn(item.leaves.dn) if item.leaves is not None else item.binding


def _offered(item: Item) -> bool:
    return item.hold is not None and item.hold.reason in APPROVABLE


def _for_good(item: Item) -> bool:
    return item.hold is not None and item.hold.reason not in APPROVABLE
