"""Letting go: the marks go, nothing else changes, and the engine leaves the EPG alone."""

import pytest

from akb_sync.errors import OwnershipRefused
from akb_sync.ownership import Ownership
from akb_sync.reasons import Reason
from tests.simulated.engine.stage import EPG, Stage, epg_dn, hosts

from .estate import DEAD, adopt, annotations, identity, leave, release, release_all, tags, without_marks


def test_a_released_epg_works_on_unchanged_and_is_left_alone_until_it_is_adopted(stage: Stage) -> None:
    web = stage.workload("web")
    stage.pods(web, 3)
    stage.sync()
    before, me = without_marks(stage), identity(stage)
    release(stage)
    assert without_marks(stage) == before
    assert annotations(stage) == {}
    assert tags(stage) == {f"{epg_dn()}/annotationKey-[akb-sync.{me.uid8}]": "released"}
    posts = stage.posts
    again, _ = release(stage)
    assert (again.items, stage.posts) == ((), posts)
    stage.pod(web, "10.244.1.9")
    assert stage.sync().held == {"10.244.1.9/32": Reason.RELEASED}
    assert stage.posts == posts
    adopt(stage)
    assert tags(stage) == {}
    assert stage.sync().plan.settled
    assert stage.prefixes() == {*hosts("10.244.1", 3), "10.244.1.9/32"}


def test_a_release_whose_answer_was_lost_is_finished_by_the_second_run(stage: Stage) -> None:
    stage.pods(stage.workload("web"), 3)
    stage.sync()
    stage.apic.faults.lose_answers(1)
    _, report = release(stage)
    assert report.unknown
    assert report.error
    assert len(annotations(stage)) == 3, "the EPG is released, its subnets are not yet"
    assert stage.sync().written == [], "a pass in between does not undo it"
    deed, report = release(stage)
    assert len(deed.changes) == 3
    assert report.error is None
    assert annotations(stage) == {}
    assert release(stage)[0].items == ()


def test_leaving_the_fabric_leaves_neither_marks_nor_tags_and_all_else_as_it_was(stage: Stage) -> None:
    stage.apic.small_fabric("TEN_TWO")
    stage.pods(stage.workload("web"), 3)
    stage.pods(stage.workload("api", epg="EPG_API"), 2, "10.244.2")
    stage.sync()
    release(stage, "EPG_API")
    leave(stage, "EPG_ADOPTED", "10.244.9.1")
    leave(stage, "EPG_THEIRS", "10.244.8.1", mark=DEAD)
    theirs = {dn: text for dn, text in annotations(stage).items() if "EPG_THEIRS" in dn or "ADOPTED" in dn}
    before = without_marks(stage)
    release_all(stage)
    assert without_marks(stage) == before
    assert annotations(stage) == theirs
    assert tags(stage) == {}
    assert release_all(stage)[0].items == ()


def test_what_was_released_is_found_when_no_workload_names_it_any_more(stage: Stage) -> None:
    web = stage.workload("web")
    stage.sync()
    release(stage)
    stage.remove(web)
    assert tags(stage)
    release_all(stage)
    assert tags(stage) == {}


def test_leaving_the_fabric_waits_until_the_engine_is_stopped(stage: Stage) -> None:
    stage.workload("web")
    stage.sync()
    before = stage.dump()
    with stage.engine() as engine:
        ownership = Ownership(engine, leader=lambda: "akb-sync-7d9f")
        with pytest.raises(OwnershipRefused, match=r"akb-sync-7d9f leads.*; stop it first"):
            ownership.release_of_all()
    assert stage.dump() == before


@pytest.mark.parametrize("mark", [DEAD, "orchestrator:terraform", ""])
def test_what_is_not_ours_is_not_released(stage: Stage, mark: str) -> None:
    leave(stage, EPG, "10.244.1.1", mark=mark)
    before = stage.dump()
    with pytest.raises(OwnershipRefused, match="is not ours to release"):
        release(stage)
    assert stage.dump() == before


def test_our_subnets_in_an_epg_of_somebody_else_are_released_and_the_epg_keeps_its_mark(stage: Stage) -> None:
    web = stage.workload("web")
    stage.pods(web, 1)
    leave(stage, EPG, mark="orchestrator:terraform")
    stage.sync()
    release(stage)
    assert annotations(stage) == {epg_dn(): "orchestrator:terraform"}
    assert list(tags(stage).values()) == ["released"]
    stage.pod(web, "10.244.1.9")
    assert stage.sync().held == {"10.244.1.9/32": Reason.RELEASED}


def test_an_epg_without_a_mark_that_a_workload_names_can_be_released_before_anything_stands_in_it(
    stage: Stage,
) -> None:
    stage.pods(stage.workload("web"), 1)
    stage.epg(EPG)
    release(stage)
    assert stage.sync().held == {"10.244.1.1/32": Reason.RELEASED}
