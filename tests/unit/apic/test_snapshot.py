from __future__ import annotations

import random
from typing import Any

from akb_sync.apic.change import Change
from akb_sync.apic.snapshot import MOST_REMEMBERED, Snapshot
from akb_sync.model import L3Out, ObservedEpg

from .answers import EPG, L3OUT, changed, epg, event, gone, mo, out, subnet

SUBNET = EPG.subnet_dn("10.0.0.0/8")


def picture(*objects: dict[str, Any]) -> Snapshot:
    return Snapshot(L3OUT, [*out(), epg(annotation="mark"), *objects])


def app(snapshot: Snapshot) -> ObservedEpg:
    return snapshot.epgs()["app"]


def test_an_empty_answer_means_that_the_l3out_does_not_exist() -> None:
    snapshot = Snapshot(L3OUT, [])
    assert not snapshot.exists
    assert snapshot.whole
    assert snapshot.epgs() == {}


def test_a_subnet_is_seen_with_its_canonical_prefix_and_its_sorted_out_flags() -> None:
    snapshot = picture(subnet("10.1.2.3/8", scope="shared-security,import-security", name="x"))
    [seen] = app(snapshot).subnets.values()
    assert (seen.ip, seen.prefix, seen.name) == ("10.1.2.3/8", "10.0.0.0/8", "x")
    assert seen.scope == {"import-security", "shared-security"}
    assert seen.dn == EPG.subnet_dn("10.1.2.3/8")


def test_text_that_is_no_prefix_is_seen_and_has_no_prefix() -> None:
    [seen] = app(picture(subnet("fd00::1:2/129"))).subnets.values()
    assert (seen.ip, seen.prefix) == ("fd00::1:2/129", "")


def test_the_order_of_an_answer_does_not_matter() -> None:
    objects = [*out(), epg(), subnet("10.0.0.0/8"), mo("fvRsProv", f"{EPG.dn}/rsprov-c", tnVzBrCPName="c")]
    expected = Snapshot(L3OUT, objects).epgs()
    for seed in range(20):
        random.Random(seed).shuffle(objects)
        snapshot = Snapshot(L3OUT, objects)
        assert snapshot.whole
        assert snapshot.epgs() == expected


def test_a_child_without_its_epg_shows_that_the_answer_has_holes() -> None:
    assert not Snapshot(L3OUT, [*out(), subnet("10.0.0.0/8")]).whole
    assert not Snapshot(L3OUT, [epg()]).whole


def test_the_vrf_is_known_only_when_the_relation_is_formed() -> None:
    assert Snapshot(L3OUT, out()).vrf == "uni/tn-t/ctx-v"
    assert Snapshot(L3OUT, out(vrf="")).vrf == ""
    unformed = mo("l3extRsEctx", f"{L3OUT.dn}/rsectx", tDn="uni/tn-t/ctx-v", state="missing-target")
    assert Snapshot(L3OUT, [out()[0], unformed]).vrf == ""
    without_state = mo("l3extRsEctx", f"{L3OUT.dn}/rsectx", tDn="uni/tn-t/ctx-v")
    assert Snapshot(L3OUT, [out()[0], without_state]).vrf == "uni/tn-t/ctx-v"


