"""Carries out batches, and says item by item what became of them.

What fails is told apart by what it proves (see the tree in `errors`):

- a refusal (400) proves that nothing of the POST was committed; the batch is halved until the culprits are
  alone, everything else lands;
- "not found" for the L3Out or its tenant is nobody's fault in the batch: nothing of it is sent again;
- "not found" for an EPG or a subnet says that it went while we wrote: what rests on it is overtaken, and
  for a fresh view to decide;
- no answer proves nothing: the items are unknown, and their L3Out is left alone until it was read again;
- a controller that is busy is asked again a few times; one that stays busy, or cannot be reached or
  logged in to, ends the round.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from akb_sync.clock import Clock
from akb_sync.errors import AkbSyncError, ApicBusy
from akb_sync.item import Item
from akb_sync.mark import Identity

from .batches import Batch
from .delivery import Delivery
from .departures import Departures, Nodes
from .journal import Journal
from .outcome import Outcome
from .ports import Poster, ReadOnlySession
from .round import Round

RETRY_DELAYS = (1.0, 2.0, 4.0, 8.0)
"""Seconds between the attempts at a busy APIC; each is shortened at random by up to half."""


class Writer:
    """Writes to one fabric. One thread at a time."""

    def __init__(
        self,
        session: Poster,
        identity: Identity,
        journal: Journal,
        clock: Clock,
        *,
        nodes: Nodes | None = None,
        may_write: Callable[[], bool] = lambda: True,
        turn: Callable[[], float] = lambda: 0.0,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """Post through `session`.

        Args:
            session: what posts and reads; a `ReadOnlySession` makes a dry run.
            identity: whose mark is ours.
            journal: where each object is recorded before it goes.
            clock: gives the times of changes.
            nodes: what a view knows of an object and what is below it, for the journal.
            may_write: asked before each POST; once it says no, the rest is for a later round.
            turn: reserves a turn at the APIC before each POST; gives how long to wait for it (seconds).
            sleep: waits for turns and between attempts; an event's `wait` lets a stopping program end it.
        """
        self._session = session
        self._identity = identity
        self._journal = journal
        self._clock = clock
        self._nodes = nodes
        self._may_write = may_write
        self._turn = turn
        self._sleep = sleep
        self._has_turn = False

    def on_behalf(self, identity: Identity) -> Writer:
        """Give a writer for objects that bear another cluster's mark."""
        return Writer(
            self._session,
            identity,
            self._journal,
            self._clock,
            nodes=self._nodes,
            may_write=self._may_write,
            turn=self._turn,
            sleep=self._sleep,
        )

    def write(self, batches: Iterable[Batch], stale: Callable[[], bool] = lambda: False) -> list[Outcome]:
        """Carry the batches out in their order; one outcome for each item, in the same order.

        `stale` is asked before each batch, after the wait for its turn and before the journal speaks of it;
        once it says yes, that batch and the rest are given up and have no outcome. The turn is kept for
        whatever is sent next. A round in which something failed is not given up: a pause follows it, which
        would be the others' too.
        """
        settled = Round()
        if isinstance(self._session, ReadOnlySession):
            settled.end(self._session.refusal())  # before the journal speaks of what never goes
        departures = Departures(self._session, self._identity, self._journal, self._nodes, settled)
        items: list[Item] = []
        for batch in batches:
            if not settled.failed:
                self._await_turn()
                if stale():
                    break
            if not self._may_write():
                settled.end(_stopped())
            Delivery(batch.dn, self._post, departures, settled).deliver(batch.items)
            items.extend(batch.items)
        return [settled.outcome(item) for item in items]

    def _post(self, dn: str, items: Sequence[Item]) -> float:
        # acitoolkit takes a while to import, and who only reads or plans does not need it.
        from .body import body  # noqa: PLC0415

        return self.post(dn, body(dn, items))

    def post(self, dn: str, content: Mapping[str, Any]) -> float:
        """Post until the APIC has time for it; give when the attempt that passed was begun.

        Raises:
            ApicError: it did not pass; see the tree in `errors` for what each kind says about the commit.
        """
        for delay in (*RETRY_DELAYS, None):
            self._await_turn()
            if not self._may_write():
                raise _stopped()
            begun, self._has_turn = self._clock.monotonic(), False
            try:
                self._session.post(dn, content)
            except ApicBusy:
                if delay is None:
                    raise
                self._sleep(delay * random.uniform(0.5, 1.0))  # noqa: S311 - spreads load, hides nothing
            else:
                return begun
        raise AssertionError("the last attempt returns or raises")

    def _await_turn(self) -> None:
        if self._has_turn:
            return
        wait, self._has_turn = self._turn(), True
        if wait:
            self._sleep(wait)


def _stopped() -> AkbSyncError:
    return AkbSyncError(
        "nothing more is written: the program stops, or has lost its right to write",
        "what is left follows when it is started again",
    )
