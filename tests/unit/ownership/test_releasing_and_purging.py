"""What `release` and `purge` would write, as functions of both views."""

from __future__ import annotations

import pytest

from akb_sync.item import Item
from akb_sync.ownership.deed import verb
from akb_sync.ownership.purge import purge
from akb_sync.ownership.release import release, release_everything
from tests.unit.plan.builders import (
    COPIED,
    GREATER,
    LESSER,
    ME,
    binding,
    cluster,
    epg,
    fabric,
    l3out,
    subnet,
    workload,
)

KEY = ME.release_tag


def lines(items: tuple[Item, ...]) -> list[str]:
    return [
        " ".join(
            part
            for part in (verb(one), one.binding.epg, one.prefix, *(f"{k}={v}" for k, v in one.tags))
            if part
        )
        + (f" held: {one.hold.message}" if one.hold else "")
        for one in items
    ]


def test_a_release_takes_our_marks_off_and_sets_the_tag() -> None:
    observed = fabric(l3out(epg("A", "10.0.0.1", subnet("10.0.0.2", None), subnet("10.0.0.3", GREATER))))
    items = release(ME, observed, [binding("A")])
    assert lines(items) == [f"unmark A {KEY}=released", "unmark A 10.0.0.1/32"]
    assert {one.mark for one in items} == {""}


def test_a_released_epg_has_nothing_left_to_release() -> None:
    observed = fabric(l3out(epg("A", mark=None, tags={KEY: "released"})))
    assert release(ME, observed, [binding("A")]) == ()


def test_a_mark_that_was_copied_along_is_not_ours_to_take_off() -> None:
    observed = fabric(l3out(epg("A", subnet("10.0.0.1", COPIED), mark=COPIED, tags={KEY: "released"})))
    assert release(ME, observed, [binding("A")]) == ()


def test_a_release_that_was_cut_goes_on_where_it_was() -> None:
    observed = fabric(l3out(epg("A", "10.0.0.1", mark=None, tags={KEY: "released"})))
    assert lines(release(ME, observed, [binding("A")])) == ["unmark A 10.0.0.1/32"]


def test_leaving_takes_every_mark_and_every_tag_of_ours_and_no_others() -> None:
    observed = fabric(
        l3out(
            epg("A", "10.0.0.1"),
            epg("B", mark=None, tags={KEY: "released", "owner": "net"}),
            epg("C", subnet("10.0.0.3", GREATER), mark=GREATER, tags={GREATER.release_tag: "adopted"}),
        )
    )
    assert lines(release_everything(ME, observed)) == [
        "unmark A",
        "unmark A 10.0.0.1/32",
        f"untag B {KEY}=",
    ]


def test_a_purge_deletes_what_bears_the_dead_clusters_mark_and_nothing_else() -> None:
    observed = fabric(
        l3out(
            epg("A", subnet("10.0.0.1", GREATER), mark=GREATER),
            epg("B", subnet("10.0.1.1", GREATER), subnet("10.0.1.2", LESSER), "10.0.1.3", mark=None),
            epg("C", mark=LESSER),
            epg("D"),
        )
    )
    assert lines(purge(GREATER, cluster(), observed)) == [
        "delete A",
        "delete A 10.0.0.1/32",
        "delete B 10.0.1.1/32",
    ]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"contracts": ("web",)}, "contracts web"),
        ({"preferred_group": True}, "it is in the preferred group"),
        ({"tags": {"owner": "net"}}, "tags owner"),
    ],
)
def test_an_epg_in_use_is_held_with_what_is_in_it(more: dict[str, object], message: str) -> None:
    observed = fabric(l3out(epg("A", subnet("10.0.0.1", GREATER), mark=GREATER, **more)))  # type: ignore[arg-type] # any of its own options
    found = lines(purge(GREATER, cluster(), observed))
    assert found == [f"delete A held: {message}", "delete A 10.0.0.1/32"]


def test_an_epg_that_the_living_cluster_names_is_held() -> None:
    observed = fabric(l3out(epg("A", mark=GREATER)))
    (found,) = lines(purge(GREATER, cluster(workload("web", binding("A"))), observed))
    assert found == "delete A held: Deployment apps/web of this cluster names it: adopt it"


def test_what_the_dead_cluster_released_is_other_peoples_and_only_its_tag_goes() -> None:
    tags = {GREATER.release_tag: "released"}
    free = fabric(l3out(epg("A", subnet("10.0.0.1", None), mark=None, tags=tags)))
    assert lines(purge(GREATER, cluster(), free)) == [f"untag A {GREATER.release_tag}="]
    cut = fabric(l3out(epg("A", subnet("10.0.0.1", GREATER), mark=None, tags=tags)))
    assert purge(GREATER, cluster(), cut) == ()
