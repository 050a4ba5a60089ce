"""What goes wrong during one step of an engine, and what the engine may not do then.

Single requests and events go wrong by the patterns that the rest of the laboratory uses; the simulators do
what lasts for the whole step.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from akb_sync.simulators.apic import Canned
from tests.faults.faults import CRASH_AFTER, CRASH_BEFORE, HIDE, LOSE_ANSWER, REPEAT, TURN_AWAY, FaultWhere
from tests.faults.ledger import NoFault, Point, What
from tests.faults.process import RESYNC

from .wishes import WORKLOADS, workloads

if TYPE_CHECKING:
    from .party import Party

OLD = 100.0
"""Seconds of blindness after which no view is believed any more."""
PATTERNS = {
    "crash before": CRASH_BEFORE,
    "crash after": CRASH_AFTER,
    "lose answer": LOSE_ANSWER,
    "turn away": TURN_AWAY,
    "hide": HIDE,
    "repeat": REPEAT,
}
Touched = list[tuple[str, str]]
"""Kind of change and DN."""


@dataclass(frozen=True)
class Trouble:
    """A kind and what it is about; the kind is empty for none."""

    kind: str = ""
    what: str = ""

    def __repr__(self) -> str:
        """Say it as a test would write it."""
        return f"Trouble({self.kind!r}, {self.what!r})"

    @property
    def blinds(self) -> bool:
        """Whether it lasts so long that views of processes that live on are stale."""
        return self.kind in ("unlisted", "blind")

    def unseen(self, touched: Touched) -> Iterable[str]:
        """What an engine did to objects that it could not see, or whose reasons it could not."""
        gone = [dn for change, dn in touched if change == "deleted"]
        if self.kind == "blind":
            yield from (f"{change} {dn} while blind" for change, dn in touched)
        elif self.kind == "unlisted":
            yield from (f"deleted {dn} while {self.what} were not seen" for dn in gone)

    def unread(self, party: Party, touched: Touched) -> Iterable[str]:
        """The same of an engine that knew nothing before this step."""
        gone = [dn for change, dn in touched if change == "deleted"]
        if self.kind == "unreadable":
            yield from (f"{change} {dn} unseen" for change, dn in touched if self.what in dn)
        elif self.kind == "empty" and _contradicted(party, self.what):
            made = {dn.partition("/extsubnet-")[2] for change, dn in touched if change == "created"}
            moved = [dn for dn in gone if dn.partition("/extsubnet-")[2] in made]
            yield from (f"deleted {dn} on an empty list" for dn in gone if dn not in moved)


NO_TROUBLE = Trouble()


@contextmanager
def troubled(party: Party, trouble: Trouble) -> Iterator[None]:
    """Let it go wrong while the block runs."""
    party.ledger.points.clear()
    fault = _fault(trouble)
    party.ledger.fault = fault or NoFault()
    _strike(party, trouble)
    if trouble.blinds:
        party.stage.clock.advance(OLD)
    try:
        yield
    finally:
        party.stage.apic.faults.clear()
        party.cluster.faults.clear()
        party.ledger.fault = NoFault()
        party.last_post = math.inf
    if fault and fault.struck and trouble.kind == "hide":
        party.misled_until = party.stage.clock.monotonic() + 2 * RESYNC
    if trouble.kind == "deposed":
        party.change_the_leader()


def _fault(trouble: Trouble) -> FaultWhere | None:
    """A pattern at the n-th point of the step, of those that it is for; `w3` is the third write."""
    pattern = PATTERNS.get(trouble.kind)
    if pattern is None:
        return None
    counted = _Count(int(trouble.what.removeprefix("w")), pattern.where, writes="w" in trouble.what)
    return FaultWhere(pattern, counted)


@dataclass
class _Count:
    """Is true for the n-th point that it is about."""

    number: int
    where: frozenset[What]
    writes: bool
    _seen: int = 0

    def __call__(self, point: Point) -> bool:
        if point.what not in self.where or (self.writes and not point.writes):
            return False
        self._seen += 1
        return self._seen == self.number


def _strike(party: Party, trouble: Trouble) -> None:
    apic, cluster, what = party.stage.apic.faults, party.cluster.faults, trouble.what
    strikes: dict[str, Callable[[], object]] = {
        "busy": lambda: apic.answer_next(Canned.BUSY, int(what), "POST", "/mo/uni/tn-"),
        "rejected": lambda: apic.reject(what, "120", "Invalid Configuration: not here"),
        "unreadable": lambda: apic.answer_next(Canned.BUSY, 1000, "GET", what),
        "unlisted": lambda: [cluster.error(500, what, verb) for verb in ("list", "watch")],
        "empty": lambda: cluster.empty_list(what),
        "old view": lambda: cluster.old_view(max(1, party.cluster.revision - int(what))),
        "blind": lambda: _blind(party, what),
        "deposed": lambda: _depose(party, int(what)),
    }
    strikes.get(trouble.kind, lambda: None)()


def _blind(party: Party, side: str) -> None:
    if side == "cluster":
        party.cluster.faults.error(500)
    else:
        party.stage.apic.faults.answer_next(Canned.BUSY, 10_000, "GET", "/api/")


def _depose(party: Party, posts: int) -> None:
    party.last_post = party.stage.posts + posts


def _contradicted(party: Party, resource: str) -> bool:
    """Whether another kind says that an empty list of this one cannot be."""
    owners = {one["metadata"]["ownerReferences"][0]["kind"] for one in party.pods()}
    told = {
        "services": True,
        "pods": any(party.own_pods(one) for one in workloads(party.cluster)),
        "replicasets": "ReplicaSet" in owners,
        "deployments": bool(party.cluster.list("ReplicaSet", "shop")),
    }
    told |= {f"{kind.lower()}s": kind in owners for kind in WORKLOADS[1:]}
    return told[resource]