def test_relations_and_tags_that_people_made_are_their_work_and_the_apics_own_are_not() -> None:
    peoples = [
        mo("fvRsProv", f"{EPG.dn}/rsprov-web", tnVzBrCPName="web"),
        mo("fvRsCons", f"{EPG.dn}/rscons-db", tnVzBrCPName="db"),
        mo("fvRsConsIf", f"{EPG.dn}/rsconsIf-imported", tnVzCPIfName="imported"),
        mo("fvRsProtBy", f"{EPG.dn}/rsprotBy-t", tnVzTabooName="t"),
        mo("fvRsIntraEpg", f"{EPG.dn}/rsintraEpg-i", tnVzBrCPName="i"),
        mo("fvRsSecInherited", f"{EPG.dn}/rssecInherited-[uni/tn-t/out-o/instP-b]", tDn="x"),
        mo("l3extRsInstPToProfile", f"{EPG.dn}/rsinstPToProfile-[p]-import"),
        mo("l3extRsSubnetToProfile", f"{SUBNET}/rssubnetToProfile-[p]-import"),
        mo("tagAnnotation", f"{EPG.dn}/annotationKey-[owner]", key="owner", value="ann"),
        mo("tagAnnotation", f"{SUBNET}/annotationKey-[why]", key="why", value="dns"),
        mo("tagTag", f"{EPG.dn}/tagKey-a", key="a", value="b"),
        mo("tagInst", f"{EPG.dn}/tag-old", name="old"),
        mo("fvRsCustQosPol", f"{EPG.dn}/rscustQosPol", tnQosCustomPolName="gold", uid="0"),
    ]
    apics = [
        mo("fvRsCustQosPol", f"{L3OUT.dn}/instP-b/rscustQosPol", tnQosCustomPolName="", uid="0"),
        mo("faultInst", f"{EPG.dn}/fault-F3941", code="F3941"),
        mo(
            "tagAnnotation",
            f"{EPG.dn}/annotationKey-[akb-sync.0123abcd]",
            key="akb-sync.0123abcd",
            value="released",
        ),
    ]
    snapshot = picture(subnet("10.0.0.0/8"), epg("b"), *peoples, *apics)
    seen = app(snapshot)
    assert seen.others == tuple(
        sorted(body["attributes"]["dn"] for item in peoples for body in item.values())
    )
    assert seen.contracts == ("db", "imported", "web")
    assert seen.tags == {"owner": "ann", "akb-sync.0123abcd": "released"}
    assert snapshot.epgs()["b"].others == ()


def test_the_preferred_group_is_seen() -> None:
    assert app(Snapshot(L3OUT, [*out(), epg(prefGrMemb="include")])).preferred_group
    assert not app(Snapshot(L3OUT, [*out(), epg(prefGrMemb="exclude")])).preferred_group


def test_objects_elsewhere_below_the_l3out_are_of_no_concern() -> None:
    snapshot = picture()
    before = snapshot.epgs()
    elsewhere = mo("tagAnnotation", f"{L3OUT.dn}/lnodep-n/annotationKey-[k]", key="k", value="v")
    on_the_l3out = mo("tagAnnotation", f"{L3OUT.dn}/annotationKey-[k]", key="k", value="v")
    for status in ("created", "modified", "deleted"):
        effect = snapshot.apply([event(status, elsewhere), event(status, on_the_l3out)], 1.0)
        assert (effect.changed, effect.complete) == (False, True)
    assert snapshot.epgs() is before


def test_created_modified_and_deleted_events_are_taken_over() -> None:
    snapshot = picture()
    assert snapshot.apply([event("created", subnet("10.0.0.0/8", name="a"))], 1.0).changed
    assert app(snapshot).subnets[SUBNET].name == "a"
    assert snapshot.apply([changed("l3extSubnet", SUBNET, scope="export-rtctrl")], 2.0).changed
    assert app(snapshot).subnets[SUBNET].scope == {"export-rtctrl"}
    assert app(snapshot).subnets[SUBNET].name == "a"
    assert snapshot.apply([gone("l3extSubnet", SUBNET)], 3.0).changed
    assert app(snapshot).subnets == {}


def test_what_the_apic_changes_by_itself_changes_nothing_here() -> None:
    snapshot = picture(subnet("10.0.0.0/8"))
    before = snapshot.epgs()
    effect = snapshot.apply([changed("l3extSubnet", SUBNET, modTs="later", monPolDn="uni/x")], 1.0)
    assert (effect.changed, effect.complete) == (False, True)
    assert snapshot.epgs() is before


def test_the_same_event_twice_changes_nothing_the_second_time() -> None:
    for item in (
        event("created", subnet("10.0.0.0/8", name="a")),
        changed("l3extInstP", EPG.dn, annotation="new"),
        gone("l3extInstP", EPG.dn),
    ):
        snapshot = picture(subnet("10.0.0.1/32"))
        assert snapshot.apply([item], 1.0).changed
        before = snapshot.epgs()
        again = snapshot.apply([item], 2.0)
        assert (again.changed, again.complete) == (False, True)
        assert snapshot.epgs() == before


