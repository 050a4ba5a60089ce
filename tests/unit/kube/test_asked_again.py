"""Wishes that were asked for before see each link of the chain from an address to its workload change."""

from __future__ import annotations

from akb_sync.kube.desire import Wishes
from akb_sync.kube.limits import Limits

from .builders import Json, ask, pod, replicaset, workload, world

WEB = workload("web", ask("WEB"))
MIDDLE = replicaset(WEB, "web-1")


def _in_turn(*moments: tuple[Json, ...]) -> list[tuple[str, str]]:
    """What is wanted in the last of some moments: prefix and EPG."""
    wishes = Wishes(Limits())
    for moment in moments:
        found = wishes.at(world(*moment), 0.0)
    return [(one.prefix, one.binding.epg) for one in found.exposures]


def test_a_pod_is_seen_to_come_to_change_its_address_and_to_go() -> None:
    one, other = pod("p", MIDDLE, "10.0.0.1"), pod("p", MIDDLE, "10.0.0.2")
    assert _in_turn((WEB, MIDDLE), (WEB, MIDDLE, one)) == [("10.0.0.1/32", "WEB")]
    assert _in_turn((WEB, MIDDLE, one), (WEB, MIDDLE, other)) == [("10.0.0.2/32", "WEB")]
    assert _in_turn((WEB, MIDDLE, one), (WEB, MIDDLE)) == []


def test_a_replicaset_that_comes_after_its_pods_is_seen() -> None:
    one = pod("p", MIDDLE, "10.0.0.1")
    assert _in_turn((WEB, one), (WEB, MIDDLE, one)) == [("10.0.0.1/32", "WEB")]
    assert _in_turn((WEB, MIDDLE, one), (WEB, one)) == []


def test_an_annotation_is_seen_to_come_and_to_go() -> None:
    plain, one = workload("web"), pod("p", MIDDLE, "10.0.0.1")
    assert _in_turn((plain, MIDDLE, one), (WEB, MIDDLE, one)) == [("10.0.0.1/32", "WEB")]
    assert _in_turn((WEB, MIDDLE, one), (plain, MIDDLE, one)) == []
