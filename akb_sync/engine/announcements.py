"""What the people of a workload should be told, as a pure function of a plan or of what was written.

They wrote one annotation and look at `kubectl describe`. So each is told of its own workload only, in the
words of `reasons.py`: what was done, what could not be done, and the next step.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from akb_sync.item import Action, Item
from akb_sync.kube.events import Announcement
from akb_sync.model import Binding, ObjectRef
from akb_sync.plan import Plan
from akb_sync.reasons import Reason

from .report import Report
from .wording import counted, sentence, together, told

Standing = Mapping[tuple[ObjectRef, Reason], str]
"""What stands in the way of each workload, one sentence per reason."""

WORKLOADS = frozenset({"Deployment", "StatefulSet", "DaemonSet"})
_PASSING = frozenset({Reason.NOT_FRESH, Reason.AWAITING_REMOVAL, Reason.HOLD_DOWN, Reason.VRF_UNKNOWN})
"""Holds that mostly end by themselves in a moment: told only when they do not."""
_ON_PURPOSE = frozenset({Reason.PAUSED, Reason.SYNCED, Reason.HOST_NETWORK})
"""What is no Warning: somebody wanted it so."""


def passes(reason: Reason) -> bool:
    """Whether it mostly ends by itself in a moment."""
    return reason in _PASSING


def standing(plan: Plan) -> Standing:
    """Give what stands in the way of each workload in a plan, and what its people should know."""
    found: dict[tuple[ObjectRef, Reason], list[Item]] = {}
    messages: dict[tuple[ObjectRef, Reason], str] = {}
    for item in plan.notable:
        if (known := told(item)) is not None:
            for workload in item.workloads:
                found.setdefault((workload, known[0]), []).append(item)
                messages.setdefault((workload, known[0]), known[1])
    said = {key: together(items, key[1], messages[key]) for key, items in found.items()}
    for notice in plan.notices:
        if notice.subject.kind in WORKLOADS:
            said.setdefault((notice.subject, notice.reason), sentence(notice.reason, notice.message))
    return said


def warning(reason: Reason) -> bool:
    """Whether something is not as the workload's people want it."""
    return reason not in _ON_PURPOSE


@dataclass
class Tally:
    """What was done for one workload since its people were told last."""

    bindings: set[Binding] = field(default_factory=set)
    made: int = 0
    added: int = 0
    removed: int = 0
    mended: int = 0
    sample: str = ""

    @property
    def count(self) -> int:
        """How many objects were written."""
        return self.made + self.added + self.removed + self.mended

    def add(self, item: Item) -> None:
        """Count one object."""
        self.bindings.add(item.binding)
        match item.action:
            case Action.DELETE:
                self.removed += 1
            case Action.UPDATE:
                self.mended += 1
            case _ if item.is_epg:
                self.made += 1
            case _:
                self.added += 1
                self.sample = self.sample or item.prefix

    def merge(self, other: Tally) -> None:
        """Take over what another one counted."""
        self.bindings |= other.bindings
        self.made += other.made
        self.added += other.added
        self.removed += other.removed
        self.mended += other.mended
        self.sample = self.sample or other.sample

    @property
    def message(self) -> str:
        """Say it in one line."""
        epgs = sorted(map(str, self.bindings))
        where = f"EPG {epgs[0]}" + (f" and {len(epgs) - 1} more" if len(epgs) > 1 else "")
        example = f" ({self.sample})" if self.sample and self.added == 1 else ""
        parts = [
            "made" if self.made else "",
            f"{counted(self.added, 'address')} added{example}" if self.added else "",
            f"{counted(self.removed, 'object')} removed" if self.removed else "",
            f"{counted(self.mended, 'object')} put right" if self.mended else "",
        ]
        return f"{where}: {', '.join(part for part in parts if part)}"


def tallies(report: Report, workloads: Mapping[Binding, tuple[ObjectRef, ...]]) -> dict[ObjectRef, Tally]:
    """Count what was done for each workload; what nobody wants any more, for those of its EPG."""
    found: dict[ObjectRef, Tally] = {}
    for item in report.done:
        for workload in item.workloads or workloads.get(item.binding, ()):
            found.setdefault(workload, Tally()).add(item)
    return found


def owners(plan: Plan) -> dict[Binding, tuple[ObjectRef, ...]]:
    """Give the workloads of each EPG that one names."""
    return {item.binding: item.workloads for item in plan.notable if item.is_epg and item.workloads}


def right_again(plan: Plan, workloads: Iterable[ObjectRef]) -> list[Announcement]:
    """Tell the people of workloads that had something in their way, where now nothing is."""
    asked = set(workloads)
    addresses: dict[ObjectRef, int] = dict.fromkeys(asked, 0)
    epgs: dict[ObjectRef, Binding] = {}
    for item in plan.items if asked else ():
        for workload in asked.intersection(item.workloads):
            if item.changes:
                asked.discard(workload)
            addresses[workload] += not item.is_epg
            epgs[workload] = item.binding
    return [
        Announcement(
            workload,
            Reason.SYNCED,
            f"EPG {epgs[workload]}: {counted(addresses[workload], 'address')} as wanted",
            warning=False,
        )
        for workload in sorted(asked & epgs.keys())
    ]
