"""Which L3Outs have to be looked at beside those that workloads name.

Those that share a VRF with a named one, since a prefix may stand in one external EPG of a VRF only; and those
where an object bears our mark, since what nobody names any more has to be cleaned.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from akb_sync.model import L3Out

from .ports import Reader
from .queries import l3outs_of, marked_queries, mates_queries


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found, and for which VRFs (DNs) it was asked."""

    vrfs: frozenset[str] = frozenset()
    l3outs: frozenset[L3Out] = frozenset()


def discover(session: Reader, uid8: str, vrfs: Iterable[str]) -> Discovery:
    """Ask the fabric; four queries for up to twenty VRFs.

    Raises:
        ApicError: one of the queries failed; then nothing is known.
    """
    asked = frozenset(vrfs) - {""}
    found: set[L3Out] = set()
    for path, params in (*mates_queries(asked), *marked_queries(uid8)):
        found |= l3outs_of(session.get(path, params))
    return Discovery(asked, frozenset(found))
