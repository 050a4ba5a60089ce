"""One batch, delivered: whole if the APIC takes it, else halved until the culprits are alone.

Halving costs at most 2·log2(n) POSTs more for each culprit: when the first half lands after the whole was
refused, the second half need not be tried as a whole. An item is never cut, so a move stays one transaction.
What the APIC's words already tell is not searched for: an absent L3Out, an EPG or a subnet that went
meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from akb_sync.errors import (
    AkbSyncError,
    ApicAnswerError,
    ApicForbidden,
    ApicOutcomeUnknown,
    ApicRejected,
)
from akb_sync.item import Item

from .batches import bindings
from .departures import Departures
from .dn import is_or_below
from .round import Round

MOST_CULPRITS = 32
"""So many refusals in one batch, and the rest of it waits: what is wrong is not one object."""
_ABSENT = "102"
_ABSENT_DN = re.compile(r"Dn\d+=(uni/(?:\[[^\]]*\]|[^,\s\[])+)")

Post = Callable[[str, Sequence[Item]], float]
"""Posts items to a DN; gives when that was begun; raises AkbSyncError."""


class Delivery:
    """Carries one batch out within a round."""

    def __init__(self, dn: str, post: Post, departures: Departures, settled: Round) -> None:
        """Post to `dn`; outcomes go to the round."""
        self._dn = dn
        self._post = post
        self._departures = departures
        self._round = settled
        self._culprits = 0
        self._too_many: ApicRejected | None = None

    def deliver(self, items: Sequence[Item], refused: ApicRejected | None = None) -> None:
        """Settle all the items; `refused` says that they are known not to pass as a whole."""
        items = self._round.pending(items)
        if self._too_many is not None:
            self._round.not_sent(items, self._too_many)
        elif items and (refused is None or len(items) == 1):
            refused = self._attempt(items)
        if refused is None or self._too_many is not None:
            return
        items = self._explained(self._round.pending(items), refused)
        if len(items) == 1:
            self._blame(items[0], refused)
        elif items:
            half = len(items) // 2
            self.deliver(items[:half])
            self.deliver(items[half:], refused if self._round.landed(items[:half]) else None)

    def _attempt(self, items: Sequence[Item]) -> ApicRejected | None:
        """Post items; give the refusal if there is one, settle them if not."""
        items = self._departures.record(self._departures.look(items))
        if not items:
            return None
        try:
            at = self._post(self._dn, items)
        except ApicRejected as error:
            return error
        except (ApicOutcomeUnknown, ApicAnswerError) as error:
            self._round.unknown(self._round.pending(items), error)
        except ApicForbidden as error:
            self._round.stop((binding.parent for item in items for binding in bindings(item)), error)
        except AkbSyncError as error:
            self._round.end(error)
        else:
            self._round.done(self._round.pending(items), at)
        self._round.pending(items)
        return None

    def _explained(self, items: Sequence[Item], refused: ApicRejected) -> Sequence[Item]:
        """Settle what the refusal's words explain; give what is still a riddle."""
        absent = _absent_dn(refused)
        l3outs = {binding.parent for item in items for binding in bindings(item)}
        without = {l3out for l3out in l3outs if absent and is_or_below(l3out.dn, absent)}
        if without:
            self._round.not_sent(items, refused)
            self._round.stop(without, refused)
            return ()
        overtaken = [item for item in items if absent in _rests_on(item)]
        if overtaken:
            self._round.overtaken(overtaken, refused.text)
            self.deliver(self._round.pending(items))
            return ()
        return items

    def _blame(self, culprit: Item, refused: ApicRejected) -> None:
        self._round.rejected([culprit], refused.code, refused.text)
        self._culprits += 1
        if self._culprits == MOST_CULPRITS:
            self._too_many = refused


def _rests_on(item: Item) -> set[str]:
    """Give the DNs that an item cannot do without: its EPGs, and its own where it changes what is there."""
    return {item.dn, *(binding.dn for binding in bindings(item))}


def _absent_dn(refused: ApicRejected) -> str:
    """Give the DN of which the APIC says `configured object ((Dn0)) not found Dn0=...`; empty for others."""
    match = _ABSENT_DN.search(refused.text) if refused.code == _ABSENT else None
    return match[1] if match else ""
