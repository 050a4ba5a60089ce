"""What only the leader knows, as data that other processes can read.

A fresh process works out from the two views what is wanted and what holds it. It cannot know since when and
until when something waits, what the APIC said when it refused, when all was well for the last time, or that
a person has paused the engine. The leader leaves that where every process of the cluster finds it: in a
ConfigMap, or outside of a cluster in a file. Times are UTC.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

MOST_ITEMS = 1000
"""Objects that the state names at most: a ConfigMap holds 1 MiB, and words of the APIC can be long."""
LONGEST_WORDS = 400


@dataclass(frozen=True, slots=True)
class Pause:
    """A change freeze: somebody has told every engine of the cluster to write nothing to the APIC."""

    by: str
    """Who, as the command knew them: `user@machine`."""
    since: datetime
    why: str = ""

    def __str__(self) -> str:
        """Say it for people: by whom, since when, and why."""
        told = f"paused by {self.by} at {self.since:%Y-%m-%d %H:%M:%S} UTC"
        return f"{told}: {self.why}" if self.why else told

    def document(self) -> dict[str, Any]:
        """Give it as JSON data."""
        return {"by": self.by, "since": instant(self.since), "why": self.why}

    @classmethod
    def of(cls, document: object) -> Pause | None:
        """Read JSON data. What was written by hand and is no mapping pauses too: better held than written."""
        if not document:
            return None
        found = document if isinstance(document, dict) else {}
        since = moment(found.get("since")) or datetime.fromtimestamp(0, UTC)
        return cls(str(found.get("by") or "somebody"), since, str(found.get("why") or ""))


@dataclass(frozen=True, slots=True)
class Waiting:
    """One object that is held."""

    state: str
    """`held`, or what is so for longer: `contested`, `rejected`."""
    reason: str
    """The code of `reasons.py`."""
    since: datetime
    """Since when the leader has known it."""
    until: datetime | None = None
    """When it is looked at again, where that is known."""
    words: str = ""
    """What it means here; of a rejected object the APIC's own words."""


@dataclass(frozen=True, slots=True)
class State:
    """What the leader knew when it wrote this."""

    leader: str = ""
    """The identity of the process that wrote it; empty when none ever did, or when it ended since."""
    written_at: datetime | None = None
    paused: Pause | None = None
    """The freeze that is in force; of `read_state` that which was asked for, obeyed already or not."""
    obeyed: bool = False
    """Whether the leader had seen that freeze, or its end, when it wrote this."""
    last_success: datetime | None = None
    """When both views were fresh and nothing that was to be written was left or failed."""
    items: Mapping[str, Waiting] = field(default_factory=dict)
    """By DN."""
    omitted: int = 0
    """How many more objects are held than `items` names."""

    def text(self) -> str:
        """Give it as JSON text, the same text for the same state."""
        return json.dumps(
            {
                "leader": self.leader,
                "writtenAt": instant(self.written_at),
                "paused": self.paused.document() if self.paused else None,
                "lastSuccess": instant(self.last_success),
                "items": {dn: _waiting_document(one) for dn, one in sorted(self.items.items())},
                "omitted": self.omitted,
            },
            separators=(",", ":"),
        )

    @classmethod
    def parse(cls, text: str) -> State:
        """Read JSON text. What cannot be understood is left out: it may be another release's."""
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            return cls()
        if not isinstance(document, dict):
            return cls()
        items = document.get("items")
        omitted = document.get("omitted")
        return cls(
            leader=str(document.get("leader") or ""),
            written_at=moment(document.get("writtenAt")),
            paused=Pause.of(document.get("paused")),
            last_success=moment(document.get("lastSuccess")),
            items=_waiting(items if isinstance(items, dict) else {}),
            omitted=omitted if isinstance(omitted, int) else 0,
        )


class StateStore(Protocol):
    """Where the state and the switch of the freeze are kept.

    The leader writes the state, a person the switch: neither overwrites the other's.
    """

    @property
    def place(self) -> str:
        """Where that is, for people."""
        ...

    def read(self) -> tuple[State | None, Pause | None]:
        """Give what the leader left (None: nothing yet), and the freeze that is asked for.

        Raises:
            AkbSyncError: it cannot be read.
        """
        ...

    def write(self, state: State) -> None:
        """Leave the state.

        Raises:
            AkbSyncError: it cannot be written.
        """
        ...

    def set_pause(self, pause: Pause | None) -> None:
        """Ask for a freeze, or for its end.

        Raises:
            AkbSyncError: it cannot be written.
        """
        ...


def instant(time: datetime | None) -> str | None:
    """Give a moment as text, as Kubernetes writes it: RFC 3339 in UTC, whole seconds."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if time else None


def moment(text: object) -> datetime | None:
    """Read a moment; None when the text is none."""
    if not isinstance(text, str):
        return None
    try:
        time = datetime.fromisoformat(text)
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # the last: a time zone leads out of the years 1 to 9999
        return None


def _waiting_document(one: Waiting) -> dict[str, Any]:
    return {
        "state": one.state,
        "reason": one.reason,
        "since": instant(one.since),
        "until": instant(one.until),
        "words": one.words[:LONGEST_WORDS],
    }


def _waiting(documents: Mapping[str, Any]) -> dict[str, Waiting]:
    found: dict[str, Waiting] = {}
    for dn, one in documents.items():
        since = moment(one.get("since")) if isinstance(one, dict) else None
        if since is not None:
            state, reason, words = (str(one.get(key) or "") for key in ("state", "reason", "words"))
            found[dn] = Waiting(state, reason, since, moment(one.get("until")), words)
    return found
