"""Taking over: marks are put, nothing is deleted, and the engine goes on from there."""

import pytest

from akb_sync.errors import OwnershipRefused, SettingsError
from akb_sync.ownership import Origin, Terms
from akb_sync.reasons import Reason
from tests.simulated.engine.stage import EPG, Stage, epg_dn, hosts, subnet_dn

from .estate import DEAD, PRIOR, adopt, adopt_all, age, annotations, identity, leave, tags, without_marks


def test_an_epg_made_by_hand_is_adopted_with_the_subnets_that_are_wanted(stage: Stage) -> None:
    web = stage.workload("web")
    stage.pods(web, 2)
    stage.epg(EPG, "10.244.1.1/32", "10.244.1.2/32", "192.0.2.0/24")
    before, me = without_marks(stage), identity(stage)
    deed, report = adopt(stage)
    assert [str(item.reason) for item in deed.items] == ["Adopted"] * 3
    assert not report.rejected
    assert without_marks(stage) == before
    ours = [epg_dn(), subnet_dn("10.244.1.1/32"), subnet_dn("10.244.1.2/32")]
    assert annotations(stage) == {dn: me.mark(dn) for dn in ours}
    assert tags(stage) == {}
    posts = stage.posts
    again, _ = adopt(stage)
    assert (again.items, stage.posts) == ((), posts)
    assert stage.sync().plan.settled
    assert "192.0.2.0/24" in stage.prefixes()


def test_a_fabric_as_the_prior_application_leaves_it_is_taken_over_and_nothing_is_deleted(
    stage: Stage,
) -> None:
    stage.pods(stage.workload("web"), 2)
    leave(stage, EPG, "10.244.1.1", "10.244.1.2", "10.244.9.1", "10.244.9.2")
    leave(stage, "EPG_GONE", "10.244.8.1")
    stage.epg("EPG_HAND", "192.0.2.1/32")
    before, me = without_marks(stage), identity(stage)
    deed, _ = adopt_all(stage)
    assert len(deed.changes) == 7
    assert without_marks(stage) == before
    assert PRIOR not in annotations(stage).values()
    assert annotations(stage) == {dn: me.mark(dn) for dn in annotations(stage)}
    assert set(tags(stage).values()) == {"adopted"}
    assert adopt_all(stage)[0].items == ()
    left = stage.sync()
    assert stage.prefixes() == {*hosts("10.244.1", 2), "10.244.9.1/32", "10.244.9.2/32"}
    assert left.held == dict.fromkeys(
        ("10.244.9.1/32", "10.244.9.2/32", "EPG_GONE", "10.244.8.1/32"), Reason.UNCONFIRMED
    )
    assert left.plan.approval_id


def test_what_is_stale_goes_when_a_person_approves_it_and_the_tag_with_it(stage: Stage) -> None:
    web = stage.workload("web")
    stage.pods(web, 2)
    leave(stage, EPG, "10.244.1.1", "10.244.9.1")
    leave(stage, "EPG_GONE", "10.244.8.1")
    adopt_all(stage)
    done = stage.sync(approve=True)
    assert done.plan.settled
    assert stage.prefixes() == hosts("10.244.1", 2)
    assert stage.apic.get(epg_dn("EPG_GONE")) is None
    assert tags(stage) == {}
    stage.remove(stage.pod(web, "10.244.1.3"))
    assert stage.sync().plan.settled


def test_adopting_was_cut_in_the_middle_and_the_second_run_finishes(stage: Stage) -> None:
    stage.pods(stage.workload("web"), 2)
    leave(stage, EPG, "10.244.1.1", "10.244.1.2", "10.244.9.1")
    me = identity(stage)
    stage.apic.faults.reject("extsubnet-\\[10.244.1.2")
    _, report = adopt(stage, terms=Terms(Origin()))
    assert report.rejected
    assert PRIOR in annotations(stage).values()
    assert stage.sync().held == {"10.244.9.1/32": Reason.UNCONFIRMED}
    stage.apic.faults.clear()
    deed, _ = adopt(stage, terms=Terms(Origin()))
    assert annotations(stage) == {dn: me.mark(dn) for dn in annotations(stage)}
    assert len(deed.changes) == 1


