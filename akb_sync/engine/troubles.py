"""What is wrong at the moment, said once: when it begins, and when it is over.

An outage of an hour is one line in the log and not one in every round, since a log that repeats itself
is not read. Nor is it one for every kind and L3Out that it hits, or whenever its sentence turns from `cut
the connection` to `connection refused`: two sentences of one side that ask the same of a person are one
trouble. What a sentence asks is its end, after the last semicolon (see `errors.AkbSyncError`).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

log = logging.getLogger(__name__)

Trouble = tuple[str, str]
"""The side that is in trouble, and what is asked of a person."""


class Troubles:
    """The troubles that stand, each with the names of all that it hit."""

    def __init__(self) -> None:
        self._hit: dict[Trouble, set[str]] = {}

    def update(self, side: str, now: Mapping[str, str]) -> None:
        """Take over what is wrong on one side now, name to sentence; log what is new and what is over."""
        for demand, names in by_demand(now).items():
            trouble = (side, demand)
            if trouble not in self._hit:
                log.error("%s: %s", ", ".join(names), now[names[0]])
            self._hit.setdefault(trouble, set()).update(names)
        over = [trouble for trouble, hit in self._hit.items() if trouble[0] == side and hit.isdisjoint(now)]
        right = sorted(set().union(*(self._hit.pop(trouble) for trouble in over)))
        if right:
            log.info("%s: right again", ", ".join(right))


def by_demand(now: Mapping[str, str]) -> Mapping[str, list[str]]:
    """Sort the names in trouble by what their sentences ask of a person."""
    names_of: dict[str, list[str]] = {}
    for name in sorted(now):
        told, _, demand = now[name].rpartition("; ")
        names_of.setdefault(demand if told else "", []).append(name)
    return names_of


def told(now: Mapping[str, str]) -> list[str]:
    """Say what is wrong, in one sentence for each thing that is asked of a person."""
    return [f"{', '.join(names)}: {now[names[0]]}" for names in by_demand(now).values()]
