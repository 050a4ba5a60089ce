"""`sync` does what a person has seen: the removals of the named plan, and a plan that is still so."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from akb_sync_cli import sync
from akb_sync_cli.options import Output

from akb_sync.errors import AkbSyncError
from akb_sync.item import Action
from akb_sync.mark import Identity
from akb_sync.plan import Plan
from akb_sync.reasons import Reason
from tests.unit.engine.items import held, plan, subnet

GONE = subnet(action=Action.DELETE, reason=Reason.NOT_WANTED)


class Engine:
    """An engine that gives plans in their order, the last one again and again."""

    def __init__(self, *plans: Plan) -> None:
        self.plans, self.approved, self.reads = list(plans), list[Plan](), 0
        self.identity = Identity("k8s", "0123abcd")
        self.troubles: dict[str, str] = {}
        self.clock = SimpleNamespace(monotonic=lambda: 0.0, now=lambda: datetime(2026, 1, 1, tzinfo=UTC))

    def read(self) -> None:
        self.reads += 1

    def look(self) -> Plan:
        return self.plans.pop(0) if len(self.plans) > 1 else self.plans[0]

    def approve(self, plan: Plan) -> None:
        self.approved.append(plan)


def _everything(_item: object) -> bool:
    return True


def _look(engine: Any, approve: str) -> Plan:
    found: Plan = sync._look(engine, _everything, "", approve)
    return found


def test_only_the_removals_of_the_plan_that_was_named_are_approved() -> None:
    waiting = plan(held(GONE, Reason.MASS_DELETE))
    engine = Engine(waiting)
    with pytest.raises(AkbSyncError, match=f"no removals wait under the plan id 3f9a.*{waiting.approval_id}"):
        _look(engine, "3f9a")
    assert engine.approved == []
    _look(engine, waiting.approval_id)
    assert engine.approved == [waiting]


def test_a_plan_that_changed_while_a_person_thought_is_shown_and_asked_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []

    def yes(question: str, **_: object) -> bool:
        asked.append(question)
        return True

    monkeypatch.setattr(typer, "confirm", yes)
    first, then = plan(subnet()), plan(subnet(), GONE)
    engine: Any = Engine(then)
    agreed = sync._agreed(engine, first, lambda: _look(engine, ""), Output.TABLE)
    assert agreed == then
    assert (len(asked), engine.reads) == (2, 2)
    assert "the plan has changed in the meantime" in capsys.readouterr().err
