"""What happens after a plan was made and before it is carried out still counts."""

from datetime import UTC, datetime
from pathlib import Path

from akb_sync.state import Pause
from akb_sync.state_file import StateFile

from .stage import Stage


def test_a_freeze_that_comes_after_the_plan_keeps_its_posts_from_beginning(
    stage: Stage, tmp_path: Path
) -> None:
    stage.pod(stage.workload("web"), "10.244.1.1")
    switch = StateFile(tmp_path / "state")
    with stage.engine(state_file=tmp_path / "state") as engine:
        engine.read()
        plan = engine.look()
        assert len(plan.actionable) == 2
        switch.set_pause(Pause("somebody", datetime(2026, 1, 1, tzinfo=UTC), "a change window"))
        engine.freeze.look()
        assert engine.write(plan).not_sent == plan.actionable
        assert stage.posts == 0
        switch.set_pause(None)
        engine.freeze.look()
        assert engine.write(plan).done == plan.actionable
    assert stage.posts == 1
