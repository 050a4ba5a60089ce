"""How often the engine may write, and how often it must.

The rule, for each object of a cell and from its first moment to its last. An address *comes* to an EPG when
its first reason appears in the cluster and *goes* with its last; it is *renamed* when another Pod or Service
gives it its name. Then

- created - deleted, by the engine and by people together, is 1 if the object is there at the end, else 0;
- the engine creates it at most once each time that it came or that people deleted it;
- the engine deletes it at most once each time that it went or that people created it;
- the engine updates it at most once each time that it was renamed or that people changed it.

So an object that stays right is never written, one that appears for good is written once, and an engine
that was away while something came and went has nothing to write. Where an address never comes back (which is
what a quiet run of most stories is) the bounds meet, and the number of writes is exactly one.

The apiserver orders the events of one kind only. An engine that has to catch up may see a new Pod before it
sees that the Deployment has left its EPG, and may so write the address there once, and take it away at once.
At moments that make it catch up this is allowed, for addresses and EPGs of one namespace; in quiet it is not.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from tests.e2e.matrix.oracle import Wishes, subnet_dn

Touched = Counter[tuple[str, str]]
"""(created, modified or deleted; DN) -> how often."""

_KEPT = re.compile(r"uni/tn-[^/]+/out-[^/]+/instP-[^/]+(/extsubnet-\[[^\]]+\])?")


@dataclass
class Turns:
    """How often each object came, went and got another name."""

    came: Counter[str] = field(default_factory=Counter)
    went: Counter[str] = field(default_factory=Counter)
    renamed: Counter[str] = field(default_factory=Counter)
    mixed: set[str] = field(default_factory=set)
    """The subnets that stand for a prefix of one moment in an EPG of another."""
    _names: dict[str, str] = field(default_factory=dict)
    _there: frozenset[str] = frozenset()

    def follow(self, wishes: Iterable[Wishes]) -> None:
        """Go through what was wanted, moment by moment; ends with nothing wanted of it forgotten."""
        self._there = frozenset()
        epgs, prefixes = set[str](), set[str]()
        for moment in wishes:
            epgs |= moment.keys()
            prefixes.update(*moment.values())
            now = dict(_flat(moment))
            self.came.update(now.keys() - self._there)
            self.went.update(self._there - now.keys())
            self.renamed.update(dn for dn, name in now.items() if self._names.get(dn, name) != name)
            self._names.update(now)
            self._there = frozenset(now)
        self.mixed |= {subnet_dn(epg, prefix) for epg in epgs for prefix in prefixes}


def _flat(wishes: Wishes) -> Iterable[tuple[str, str]]:
    for epg, subnets in wishes.items():
        yield epg, ""
        for prefix, name in subnets.items():
            yield subnet_dn(epg, prefix), name


def objects_of(wishes: Wishes) -> frozenset[str]:
    """The DNs of all EPGs and subnets that are wanted."""
    return frozenset(dn for dn, _ in _flat(wishes))


def broken(
    turns: Turns, engine: Touched, people: Touched, there: frozenset[str], *, lagging: bool = False
) -> list[str]:
    """Sentences about each object that was written too often or not often enough.

    Args:
        turns: the history of the cluster.
        engine: what the engine did.
        people: what everybody else did.
        there: the DNs of the engine's objects that are on the fabric at the end.
        lagging: whether the engine had to catch up, so that it may have mixed kinds of different moments.
    """
    if lagging:
        turns = replace(turns, came=turns.came + Counter(turns.mixed), went=turns.went + Counter(turns.mixed))
    return [sentence for dn in sorted(_kept(engine)) for sentence in _of(dn, turns, engine, people, there)]


def _kept(engine: Touched) -> set[str]:
    """EPGs and subnets; below them is only what the APIC makes and removes with them."""
    return {match.group(0) for _, dn in engine if (match := _KEPT.match(dn))} | {
        dn for _, dn in engine if not _KEPT.match(dn)
    }


def _of(dn: str, turns: Turns, engine: Touched, people: Touched, there: frozenset[str]) -> Iterable[str]:
    if not _KEPT.fullmatch(dn):
        yield f"{dn} is not the engine's to write"
        return
    created, modified, deleted = ((engine[kind, dn], people[kind, dn]) for kind in _KINDS)
    balance = sum(created) - sum(deleted)
    if balance != (dn in there):
        yield f"{dn}: created {created}, deleted {deleted} (engine, people); there at the end: {dn in there}"
    for what, done, most in (
        ("created", created[0], turns.came[dn] + deleted[1]),
        ("deleted", deleted[0], turns.went[dn] + created[1]),
        ("modified", modified[0], turns.renamed[dn] + modified[1]),
    ):
        if done > most:
            yield f"{dn}: {what} {done} times, {most} at most were needed"


_KINDS = ("created", "modified", "deleted")
