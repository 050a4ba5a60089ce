"""Which L3Outs carry a cluster's nodes."""

from __future__ import annotations

from collections.abc import Mapping

from akb_sync.apic.home import l3outs_with
from akb_sync.apic.ports import ImData
from akb_sync.model import L3Out

A, B = L3Out("TEN", "A"), L3Out("TEN", "B")


class Fabric:
    """Answers class queries with what it was given."""

    def __init__(
        self, peers: Mapping[str, L3Out] | None = None, subnets: Mapping[str, L3Out] | None = None
    ) -> None:
        self._answers = {
            "/api/class/bgpPeerP.json": [
                one(
                    "bgpPeerP",
                    f"{out.dn}/lnodep-N/lifp-I/vlifp-[topology/pod-1/node-101]/peerP-[{addr}]",
                    addr=addr,
                )
                for addr, out in (peers or {}).items()
            ],
            "/api/class/l3extSubnet.json": [
                one("l3extSubnet", f"{out.dn}/instP-E/extsubnet-[{ip}]", ip=ip)
                for ip, out in (subnets or {}).items()
            ],
        }
        self.asked: list[str] = []

    def get(self, path: str, params: Mapping[str, str] = {}) -> ImData:
        assert not params
        self.asked.append(path)
        return self._answers[path]


def one(cls: str, dn: str, **attributes: str) -> dict[str, dict[str, dict[str, str]]]:
    return {cls: {"attributes": {"dn": dn, **attributes}}}


def test_the_l3out_that_has_a_node_as_bgp_peer_carries_the_cluster() -> None:
    fabric = Fabric(peers={"10.1.0.2": A, "10.9.0.2": B}, subnets={"10.1.0.0/24": B})
    assert l3outs_with(fabric, ["10.1.0.2", "10.1.0.3"]) == {A: "BGP peer 10.1.0.2"}
    assert fabric.asked == ["/api/class/bgpPeerP.json"]


def test_a_peer_may_be_a_range_of_dynamic_neighbours() -> None:
    assert l3outs_with(Fabric(peers={"10.1.0.0/24": A}), ["10.1.0.7"]) == {A: "BGP peer 10.1.0.0/24"}


def test_without_peers_the_external_subnets_are_asked_for() -> None:
    fabric = Fabric(subnets={"10.1.0.0/24": A, "fd00::/64": B})
    assert l3outs_with(fabric, ["10.1.0.2"]) == {A: "external subnet 10.1.0.0/24"}
    assert l3outs_with(fabric, ["fd00::5"]) == {B: "external subnet fd00::/64"}


def test_a_default_route_shows_nothing() -> None:
    assert l3outs_with(Fabric(subnets={"0.0.0.0/0": A, "::/0": A}), ["10.1.0.2", "fd00::5"]) == {}


def test_all_that_carry_a_node_are_named() -> None:
    fabric = Fabric(peers={"10.1.0.3": B, "10.1.0.2": A, "10.1.0.0/24": B})
    found = l3outs_with(fabric, ["10.1.0.2", "10.1.0.3"])
    assert list(found.items()) == [(A, "BGP peer 10.1.0.2"), (B, "BGP peer 10.1.0.3")]


def test_what_is_elsewhere_or_unreadable_is_passed_over() -> None:
    fabric = Fabric()
    fabric._answers["/api/class/bgpPeerP.json"] = [
        one("bgpPeerP", "uni/tn-infra/somewhere/peerP-[10.1.0.2]", addr="10.1.0.2"),
        one("bgpPeerP", f"{A.dn}/lnodep-N/peerP-[x]", addr="x"),
        one("bgpPeerP", f"{A.dn}/lnodep-N/peerP-[]"),
    ]
    assert l3outs_with(fabric, ["10.1.0.2"]) == {}
