"""What a dead cluster left goes; nothing of anybody else, and nothing of a living one."""

from pathlib import Path

import pytest

from akb_sync.errors import OwnershipRefused, SettingsError
from akb_sync.reasons import Reason
from tests.simulated.engine.stage import EPG, L3OUT, TENANT, Stage, epg_dn, subnet_dn

from .estate import DEAD, age, annotations, identity, leave, owning, purge, tags


def test_what_a_dead_cluster_left_goes_and_is_in_the_journal(stage: Stage, tmp_path: Path) -> None:
    stage.pods(stage.workload("web"), 2)
    stage.sync()
    leave(stage, "EPG_OLD", "10.244.8.1", "10.244.8.2", mark=DEAD)
    leave(stage, "EPG_PRIOR", "10.244.7.1")
    before = stage.dump()
    age(stage)
    deed, report = purge(stage, journal=tmp_path / "journal")
    assert len(deed.changes) == len(report.done) == 3
    assert stage.dump() == {dn: one for dn, one in before.items() if not dn.startswith(epg_dn("EPG_OLD"))}
    journal = (tmp_path / "journal").read_text()
    for gone in (epg_dn("EPG_OLD"), subnet_dn("10.244.8.1/32", "EPG_OLD")):
        assert f'"dn": "{gone}"' in journal
    posts = stage.posts
    again, _ = purge(stage)
    assert (again.items, stage.posts) == ((), posts)
    assert "marks of k8s." in again.remarks[0]


def test_an_epg_with_other_peoples_work_stays_and_its_subnets_go(stage: Stage) -> None:
    leave(stage, "EPG_OLD", "10.244.8.1", mark=DEAD)
    contract = {"fvRsProv": {"attributes": {"tnVzBrCPName": "web"}}}
    stage.apic.post(epg_dn("EPG_OLD"), contract)
    age(stage)
    deed, _ = purge(stage)
    assert [(item.hold.reason, item.hold.message) for item in deed.left if item.hold] == [
        (Reason.IN_USE, "contracts web")
    ]
    assert stage.prefixes("EPG_OLD") == set()
    assert annotations(stage) == {epg_dn("EPG_OLD"): DEAD.mark(epg_dn("EPG_OLD"))}


def test_an_epg_that_a_workload_of_ours_names_is_to_be_adopted_instead(stage: Stage) -> None:
    stage.workload("web")
    leave(stage, EPG, "10.244.8.1", mark=DEAD)
    age(stage)
    deed, _ = purge(stage)
    assert [item.binding.epg for item in deed.left] == [EPG]
    assert "adopt it" in (deed.left[0].hold or pytest.fail("not held")).message


def test_a_mark_that_was_copied_along_with_an_object_proves_nothing(stage: Stage) -> None:
    leave(stage, "EPG_OLD", mark=DEAD)
    stage.epg("EPG_COPY", annotation=DEAD.mark(epg_dn("EPG_OLD")))
    age(stage)
    purge(stage)
    assert stage.apic.get(epg_dn("EPG_OLD")) is None
    assert stage.apic.get(epg_dn("EPG_COPY")) is not None


def test_a_contract_that_comes_between_the_plan_and_the_write_saves_the_epg(stage: Stage) -> None:
    leave(stage, "EPG_OLD", mark=DEAD)
    age(stage)
    with owning(stage) as (_, ownership):
        deed = ownership.purge(f"{DEAD.name}.{DEAD.uid8}")
        stage.apic.post(epg_dn("EPG_OLD"), {"fvRsProv": {"attributes": {"tnVzBrCPName": "web"}}})
        report = ownership.carry_out(deed)
    assert len(report.rejected) == 1
    assert stage.apic.get(epg_dn("EPG_OLD")) is not None


def test_its_tags_go_too(stage: Stage) -> None:
    stage.epg("EPG_FREE")
    tag = {"tagAnnotation": {"attributes": {"key": DEAD.release_tag, "value": "released"}}}
    stage.apic.post(epg_dn("EPG_FREE"), tag)
    purge(stage)
    assert tags(stage) == {}
    assert stage.apic.get(epg_dn("EPG_FREE")) is not None


def test_a_living_cluster_is_refused(stage: Stage) -> None:
    leave(stage, "EPG_OLD", "10.244.8.1", mark=DEAD)
    before = stage.dump()
    with pytest.raises(OwnershipRefused, match=r"the cluster old\.0ddba11e lives"):
        purge(stage)
    age(stage)
    stage.edit(subnet_dn("10.244.8.1/32", "EPG_OLD"), "l3extSubnet", name="moved")
    with pytest.raises(OwnershipRefused, match="extsubnet"):
        purge(stage)
    stage.edit(subnet_dn("10.244.8.1/32", "EPG_OLD"), "l3extSubnet", name="")
    assert stage.dump() == before


def test_our_own_cluster_is_never_purged(stage: Stage) -> None:
    stage.workload("web")
    stage.sync()
    age(stage)
    with pytest.raises(OwnershipRefused, match="release --all"):
        purge(stage, identity(stage))


@pytest.mark.parametrize("text", ["", "k8s", "k8s.0A1B2C3D", "k8s.0a1b2c3", "a:b.0a1b2c3d"])
def test_what_is_no_cluster_is_refused(stage: Stage, text: str) -> None:
    with owning(stage) as (_, ownership), pytest.raises(SettingsError, match="names no cluster"):
        ownership.purge(text)


def test_a_purge_whose_answer_was_lost_is_finished_by_the_second_run(stage: Stage) -> None:
    leave(stage, "EPG_OLD", "10.244.8.1", mark=DEAD)
    leave(stage, "EPG_OLD", "10.244.8.2", mark=DEAD, tenant=TENANT, l3out=L3OUT)
    age(stage)
    stage.apic.faults.lose_answers(1)
    _, report = purge(stage)
    assert report.unknown
    assert purge(stage)[0].items == ()
    assert stage.apic.get(epg_dn("EPG_OLD")) is None
