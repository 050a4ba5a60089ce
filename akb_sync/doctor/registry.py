"""Every check once: its name, what it looks at, what it rests on. The manual's page is made of this table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from .case import Case
from .finding import Finding

Look = Callable[[Case], Finding]


class Group(StrEnum):
    """What a check is about."""

    SETTINGS = "Settings"
    KUBERNETES = "Kubernetes"
    APIC = "APIC"
    WORKLOADS = "Workloads"
    FABRIC = "Fabric"
    MARKS = "Marks"
    ENGINE = "Engine"


@dataclass(frozen=True, slots=True)
class Check:
    """One row of `akb-sync doctor`."""

    name: str
    """Stable: scripts and the manual name it."""
    group: Group
    looks: str
    """What it looks at, a question for people."""
    bad: str
    """What a warning or failure means, and what to do."""
    needs: tuple[str, ...]
    """Checks that have to be well before this one can be made."""
    look: Look


class Table:
    """The checks of one group, in the order in which people read them."""

    def __init__(self, group: Group) -> None:
        """Begin empty."""
        self.group = group
        self.checks: list[Check] = []

    def check(self, name: str, looks: str, bad: str, needs: tuple[str, ...] = ()) -> Callable[[Look], Look]:
        """Register a function as a check; the words are those of `Check`."""

        def register(look: Look) -> Look:
            self.checks.append(Check(name, self.group, looks, bad, needs, look))
            return look

        return register


def joined(*tables: Table) -> tuple[Check, ...]:
    """Give all checks, each after those that it needs.

    Raises:
        ValueError: a name is taken, or a need does not stand before: a mistake in this package.
    """
    known: dict[str, Check] = {}
    for check in (check for table in tables for check in table.checks):
        unknown = [need for need in check.needs if need not in known]
        if check.name in known or unknown:
            raise ValueError(f"the check {check.name} is registered twice, or needs {unknown}")
        known[check.name] = check
    return tuple(known.values())
