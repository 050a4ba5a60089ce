from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akb_sync.apic.batches import Batch, batches
from akb_sync.apic.body import body
from akb_sync.apic.change import changes
from akb_sync.item import Action, Hold, Item
from akb_sync.model import Binding, L3Out
from akb_sync.reasons import Reason

from .answers import EPG, OURS, create, create_epg, delete, delete_epg, known_subnet, move

HERE, NEXT = Binding("t", "o", "a"), Binding("t", "o", "b")
ELSEWHERE = Binding("t", "p", "a")
BINDINGS = st.builds(
    Binding, st.sampled_from(["t", "u"]), st.sampled_from(["o", "p"]), st.sampled_from(["a", "b", "c"])
)


def update(ip: str, **what: Any) -> Item:
    known = known_subnet(ip)
    return Item(Action.UPDATE, EPG, known.dn, Reason.DRIFT, prefix=ip, observed=known, **what)


@st.composite
def plans(draw: st.DrawFn) -> list[Item]:
    """A plan as it can be: each prefix is in one item; an EPG that goes gets nothing new."""
    fate = draw(st.dictionaries(BINDINGS, st.sampled_from(["new", "kept", "goes"]), min_size=1))
    lasting = sorted(binding for binding, word in fate.items() if word != "goes")
    there = sorted(binding for binding, word in fate.items() if word != "new")
    items = [create_epg(b) for b, word in fate.items() if word == "new"]
    items += [delete_epg(b) for b, word in fate.items() if word == "goes"]
    for number in range(draw(st.integers(0, 40))):
        ip = f"10.0.0.{number}/32"
        what = draw(st.sampled_from(["create", "delete", "move"]))
        if what == "create" and lasting:
            items.append(create(ip, draw(st.sampled_from(lasting))))
        elif what == "delete" and there:
            items.append(delete(ip, draw(st.sampled_from(there))))
        elif what == "move" and lasting and there:
            new = draw(st.sampled_from(lasting))
            olds = [binding for binding in there if binding.tenant == new.tenant and binding != new]
            if olds:
                items.append(move(ip, draw(st.sampled_from(olds)), new))
    return draw(st.permutations(items))


def render(batch: Batch) -> dict[str, Any]:
    return body(batch.dn, batch.items)


def objects(tree: dict[str, Any], parent: str = "uni") -> Iterator[tuple[str, dict[str, str]]]:
    """Give DN and attributes of each object of a body, as the APIC would name them."""
    [(cls, content)] = tree.items()
    attributes = content["attributes"]
    prefix = {"fvTenant": "tn-", "l3extOut": "out-", "l3extInstP": "instP-"}
    rn = f"{prefix[cls]}{attributes['name']}" if cls in prefix else f"extsubnet-[{attributes['ip']}]"
    dn = f"{parent}/{rn}"
    yield dn, attributes
    for child in content.get("children", []):
        yield from objects(child, dn)


def written(batch: Batch) -> dict[str, dict[str, str]]:
    found = list(objects(render(batch), batch.dn.rpartition("/")[0]))
    assert len({dn for dn, _ in found}) == len(found), "an object twice in one body"
    return dict(found)


@given(plans(), st.integers(7, 60))
def test_every_item_is_in_exactly_one_batch(items: list[Item], most: int) -> None:
    cut = [item for batch in batches(items, max_objects=most) for item in batch.items]
    assert sorted(item.dn for item in cut) == sorted(item.dn for item in items)


@given(plans(), st.integers(7, 60), st.integers(3000, 9000))
def test_the_limits_hold_for_what_is_really_sent(items: list[Item], most: int, size: int) -> None:
    for batch in batches(items, max_objects=most, max_bytes=size):
        assert len(list(objects(render(batch)))) <= most
        assert len(json.dumps(render(batch)).encode()) <= size


@given(plans(), st.integers(7, 60))
def test_an_epg_is_made_with_or_before_its_subnets_and_goes_after_them(items: list[Item], most: int) -> None:
    cut = batches(items, max_objects=most)
    at = {item.dn: index for index, batch in enumerate(cut) for item in batch.items}
    fate = {item.dn: item.action for item in items if item.is_epg}
    for item in items:
        if not item.is_epg and fate.get(item.binding.dn) is Action.CREATE:
            assert at[item.binding.dn] <= at[item.dn]
        left = Binding.of_dn(item.leaves.dn) if item.leaves else item.binding
        assert left is not None
        if not item.is_epg and fate.get(left.dn) is Action.DELETE:
            assert at[item.dn] <= at[left.dn]


@given(plans(), st.integers(7, 60))
def test_a_move_is_whole_in_one_body(items: list[Item], most: int) -> None:
    fate = {item.dn: item.action for item in items if item.is_epg}
    for batch in batches(items, max_objects=most):
        found = written(batch)
        for item in batch.items:
            if item.leaves is None:
                continue
            assert found[item.dn].get("status") is None
            left = Binding.of_dn(item.leaves.dn)
            assert left is not None
            gone = found.get(item.leaves.dn, {}).get("status") == "deleted"
            assert gone or (fate.get(left.dn) is Action.DELETE and found[left.dn]["status"] == "deleted")


