"""What a place says of a reason: the code, the words, and what is to be done, and about what.

This is the one module that knows how the places differ by design:

- a document has code, message and next step in fields of their own; an item's own message (not a hold's) is
  what there is to say *beside* the reason's meaning, and may be empty;
- an Event has the code as its `reason`; its message begins with the object that it is about (a notice is
  about the workload itself), then come the words and the next step;
- a table has a row with the code for each object, and says the words once below, with the next step;
- a log line begins with the object, then come code, words and next step. Of what was written it says what
  was done, the code and for whom; there the meaning is left out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from akb_sync.reasons import Reason
from tests.simulated.engine.stage import Json

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet")
_OBJECT = r"(?:subnet \S+ in \S+|EPG \S+)"
_OBJECTS = rf"{_OBJECT}(?: and \d+ more)?"
_DONE = rf"(?:created|put right|moved|deleted) {_OBJECT}"


class Place(StrEnum):
    """Where people meet a reason."""

    PLAN = "plan"
    STATUS = "status"
    EVENT = "Event"
    LOG = "log"


class Kind(StrEnum):
    """What the reason is a reason for."""

    HELD = "what is not done"
    DONE = "what is done"
    LEFT = "what is left as it is"
    NOTICE = "what people should know"


@dataclass(frozen=True)
class Said:
    """One telling of a reason in a document."""

    kind: Kind
    about: str
    """The DN of an item; the kind, namespace and name of a notice's subject."""
    message: str
    next_step: str
    workloads: frozenset[tuple[str, str, str]]
    """Whose people are concerned: kind, namespace and name."""

    def sentence(self, reason: Reason) -> str:
        """The words and the next step, as Events and log lines join them."""
        return "; ".join(part for part in (self.message or reason.meaning, self.next_step) if part)

    def event(self, reason: Reason) -> re.Pattern[str]:
        """What an Event about it has to say."""
        start = "" if self.kind is Kind.NOTICE else f"{_OBJECTS}: "
        return re.compile(start + re.escape(self.sentence(reason)))

    def below_table(self, reason: Reason) -> str:
        """What stands below the table of `status`; empty where the row says it all."""
        words, step = self.message or reason.meaning, self.next_step
        match self.kind:
            case Kind.HELD:
                return f"held {reason}: {words}; next: {step or 'wait'}"
            case Kind.NOTICE:
                return f"{reason}: {self.about}: {words}{f'; next: {step}' if step else ''}"
            case Kind.LEFT:
                return f"left {reason}: {words}; next: {step}" if step else ""
            case Kind.DONE:
                return ""

    def line(self, reason: Reason) -> re.Pattern[str]:
        """What a log line about it has to say."""
        if self.kind is Kind.DONE:
            message = re.escape(f": {self.message}" if self.message else "")
            step = re.escape(f"; {self.next_step}" if self.next_step else "")
            return re.compile(rf"{_DONE}: {reason}(?: for \S+ \S+)?{message}{step}")
        start = re.escape(self.about) if self.kind is Kind.NOTICE else _OBJECTS
        return re.compile(f"{start}: {reason}: {re.escape(self.sentence(reason))}")


def in_document(document: Json, reason: Reason) -> frozenset[Said]:
    """Everything that a plan, a status or a command's own document says of a reason."""
    items = (_of_item(item, reason) for item in document["items"])
    notices = (_of_notice(one) for one in document.get("notices", ()) if one["reason"] == reason)
    return frozenset([*(one for one in items if one), *notices])


def _of_item(item: Json, reason: Reason) -> Said | None:
    hold = item["hold"]
    workloads = frozenset(_named(ref) for ref in item.get("workloads", ()))
    if hold and hold["reason"] == reason:
        return Said(Kind.HELD, item["dn"], hold["message"], hold["nextStep"], workloads)
    if hold or item["reason"] != reason:
        return None
    kind = Kind.LEFT if item["action"] == "none" else Kind.DONE
    return Said(kind, item["dn"], item["message"], item.get("nextStep", ""), workloads)


def _of_notice(notice: Json) -> Said:
    kind, namespace, name = subject = _named(notice["subject"])
    concerned = frozenset({subject} if kind in WORKLOADS else ())
    about = f"{kind} {namespace}/{name}"
    return Said(Kind.NOTICE, about, notice["message"], notice["nextStep"], concerned)


def _named(ref: Json) -> tuple[str, str, str]:
    return (ref["kind"], ref["namespace"], ref["name"])


def events_of(events: list[Json], reason: Reason, workload: tuple[str, str, str]) -> Iterator[str]:
    """The messages of a workload's Events with this code, which tell an API server's reader the type too."""
    for event in events:
        if event["reason"] == reason and _named(event["involvedObject"]) == workload:
            yield event["message"]
