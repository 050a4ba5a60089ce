"""The cluster that is measured is as large as it says, and as real clusters are."""

import json
from collections import Counter

import pytest

from benchmarks.estate import Estate, pod_address, share
from benchmarks.rivals import floor


def test_every_pod_has_an_address_of_its_own() -> None:
    estate = Estate(1_000, epgs=7)
    addresses = [pod["status"]["podIP"] for each in estate.workloads() for pod in each.pods()]
    assert len(addresses) == len(set(addresses)) == 1_000
    assert addresses[300] == pod_address(300) == "10.0.1.44"


def test_pods_are_spread_evenly_and_in_deployments_of_at_most_fifty() -> None:
    estate = Estate(1_000, epgs=7)
    per_epg: Counter[int] = Counter()
    for workload in estate.workloads():
        assert workload.replicas <= 50
        per_epg[workload.epg] += workload.replicas
    assert sorted(per_epg.values()) == [142, 143, 143, 143, 143, 143, 143]


def test_an_epg_without_pods_has_a_deployment_and_a_service() -> None:
    estate = Estate(2, epgs=4)
    assert [workload.replicas for workload in estate.workloads()] == [1, 1, 0, 0]
    assert len(list(estate.services())) == 4


def test_a_pod_is_as_large_as_a_real_one() -> None:
    workload = next(Estate(10).workloads())
    assert 4_000 <= len(json.dumps(workload.pod(0), separators=(",", ":"))) <= 6_000


@pytest.mark.parametrize(
    ("estate", "objects", "posts"),
    [(Estate(10_000), 10_200, 21), (Estate(300, epgs=100), 500, 1), (Estate(10_000, l3outs=3), 10_200, 21)],
)
def test_the_fewest_posts_are_reckoned_for_each_l3out(estate: Estate, objects: int, posts: int) -> None:
    assert (estate.objects, estate.fewest_posts) == (objects, posts)


def test_a_share_is_as_even_as_can_be() -> None:
    assert [share(10, 4, number) for number in range(4)] == [3, 3, 2, 2]


def test_the_floor_reads_every_address_off_the_lists_and_sends_no_post_too_large() -> None:
    estate = Estate(1_200, epgs=10, l3outs=2)
    wanted = floor.Wanted()
    for workload in estate.workloads():
        wanted.take("/apis/apps/v1/deployments", workload.deployment())
        for replicaset in workload.replicasets():
            wanted.take("/apis/apps/v1/replicasets", replicaset)
    for service in estate.services():
        wanted.take("/api/v1/services", service)
    for workload in estate.workloads():
        for pod in workload.pods():
            wanted.take("/api/v1/pods", pod)
    assert sum(map(len, wanted.subnets.values())) == estate.addresses == 1_210
    posts = [json.loads(body) for _, body in floor.posts(wanted.subnets)]
    assert len(posts) == estate.fewest_posts == 4
    assert all(_objects(post) <= 500 for post in posts)
    assert sum(_objects(post, "l3extSubnet") for post in posts) == 1_210


def _objects(document: object, cls: str = "") -> int:
    """How many objects of a class, or of all, a document has."""
    assert isinstance(document, dict)
    ((name, body),) = document.items()
    below = sum(_objects(child, cls) for child in body.get("children", ()))
    return below + (name == cls or not cls)
