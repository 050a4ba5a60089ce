"""The journal's objects come back as they were, and nothing that exists is overwritten."""

from pathlib import Path

import pytest

from akb_sync.errors import ApicOutcomeUnknown, SettingsError
from akb_sync.item import Action
from akb_sync.ownership import Restoration
from akb_sync.reasons import Reason
from tests.simulated.engine.stage import EPG, Stage, epg_dn, hosts, subnet_dn

from .estate import DEAD, age, annotations, configured, leave, owning, purge


def restored(stage: Stage, journal: Path) -> Restoration:
    with owning(stage) as (_, ownership):
        found = ownership.restoration(journal)
        ownership.bring_back(found)
        return found


def test_what_was_purged_comes_back_as_it_was(stage: Stage, tmp_path: Path) -> None:
    leave(stage, "EPG_OLD", "10.244.8.1", "10.244.8.2", mark=DEAD)
    stage.edit(subnet_dn("10.244.8.1/32", "EPG_OLD"), "l3extSubnet", descr="by hand", name="shop::old")
    stage.edit(epg_dn("EPG_OLD"), "l3extInstP", descr="the old one", prefGrMemb="exclude")
    before = configured(stage)
    age(stage)
    purge(stage, journal=tmp_path / "journal")
    assert configured(stage) != before
    found = restored(stage, tmp_path / "journal")
    assert len(found.changes) == 3
    assert configured(stage) == before
    posts = stage.posts
    again = restored(stage, tmp_path / "journal")
    assert (again.changes, again.left, stage.posts) == ((), (), posts)


def test_what_no_workload_asks_for_comes_back_without_our_mark_and_stays(
    stage: Stage, tmp_path: Path
) -> None:
    journal = tmp_path / "journal"
    web, api = stage.workload("web"), stage.workload("api", epg="EPG_API")
    stage.pods(api, 1, "10.244.2")
    gone = stage.pods(web, 2)[0]
    stage.sync()
    stage.remove(gone)
    stage.sync(journal=journal)
    assert stage.prefixes() == {"10.244.1.2/32"}
    found = restored(stage, journal)
    assert [one.message for one in found.changes] == [
        "no workload asks for it: it comes back without our mark"
    ]
    assert stage.prefixes() == hosts("10.244.1", 2)
    assert stage.sync().written == []
    assert stage.prefixes() == hosts("10.244.1", 2)


