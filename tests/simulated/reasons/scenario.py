"""One way in which a reason comes about, and where it is told.

Every place tells every reason, but for exceptions by design. Each exception states why, and a test of
whether that is so: one that is not true fails like a place that is silent without one.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from akb_sync.reasons import Reason
from tests.simulated.engine.stage import Json

from .said import Kind, Place, Said, events_of, in_document
from .theatre import Theatre

SCHEMAS = Path(__file__).resolve().parents[3] / "docs" / "schemas"


@dataclass(frozen=True)
class Seen:
    """What was told of one reason."""

    reason: Reason
    plan: frozenset[Said]
    status: frozenset[Said]
    events: list[Json]
    table: list[str]
    lines: list[tuple[str, str]]
    by_a_person: bool
    """Whether `plan` is the document of a command by which a person does it."""

    @property
    def all(self) -> frozenset[Said]:
        return self.plan | self.status

    @property
    def workloads(self) -> frozenset[tuple[str, str, str]]:
        """Everybody who is concerned."""
        return frozenset(one for said in self.all for one in said.workloads)

    def event_messages(self, reason: Reason | None = None) -> list[str]:
        return [one["message"] for one in self.events if one["reason"] == (reason or self.reason)]

    @property
    def coded_lines(self) -> list[str]:
        """The log lines that have the code where a line has it, or in a field."""
        code = f": {self.reason}"
        return [line for line, told in self.lines if code in line or told == self.reason]


@dataclass(frozen=True)
class Silence:
    """Why a place says nothing, and whether that is so."""

    why: str
    so: Callable[[Seen], bool]


CHANGES_NOTHING = Silence(
    "a plan lists what would change, and this object stays as it is",
    lambda seen: bool(seen.status) and all(one.kind is Kind.LEFT for one in seen.status),
)
COUNTED = Silence(
    "what is done is told to a workload's people as `Synced`, in numbers",
    lambda seen: all(one.kind is Kind.DONE for one in seen.plan) and bool(seen.event_messages(Reason.SYNCED)),
)
NOBODYS = Silence(
    "no workload is behind it, and Events are about workloads",
    lambda seen: bool(seen.all) and not seen.workloads,
)
AS_A_RULE = Silence(
    "all is as it is to be, so that it is told to those who ask only",
    lambda seen: bool(seen.status) and all(one.kind is Kind.LEFT for one in seen.status),
)
WORD_OF_EVENTS = Silence(
    "it is the one word of Events for all that is done, which the other places tell apart",
    lambda seen: seen.reason is Reason.SYNCED and bool(seen.event_messages()),
)
A_PERSONS_DEED = Silence(
    "a command does it for a person, at once, and tells them",
    lambda seen: seen.by_a_person and bool(seen.plan),
)
ONLY_THERE = Silence(
    "the process to which a person gave their approval does it at once; no other knows of the approval",
    lambda seen: all(one.kind is Kind.DONE for one in seen.plan),
)


@dataclass(frozen=True)
class Scenario:
    """How a reason comes about."""

    reason: Reason
    play: Callable[[Theatre], Json | None]
    """Brings it about, up to the last turn; gives the document of a command, where one has it instead."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    silent: Mapping[Place, Silence] = field(default_factory=dict)
    event: str = ""
    """The message of the Event, where no document has its words."""

    def __str__(self) -> str:
        return f"{self.reason}: {self.play.__name__}"

    def seen(self, theatre: Theatre) -> Seen:
        """Play it, take the last turn, and collect what is told."""
        with theatre.open(**self.settings):
            shown = self.play(theatre)
            plan = theatre.look()
            document = shown or theatre.plan_document(plan)
            status, table = theatre.status()
            theatre.write(plan)
        _valid("ownership" if shown else "plan", document)
        _valid("status", status)
        return Seen(
            self.reason,
            in_document(document, self.reason),
            in_document(status, self.reason),
            theatre.events,
            table,
            theatre.lines,
            by_a_person=shown is not None,
        )

    def tells(self, place: Place, seen: Seen) -> None:
        """Fail unless a place tells the reason, in the words that the documents have."""
        match place:
            case Place.PLAN:
                assert seen.plan, "the plan does not have it"
            case Place.STATUS:
                _status_tells(seen)
            case Place.EVENT:
                self._event_tells(seen)
            case Place.LOG:
                _log_tells(seen)

    def _event_tells(self, seen: Seen) -> None:
        if self.event:
            assert seen.event_messages() == [self.event]
            return
        assert seen.workloads, "it concerns no workload"
        for workload in seen.workloads:
            concerned = [one for one in seen.all if workload in one.workloads]
            found = list(events_of(seen.events, self.reason, workload))
            assert found, f"{workload} is not told; there are {seen.events}"
            for message in found:
                patterns = [one.event(self.reason) for one in concerned]
                assert any(one.fullmatch(message) for one in patterns), (message, patterns)


def _status_tells(seen: Seen) -> None:
    assert seen.status, "the status does not have it"
    assert seen.plan <= seen.status, "plan and status use other words"
    for one in seen.status:
        line = one.below_table(seen.reason)
        assert not line or line in seen.table, (line, seen.table)
        assert one.kind is Kind.NOTICE or any(f" {seen.reason} " in row for row in seen.table)


def _log_tells(seen: Seen) -> None:
    patterns = {one: one.line(seen.reason) for one in seen.all}
    assert seen.coded_lines, f"no line has it; there are {seen.lines}"
    for line in seen.coded_lines:
        assert any(one.fullmatch(line) for one in patterns.values()), (line, patterns.values())
        assert (line, str(seen.reason)) in seen.lines, f"{line} has no field with the code"
    for one, pattern in patterns.items():
        if one.kind is Kind.NOTICE:
            assert any(pattern.fullmatch(line) for line in seen.coded_lines), (pattern, seen.coded_lines)


def silent(place: Place, seen: Seen) -> bool:
    """Whether a place has nothing of the reason."""
    match place:
        case Place.PLAN:
            return not seen.plan
        case Place.STATUS:
            return not seen.status
        case Place.EVENT:
            return not seen.event_messages()
        case Place.LOG:
            return not seen.coded_lines


def _valid(name: str, document: Json) -> None:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    Draft202012Validator(schema).validate(document)
