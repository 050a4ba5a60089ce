"""One line of a plan: an object, what is to happen to it, why, and what holds it back.

It stands between the plan, which makes items, and the writer, which carries out those that are not
held. It belongs to neither, so that the two do not know each other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from .model import Binding, ObjectRef, ObservedEpg, ObservedSubnet
from .reasons import Reason


class Action(StrEnum):
    """What is to happen to an object."""

    NONE = "none"
    """Nothing: it is right, or it is not ours to touch."""
    CREATE = "create"
    UPDATE = "update"
    """Put attributes back that we keep."""
    MOVE = "move"
    """Delete in one EPG and create in another, in one transaction."""
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Hold:
    """Why an action is not done now, and until when (monotonic seconds), where that is known."""

    reason: Reason
    message: str = ""
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One object and what is to happen to it."""

    action: Action
    binding: Binding
    """The EPG that it is, or that it is (or will be) in."""
    dn: str
    reason: Reason
    prefix: str = ""
    """Canonical prefix of a subnet; empty for an EPG."""
    message: str = ""
    name: str | None = None
    """The subnet's label to be written; None: not written."""
    scope: frozenset[str] | None = None
    """The whole set of scope flags to be written; None: not written."""
    mark: str | None = None
    """The annotation to be written; None: not written."""
    tags: tuple[tuple[str, str], ...] = ()
    """Of an EPG: `tagAnnotation` children to be written, key and value; an empty value takes the tag off."""
    sources: tuple[ObjectRef, ...] = ()
    """The workloads (for an EPG), Pods and Services (for a subnet) that want it."""
    workloads: tuple[ObjectRef, ...] = ()
    """The workloads behind it."""
    observed: ObservedSubnet | ObservedEpg | None = None
    """What the fabric has at `dn`."""
    leaves: ObservedSubnet | None = None
    """Of a move: the subnet that goes."""
    hold: Hold | None = None

    @property
    def is_epg(self) -> bool:
        """Whether it is about the external EPG itself."""
        return not self.prefix

    @property
    def changes(self) -> bool:
        """Whether the fabric differs from what is wanted here, held or not."""
        return self.action is not Action.NONE

    @property
    def actionable(self) -> bool:
        """Whether it is to be written now."""
        return self.changes and self.hold is None

    @property
    def removes(self) -> bool:
        """Whether an object goes."""
        return self.action in (Action.DELETE, Action.MOVE)

    def held(self, hold: Hold) -> Item:
        """Give the same item, held; the first hold stays, since it is the one to mend first."""
        return self if self.hold else replace(self, hold=hold)
