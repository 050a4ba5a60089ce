"""Tells the people of each workload by Events what was done for it, what could not be done, and what to do.

What goes on standing in the way is said when it begins, when its words change, and every half hour: the API
server forgets Events after an hour.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from akb_sync.kube.events import Announcement
from akb_sync.model import Binding, ObjectRef
from akb_sync.plan import Plan
from akb_sync.reasons import Reason
from akb_sync.state import Pause

from .announcements import owners, passes, right_again, standing, tallies, warning
from .desk import Desk
from .observer import Look
from .report import Report

PATIENCE = 60.0
"""Seconds for which what mostly ends by itself is not told."""
REWORD = 60.0
"""Seconds between two tellings of the same with other words."""
REPEAT = 1800.0


@dataclass(slots=True)
class _Known:
    """One thing that stands in a workload's way."""

    since: float
    message: str = ""
    said_at: float | None = None

    def due(self, reason: Reason, message: str, now: float) -> bool:
        """Whether it has to be said now."""
        if self.said_at is None:
            return not passes(reason) or now - self.since >= PATIENCE
        return now - self.said_at >= (REPEAT if message == self.message else REWORD)


class Herald:
    """An observer that speaks by Events. Only the leader speaks, and no dry run."""

    def __init__(self, desk: Desk, switch: ObjectRef | None = None) -> None:
        """Say nothing yet; `switch` is the object with the switch of the freeze."""
        self._desk, self._switch = desk, switch
        self._known: dict[tuple[ObjectRef, Reason], _Known] = {}
        self._workloads: Mapping[Binding, tuple[ObjectRef, ...]] = {}
        self._paused: Pause | None = None

    @property
    def troubles(self) -> Mapping[str, str]:
        """Why Events cannot be written."""
        return self._desk.troubles

    def looked(self, look: Look) -> None:
        """Say what stands in a workload's way, and what does no longer."""
        if not look.leading or look.dry:
            return
        self._tell_pause(look.paused)
        if look.plan is not None:
            self._workloads = owners(look.plan)
            self._tell(look.plan, look.now)

    def wrote(self, report: Report, _seconds: float) -> None:
        """Say what was done."""
        for workload, tally in tallies(report, self._workloads).items():
            said = Announcement(workload, Reason.SYNCED, tally.message, warning=False, count=tally.count)
            self._desk.say(said, tally)

    def _tell(self, plan: Plan, now: float) -> None:
        current = standing(plan)
        gone = [key for key in self._known if key not in current]
        over = {key[0] for key in gone if self._known.pop(key).said_at is not None}
        for said in right_again(plan, over - {workload for workload, _ in current}):
            self._desk.say(said)
        for (workload, reason), message in current.items():
            known = self._known.setdefault((workload, reason), _Known(now))
            if known.due(reason, message, now):
                known.said_at, known.message = now, message
                self._desk.say(Announcement(workload, reason, message, warning(reason)))

    def _tell_pause(self, paused: Pause | None) -> None:
        """The freeze, and its end, are said about the object that holds its switch."""
        before, self._paused = self._paused, paused
        if self._switch is None or paused == before:
            return
        if paused is not None:
            message = f"{paused}; {Reason.ENGINE_PAUSED.next_step}"
            self._desk.say(Announcement(self._switch, Reason.ENGINE_PAUSED, message, warning=False))
        else:
            message = "the engine goes on after a pause"
            self._desk.say(Announcement(self._switch, Reason.SYNCED, message, warning=False))
