"""What judges the engine is judged here: the second opinion, the rule for writes, and the reading of DNs."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from tests.e2e.matrix import manifests, table
from tests.e2e.matrix.oracle import Objects, Wishes, epg_dn, subnet_dn, wanted
from tests.e2e.matrix.play import Outcome
from tests.e2e.matrix.rules import Turns, broken, objects_of
from tests.e2e.matrix.views import difference

EPG = epg_dn("T", "L", "E")
OTHER = epg_dn("T", "L", "F")
TO_EPG = '{"tenant": "T", "l3out": "L", "epg": "E"}'
ONE, TWO = "10.0.0.1/32", "10.0.0.2/32"


def item(document: manifests.Document, **metadata: Any) -> manifests.Document:
    document["metadata"] |= {"namespace": "shop", "creationTimestamp": "2026-01-01T00:00:00Z", **metadata}
    return document


def pod(
    name: str, *addresses: str, owner: str = "ReplicaSet", phase: str = "Running", **metadata: Any
) -> Any:
    document = {
        "metadata": {
            "name": name,
            "labels": {"app": "web"},
            "ownerReferences": [{"kind": owner, "controller": True}],
        },
        "spec": {},
        "status": {"phase": phase, "podIPs": [{"ip": one} for one in addresses]},
    }
    return item(document, **metadata)


def web(annotation: str | None = TO_EPG) -> Any:
    return item(manifests.deployment("web", 1, annotation))


def service(*points: dict[str, str], **spec: Any) -> Any:
    document = item(manifests.service("web", **spec))
    document["status"] = {"loadBalancer": {"ingress": list(points)}}
    return document


def test_pods_and_services_of_an_annotated_workload_are_wanted() -> None:
    point: Sequence[dict[str, str]] = ({"ip": "198.51.100.1"}, {"hostname": "web.example"})
    found = wanted(Objects([pod("web-1", "10.0.0.1", "fd00::1")], [service(*point)], [web()]))
    assert found == {
        EPG: {
            ONE: "shop::web-1",
            "fd00::1/128": "shop::web-1",
            "198.51.100.1/32": "shop::web",
        }
    }


@pytest.mark.parametrize(
    "stranger",
    [
        pod("ended", "10.0.0.1", phase="Succeeded"),
        pod("of-a-job", "10.0.0.1", owner="Job"),
        pod("elsewhere", "10.0.0.1", namespace="other"),
        pod("of-another", "10.0.0.1", labels={"app": "api"}),
        pod("of-nobody", "10.0.0.1", ownerReferences=[]),
        pod("host", "10.0.0.1") | {"spec": {"hostNetwork": True}},
        pod("nowhere", "127.0.0.1", "fe80::1"),
    ],
    ids=lambda one: one["metadata"]["name"],
)
def test_other_pods_are_not(stranger: Any) -> None:
    assert wanted(Objects([stranger], [], [web()])) == {EPG: {}}


def test_a_workload_without_the_annotation_wants_nothing() -> None:
    assert wanted(Objects([pod("web-1", "10.0.0.1")], [], [web(None)])) == {}


def test_of_two_pods_with_one_address_the_one_that_stays_counts() -> None:
    going = pod("a", "10.0.0.1", deletionTimestamp="x", creationTimestamp="2026-01-02T00:00:00Z")
    assert wanted(Objects([going, pod("b", "10.0.0.1")], [], [web()])) == {EPG: {ONE: "shop::b"}}


def test_an_annotation_that_cannot_be_read_keeps_what_was_there_and_gets_nothing_new() -> None:
    pods = [pod("a", "10.0.0.1"), pod("b", "10.0.0.2")]
    before: Wishes = {EPG: {ONE: "shop::a", "10.0.0.9/32": "shop::gone"}}
    assert wanted(Objects(pods, [], [web("no json")]), before) == {EPG: {ONE: "shop::a"}}


def turns(*moments: Wishes) -> Turns:
    found = Turns()
    found.follow(moments)
    return found


A, B = subnet_dn(EPG, ONE), subnet_dn(EPG, TWO)
NOBODY: Counter[tuple[str, str]] = Counter()


def test_turns_count_comings_goings_and_new_names() -> None:
    found = turns({EPG: {ONE: "a"}}, {EPG: {}}, {EPG: {ONE: "b"}}, {EPG: {ONE: "c"}}, {})
    assert (found.came[A], found.went[A], found.renamed[A]) == (2, 2, 2)
    assert (found.came[EPG], found.went[EPG], found.renamed[EPG]) == (1, 1, 0)


def test_what_came_for_good_is_created_once() -> None:
    history, there = turns({EPG: {ONE: "a"}}), objects_of({EPG: {ONE: "a"}})
    once = Counter({("created", EPG): 1, ("created", A): 1})
    assert broken(history, once, NOBODY, there) == []
    twice = once + Counter({("created", A): 1, ("deleted", A): 1})
    assert len(broken(history, twice, NOBODY, there)) == 2


def test_what_was_never_wanted_is_never_written() -> None:
    history = turns({EPG: {ONE: "a"}})
    for wrong in (("created", B), ("modified", B), ("created", OTHER), ("modified", "uni/tn-T/out-L")):
        assert broken(history, Counter([wrong]), NOBODY, frozenset({B, OTHER})), wrong


def test_what_is_right_is_not_updated() -> None:
    history = turns({EPG: {ONE: "a"}})
    update = Counter({("created", A): 1, ("modified", A): 1})
    assert broken(history, update, NOBODY, frozenset({A}))
    assert broken(history, update, Counter({("modified", A): 1}), frozenset({A})) == []
    assert broken(turns({EPG: {ONE: "a"}}, {EPG: {ONE: "b"}}), update, NOBODY, frozenset({A})) == []


def test_what_people_deleted_may_be_created_again() -> None:
    history, twice = turns({EPG: {ONE: "a"}}), Counter({("created", A): 2})
    assert broken(history, twice, Counter({("deleted", A): 1}), frozenset({A})) == []
    assert broken(history, twice, NOBODY, frozenset({A}))


def test_an_engine_that_catches_up_may_mix_moments_and_has_to_put_it_right() -> None:
    history = turns({EPG: {ONE: "a"}}, {OTHER: {ONE: "a"}}, {OTHER: {ONE: "a", TWO: "b"}})
    mixed = Counter({("created", B): 1, ("deleted", B): 1})
    assert broken(history, mixed, NOBODY, frozenset())
    assert broken(history, mixed, NOBODY, frozenset(), lagging=True) == []
    assert broken(history, Counter({("created", B): 1}), NOBODY, frozenset(), lagging=True)
    assert broken(history, mixed + mixed, NOBODY, frozenset(), lagging=True)


def test_an_object_that_is_left_over_is_told() -> None:
    history = turns({EPG: {ONE: "a"}}, {EPG: {}})
    assert broken(history, Counter({("created", A): 1}), NOBODY, frozenset())


def test_a_difference_is_told_prefix_by_prefix() -> None:
    assert list(difference({EPG: {ONE: "a"}}, {EPG: {ONE: "a"}})) == []
    told = "\n".join(difference({EPG: {ONE: "a"}, OTHER: {}}, {EPG: {ONE: "b", TWO: "c"}}))
    assert (told.count("wanted"), told.count("is missing")) == (2, 1)


def test_the_table_has_a_row_for_each_story_that_was_played() -> None:
    rows = table.lines([Outcome("one", "quiet", 1.25, 7, 3)], ["one", "two"], ["quiet", "APIC away"])
    assert rows[0].split("|")[1:-1] == [" story ", " quiet       ", " APIC away "]
    assert rows[2] == "| one   | 1.2 s · 7/3 |           |"
    assert len(rows) == 3
