"""What clients did to the simulator, for tests to read: accepted writes, refusals, and counts of requests."""

import threading
from collections import Counter, deque
from dataclasses import dataclass
from typing import Any

WRITES_KEPT, REFUSALS_KEPT = 100_000, 10_000
"""The newest; a simulator may run for weeks, and refusals are what a broken client makes most of."""


@dataclass(frozen=True, slots=True)
class Write:
    """One write request over HTTP that was carried out.

    Attributes:
        method: POST or DELETE.
        dn: the dn of the URL; empty when only the body named one.
        body: the decoded JSON document, None for a DELETE.
        changes: how many objects it created, modified or deleted; 0 for a repeated write.
        time: seconds since 1970, of the simulator's clock.
        touched: each of these objects as its kind of change (`created`, `modified`, `deleted`) and its dn;
            what the system did because of it (allocations, faults, audit records) is not among them.
        arrived: when its request came, and `committed` when it was carried out: seconds of the machine's
            monotonic clock, which processes of one machine share.
    """

    method: str
    dn: str
    user: str
    body: Any
    changes: int
    time: float
    touched: tuple[tuple[str, str], ...] = ()
    arrived: float = 0.0
    committed: float = 0.0


@dataclass(frozen=True, slots=True)
class Refusal:
    """One request that was answered with an error."""

    method: str
    path: str
    status: int
    code: str
    text: str


class Journal:
    """Keeps the newest writes and refusals, and counts all; every method may be called from any thread.

    `counts` has the keys logins, logins_refused, refreshes, logouts, webtokens, queries, posts, deletes,
    subscriptions, subscription_refreshes, sockets, refused, and canned (answers made up by a fault hook).
    Requests are counted when they arrive, whatever becomes of them.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._writes: deque[Write] = deque(maxlen=WRITES_KEPT)
        self._refusals: deque[Refusal] = deque(maxlen=REFUSALS_KEPT)
        self._counts: Counter[str] = Counter()

    @property
    def writes(self) -> list[Write]:
        """The accepted writes, a copy; the oldest of very many are gone."""
        with self._lock:
            return list(self._writes)

    @property
    def refusals(self) -> list[Refusal]:
        """The refused requests, a copy; the oldest of very many are gone."""
        with self._lock:
            return list(self._refusals)

    @property
    def counts(self) -> Counter[str]:
        """The counts so far, a copy."""
        with self._lock:
            return Counter(self._counts)

    def count(self, kind: str) -> None:
        """One more request of a kind."""
        with self._lock:
            self._counts[kind] += 1

    def accepted(self, write: Write) -> None:
        """Note a write that was carried out."""
        with self._lock:
            self._writes.append(write)

    def refused(self, refusal: Refusal) -> None:
        """Note a request that was answered with an error."""
        with self._lock:
            self._counts["refused"] += 1
            self._refusals.append(refusal)

    def clear(self) -> None:
        """Start counting anew."""
        with self._lock:
            self._writes.clear()
            self._refusals.clear()
            self._counts.clear()
