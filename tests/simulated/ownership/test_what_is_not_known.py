"""What a command of a person does not know, or may not assume, it does not act on."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from akb_sync.errors import OwnershipRefused
from akb_sync.ownership import Origin, Terms
from akb_sync.state import Pause
from akb_sync.state_file import StateFile
from tests.simulated.engine.stage import EPG, Stage, subnet_dn

from .estate import DEAD, adopt, age, annotations, identity, leave, owning, purge, release


def test_nobody_takes_over_from_the_cluster_that_the_command_runs_for(stage: Stage) -> None:
    stage.pods(stage.workload("web"), 1)
    stage.sync()
    age(stage)
    with pytest.raises(OwnershipRefused, match="name the other one"):
        adopt(stage, terms=Terms(Origin(identity(stage))))


def test_workloads_that_could_not_be_read_are_not_taken_for_workloads_that_ask_for_nothing(
    stage: Stage,
) -> None:
    stage.pods(stage.workload("web"), 1)
    stage.epg(EPG, "10.244.1.1/32")
    with (
        stage.cluster.faults.forbid("pods"),
        pytest.raises(OwnershipRefused, match="what the workloads ask for is not known: pods"),
    ):
        adopt(stage)
    assert annotations(stage) == {}


def test_an_l3out_that_could_not_be_read_is_not_taken_for_one_with_nothing_in_it(
    stage: Stage, tmp_path: Path
) -> None:
    leave(stage, "EPG_OLD", "10.244.8.1", mark=DEAD)
    age(stage)
    purge(stage, journal=tmp_path / "journal")
    with owning(stage) as (engine, ownership):
        stage.apic.faults.answer_next("busy", count=1000, path="/api/mo/uni/tn-TEN_K8_C1/out-L3O_K8_C1.json")
        engine.fabric.read(())
        with pytest.raises(OwnershipRefused, match="is not known"):
            ownership.restoration(tmp_path / "journal")


def test_a_release_takes_the_mark_of_the_epg_off_first_and_goes_no_further_if_that_is_refused(
    stage: Stage,
) -> None:
    stage.pods(stage.workload("web"), 2)
    stage.sync()
    before = annotations(stage)
    stage.apic.faults.reject(r"annotationKey-\[akb-sync\.", code="100", text="no tags today", count=1)
    deed, report = release(stage)
    assert [item.is_epg for item in deed.stages[0]] == [True]
    assert [text for _, text in report.rejected] == ["no tags today"]
    assert annotations(stage) == before


def test_what_appears_between_the_look_and_the_post_is_not_overwritten(stage: Stage, tmp_path: Path) -> None:
    leave(stage, "EPG_OLD", "10.244.8.1", mark=DEAD)
    age(stage)
    purge(stage, journal=tmp_path / "journal")
    with owning(stage) as (_, ownership):
        found = ownership.restoration(tmp_path / "journal")
        assert len(found.changes) == 2
        stage.epg("EPG_OLD", "10.244.8.1/32")
        stage.edit(subnet_dn("10.244.8.1/32", "EPG_OLD"), "l3extSubnet", descr="by hand")
        back, refused = ownership.bring_back(found)
    assert back == ()
    assert len(refused) == 2
    assert stage.subnet("10.244.8.1/32", "EPG_OLD")["descr"] == "by hand"
    assert annotations(stage) == {}


def test_in_a_freeze_nothing_that_a_person_asked_for_is_written(stage: Stage, tmp_path: Path) -> None:
    stage.pods(stage.workload("web"), 1)
    stage.sync()
    posts, switch = stage.posts, StateFile(tmp_path / "state")
    with owning(stage, state_file=tmp_path / "state") as (engine, ownership):
        deed = ownership.release(EPG)
        switch.set_pause(Pause("somebody", datetime(2026, 1, 1, tzinfo=UTC), "a change window"))
        engine.freeze.look()
        with pytest.raises(OwnershipRefused, match="a change window"):
            ownership.carry_out(deed)
    assert stage.posts == posts
