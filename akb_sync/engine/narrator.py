"""The engine's story in the log: what was written, what is held, what people should know, each said once."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

from akb_sync.item import Action, Item
from akb_sync.model import Notice
from akb_sync.plan import Plan
from akb_sync.reasons import Reason

from .observer import Look
from .report import Report
from .wording import described, sentence, told

log = logging.getLogger(__name__)

_PAST = {
    Action.CREATE: "created",
    Action.UPDATE: "put right",
    Action.MOVE: "moved",
    Action.DELETE: "deleted",
    Action.NONE: "left",
}
COLLECTIVE = frozenset(
    {
        Reason.NOT_FRESH,
        Reason.MASS_DELETE,
        Reason.UNCONFIRMED,
        Reason.POLICY,
        Reason.CAPACITY,
        Reason.PARENT_MISSING,
        Reason.VRF_UNKNOWN,
        Reason.NO_CONTRACT,
        Reason.EPG_DELETED,
        Reason.PAUSED,
        Reason.ENGINE_PAUSED,
        Reason.INVALID_ANNOTATION,
        Reason.PARENT_UNKNOWN,
        Reason.RELEASED,
    }
)
"""Reasons that tell of an EPG, or of what all of it rests on: said once for it, however many objects wait."""

Said = tuple[str, ...]
"""What makes a line the same as the last time: subject, reason and, of single objects, the message."""


class Narrator:
    """Logs what changes between one pass and the next."""

    def __init__(self) -> None:
        self._said: frozenset[Said] = frozenset()
        self._approval_id = ""
        self._would: frozenset[tuple[str, str]] = frozenset()

    @property
    def troubles(self) -> Mapping[str, str]:
        """Nothing can be wrong with it."""
        return {}

    def looked(self, look: Look) -> None:
        """Say what a look has found, unless another engine leads, which says it."""
        if look.plan is not None and (look.leading or look.dry):
            self.planned(look.plan)
            if look.dry:
                self.would_write(look.plan)

    def wrote(self, report: Report, _seconds: float) -> None:
        """Say what became of a round of writing."""
        self.written(report)

    def planned(self, plan: Plan) -> None:
        """Say what is newly held or left alone, and what is newly noticed."""
        current = {**_left(plan.notable), **_notices(plan.notices)}
        for said in sorted(current.keys() - self._said):
            log.warning("%s", current[said], extra={"fields": {"reason": said[1], "about": said[0]}})
        self._said = frozenset(current) | self._tried_again(plan)
        if plan.approval_id and plan.approval_id != self._approval_id:
            count = len(plan.awaiting_approval)
            log.warning(
                "%s; a person releases %s with `akb-sync sync --approve %s`",
                "1 removal waits" if count == 1 else f"{count} removals wait",
                "it" if count == 1 else "them",
                plan.approval_id,
            )
        self._approval_id = plan.approval_id

    def would_write(self, plan: Plan) -> None:
        """Say what a dry run leaves undone."""
        current = frozenset((described(item), str(item.action)) for item in plan.actionable)
        for subject, action in sorted(current - self._would):
            log.info("dry run: would %s %s", action, subject)
        self._would = current

    def written(self, report: Report) -> None:
        """Say what was written, and of what that is not known; what was refused is held, and said so."""
        for item in report.done:
            about = {"action": str(item.action), "reason": str(item.reason), "dn": item.dn}
            what = _PAST[item.action], described(item), item.reason, _behind(item), _why(item)
            log.info("%s %s: %s%s%s", *what, extra={"fields": about})
        if report.overtaken:
            count = len(report.overtaken)
            log.info(
                "%s what they rest on gone from the fabric, which is read again",
                "1 write finds" if count == 1 else f"{count} writes find",
            )
        if report.unknown:
            count = len(report.unknown)
            log.warning(
                "the outcome of %s is not known; the fabric is read again",
                "1 write" if count == 1 else f"{count} writes",
            )

    def _tried_again(self, plan: Plan) -> frozenset[Said]:
        """What was refused and is tried again now: if it is refused again, that is no news."""
        tried = {described(item) for item in plan.actionable}
        return frozenset(said for said in self._said if said[0] in tried and said[1] == Reason.REJECTED)


def _behind(item: Item) -> str:
    return f" for {item.sources[0]}" if item.sources else ""


def _why(item: Item) -> str:
    """What there is to say of something that was done beside its reason, and what people can do."""
    message = f": {item.message}" if item.message else ""
    step = f"; {item.reason.next_step}" if item.reason.next_step else ""
    return message + step


def _left(items: Iterable[Item]) -> Mapping[Said, str]:
    """Give a line for each object that is held or left alone, or for each EPG where that says it all."""
    waiting: dict[Said, list[Item]] = {}
    lines: dict[Said, tuple[Reason, str]] = {}
    for item in items:
        if (known := told(item)) is not None:
            reason, message = known
            of = (str(item.binding),) if reason in COLLECTIVE else (described(item), message)
            said = (of[0], str(reason), *of[1:])
            waiting.setdefault(said, []).append(item)
            lines.setdefault(said, known)
    return {said: _line(waiting[said], *known) for said, known in lines.items()}


def _line(items: list[Item], reason: Reason, message: str) -> str:
    more = f" and {len(items) - 1} more" if len(items) > 1 else ""
    return f"{described(items[0])}{more}: {reason}: {sentence(reason, message)}"


def _notices(notices: Iterable[Notice]) -> Mapping[Said, str]:
    return {
        (
            str(one.subject),
            str(one.reason),
            one.message,
        ): f"{one.subject}: {one.reason}: {sentence(one.reason, one.message)}"
        for one in notices
    }
