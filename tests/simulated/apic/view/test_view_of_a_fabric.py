from __future__ import annotations

import pytest

from akb_sync.apic.change import Change
from akb_sync.errors import ApicError, ApicUnreachable
from akb_sync.model import Binding, Freshness, L3Out, Observed, ObservedL3Out
from akb_sync.simulators.apic import ApicSimulator
from tests.simulated.apic.view.scene import NAMED, OURS, Scene

EPG = Binding("TEN_A", "L3O_A", "EPG")
SUBNET = EPG.subnet_dn("10.0.0.1/32")
LEFT = Binding("TEN_B", "L3O_B", "LEFT")


def post_epg(apic: ApicSimulator, binding: Binding, *ips: str) -> None:
    children = []
    for ip in ips:
        mark = OURS.mark(binding.subnet_dn(ip))
        children.append({"l3extSubnet": {"attributes": {"ip": ip, "annotation": mark}}})
    body = {"l3extInstP": {"attributes": {"name": binding.epg}, "children": children}}
    apic.post(binding.parent.dn, body)


def named(observed: Observed) -> ObservedL3Out:
    return observed.of(NAMED)


def fresh(observed: Observed) -> bool:
    return named(observed).freshness is Freshness.FRESH


def has_subnet(observed: Observed) -> bool:
    epg = observed.epg(EPG)
    return fresh(observed) and epg is not None and SUBNET in epg.subnets


@pytest.fixture
def fabric(apic: ApicSimulator) -> ApicSimulator:
    apic.small_fabric("TEN_A", "TEN_B", "TEN_C")
    return apic


def test_a_reading_finds_what_shares_the_vrf_and_what_bears_our_mark(
    fabric: ApicSimulator, scene: Scene
) -> None:
    mate = {"l3extRsEctx": {"attributes": {"tnFvCtxName": "VRF_A"}}}
    fabric.post("uni/tn-TEN_A", {"l3extOut": {"attributes": {"name": "MATE"}, "children": [mate]}})
    post_epg(fabric, LEFT, "10.9.9.9/32")
    scene.view.read([NAMED])
    observed = scene.view.observed()
    assert set(observed.l3outs) == {NAMED, L3Out("TEN_A", "MATE"), LEFT.parent}
    assert observed.complete
    assert named(observed).vrf == "uni/tn-TEN_A/ctx-VRF_A"
    assert {each.freshness for each in observed.l3outs.values()} == {Freshness.FRESH}
    assert set(observed.of(LEFT.parent).epgs["LEFT"].subnets) == {LEFT.subnet_dn("10.9.9.9/32")}
    assert fabric.counts["subscriptions"] == 0


def test_the_work_of_people_and_the_apics_own_are_told_apart(fabric: ApicSimulator, scene: Scene) -> None:
    post_epg(fabric, EPG, "10.0.0.1/32")
    scene.view.read([NAMED])
    seen = scene.view.observed().epg(EPG)
    assert seen is not None
    assert seen.others == ()
    fabric.post(EPG.dn, {"fvRsProv": {"attributes": {"tnVzBrCPName": "web"}}}, user="admin")
    fabric.post(EPG.dn, {"fvRsCustQosPol": {"attributes": {"tnQosCustomPolName": ""}}})
    fabric.post(EPG.dn, {"l3extInstP": {"attributes": {"name": "EPG", "prefGrMemb": "include"}}})
    scene.view.read([NAMED])
    seen = scene.view.observed().epg(EPG)
    assert seen is not None
    assert seen.contracts == ("web",)
    assert seen.others == (f"{EPG.dn}/rsprov-web",)
    assert seen.preferred_group


def test_changes_on_the_fabric_are_seen_as_they_happen(fabric: ApicSimulator, scene: Scene) -> None:
    scene.until(fresh)
    post_epg(fabric, EPG, "10.0.0.1/32")
    scene.until(has_subnet)
    fabric.post(SUBNET, {"l3extSubnet": {"attributes": {"scope": "import-security,shared-security"}}})
    scene.until(
        lambda seen: has_subnet(seen) and len(seen.l3outs[NAMED].epgs["EPG"].subnets[SUBNET].scope) == 2
    )
    fabric.delete(SUBNET)
    scene.until(lambda seen: fresh(seen) and not seen.l3outs[NAMED].epgs["EPG"].subnets)
    fabric.delete(EPG.dn)
    scene.until(lambda seen: fresh(seen) and not seen.l3outs[NAMED].epgs)


def test_nothing_is_asked_while_nothing_happens(fabric: ApicSimulator, scene: Scene) -> None:
    scene.until(fresh)
    before = fabric.counts["queries"]
    for _ in range(20):
        scene.view.follow([NAMED])
    assert fabric.counts["queries"] == before
    assert fabric.counts["subscriptions"] == 1