@given(plans(), st.integers(7, 60))
def test_parents_are_never_created_by_the_way(items: list[Item], most: int) -> None:
    made = {item.dn for item in items if item.is_epg and item.action is Action.CREATE}
    seen: set[str] = set()
    for batch in batches(items, max_objects=most):
        for dn, attributes in written(batch).items():
            if "/instP-" not in dn:
                assert attributes["status"] == "modified"
            elif "/extsubnet-" not in dn and "status" not in attributes:
                assert dn in made - seen
                seen.add(dn)
    assert seen == made


@given(plans(), st.randoms())
def test_the_order_of_the_plan_does_not_matter(items: list[Item], chance: Any) -> None:
    before = batches(items, max_objects=20)
    chance.shuffle(items)
    assert batches(items, max_objects=20) == before


@given(plans())
def test_the_body_says_the_same_as_the_changes_that_the_view_takes_over(items: list[Item]) -> None:
    for batch in batches(items):
        found = written(batch)
        for item in batch.items:
            for change in changes(item, 0.0):
                if change.attributes is not None:
                    assert {k: v for k, v in found[change.dn].items() if k != "status"} == change.attributes


def test_what_is_held_or_right_already_is_not_sent() -> None:
    held = create("10.0.0.1/32").held(Hold(Reason.NOT_FRESH))
    right = Item(Action.NONE, EPG, EPG.dn, Reason.IN_SYNC)
    assert batches([held, right]) == []


def test_a_batch_goes_to_the_l3out_and_never_to_uni() -> None:
    [batch] = batches([create_epg(), create("10.0.0.1/32")])
    assert batch.dn == "uni/tn-t/out-o"
    subnet = EPG.subnet_dn("10.0.0.1/32")
    assert written(batch) == {
        "uni/tn-t/out-o": {"name": "o", "status": "modified"},
        EPG.dn: {"name": "app", "annotation": OURS.mark(EPG.dn)},
        subnet: {
            "ip": "10.0.0.1/32",
            "name": "ns::pod",
            "scope": "import-security",
            "annotation": OURS.mark(subnet),
        },
    }


def test_an_update_sends_only_what_is_to_be_put_back_and_makes_nothing() -> None:
    item = update("10.0.0.1/32", scope=frozenset({"shared-security", "import-security"}))
    [batch] = batches([item])
    assert written(batch)[item.dn] == {
        "ip": "10.0.0.1/32",
        "scope": "import-security,shared-security",
        "status": "modified",
    }


def test_a_subnet_is_named_as_the_fabric_spells_it() -> None:
    known = known_subnet("10.0.0.1/8")
    item = Item(Action.DELETE, EPG, known.dn, Reason.NOT_WANTED, prefix="10.0.0.0/8", observed=known)
    [batch] = batches([item])
    assert written(batch)[EPG.subnet_dn("10.0.0.1/8")] == {"ip": "10.0.0.1/8", "status": "deleted"}


def test_a_move_between_l3outs_goes_to_their_tenant() -> None:
    [batch] = batches([move("10.0.0.1/32", HERE, ELSEWHERE)])
    assert batch.dn == "uni/tn-t"
    assert batch.l3outs == {L3Out("t", "o"), L3Out("t", "p")}
    found = written(batch)
    assert found["uni/tn-t"]["status"] == "modified"
    assert found["uni/tn-t/out-p"]["status"] == "modified"
    assert found[HERE.subnet_dn("10.0.0.1/32")]["status"] == "deleted"


def test_an_epg_that_a_move_to_another_l3out_empties_goes_after_the_move() -> None:
    order = [batch.dn for batch in batches([delete_epg(HERE), move("10.0.0.1/32", HERE, ELSEWHERE)])]
    assert order == ["uni/tn-t", "uni/tn-t/out-o"]


def test_a_move_within_an_l3out_goes_to_the_l3out() -> None:
    assert [batch.dn for batch in batches([move("10.0.0.1/32", HERE, NEXT)])] == ["uni/tn-t/out-o"]


def test_a_move_between_tenants_is_refused_since_no_post_can_do_it() -> None:
    with pytest.raises(ValueError, match="between tenants"):
        batches([move("10.0.0.1/32", HERE, Binding("u", "o", "a"))])


def test_the_subnets_of_an_epg_that_goes_are_not_deleted_one_by_one_in_the_same_body() -> None:
    [batch] = batches([delete_epg(), delete("10.0.0.1/32")])
    assert written(batch)[EPG.dn] == {"name": "app", "status": "deleted"}
    assert EPG.subnet_dn("10.0.0.1/32") not in written(batch)


def test_ten_thousand_subnets_are_cut_into_the_fewest_posts() -> None:
    epgs = [Binding("t", "o", f"e{number:02}") for number in range(100)]
    items = [create_epg(epg) for epg in epgs]
    items += [create(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}/32", epgs[n % 100]) for n in range(10_000)]
    assert len(batches(items)) == 21


def test_a_batch_is_full_when_its_bytes_are() -> None:
    cut = batches([create(f"10.0.0.{n}/32") for n in range(200)], max_bytes=6000)
    sizes = [len(json.dumps(render(batch)).encode()) for batch in cut]
    assert max(sizes) <= 6000
    assert min(sizes[:-1]) > 3000


def test_an_item_that_is_larger_than_a_limit_is_a_batch_of_its_own() -> None:
    cut = batches([create(f"10.0.0.{n}/32") for n in range(3)], max_objects=2)
    assert [len(batch.items) for batch in cut] == [1, 1, 1]