@pytest.mark.parametrize("mark", ["orchestrator:terraform", "orchestrator:ansible", PRIOR, DEAD])
def test_an_epg_of_another_party_is_refused_and_nothing_is_written(stage: Stage, mark: str) -> None:
    stage.workload("web")
    leave(stage, EPG, "10.244.1.1", mark=mark)
    before = stage.dump()
    with pytest.raises(OwnershipRefused, match="is not adopted") as refused:
        adopt(stage)
    assert refused.value.next_step
    assert stage.dump() == before
    assert stage.posts == 0


def test_an_epg_of_another_party_is_adopted_by_force(stage: Stage) -> None:
    stage.pods(stage.workload("web"), 1)
    leave(stage, EPG, "10.244.1.1", "10.244.9.1", mark="orchestrator:terraform")
    me = identity(stage)
    adopt(stage, terms=Terms(force=True))
    assert annotations(stage) == {
        epg_dn(): me.mark(epg_dn()),
        subnet_dn("10.244.1.1/32"): me.mark(subnet_dn("10.244.1.1/32")),
        subnet_dn("10.244.9.1/32"): "orchestrator:terraform",
    }


def test_a_subnet_of_another_party_in_an_adopted_epg_is_left_and_said_so(stage: Stage) -> None:
    stage.pods(stage.workload("web"), 2)
    stage.epg(EPG, "10.244.1.1/32")
    stage.apic.post(
        epg_dn(),
        {"l3extSubnet": {"attributes": {"ip": "10.244.1.2/32", "annotation": "orchestrator:ansible"}}},
    )
    deed, _ = adopt(stage)
    assert [item.prefix for item in deed.left] == ["10.244.1.2/32"]
    assert annotations(stage)[subnet_dn("10.244.1.2/32")] == "orchestrator:ansible"


def test_a_rebuilt_cluster_takes_over_from_its_former_self_once_that_is_quiet(stage: Stage) -> None:
    stage.pods(stage.workload("web"), 1)
    leave(stage, EPG, "10.244.1.1", "10.244.9.1", mark=DEAD)
    me, terms = identity(stage), Terms(Origin(DEAD), only_origin=True)
    before = stage.dump()
    with pytest.raises(OwnershipRefused, match="lives"):
        adopt_all(stage, terms)
    assert stage.dump() == before
    age(stage, 590)
    with pytest.raises(OwnershipRefused, match="lives"):
        adopt_all(stage, terms)
    age(stage, 20)
    adopt_all(stage, terms)
    assert annotations(stage) == {dn: me.mark(dn) for dn in annotations(stage)}
    assert stage.sync().held == {"10.244.9.1/32": Reason.UNCONFIRMED}


def test_a_cluster_is_not_taken_for_another_of_the_same_id(stage: Stage) -> None:
    leave(stage, EPG, mark=DEAD)
    age(stage)
    other = type(DEAD)("new", DEAD.uid8)
    with pytest.raises(OwnershipRefused, match=r"say old, not new"):
        adopt_all(stage, Terms(Origin(other), only_origin=True))


def test_all_subnets_come_along_when_a_person_asks_for_them(stage: Stage) -> None:
    stage.pods(stage.workload("web"), 1)
    stage.epg(EPG, "10.244.1.1/32", "192.0.2.0/24")
    adopt(stage, terms=Terms(all_subnets=True))
    assert len(annotations(stage)) == 3
    assert list(tags(stage).values()) == ["adopted"]
    assert stage.sync().held == {"192.0.2.0/24": Reason.UNCONFIRMED}


def test_a_name_is_resolved_and_a_wrong_one_gets_the_near_matches(stage: Stage) -> None:
    stage.apic.small_fabric("TEN_TWO")
    stage.epg("EPG_API")
    stage.epg("EPG_API", tenant="TEN_TWO", l3out="L3O_TWO")
    with pytest.raises(SettingsError, match=r"2 EPGs are called 'EPG_API'.*TEN_TWO/L3O_TWO/EPG_API"):
        adopt(stage, "EPG_API")
    with pytest.raises(SettingsError, match=r"no external EPG 'EPG_APY'; did you mean .*EPG_API"):
        adopt(stage, "EPG_APY")
    for asked in ("TEN_TWO/L3O_TWO/EPG_API", epg_dn("EPG_API", "L3O_TWO", "TEN_TWO")):
        adopt(stage, asked)
    assert list(annotations(stage)) == [epg_dn("EPG_API", "L3O_TWO", "TEN_TWO")]
