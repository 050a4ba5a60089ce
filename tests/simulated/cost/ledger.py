"""What a piece of work cost: every request to the APIC with its bytes, and those to the cluster by kind."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest

from akb_sync.apic.wire import Call, Reply, Wire
from tests.simulated.engine.stage import Stage

PAGE = 500
"""Objects in a page of a list, and in a POST."""


@dataclass(frozen=True)
class Exchange:
    """One request to the APIC: the path and the size of both bodies (bytes)."""

    method: str
    target: str
    sent: int
    got: int

    @property
    def kind(self) -> str:
        """`login`, `query`, `post`, or `upkeep` for what only keeps a session and its views alive."""
        path = self.target.partition("?")[0]
        if path.startswith("/api/aaaLogin"):
            return "login"
        if path.startswith(("/api/aaa", "/api/subscriptionRefresh")):
            return "upkeep"
        return "post" if self.method == "POST" else "query"


class Ledger:
    """Notes each exchange with the APIC from now on."""

    def __init__(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        self._stage = stage
        self.exchanges: list[Exchange] = []
        send = Wire.send

        def noted(wire: Wire, controller: str, call: Call) -> Reply:
            reply = send(wire, controller, call)
            self.exchanges.append(Exchange(call.method, call.target, len(call.body), len(reply.body)))
            return reply

        monkeypatch.setattr(Wire, "send", noted)

    def clear(self) -> None:
        """Begin a new account, of both sides."""
        self.exchanges.clear()
        self._stage.cluster.counts.reset()

    @property
    def requests(self) -> Counter[str]:
        """How many exchanges with the APIC, by kind; upkeep is none, since it depends on time alone."""
        return Counter(one.kind for one in self.exchanges if one.kind != "upkeep")

    def bytes_of(self, kind: str) -> tuple[int, int]:
        """How many bytes of one kind went to the APIC, and how many came back."""
        of_kind = [one for one in self.exchanges if one.kind == kind]
        return sum(one.sent for one in of_kind), sum(one.got for one in of_kind)

    @property
    def lists(self) -> dict[str, int]:
        """How many pages of each kind were asked of the cluster."""
        asked = self._stage.cluster.counts.snapshot()
        return {kind: count for (verb, kind), count in asked.items() if verb == "list"}

    @property
    def writes_to_the_cluster(self) -> int:
        return self._stage.cluster.counts.writes()


def pages(objects: int) -> int:
    """How many pages hold so many objects; an empty list is a page too."""
    return max(1, math.ceil(objects / PAGE))


def fields(document: dict[str, Any]) -> int:
    """How many objects a body of a POST has."""
    return sum(1 + sum(map(fields, body.get("children", ()))) for body in document.values())