def test_a_change_to_an_object_that_was_never_seen_asks_for_a_reading() -> None:
    for item in (
        changed("l3extSubnet", SUBNET, name="x"),
        changed("l3extInstP", f"{L3OUT.dn}/instP-b", annotation="x"),
        event("created", subnet("10.0.0.0/8", "b")),
    ):
        assert not picture().apply([item], 1.0).complete


def test_an_epg_that_goes_takes_everything_below_it_along() -> None:
    tag = mo("tagTag", f"{SUBNET}/tagKey-a", key="a")
    snapshot = picture(subnet("10.0.0.0/8"), tag, epg("b"))
    effect = snapshot.apply([gone("l3extInstP", EPG.dn)], 1.0)
    assert effect.changed
    assert set(snapshot.epgs()) == {"b"}
    late = [gone("l3extSubnet", SUBNET), gone("tagTag", f"{SUBNET}/tagKey-a")]
    assert not snapshot.apply(late, 1.0).changed
    snapshot.apply([event("created", epg())], 2.0)
    assert app(snapshot).subnets == {}
    assert app(snapshot).others == ()


def test_a_subnet_that_goes_takes_its_tags_along() -> None:
    snapshot = picture(subnet("10.0.0.0/8"), mo("tagTag", f"{SUBNET}/tagKey-a", key="a"))
    assert app(snapshot).others
    snapshot.apply([gone("l3extSubnet", SUBNET)], 1.0)
    assert app(snapshot).others == ()


def test_an_l3out_that_goes_or_appears_is_read_again() -> None:
    snapshot = picture(subnet("10.0.0.0/8"))
    effect = snapshot.apply([gone("l3extOut", L3OUT.dn)], 1.0)
    assert (effect.changed, effect.complete, snapshot.exists) == (True, False, False)
    assert snapshot.epgs() == {}
    assert snapshot.vrf == ""
    effect = snapshot.apply([event("created", out()[0])], 2.0)
    assert (effect.changed, effect.complete, snapshot.exists) == (True, False, True)


def test_an_event_rebuilds_only_the_epg_that_it_concerns() -> None:
    snapshot = picture(epg("b"), subnet("10.0.0.0/8"), subnet("10.0.0.0/8", "b"))
    before = snapshot.epgs()
    snapshot.apply([changed("l3extSubnet", SUBNET, name="x")], 1.0)
    after = snapshot.epgs()
    assert after["b"] is before["b"]
    assert after["app"] is not before["app"]
    assert before["app"].subnets[SUBNET].name == ""


def test_what_we_wrote_is_taken_over_as_if_it_had_been_read() -> None:
    snapshot = picture(subnet("10.0.0.9/32"))
    snapshot.assume(
        [
            Change(
                SUBNET, "l3extSubnet", {"ip": "10.0.0.0/8", "name": "n", "annotation": "m"}, 5.0, creates=True
            ),
            Change(EPG.subnet_dn("10.0.0.9/32"), "l3extSubnet", None, 5.0),
            Change(
                f"{L3OUT.dn}/instP-new", "l3extInstP", {"name": "new", "annotation": "m"}, 5.0, creates=True
            ),
        ]
    )
    [seen] = app(snapshot).subnets.values()
    assert (seen.ip, seen.name, seen.annotation) == ("10.0.0.0/8", "n", "m")
    assert seen.scope == {"import-security"}
    assert snapshot.epgs()["new"].annotation == "m"


def test_our_own_echo_changes_nothing_that_is_seen() -> None:
    snapshot = picture()
    snapshot.assume([Change(SUBNET, "l3extSubnet", {"ip": "10.0.0.0/8", "name": "n"}, 5.0, creates=True)])
    before = snapshot.epgs()
    effect = snapshot.apply([event("created", subnet("10.0.0.0/8", name="n"))], 6.0)
    assert not effect.changed
    assert snapshot.epgs() is before


