"""The engine's story in the log: what was written, what is held, what people should know, each said once."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from akb_sync.item import Action, Item
from akb_sync.model import Notice
from akb_sync.plan import Plan

from .report import Report

log = logging.getLogger(__name__)

_PAST = {
    Action.CREATE: "created",
    Action.UPDATE: "put right",
    Action.MOVE: "moved",
    Action.DELETE: "deleted",
    Action.NONE: "left",
}


class Narrator:
    """Logs what changes between one pass and the next."""

    def __init__(self) -> None:
        self._said: set[tuple[str, str, str]] = set()
        self._approval_id = ""
        self._would: set[tuple[str, str]] = set()

    def planned(self, plan: Plan) -> None:
        """Say what is newly held and what is newly noticed."""
        current = {*_holds(plan.held), *_notices(plan.notices)}
        for subject, reason, message in sorted(current - self._said):
            log.warning("%s: %s%s", subject, reason, f": {message}" if message else "")
        self._said = current
        if plan.approval_id and plan.approval_id != self._approval_id:
            count = len(plan.awaiting_approval)
            log.warning(
                "%d removals wait; a person releases them with `akb-sync sync --approve %s`",
                count,
                plan.approval_id,
            )
        self._approval_id = plan.approval_id

    def would_write(self, plan: Plan) -> None:
        """Say what a dry run leaves undone."""
        current = {(described(item), str(item.action)) for item in plan.actionable}
        for subject, action in sorted(current - self._would):
            log.info("dry run: would %s %s", action, subject)
        self._would = current

    def written(self, report: Report) -> None:
        """Say what was written and what was not."""
        for item in report.done:
            log.info("%s %s: %s%s", _PAST[item.action], described(item), item.reason, _behind(item))
        for item, text in report.rejected:
            log.error("%s: refused by the APIC: %s", described(item), text)
        if report.unknown:
            log.warning(
                "the outcome of %d writes is not known; the fabric is read again", len(report.unknown)
            )


def described(item: Item) -> str:
    """Name an item for people: `subnet 10.0.0.1/32 in T/L/E`, or `EPG T/L/E`."""
    return f"subnet {item.prefix} in {item.binding}" if item.prefix else f"EPG {item.binding}"


def _behind(item: Item) -> str:
    return f" for {item.sources[0]}" if item.sources else ""


def _holds(items: Iterable[Item]) -> Iterable[tuple[str, str, str]]:
    for item in items:
        if item.hold:
            yield described(item), str(item.hold.reason), item.hold.message


def _notices(notices: Iterable[Notice]) -> Iterable[tuple[str, str, str]]:
    for notice in notices:
        yield str(notice.subject), str(notice.reason), notice.message
