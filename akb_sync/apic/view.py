"""The fabric as the engine sees it: every L3Out that matters, read, followed, and never guessed.

An L3Out matters when a workload names it, when it shares a VRF with one of those, or when something in it
bears our mark. Each is one subtree query, with a subscription while the engine runs. Freshness is kept per
L3Out: an error makes it stale, an event that cannot be understood too, and an empty answer is believed only
when the APIC gave it. No request is made while the lock is held, because events come in other threads.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from akb_sync.clock import Clock
from akb_sync.errors import (
    ApicCertificateError,
    ApicError,
    ApicForbidden,
    ApicLoginRefused,
    ApicRejected,
    ApicUnreachable,
)
from akb_sync.mark import Identity
from akb_sync.model import Binding, L3Out, Observed

from .change import Change
from .discovery import Discovery, discover
from .fault_records import Fault, read_faults
from .followed import Followed
from .patience import Patience
from .ports import ImData, Subscriber
from .subtree import SubtreeReader

STALE_AFTER = 90.0
"""Seconds without a sign of life after which a subscription is not believed."""
DISCOVERY = "discovery"
"""The name under which `troubles` has the search for L3Outs."""
_HOPELESS = (ApicUnreachable, ApicLoginRefused, ApicCertificateError)
"""After one of these the next L3Out would fare no better, and would take as long."""
_REFUSALS = (ApicForbidden, ApicRejected)
"""Answers that asking again does not change."""


class FabricView:
    """What the fabric has. `observed` may be called from any thread, what reads from one at a time."""

    def __init__(
        self,
        session: Subscriber,
        identity: Identity,
        clock: Clock,
        on_change: Callable[[], None],
        *,
        stale_after: float = STALE_AFTER,
    ) -> None:
        """Prepare; nothing is read yet.

        Args:
            session: what reads and subscribes; its `on_lost` is taken over.
            identity: whose mark is ours.
            clock: tells how old a view is.
            on_change: called, in any thread and without a lock, when `observed` would give something new or
                `follow` has something to do.
            stale_after: seconds without a sign of life after which a view is stale.
        """
        self._session = session
        self._identity = identity
        self._clock = clock
        self._on_change = on_change
        self._stale_after = stale_after
        self._reader = SubtreeReader(session)
        self._lock = threading.RLock()
        self._followed: dict[L3Out, Followed] = {}
        self._named: frozenset[L3Out] = frozenset()
        self._found = Discovery()
        self._search = Patience()
        self._live = False
        session.on_lost = self._lost

    def read(self, named: Collection[L3Out]) -> None:
        """Read everything once, without subscriptions. What fails for one L3Out is its trouble.

        Raises:
            ApicError: nothing at all could be read.
        """
        self._named = frozenset(named)
        self._forget_all()
        error = self._round()
        with self._lock:
            nothing = self._search.due and all(each.patience.due for each in self._followed.values())
        if error is not None and nothing:
            raise error

    def follow(self, named: Collection[L3Out]) -> None:
        """See to it that everything that matters is subscribed and read. Does nothing when that is so."""
        self._live = True
        self._named = frozenset(named)
        self._round()

    def refresh(self) -> None:
        """Read everything again now: the search for L3Outs, and every L3Out."""
        self._forget_all()
        self._round()

    def doubt(self, l3out: L3Out) -> None:
        """Believe nothing of an L3Out until it was read again: the outcome of a write is unknown."""
        with self._lock:
            if l3out in self._followed:
                self._followed[l3out].patience.doubt()

    def assume(self, objects: Iterable[Change]) -> None:
        """Take over what we wrote and the APIC committed, so that the next plan does not write it again."""
        with self._lock:
            for change in objects:
                followed = self._at(change.dn)
                if followed is not None:
                    followed.assume(change)

    def nodes(self, dn: str) -> list[tuple[str, str, Mapping[str, str]]]:
        """Give DN, class and attributes of an EPG or subnet and of what is below it, as far as known."""
        with self._lock:
            followed = self._at(dn)
            return list(followed.snapshot.nodes(dn)) if followed else []

    def changed_at(self, dn: str) -> str:
        """Give when the APIC last changed an EPG or a subnet (`modTs`, its own words); empty: not known."""
        with self._lock:
            followed = self._at(dn)
            return followed.snapshot.changed_at(dn) if followed else ""

    def faults(self, l3outs: Iterable[L3Out]) -> Mapping[Binding, tuple[Fault, ...]]:
        """Ask the APIC for the faults of all external EPGs of some L3Outs; for people, never while planning.

        Raises:
            ApicError: they could not be read.
        """
        return read_faults(self._session, l3outs)

    def observed(self) -> Observed:
        """Give what is known, with how far each L3Out can be believed."""
        with self._lock:
            followed = list(self._followed.values())
        # The session has locks of its own and may call us with one held: it is asked without ours.
        confirmed = [self._confirmed_at(each) for each in followed]
        now = self._clock.monotonic()
        with self._lock:
            l3outs = {
                each.l3out: each.observed(at, now, self._stale_after)
                for each, at in zip(followed, confirmed, strict=True)
            }
            return Observed(l3outs, complete=not self._must_search())

    def troubles(self) -> Mapping[str, str]:
        """Give the L3Outs (`tenant/l3out`) that could not be read, or `discovery`, with the error."""
        with self._lock:
            troubles = {str(each.l3out): each.patience.trouble for each in self._followed.values()}
            troubles[DISCOVERY] = self._search.trouble
        return {what: trouble for what, trouble in troubles.items() if trouble}

    @property
    def revisit_at(self) -> float | None:
        """When (monotonic) `follow` should be called even if nothing happens; None when it need not."""
        with self._lock:
            waiting = (*(each.patience for each in self._followed.values()), self._search)
            return min((each.retry_at for each in waiting if each.due and each.trouble), default=None)

    def stop(self) -> None:
        """Let all subscriptions end."""
        self._live = False
        with self._lock:
            followed, self._followed = list(self._followed.values()), {}
        for each in followed:
            self._unsubscribe(each)

    # Reading: one round is the named ones, the search (their VRFs say what to search for), and the rest.

    def _round(self) -> ApicError | None:
        """Read what is due; give the first error."""
        first = self._read_due(self._named)
        if isinstance(first, _HOPELESS):
            self._fail_search(first)
            return first
        second = self._find()
        with self._lock:
            rest = self._found.l3outs | self._followed.keys()
        third = self._read_due(rest)
        return first or second or third

    def _read_due(self, l3outs: Iterable[L3Out]) -> ApicError | None:
        first: ApicError | None = None
        for followed in self._due(l3outs):
            error = self._read_one(followed)
            first = first or error
            if isinstance(error, _HOPELESS):
                self._fail_others(error)
                return error
        return first

    def _due(self, l3outs: Iterable[L3Out]) -> Iterator[Followed]:
        now = self._clock.monotonic()
        for l3out in sorted(l3outs):
            with self._lock:
                followed = self._followed.setdefault(l3out, Followed(l3out))
                unsubscribed = self._live and (followed.subscription is None or followed.lost)
                due, rested = followed.patience.due or unsubscribed, now >= followed.patience.retry_at
            if rested and (due or self._aged(followed, now)):
                yield followed

    def _aged(self, followed: Followed, now: float) -> bool:
        """Whether its subscription lives and was long not confirmed: only a reading tells what is wrong."""
        return self._live and followed.is_old(self._confirmed_at(followed), now, self._stale_after)

    def _read_one(self, followed: Followed) -> ApicError | None:
        began = self._clock.monotonic()
        subscribe = self._live and (followed.subscription is None or followed.lost)
        with self._lock:
            followed.begin_reading()
        try:
            reading = self._reader.read(followed.l3out, self._listener(followed) if subscribe else None)
        except ApicError as error:
            with self._lock:
                refused = isinstance(error, _REFUSALS)
                followed.fail_reading(str(error), self._clock.monotonic(), refused=refused)
            return error
        with self._lock:
            followed.finish_reading(reading.snapshot, reading.missing, began)
            if reading.subscription is not None:
                followed.subscription = reading.subscription
        if reading.subscription is not None:
            reading.subscription.ready()
        return None

    def _fail_others(self, error: ApicError) -> None:
        """Spare those that wait for their turn the same failure."""
        now = self._clock.monotonic()
        with self._lock:
            for followed in self._followed.values():
                if followed.patience.due and now >= followed.patience.retry_at:
                    followed.fail_reading(str(error), now)

    def _fail_search(self, error: ApicError) -> None:
        """Spare the search the same failure; one that waits for its own time is not put off further."""
        now = self._clock.monotonic()
        with self._lock:
            if now >= self._search.retry_at:
                self._search.fail(str(error), now)

    # The search for L3Outs that matter beside the named ones.

    def _find(self) -> ApicError | None:
        with self._lock:
            if not self._must_search() or self._clock.monotonic() < self._search.retry_at:
                return None
            self._search.begin()
            vrfs = self._vrfs()
        try:
            found = discover(self._session, self._identity.uid8, vrfs)
        except ApicError as error:
            with self._lock:
                self._search.fail(str(error), self._clock.monotonic())
            return error
        with self._lock:
            self._search.succeed()
            self._found = found
        self._drop_all_but(self._named | found.l3outs)
        return None

    def _must_search(self) -> bool:
        return self._search.due or not self._vrfs() <= self._found.vrfs

    def _vrfs(self) -> frozenset[str]:
        named = (self._followed[l3out] for l3out in self._named if l3out in self._followed)
        return frozenset(each.snapshot.vrf for each in named) - {""}

    def _drop_all_but(self, wanted: Collection[L3Out]) -> None:
        with self._lock:
            dropped = [each for l3out, each in self._followed.items() if l3out not in wanted]
            for each in dropped:
                del self._followed[each.l3out]
        for each in dropped:
            self._unsubscribe(each)

    # What the session says.

    def _listener(self, followed: Followed) -> Callable[[ImData], None]:
        def hear(events: ImData) -> None:
            with self._lock:
                effect = followed.hear(events, self._clock.monotonic())
            if effect.changed or not effect.complete:
                self._on_change()

        return hear

    def _lost(self) -> None:
        with self._lock:
            for followed in self._followed.values():
                if followed.lost:
                    followed.patience.doubt()
        self._on_change()

    def _confirmed_at(self, followed: Followed) -> float:
        subscription = followed.subscription
        return -math.inf if subscription is None else self._session.confirmed_at(subscription)

    def _unsubscribe(self, followed: Followed) -> None:
        if followed.subscription is not None:
            self._session.unsubscribe(followed.subscription)

    def _at(self, dn: str) -> Followed | None:
        l3out = L3Out.of_dn(dn)
        return self._followed.get(l3out) if l3out else None

    def _forget_all(self) -> None:
        """Doubt everything, and try at once what failed before."""
        with self._lock:
            for each in (*(followed.patience for followed in self._followed.values()), self._search):
                each.doubt()
                each.forget_failures()