def test_an_event_that_came_after_our_post_was_begun_knows_better() -> None:
    snapshot = picture()
    snapshot.apply([event("created", subnet("10.0.0.0/8")), gone("l3extSubnet", SUBNET)], 6.0)
    snapshot.assume([Change(SUBNET, "l3extSubnet", {"ip": "10.0.0.0/8"}, 5.0, creates=True)])
    assert app(snapshot).subnets == {}


def test_a_subnet_is_not_assumed_in_an_epg_that_is_gone() -> None:
    snapshot = Snapshot(L3OUT, out())
    snapshot.assume([Change(SUBNET, "l3extSubnet", {"ip": "10.0.0.0/8"}, 5.0, creates=True)])
    assert snapshot.whole
    assert snapshot.epgs() == {}


def test_an_update_is_merged_and_flags_that_people_added_stay() -> None:
    snapshot = picture(subnet("10.0.0.0/8", name="old", scope="import-security,shared-security"))
    snapshot.assume([Change(SUBNET, "l3extSubnet", {"ip": "10.0.0.0/8", "name": "new"}, 5.0)])
    seen = app(snapshot).subnets[SUBNET]
    assert seen.name == "new"
    assert seen.scope == {"import-security", "shared-security"}


def test_an_object_is_given_with_what_is_needed_to_make_it_again() -> None:
    tag = mo("tagTag", f"{SUBNET}/tagKey-a", key="a", value="b")
    snapshot = picture(subnet("10.0.0.0/8", name="n", descr="people's", aggregate=""), tag)
    nodes = {dn: (cls, attributes) for dn, cls, attributes in snapshot.nodes(SUBNET)}
    assert list(nodes) == [SUBNET, f"{SUBNET}/tagKey-a"]
    assert nodes[SUBNET][1]["descr"] == "people's"
    assert [dn for dn, _, _ in snapshot.nodes(EPG.dn)] == [EPG.dn, *nodes]
    assert list(snapshot.nodes("uni/tn-t/out-o/instP-none")) == []


def test_an_l3out_whose_name_begins_like_ours_is_another_one() -> None:
    snapshot = picture()
    other = L3Out("t", "o2")
    effect = snapshot.apply([event("created", out(other)[0]), event("created", epg("x", other))], 1.0)
    assert (effect.changed, effect.complete) == (False, True)
    assert set(snapshot.epgs()) == {"app"}


def test_a_long_life_with_many_events_does_not_fill_the_memory() -> None:
    snapshot = picture()
    for number in range(MOST_REMEMBERED + 500):
        ip = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}/32"
        snapshot.apply([event("created", subnet(ip)), gone("l3extSubnet", EPG.subnet_dn(ip))], float(number))
    assert len(snapshot._heard) == MOST_REMEMBERED
    snapshot.assume([Change(EPG.subnet_dn(ip), "l3extSubnet", {"ip": ip}, 5.0, creates=True)])
    assert app(snapshot).subnets == {}


def test_when_the_apic_changed_an_object_is_kept_beside_what_is_compared() -> None:
    snapshot = picture(subnet("10.0.0.0/8", modTs="2026-01-01T00:00:00.000+00:00"))
    before = app(snapshot)
    assert snapshot.changed_at(SUBNET) == "2026-01-01T00:00:00.000+00:00"
    assert snapshot.changed_at(EPG.dn) == "2026-01-01"
    effect = snapshot.apply([changed("l3extSubnet", SUBNET, modTs="2026-01-02T00:00:00.000+00:00")], 1.0)
    assert not effect.changed
    assert app(snapshot) == before
    assert snapshot.changed_at(SUBNET) == "2026-01-02T00:00:00.000+00:00"


def test_when_an_object_was_changed_is_forgotten_with_it() -> None:
    snapshot = picture(subnet("10.0.0.0/8", modTs="2026-01-01T00:00:00.000+00:00"))
    snapshot.apply([gone("l3extSubnet", SUBNET)], 1.0)
    assert snapshot.changed_at(SUBNET) == ""
    assert snapshot.changed_at("uni/tn-T/out-L/instP-none") == ""