def test_what_is_wanted_again_comes_back_with_our_mark(stage: Stage, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    web = stage.workload("web")
    pod = stage.pod(web, "10.244.1.1", name="one")
    stage.sync()
    before = annotations(stage)
    stage.remove(pod)
    stage.sync(journal=journal, approve=True)
    assert stage.prefixes() == set()
    stage.pod(web, "10.244.1.1", name="one")
    restored(stage, journal)
    assert annotations(stage) == before
    assert stage.sync().written == []


def test_what_exists_and_differs_is_left_as_it_is(stage: Stage, tmp_path: Path) -> None:
    leave(stage, "EPG_OLD", "10.244.8.1", mark=DEAD)
    age(stage)
    purge(stage, journal=tmp_path / "journal")
    stage.epg("EPG_OLD", "10.244.8.1/32", descr="new")
    stage.edit(subnet_dn("10.244.8.1/32", "EPG_OLD"), "l3extSubnet", name="another")
    before = stage.dump()
    found = restored(stage, tmp_path / "journal")
    assert stage.dump() == before
    assert {one.hold.reason for one in found.left if one.hold} == {Reason.CONFLICT}
    assert "annotation is '', in the journal 'orchestrator:akb-sync:old" in str(found.left[0].hold)


def test_a_prefix_that_stands_in_another_epg_of_the_vrf_does_not_come_back(
    stage: Stage, tmp_path: Path
) -> None:
    leave(stage, "EPG_OLD", "10.244.8.1", "10.244.8.2", mark=DEAD)
    age(stage)
    purge(stage, journal=tmp_path / "journal")
    stage.epg("EPG_NEW", "10.244.8.1/32")
    found = restored(stage, tmp_path / "journal")
    assert [(one.prefix, one.hold.reason) for one in found.left if one.hold] == [
        ("10.244.8.1/32", Reason.CONFLICT)
    ]
    assert stage.prefixes("EPG_OLD") == {"10.244.8.2/32"}


def test_a_parent_that_is_gone_is_not_made(stage: Stage, tmp_path: Path) -> None:
    leave(stage, "EPG_OLD", "10.244.8.1", mark=DEAD)
    age(stage)
    purge(stage, journal=tmp_path / "journal")
    stage.apic.post("uni", {"fvTenant": {"attributes": {"name": "TEN_K8_C1", "status": "deleted"}}})
    posts = stage.posts
    found = restored(stage, tmp_path / "journal")
    assert {one.hold.reason for one in found.left if one.hold} == {Reason.PARENT_MISSING}
    assert (found.changes, stage.posts) == ((), posts)


def test_contracts_and_tags_of_a_pruned_epg_come_back_too(stage: Stage, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    web = stage.workload("web")
    stage.workload("api", epg="EPG_API")
    stage.sync()
    stage.apic.post(epg_dn(), {"fvRsProv": {"attributes": {"tnVzBrCPName": "web"}}})
    stage.apic.post(epg_dn(), {"tagAnnotation": {"attributes": {"key": "owner", "value": "net"}}})
    before = {dn: one for dn, one in stage.dump().items() if dn.startswith(epg_dn())}
    stage.remove(web)
    with stage.engine(journal=journal, hold_down=0.0) as engine:
        engine.read()
        engine.approve(engine.look())
        engine.prune_in_use()
        engine.write(engine.look())
    assert stage.apic.get(epg_dn()) is None
    restored(stage, journal)
    after = {dn: one for dn, one in stage.dump().items() if dn.startswith(epg_dn())}
    assert after.keys() == before.keys()
    assert after[epg_dn()][1]["annotation"] == ""


def test_a_restoration_whose_answer_was_lost_is_finished_by_the_second_run(
    stage: Stage, tmp_path: Path
) -> None:
    leave(stage, "EPG_ONE", "10.244.8.1", mark=DEAD)
    leave(stage, "EPG_TWO", "10.244.8.2", mark=DEAD)
    before = configured(stage)
    age(stage)
    purge(stage, journal=tmp_path / "journal")
    stage.apic.faults.lose_answers(1)
    with pytest.raises(ApicOutcomeUnknown):
        restored(stage, tmp_path / "journal")
    found = restored(stage, tmp_path / "journal")
    assert [one.action for one in found.revivals] == [Action.NONE, Action.NONE, Action.CREATE, Action.CREATE]
    assert configured(stage) == before


def test_a_malformed_line_is_named_and_nothing_is_posted(stage: Stage, tmp_path: Path) -> None:
    leave(stage, "EPG_OLD", mark=DEAD)
    age(stage)
    journal = tmp_path / "journal"
    purge(stage, journal=journal)
    posts = stage.posts
    with journal.open("a") as file:
        file.write(
            '{"time": "2026-01-01T00:00:00Z", "dn": "uni/tn-x", "class": "fvTenant", "attributes": {}}\n'
        )
    with pytest.raises(
        SettingsError, match=r"journal, line 3 is no journal entry: 'uni/tn-x' is no external"
    ):
        restored(stage, journal)
    assert stage.posts == posts


def test_the_log_is_a_journal_too(stage: Stage, tmp_path: Path) -> None:
    leave(stage, EPG, mark=DEAD)
    age(stage)
    purge(stage, journal=tmp_path / "journal")
    entries = (tmp_path / "journal").read_text().splitlines()
    log = tmp_path / "log"
    log.write_text("\n\n".join(f"2026-01-01 10:00:00,000 INFO    to be deleted: {one}" for one in entries))
    restored(stage, log)
    assert stage.apic.get(epg_dn()) is not None
