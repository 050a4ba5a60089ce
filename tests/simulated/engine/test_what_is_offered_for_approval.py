"""What is offered to a person for approval goes once it is approved."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from .stage import PAUSED, Stage, binding, epg_dn, opened


@pytest.fixture(name="stage")
def stage_fixture(tmp_path: Path) -> Iterator[Stage]:
    with opened(tmp_path) as stage:
        yield stage


def test_an_epg_whose_subnets_are_protected_is_not_offered_for_approval(stage: Stage) -> None:
    web = stage.workload("web", epg="EPG_OLD")
    stage.pod(web, "10.244.1.1")
    stage.sync()
    stage.annotate(web, binding("EPG_NEW", l3out="L3O_ELSEWHERE"))
    stage.annotate(web, "true", PAUSED)
    outcome = stage.sync(approve=True)
    assert not outcome.written
    assert stage.apic.get(epg_dn("EPG_OLD"))
    assert not stage.sync(wait=False).plan.awaiting_approval