@pytest.mark.parametrize("tenant_too", [True, False])
def test_an_absent_parent_is_named_and_its_appearance_is_seen(
    apic: ApicSimulator, scene: Scene, tenant_too: bool
) -> None:
    if not tenant_too:
        apic.post("uni", {"fvTenant": {"attributes": {"name": "TEN_A"}}})
    observed = scene.until(fresh)
    assert not named(observed).exists
    assert named(observed).missing == ("uni/tn-TEN_A" if tenant_too else NAMED.dn)
    apic.small_fabric("TEN_A")
    post_epg(apic, EPG, "10.0.0.1/32")
    observed = scene.until(has_subnet)
    assert named(observed).missing == ""
    assert named(observed).vrf == "uni/tn-TEN_A/ctx-VRF_A"
    assert apic.counts["subscriptions"] == 1


def test_an_l3out_that_goes_with_its_tenant_is_missing_with_it(fabric: ApicSimulator, scene: Scene) -> None:
    scene.until(fresh)
    fabric.delete("uni/tn-TEN_A")
    observed = scene.until(lambda seen: fresh(seen) and not named(seen).exists)
    assert named(observed).missing == "uni/tn-TEN_A"
    assert named(observed).epgs == {}


def test_what_happened_while_the_socket_was_gone_is_found(fabric: ApicSimulator, scene: Scene) -> None:
    scene.until(fresh)
    fabric.faults.drop_events(100)
    post_epg(fabric, EPG, "10.0.0.1/32")
    fabric.faults.clear()
    scene.changes.clear()
    fabric.faults.close_sockets()
    assert scene.changes.wait(10), "the loss of the socket was not told"
    assert scene.seen().freshness is Freshness.STALE
    scene.until(has_subnet)


def test_events_that_never_came_are_found_by_the_periodic_reading(
    fabric: ApicSimulator, scene: Scene
) -> None:
    scene.until(fresh)
    fabric.faults.drop_events(100)
    post_epg(fabric, EPG, "10.0.0.1/32")
    fabric.faults.clear()
    assert not has_subnet(scene.view.observed())
    scene.view.refresh()
    assert has_subnet(scene.view.observed())
    assert fabric.counts["subscriptions"] == 1


def test_a_missed_creation_is_noticed_by_the_next_change(fabric: ApicSimulator, scene: Scene) -> None:
    scene.until(fresh)
    fabric.faults.drop_events(100)
    post_epg(fabric, EPG, "10.0.0.1/32")
    fabric.faults.clear()
    fabric.post(SUBNET, {"l3extSubnet": {"attributes": {"name": "changed"}}})
    scene.until(has_subnet)


def test_events_that_come_twice_do_no_harm(fabric: ApicSimulator, scene: Scene) -> None:
    scene.until(fresh)
    fabric.faults.duplicate_events(100)
    post_epg(fabric, EPG, "10.0.0.1/32", "10.0.0.2/32")
    fabric.delete(EPG.subnet_dn("10.0.0.2/32"))
    scene.until(lambda seen: has_subnet(seen) and len(seen.l3outs[NAMED].epgs["EPG"].subnets) == 1)


def test_an_error_is_stale_and_never_empty(fabric: ApicSimulator, scene: Scene) -> None:
    post_epg(fabric, EPG, "10.0.0.1/32")
    scene.until(has_subnet)
    fabric.faults.answer_next("html", 50, method="GET")
    scene.view.refresh()
    seen = scene.seen()
    assert (seen.freshness, seen.exists, set(seen.epgs)) == (Freshness.STALE, True, {"EPG"})
    assert "TEN_A/L3O_A" in scene.view.troubles()
    assert not scene.view.observed().complete
    fabric.faults.clear()
    # The L3Out and the search for others are tried again each at a time of its own.
    scene.until(lambda seen: has_subnet(seen) and not scene.view.troubles())


def test_an_apic_that_is_not_there_is_an_error_when_read_once(apic: ApicSimulator, scene: Scene) -> None:
    apic.stop()
    with pytest.raises(ApicUnreachable):
        scene.view.read([NAMED])


def test_a_refused_login_is_an_error_when_read_once(fabric: ApicSimulator, scene: Scene) -> None:
    fabric.faults.refuse_logins = True
    with pytest.raises(ApicError, match=r"(?i)password"):
        scene.view.read([NAMED])


def test_the_echo_of_our_own_write_fits_what_was_assumed(fabric: ApicSimulator, scene: Scene) -> None:
    post_epg(fabric, EPG)
    scene.until(lambda seen: fresh(seen) and seen.epg(EPG) is not None)
    attributes = {"ip": "10.0.0.1/32", "name": "n", "annotation": OURS.mark(SUBNET)}
    scene.view.assume([Change(SUBNET, "l3extSubnet", attributes, at=0.0, creates=True)])
    assumed = scene.view.observed().epg(EPG)
    fabric.post(EPG.dn, {"l3extSubnet": {"attributes": attributes}})
    scene.view.refresh()
    assert scene.view.observed().epg(EPG) == assumed
