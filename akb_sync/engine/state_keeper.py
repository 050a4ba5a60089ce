"""Leaves what only the leader knows where other processes find it (see `akb_sync.state`).

It is written soon after it changed, and else once a minute, so that a reader can tell a leader that lives
from one that does not.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from akb_sync.clock import Clock
from akb_sync.errors import AkbSyncError
from akb_sync.item import Hold, Item
from akb_sync.plan import Plan
from akb_sync.reasons import Reason
from akb_sync.state import MOST_ITEMS, State, StateStore, Waiting

from .observer import Look
from .repeating import Repeating
from .report import Report
from .success import Success
from .wording import words

SOON, SELDOM = 3.0, 60.0
"""Seconds between two writes of a state that changed, and of one that did not."""
_STATES = {Reason.CONTESTED: "contested", Reason.REJECTED: "rejected"}
_LEADERS_ALONE = frozenset(
    {Reason.REJECTED, Reason.CONTESTED, Reason.MASS_DELETE, Reason.HOLD_DOWN, Reason.EPG_DELETED}
)
"""Reasons that a fresh process cannot find out; they come first when there is no room for all."""


@dataclass(frozen=True, slots=True)
class _Known:
    hold: Hold
    waiting: Waiting


class StateKeeper:
    """An observer that writes the state, in a thread of its own. Only the leader's is written."""

    def __init__(self, store: StateStore, me: str, clock: Clock, *, elected: bool = True) -> None:
        """Write nothing yet; `me` is who leads.

        One that was not elected says at its end that it leads no more, since no Lease does that for it.
        """
        self._store, self._clock, self._elected = store, clock, elected
        self._success = Success()
        self._state = State(leader=me)
        self._written = State()
        self._written_at = float("-inf")
        self._known: dict[str, _Known] = {}
        self._before: Mapping[str, Waiting] = {}
        self._leading = False
        self._troubles: Mapping[str, str] = {}
        self._thread = Repeating("state", self.write)

    @property
    def troubles(self) -> Mapping[str, str]:
        """Why the state cannot be written; empty when it can."""
        return self._troubles

    def start(self) -> None:
        """Begin to write; what the last leader knew of when things began is taken over."""
        try:
            state, _ = self._store.read()
            self._before = state.items if state else {}
        except AkbSyncError as error:
            self._troubles = {"state": str(error)}
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Write no more, after at most `timeout` seconds."""
        self._thread.stop(timeout)
        if self._leading and not self._elected:
            with contextlib.suppress(AkbSyncError):
                self._store.write(replace(self._state, leader="", written_at=self._clock.now()))

    def looked(self, look: Look) -> None:
        """Take over what is held now, and whether there is a freeze."""
        leading = look.leading and not look.dry
        began, self._leading = leading and not self._leading, leading
        success = self._clock.now() if self._success.looked(look) else self._state.last_success
        state = replace(self._state, paused=look.paused, last_success=success)
        if look.plan is not None:
            waiting = self._waiting(look.plan, look.now)
            kept = dict(sorted(waiting.items(), key=_weight)[:MOST_ITEMS])
            state = replace(state, items=kept, omitted=len(waiting) - len(kept))
        self._take(state)
        if began:  # what stands there is the former leader's
            self._thread.poke()

    def wrote(self, report: Report, _seconds: float) -> None:
        """Take over whether all is well."""
        if self._success.wrote(report):
            self._take(replace(self._state, last_success=self._clock.now()))

    def write(self) -> float:
        """Write the state if it is time; give the seconds until it is again."""
        state, now = self._state, self._clock.monotonic()
        due = self._written_at + (SOON if _changed(self._written, state) else SELDOM)
        if not self._leading:
            return SELDOM
        if now < due:
            return due - now
        self._written_at = now
        try:
            self._store.write(replace(state, written_at=self._clock.now()))
        except AkbSyncError as error:
            self._troubles = {"state": str(error)}
        else:
            self._written, self._troubles = state, {}
        return SOON

    def _take(self, state: State) -> None:
        changed = _changed(self._state, state)
        self._state = state
        if changed:
            self._thread.poke()

    def _waiting(self, plan: Plan, now: float) -> dict[str, Waiting]:
        wall = self._clock.now()
        known = {item.dn: self._entry(item, item.hold, now, wall) for item in plan.held if item.hold}
        self._known, self._before = known, {}
        return {dn: one.waiting for dn, one in known.items()}

    def _entry(self, item: Item, hold: Hold, now: float, wall: datetime) -> _Known:
        """Keep the moments of a hold that goes on: the two clocks would tell others each time."""
        known = self._known.get(item.dn)
        if known is not None and known.hold == hold:
            return known
        before = known.waiting if known else self._before.get(item.dn)
        since = before.since if before and before.reason == str(hold.reason) else wall
        until = None if hold.until is None else wall + timedelta(seconds=hold.until - now)
        state = _STATES.get(hold.reason, "held")
        return _Known(hold, Waiting(state, str(hold.reason), since, until, words(hold)))


def _changed(one: State, other: State) -> bool:
    """Whether the two differ in more than how long ago all was well."""
    first = (one.last_success is None) != (other.last_success is None)
    return first or replace(one, last_success=None) != replace(other, last_success=None)


def _weight(entry: tuple[str, Waiting]) -> tuple[bool, str]:
    return (entry[1].reason not in _LEADERS_ALONE, entry[0])
