"""Addresses that leave a wider subnet's policy, because the longest prefix wins."""

from __future__ import annotations

from akb_sync.model import Exposure, ObservedSubnet

from .builders import (
    OTHER_VRF,
    binding,
    cluster,
    epg,
    fabric,
    l3out,
    plan,
    pod,
    subnet,
    workload,
)

CATCH_ALL = epg("catch_all", subnet("10.0.0.0/8", None), mark=None, contracts=("web", "dns"))


def _said(*wants: Exposure, here: object) -> list[str]:
    return [str(shift) for shift in plan(cluster(*wants), here).shifts]  # type: ignore[arg-type]


def test_the_plan_says_how_many_addresses_leave_which_policy() -> None:
    here = fabric(l3out(CATCH_ALL))
    assert _said(pod("10.0.0.1"), pod("10.0.0.2"), here=here) == [
        "2 addresses leave EPG T1/L1/catch_all (2 contracts) for T1/L1/A (no contract)"
    ]
    with_contract = fabric(l3out(CATCH_ALL, epg("A", contracts=("web",))))
    assert _said(pod("10.0.0.1"), here=with_contract) == [
        "1 address leaves EPG T1/L1/catch_all (2 contracts) for T1/L1/A (1 contract)"
    ]


def test_the_longest_of_several_wider_subnets_is_the_one_that_is_left() -> None:
    narrow = epg("narrow", subnet("10.0.0.0/24", None), mark=None)
    said = _said(pod("10.0.0.1"), pod("10.1.0.1"), here=fabric(l3out(CATCH_ALL, narrow)))
    assert [line.split()[4] for line in said] == ["T1/L1/catch_all", "T1/L1/narrow"]


def test_a_default_route_of_either_family_covers_its_own_family_only() -> None:
    default = epg("default", subnet("0.0.0.0/0", None), mark=None)
    here = fabric(l3out(default))
    assert len(_said(pod("10.0.0.1"), here=here)) == 1
    assert _said(pod("2001:db8::1"), here=here) == []
    long = epg("six", subnet("2001:db8::/64", None), mark=None)
    assert _said(pod("10.0.0.1"), here=fabric(l3out(long))) == []
    assert len(_said(pod("2001:db8::1"), here=fabric(l3out(epg("six", subnet("::/0", None)))))) == 1


def test_a_wider_subnet_of_the_same_epg_of_another_vrf_or_without_policy_is_not_left() -> None:
    own = fabric(l3out(epg("A", subnet("10.0.0.0/8", None))))
    apart = fabric(l3out(), l3out(CATCH_ALL, name="L2", vrf=OTHER_VRF))
    routing = fabric(l3out(epg("r", subnet("10.0.0.0/8", None, scope=("export-rtctrl",)), mark=None)))
    unrelated = fabric(l3out(epg("r", subnet("192.168.0.0/16", None), mark=None)))
    unknown = fabric(l3out(CATCH_ALL, vrf=""))
    for here in (own, apart, routing, unrelated, unknown):
        assert _said(pod("10.0.0.1"), here=here) == []


def test_a_wide_prefix_of_six_is_not_taken_for_one_address() -> None:
    wide = epg("six", subnet("2001:db8::/32", None), mark=None)
    assert len(_said(pod("2001:db8::1"), here=fabric(l3out(wide)))) == 1


def test_an_address_that_is_there_already_or_moves_leaves_nothing() -> None:
    assert _said(pod("10.0.0.1"), here=fabric(l3out(CATCH_ALL, epg("A", "10.0.0.1")))) == []
    moving = fabric(l3out(CATCH_ALL, epg("A", "10.0.0.1"), epg("B")))
    assert _said(pod("10.0.0.1", workload("web", binding("B"))), here=moving) == []


def test_a_prefix_that_is_not_canonical_is_not_counted_and_not_fatal() -> None:
    odd = Exposure("10.0.0.1/8", workload(), pod("10.0.0.1").source, "", frozenset())
    assert _said(odd, here=fabric(l3out(CATCH_ALL))) == []
    here = l3out(epg("odd"))
    dn = binding("odd").subnet_dn("odd")
    wide = ObservedSubnet(dn, "odd", "not a prefix", "", frozenset({"import-security"}))
    object.__setattr__(here.epgs["odd"], "subnets", {dn: wide})
    assert _said(pod("10.0.0.1"), here=fabric(here)) == []
