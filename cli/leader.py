"""What only the leader knows, laid over the plan of a fresh process.

A fresh process has an empty memory: to it an object that the APIC refuses looks as if it were about to be
written. The leader's record says that it waits, for what, in whose words and until when.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from akb_sync.clock import Clock
from akb_sync.engine.shared import RECENT, read_state
from akb_sync.errors import AkbSyncError
from akb_sync.item import Hold, Item
from akb_sync.kube.api import WritableApi
from akb_sync.plan import Plan
from akb_sync.reasons import Reason
from akb_sync.settings import Settings
from akb_sync.state import State, Waiting

_REASONS = {str(one): one for one in Reason}
_AS_LONG_AS_IT_LIVES = frozenset({str(Reason.EPG_DELETED)})
"""Holds of which only the leader knows, and which have no end but its own."""


@dataclass(frozen=True, slots=True)
class Record:
    """The leader's record, or why it could not be read."""

    state: State | None = None
    trouble: str = ""

    def waiting(self, dn: str) -> Waiting | None:
        """Give what the leader says of an object that waits."""
        return self.state.items.get(dn) if self.state else None


def read_record(settings: Settings, api: WritableApi) -> Record:
    """Read the record. That it cannot be read is no reason to show nothing."""
    try:
        return Record(read_state(settings, api))
    except AkbSyncError as error:
        return Record(trouble=str(error))


def overlaid(plan: Plan, record: Record, clock: Clock) -> Plan:
    """Give the plan with the holds that only the leader knows, as far as they have not run out."""
    if record.state is None or not record.state.items:
        return plan
    now, monotonic = clock.now(), clock.monotonic()
    return plan.of(_overlaid(item, record, now, monotonic) for item in plan.items)


def _overlaid(item: Item, record: Record, now: datetime, monotonic: float) -> Item:
    waiting = record.waiting(item.dn)
    if waiting is None or not item.changes or not _lasts(waiting, record, now):
        return item
    if item.hold and str(item.hold.reason) != waiting.reason:
        return item
    reason = _REASONS.get(waiting.reason)
    if reason is None:  # another release's word
        return item
    until = monotonic + (waiting.until - now).total_seconds() if waiting.until else None
    message = item.hold.message if item.hold else waiting.words
    return replace(item, hold=Hold(reason, message, until))


def _lasts(waiting: Waiting, record: Record, now: datetime) -> bool:
    """Whether what the leader wrote of a hold is so still."""
    if waiting.until is not None:
        return waiting.until > now
    written = record.state.written_at if record.state else None
    return waiting.reason in _AS_LONG_AS_IT_LIVES and written is not None and now - written < RECENT
