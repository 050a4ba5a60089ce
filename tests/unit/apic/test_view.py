from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from akb_sync.apic.change import Change
from akb_sync.apic.view import FabricView
from akb_sync.errors import (
    ApicBusy,
    ApicError,
    ApicForbidden,
    ApicLoginRefused,
    ApicRejected,
    ApicUnreachable,
)
from akb_sync.model import Freshness, L3Out

from .answers import EPG, L3OUT, OURS, FakeSession, HandClock, changed, epg, event, gone, mo, out, subnet

MATES = "/api/class/l3extRsEctx.json"
EPGS = "/api/class/l3extInstP.json"
SUBNETS = "/api/class/l3extSubnet.json"
MATE, MARKED, NEIGHBOUR = L3Out("other", "mate"), L3Out("old", "left"), L3Out("t", "p")


def path(l3out: L3Out) -> str:
    return f"/api/mo/{l3out.dn}.json"


class Scene:
    """A fabric with one named L3Out, one that shares its VRF, and one where a mark of ours was left."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.session = FakeSession(self.clock)
        self.calls = 0
        self.view = FabricView(self.session, OURS, self.clock, self.changed)
        self.session.answers = {
            path(L3OUT): [*out(), epg(), subnet("10.0.0.0/8")],
            path(MATE): [*out(MATE), epg(l3out=MATE)],
            path(MARKED): out(MARKED, vrf="uni/tn-old/ctx-w"),
            path(NEIGHBOUR): out(NEIGHBOUR, vrf="uni/tn-t/ctx-n"),
            MATES: [out()[1], out(MATE)[1]],
            EPGS: [],
            SUBNETS: [subnet("10.9.0.0/32", l3out=MARKED)],
        }

    def changed(self) -> None:
        self.calls += 1

    def freshness(self, l3out: L3Out = L3OUT) -> Freshness:
        return self.view.observed().of(l3out).freshness

    def push(self, *events: dict[str, Any], l3out: L3Out = L3OUT) -> None:
        live = [each for each in self.session.subscriptions if each.path == path(l3out) and each.alive]
        live[-1].push(*events)


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
def followed(scene: Scene) -> Scene:
    scene.view.follow([L3OUT])
    scene.session.asked.clear()
    return scene


def test_a_reading_has_the_named_those_of_the_same_vrf_and_those_with_our_mark(scene: Scene) -> None:
    scene.view.read([L3OUT])
    observed = scene.view.observed()
    assert set(observed.l3outs) == {L3OUT, MATE, MARKED}
    assert observed.complete
    assert {each.freshness for each in observed.l3outs.values()} == {Freshness.FRESH}
    assert observed.of(L3OUT).vrf == "uni/tn-t/ctx-v"
    assert EPG.subnet_dn("10.0.0.0/8") in observed.of(L3OUT).epgs["app"].subnets
    assert scene.session.subscriptions == []
    assert scene.view.troubles() == {}


def test_the_search_asks_for_vrfs_by_dn_and_for_marks_by_cluster_id(scene: Scene) -> None:
    scene.view.read([L3OUT])
    asked = {asked_path: params.get("query-target-filter") for asked_path, params in scene.session.asked}
    assert asked[MATES] == 'eq(l3extRsEctx.tDn,"uni/tn-t/ctx-v")'
    assert asked[EPGS] == 'wcard(l3extInstP.annotation,".0123abcd:")'
    assert asked[SUBNETS] == 'wcard(l3extSubnet.annotation,".0123abcd:")'
    assert len(scene.session.asked) == 6


def test_several_vrfs_are_asked_for_in_one_query(scene: Scene) -> None:
    scene.view.read([L3OUT, NEIGHBOUR])
    [params] = [params for asked, params in scene.session.asked if asked == MATES]
    vrfs = 'eq(l3extRsEctx.tDn,"uni/tn-t/ctx-n"),eq(l3extRsEctx.tDn,"uni/tn-t/ctx-v")'
    assert params["query-target-filter"] == f"or({vrfs})"


def test_an_error_for_one_l3out_is_its_trouble_and_not_an_empty_answer(scene: Scene) -> None:
    scene.session.answers[path(MATE)] = ApicBusy("busy")
    scene.view.read([L3OUT])
    seen = scene.view.observed().of(MATE)
    assert (seen.freshness, seen.exists, seen.missing) == (Freshness.NEVER, False, "")
    assert seen.trouble == "busy"
    assert scene.view.troubles() == {"other/mate": "busy"}
    assert scene.freshness() is Freshness.FRESH


@pytest.mark.parametrize(
    ("error", "refused"),
    [
        (ApicForbidden("no right"), True),
        (ApicRejected("107", "no such DN", "it"), True),
        (ApicBusy("busy"), False),
        (ApicUnreachable("gone"), False),
    ],
)
def test_a_refusal_to_show_an_l3out_is_told_from_a_read_that_failed_for_now(
    scene: Scene, error: ApicError, refused: bool
) -> None:
    scene.session.answers[path(MATE)] = error
    scene.view.read([L3OUT])
    assert scene.view.observed().of(MATE).refused is refused
    scene.session.answers[path(MATE)] = out(MATE)
    scene.view.read([L3OUT])
    assert not scene.view.observed().of(MATE).refused


def test_a_later_error_keeps_what_was_known_as_stale(scene: Scene) -> None:
    scene.view.read([L3OUT])
    scene.session.answers[path(L3OUT)] = ApicBusy("busy")
    scene.view.read([L3OUT])
    seen = scene.view.observed().of(L3OUT)
    assert (seen.freshness, seen.exists) == (Freshness.STALE, True)
    assert set(seen.epgs) == {"app"}


def test_nothing_readable_at_all_is_raised(scene: Scene) -> None:
    scene.session.answers = {each: ApicForbidden("no") for each in (path(L3OUT), MATES, EPGS, SUBNETS)}
    with pytest.raises(ApicForbidden):
        scene.view.read([L3OUT])
    with pytest.raises(ApicForbidden):
        scene.view.read([])


def test_an_unreachable_apic_is_asked_once_and_not_for_each_l3out(scene: Scene) -> None:
    scene.session.answers[path(L3OUT)] = ApicUnreachable("no way")
    scene.session.answers[path(NEIGHBOUR)] = ApicUnreachable("no way")
    with pytest.raises(ApicUnreachable):
        scene.view.read([L3OUT, NEIGHBOUR])
    assert len(scene.session.asked) == 1
    assert set(scene.view.troubles()) == {"t/o", "discovery"}
    assert scene.freshness(NEIGHBOUR) is Freshness.NEVER


def test_a_search_that_fails_makes_the_view_incomplete(scene: Scene) -> None:
    scene.session.answers[MATES] = ApicForbidden("not for you")
    scene.view.read([L3OUT])
    assert not scene.view.observed().complete
    assert scene.view.troubles() == {"discovery": "not for you"}
    assert scene.freshness() is Freshness.FRESH


def test_an_answer_with_holes_is_an_error(scene: Scene) -> None:
    scene.session.answers[path(L3OUT)] = [*out(), subnet("10.0.0.0/8")]
    scene.view.read([L3OUT])
    assert scene.freshness() is Freshness.NEVER
    assert "holes" in scene.view.troubles()["t/o"]
    scene.session.answers[path(L3OUT)] = [mo("tagTag", f"{L3OUT.dn}/tagKey-a", key="a")]
    scene.view.read([L3OUT])
    assert scene.freshness() is Freshness.NEVER


@pytest.mark.parametrize(
    ("tenant", "missing"), [([], "uni/tn-t"), ([mo("fvTenant", "uni/tn-t", name="t")], "uni/tn-t/out-o")]
)
def test_an_absent_l3out_is_told_from_an_absent_tenant(
    scene: Scene, tenant: list[dict[str, Any]], missing: str
) -> None:
    scene.session.answers = {"/api/mo/uni/tn-t.json": tenant}
    scene.view.read([L3OUT])
    seen = scene.view.observed().of(L3OUT)
    assert (seen.freshness, seen.exists, seen.missing) == (Freshness.FRESH, False, missing)


def test_an_l3out_whose_tenant_cannot_be_asked_for_is_not_called_absent(scene: Scene) -> None:
    scene.session.answers = {"/api/mo/uni/tn-t.json": ApicBusy("busy")}
    scene.view.follow([L3OUT])
    assert scene.freshness() is Freshness.NEVER
    assert [each.alive for each in scene.session.subscriptions] == [False]


def test_an_apic_that_does_not_know_a_class_is_asked_without_it(scene: Scene) -> None:
    unknown = {
        "fvRsIntraEpg": ("400", "Request failed, unresolved class for {}"),
        "tagTag": ("122", "class {} not found"),
    }

    def answer(params: Mapping[str, str]) -> Any:
        for cls, (code, words) in unknown.items():
            if cls in params["target-subtree-class"].split(","):
                return ApicRejected(code, words.format(cls), "q")
        return [*out(), epg()]

    scene.session.answers[path(L3OUT)] = answer
    scene.session.answers[path(MATE)] = answer
    scene.view.read([L3OUT])
    assert scene.freshness() is Freshness.FRESH
    assert scene.session.asked_for(path(L3OUT)) == 3
    assert scene.session.asked_for(path(MATE)) == 1


def test_an_apic_that_does_not_say_which_class_it_lacks_is_asked_with_fewer(scene: Scene) -> None:
    def answer(params: Mapping[str, str]) -> Any:
        young = "l3extRsSubnetToProfile" in params["target-subtree-class"]
        return ApicRejected("12", "not supported", "q") if young else [*out(), epg()]

    scene.session.answers[path(L3OUT)] = answer
    scene.view.read([L3OUT])
    assert scene.freshness() is Freshness.FRESH


def test_a_core_class_is_never_left_out(scene: Scene) -> None:
    words = "Request failed, unresolved class for l3extSubnet"
    scene.session.answers[path(L3OUT)] = ApicRejected("400", words, "q")
    scene.view.read([L3OUT])
    assert words in scene.view.troubles()["t/o"]
    assert scene.session.asked_for(path(L3OUT)) == 1


def test_following_subscribes_once_for_each_l3out_and_is_cheap_when_nothing_is_new(followed: Scene) -> None:
    assert sorted(each.path for each in followed.session.subscriptions) == sorted(
        map(path, [L3OUT, MATE, MARKED])
    )
    assert all(each.is_ready for each in followed.session.subscriptions)
    followed.view.follow([L3OUT])
    assert followed.session.asked == []


def test_another_named_l3out_is_read_and_its_vrf_searched(followed: Scene) -> None:
    followed.view.follow([L3OUT, NEIGHBOUR])
    assert followed.session.asked_for(path(NEIGHBOUR)) == 1
    assert followed.session.asked_for(path(L3OUT)) == 0
    assert followed.session.asked_for(MATES) == 1
    assert followed.view.observed().complete


def test_events_are_seen_and_reported(followed: Scene) -> None:
    followed.push(event("created", subnet("10.0.0.7/32")))
    assert followed.calls == 1
    assert EPG.subnet_dn("10.0.0.7/32") in followed.view.observed().of(L3OUT).epgs["app"].subnets
    assert followed.freshness() is Freshness.FRESH


def test_what_the_apic_does_by_itself_is_not_reported(followed: Scene) -> None:
    followed.push(changed("l3extInstP", EPG.dn, pcTag="16386", configSt="applied"))
    before = followed.calls
    followed.push(changed("l3extSubnet", EPG.subnet_dn("10.0.0.0/8"), modTs="x", monPolDn="y"))
    assert followed.calls == before


def test_an_observed_l3out_is_the_same_object_until_it_changes(followed: Scene) -> None:
    before = followed.view.observed()
    assert followed.view.observed().of(L3OUT) is before.of(L3OUT)
    followed.push(event("created", subnet("10.0.0.7/32")))
    after = followed.view.observed()
    assert after.of(L3OUT) is not before.of(L3OUT)
    assert after.of(MATE) is before.of(MATE)


def test_an_event_that_is_not_understood_makes_it_stale_until_it_was_read_again(followed: Scene) -> None:
    followed.push(changed("l3extSubnet", EPG.subnet_dn("10.1.1.1/32"), name="x"))
    assert followed.calls == 1
    assert followed.freshness() is Freshness.STALE
    followed.view.follow([L3OUT])
    assert followed.freshness() is Freshness.FRESH
    assert followed.session.asked_for(path(L3OUT)) == 1
    assert len(followed.session.subscriptions) == 3


def test_events_during_a_reading_are_applied_on_top_of_its_answer(followed: Scene) -> None:
    answer = followed.session.answers[path(L3OUT)]

    def slow(_: Mapping[str, str]) -> list[dict[str, Any]]:
        followed.push(
            event("created", subnet("10.0.0.7/32")), gone("l3extSubnet", EPG.subnet_dn("10.0.0.0/8"))
        )
        return list(answer)

    followed.session.answers[path(L3OUT)] = slow
    followed.view.refresh()
    [seen] = followed.view.observed().of(L3OUT).epgs["app"].subnets.values()
    assert seen.ip == "10.0.0.7/32"
    assert followed.freshness() is Freshness.FRESH


def test_a_subscription_that_is_not_confirmed_for_a_while_is_not_believed(followed: Scene) -> None:
    followed.clock.time += 91
    assert followed.freshness() is Freshness.STALE
    for each in followed.session.subscriptions:
        each.confirmed = followed.clock.time
    assert followed.freshness() is Freshness.FRESH


def test_what_is_followed_and_not_confirmed_for_long_is_read_so_that_its_trouble_is_known(
    followed: Scene,
) -> None:
    followed.clock.time += 91
    followed.session.answers[path(L3OUT)] = ApicUnreachable("the certificate is not trusted", "mend it")
    followed.view.follow([L3OUT])
    assert "not trusted" in followed.view.troubles()[str(L3OUT)]
    followed.session.answers[path(L3OUT)] = [*out(), epg()]
    followed.clock.time += 91
    followed.view.follow([L3OUT])
    assert followed.freshness() is Freshness.FRESH
    assert followed.view.troubles() == {}
    assert followed.session.asked_for(path(L3OUT)) == 2


def test_a_one_shot_reading_ages(scene: Scene) -> None:
    scene.view.read([L3OUT])
    scene.clock.time += 91
    assert scene.freshness() is Freshness.STALE


def test_a_lost_socket_makes_everything_stale_until_subscribed_and_read_again(followed: Scene) -> None:
    followed.session.lose()
    assert followed.calls == 1
    assert {followed.freshness(each) for each in (L3OUT, MATE, MARKED)} == {Freshness.STALE}
    followed.session.answers[path(L3OUT)] = [*out(), epg()]
    followed.view.follow([L3OUT])
    assert {followed.freshness(each) for each in (L3OUT, MATE, MARKED)} == {Freshness.FRESH}
    assert followed.view.observed().of(L3OUT).epgs["app"].subnets == {}
    assert len([each for each in followed.session.subscriptions if each.alive]) == 3


def test_a_single_subscription_that_the_apic_forgot_is_made_again_alone(followed: Scene) -> None:
    followed.session.subscriptions[0].alive = False
    followed.session.on_lost()
    assert followed.freshness(MATE) is Freshness.FRESH
    assert followed.freshness() is Freshness.STALE
    followed.view.follow([L3OUT])
    assert [asked for asked, _ in followed.session.asked] == [path(L3OUT)]


def test_a_subscription_that_died_unnoticed_is_stale_all_the_same(followed: Scene) -> None:
    followed.session.subscriptions[0].alive = False
    assert followed.freshness() is Freshness.STALE
    followed.view.follow([L3OUT])
    assert followed.freshness() is Freshness.FRESH


def test_a_failed_reading_is_tried_again_later_and_not_at_once(followed: Scene) -> None:
    followed.view.doubt(L3OUT)
    followed.session.answers[path(L3OUT)] = ApicBusy("busy")
    for _ in range(3):
        followed.view.follow([L3OUT])
    assert followed.session.asked_for(path(L3OUT)) == 1
    assert followed.view.revisit_at == followed.clock.time + 1
    followed.clock.time += 1
    followed.view.follow([L3OUT])
    assert followed.view.revisit_at == followed.clock.time + 2
    followed.session.answers[path(L3OUT)] = [*out(), epg()]
    followed.clock.time += 2
    followed.view.follow([L3OUT])
    assert followed.freshness() is Freshness.FRESH
    assert followed.view.revisit_at is None
    assert followed.view.troubles() == {}


def test_a_refused_login_is_no_storm(followed: Scene) -> None:
    followed.session.lose()
    for each in (L3OUT, MATE, MARKED):
        followed.session.answers[path(each)] = ApicLoginRefused("wrong password")
    followed.view.follow([L3OUT])
    assert len(followed.session.asked) == 1
    assert set(followed.view.troubles().values()) == {"wrong password"}
    assert {followed.freshness(each) for each in (L3OUT, MATE, MARKED)} == {Freshness.STALE}


def test_the_search_is_not_put_off_by_readings_that_fail_while_it_waits(followed: Scene) -> None:
    followed.session.lose()
    for each in (L3OUT, NEIGHBOUR):
        followed.session.answers[path(each)] = ApicUnreachable("connection refused")
    followed.view.follow([L3OUT])
    followed.view.follow([L3OUT, NEIGHBOUR])
    assert set(followed.view.troubles()) >= {"t/o", "t/p", "discovery"}
    followed.session.answers |= {path(L3OUT): [*out(), epg()], path(NEIGHBOUR): []}
    followed.clock.time += 1
    followed.view.follow([L3OUT, NEIGHBOUR])
    assert followed.view.troubles() == {}
    assert followed.view.observed().complete


def test_an_unknown_outcome_is_doubted_until_read_again(followed: Scene) -> None:
    followed.view.doubt(L3OUT)
    assert followed.freshness() is Freshness.STALE
    assert followed.freshness(MATE) is Freshness.FRESH
    followed.view.follow([L3OUT])
    assert followed.freshness() is Freshness.FRESH


def test_what_we_wrote_is_seen_at_once(followed: Scene) -> None:
    dn = EPG.subnet_dn("10.0.0.7/32")
    followed.view.assume(
        [Change(dn, "l3extSubnet", {"ip": "10.0.0.7/32"}, followed.clock.time, creates=True)]
    )
    assert dn in followed.view.observed().of(L3OUT).epgs["app"].subnets
    assert followed.view.nodes(dn)[0][0] == dn


def test_an_absent_l3out_that_appears_is_read_again(scene: Scene) -> None:
    scene.session.answers = {"/api/mo/uni/tn-t.json": [mo("fvTenant", "uni/tn-t", name="t")]}
    scene.view.follow([L3OUT])
    assert scene.view.observed().of(L3OUT).missing == L3OUT.dn
    scene.session.answers[path(L3OUT)] = [*out(), epg()]
    scene.push(event("created", out()[0]))
    assert scene.calls == 1
    assert scene.freshness() is Freshness.STALE
    scene.view.follow([L3OUT])
    seen = scene.view.observed().of(L3OUT)
    assert (seen.freshness, seen.exists, seen.missing) == (Freshness.FRESH, True, "")
    assert set(seen.epgs) == {"app"}
    assert len(scene.session.subscriptions) == 1


def test_an_l3out_that_goes_is_read_again_to_learn_whether_its_tenant_went(followed: Scene) -> None:
    followed.session.answers[path(L3OUT)] = []
    followed.push(gone("l3extOut", L3OUT.dn))
    followed.view.follow([L3OUT])
    assert followed.view.observed().of(L3OUT).missing == "uni/tn-t"


def test_a_vrf_that_changes_is_searched_for(followed: Scene) -> None:
    new = "uni/tn-t/ctx-new"
    followed.push(changed("l3extRsEctx", f"{L3OUT.dn}/rsectx", tDn=new))
    assert not followed.view.observed().complete
    followed.view.follow([L3OUT])
    [params] = [params for asked, params in followed.session.asked if asked == MATES]
    assert params["query-target-filter"] == f'eq(l3extRsEctx.tDn,"{new}")'
    assert followed.view.observed().complete


def test_a_refresh_reads_everything_again_and_drops_what_no_longer_matters(followed: Scene) -> None:
    followed.session.answers[MATES] = [out()[1]]
    followed.session.answers[SUBNETS] = []
    followed.session.answers[path(L3OUT)] = [*out(), epg("b")]
    followed.view.refresh()
    observed = followed.view.observed()
    assert set(observed.l3outs) == {L3OUT}
    assert set(observed.of(L3OUT).epgs) == {"b"}
    assert sum(each.alive for each in followed.session.subscriptions) == 1
    assert len(followed.session.subscriptions) == 3


def test_an_l3out_that_nobody_names_any_more_is_kept_until_no_mark_is_in_it(
    followed: Scene,
) -> None:
    followed.session.answers[EPGS] = [epg()]
    followed.view.follow([])
    assert L3OUT in followed.view.observed().l3outs
    followed.view.refresh()
    assert L3OUT in followed.view.observed().l3outs
    followed.session.answers[EPGS] = []
    followed.view.refresh()
    assert L3OUT not in followed.view.observed().l3outs


def test_a_loss_during_a_reading_outlives_it(followed: Scene) -> None:
    def lossy(_: Mapping[str, str]) -> list[dict[str, Any]]:
        followed.session.lose()
        return [*out(), epg()]

    followed.session.answers[path(L3OUT)] = lossy
    followed.view.doubt(L3OUT)
    followed.view.follow([L3OUT])
    assert followed.freshness() is Freshness.STALE


def test_stopping_ends_all_subscriptions(followed: Scene) -> None:
    followed.view.stop()
    assert not any(each.alive for each in followed.session.subscriptions)
