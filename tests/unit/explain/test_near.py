"""What is offered when no object is called as a person typed."""

from akb_sync.explain.near import near

PODS = ["batch/job-1", "shop/web-1", "shop/web-2", "zoo/web-1"]


def test_the_close_ones_are_offered_and_the_same_name_elsewhere_first() -> None:
    assert near("shpo/web-1", PODS) == "did you mean shop/web-1, zoo/web-1, shop/web-2?"


def test_when_nothing_is_close_those_of_the_same_namespace_are_listed() -> None:
    assert near("shop/nonesuch-at-all", PODS) == "there are shop/web-1, shop/web-2"


def test_when_the_namespace_is_unknown_too_all_are_listed() -> None:
    assert near("q/nonesuch-at-all", PODS) == "there are batch/job-1, shop/web-1, shop/web-2, zoo/web-1"


def test_of_many_the_first_are_listed_and_the_rest_is_counted() -> None:
    assert near("xyzxyz", [f"a/{n}" for n in range(8)]) == "there are a/0, a/1, a/2, a/3, a/4 and 3 more"
    assert near("anything", []) == "there is none"
