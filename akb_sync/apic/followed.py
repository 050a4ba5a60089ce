"""What is held about one L3Out while it is read and followed: the picture, and how far it can be believed.

It does no I/O. The view owns it and holds its lock around every method.
"""

from __future__ import annotations

from akb_sync.model import Freshness, L3Out, ObservedL3Out

from .change import Change
from .patience import Patience
from .ports import ImData, Subscription
from .snapshot import Effect, Snapshot


class Followed:
    """One L3Out. Times are monotonic seconds."""

    def __init__(self, l3out: L3Out) -> None:
        """Nothing is known yet."""
        self.l3out = l3out
        self.patience = Patience()
        self.snapshot = Snapshot(l3out)
        self.subscription: Subscription | None = None
        self._missing = ""
        self._refused = False
        self._read_at: float | None = None
        self._replay: list[tuple[ImData, float]] | None = None
        self._observed: tuple[tuple[object, ...], ObservedL3Out] | None = None

    @property
    def lost(self) -> bool:
        """Whether it was subscribed and is no more."""
        return self.subscription is not None and not self.subscription.alive

    def begin_reading(self) -> None:
        """Keep the events from now on: the answer that is coming may be older than they are."""
        self.patience.begin()
        self._replay = []

    def finish_reading(self, snapshot: Snapshot, missing: str, began: float) -> None:
        """Take over an answer, and on top of it what was heard meanwhile."""
        self.snapshot, self._missing, self._read_at = snapshot, missing, began
        self._refused = False
        replay, self._replay = self._replay or [], None
        self.patience.succeed()
        for events, heard in replay:
            self.hear(events, heard)

    def fail_reading(self, trouble: str, now: float, *, refused: bool = False) -> None:
        """Note that it could not be read; what was known stays, and is stale.

        `refused` says that asking again does not change the answer.
        """
        self._replay = None
        self._refused = refused
        self.patience.fail(trouble, now)

    def hear(self, events: ImData, now: float) -> Effect:
        """Take over pushed events."""
        effect = self.snapshot.apply(events, now)
        if self._replay is not None:
            self._replay.append((events, now))
        elif not effect.complete:
            self.patience.doubt()
        return effect

    def assume(self, change: Change) -> None:
        """Take over what we wrote."""
        self.snapshot.assume((change,))

    def observed(self, confirmed_at: float, now: float, stale_after: float) -> ObservedL3Out:
        """Give an immutable picture; `confirmed_at` is when its subscription was last known to live."""
        freshness = self._freshness(confirmed_at, now, stale_after)
        exists, vrf, trouble = self.snapshot.exists, self.snapshot.vrf, self.patience.trouble
        epgs = self.snapshot.epgs()
        key = (id(epgs), exists, vrf, freshness, self._missing, self._read_at, trouble, self._refused)
        if self._observed is None or self._observed[0] != key:
            self._observed = (key, self._project(freshness))  # it holds `epgs`, so the id stays theirs
        return self._observed[1]

    def is_old(self, confirmed_at: float, now: float, stale_after: float) -> bool:
        """Whether it was read, and neither that nor its subscription says anything of the present."""
        return self._read_at is not None and now - max(confirmed_at, self._read_at) > stale_after

    def _freshness(self, confirmed_at: float, now: float, stale_after: float) -> Freshness:
        if self._read_at is None:
            return Freshness.NEVER
        old = self.is_old(confirmed_at, now, stale_after)
        return Freshness.STALE if old or self.lost or self.patience.due else Freshness.FRESH

    def _project(self, freshness: Freshness) -> ObservedL3Out:
        exists = self.snapshot.exists
        return ObservedL3Out(
            l3out=self.l3out,
            freshness=freshness,
            exists=exists,
            missing="" if exists or self._read_at is None else self._missing or self.l3out.dn,
            vrf=self.snapshot.vrf,
            epgs=self.snapshot.epgs(),
            read_at=self._read_at or 0.0,
            trouble=self.patience.trouble,
            refused=self._refused,
        )
