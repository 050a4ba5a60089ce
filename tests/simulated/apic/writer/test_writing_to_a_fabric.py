from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from akb_sync.apic.batches import batches
from akb_sync.apic.journal import FileJournal
from akb_sync.apic.outcome import Done, NotSent, Outcome, Overtaken, Rejected, Unknown
from akb_sync.apic.writer import Writer
from akb_sync.clock import SystemClock
from akb_sync.item import Action, Item
from akb_sync.mark import Owner
from akb_sync.model import Binding, Freshness, ObservedSubnet
from akb_sync.reasons import Reason
from akb_sync.simulators.apic import ApicSimulator
from tests.simulated.apic.view.scene import NAMED, OURS, Scene

EPG = Binding("TEN_A", "L3O_A", "EPG")
NEXT = Binding("TEN_A", "L3O_A", "NEXT")
BESIDE = Binding("TEN_A", "MATE", "EPG")
SCOPE = frozenset({"import-security"})


class Writing:
    """A view and a writer on the same fabric, as the engine has them."""

    def __init__(self, scene: Scene, journal: Path) -> None:
        self.scene = scene
        self.apic = scene.apic
        self.journal = journal
        clock = SystemClock()
        self.writer = Writer(
            scene.session,
            OURS,
            FileJournal(journal, clock),
            clock,
            nodes=scene.view.nodes,
            sleep=lambda _: None,
        )

    def write(self, *items: Item, **limits: int) -> list[Outcome]:
        outcomes = self.writer.write(batches(items, **limits))
        self.scene.view.assume(c for o in outcomes if isinstance(o, Done) for c in o.changes)
        return outcomes

    def assert_the_view_is_right(self) -> None:
        """What was assumed and heard must equal what a new reading gives."""
        believed = {l3out: seen.epgs for l3out, seen in self.scene.view.observed().l3outs.items()}
        self.scene.view.refresh()
        read = {l3out: seen.epgs for l3out, seen in self.scene.view.observed().l3outs.items()}
        assert believed == read

    def known(self, binding: Binding, ip: str) -> ObservedSubnet:
        epg = self.scene.view.observed().epg(binding)
        assert epg is not None
        return epg.subnets[binding.subnet_dn(ip)]

    def delete(self, ip: str, binding: Binding = EPG) -> Item:
        known = self.known(binding, ip)
        return Item(Action.DELETE, binding, known.dn, Reason.NOT_WANTED, prefix=ip, observed=known)

    def delete_epg(self, binding: Binding = EPG) -> Item:
        known = self.scene.view.observed().epg(binding)
        return Item(Action.DELETE, binding, binding.dn, Reason.NOT_WANTED, observed=known)

    def move(self, ip: str, old: Binding, new: Binding) -> Item:
        leaves = self.known(old, ip)
        return subnet_item(Action.MOVE, ip, new, leaves=leaves)


def subnet_item(action: Action, ip: str, binding: Binding = EPG, **more: Any) -> Item:
    dn = binding.subnet_dn(ip)
    return Item(
        action, binding, dn, Reason.WANTED, prefix=ip, name="ns::pod", scope=SCOPE, mark=OURS.mark(dn), **more
    )


def create(ip: str, binding: Binding = EPG) -> Item:
    return subnet_item(Action.CREATE, ip, binding)


def create_epg(binding: Binding = EPG) -> Item:
    return Item(Action.CREATE, binding, binding.dn, Reason.WANTED, mark=OURS.mark(binding.dn))


def addresses(number: int) -> list[str]:
    return [f"10.0.{n >> 8}.{n & 255}/32" for n in range(number)]


@pytest.fixture
def fabric(apic: ApicSimulator) -> ApicSimulator:
    apic.small_fabric("TEN_A", "TEN_B")
    mate = {"l3extRsEctx": {"attributes": {"tnFvCtxName": "VRF_A"}}}
    apic.post("uni/tn-TEN_A", {"l3extOut": {"attributes": {"name": "MATE"}, "children": [mate]}})
    return apic


@pytest.fixture
def writing(fabric: ApicSimulator, scene: Scene, tmp_path: Path) -> Writing:
    del fabric
    scene.view.follow([NAMED])
    return Writing(scene, tmp_path / "journal")


def test_an_epg_with_its_subnets_is_one_post_and_everything_bears_our_mark(writing: Writing) -> None:
    outcomes = writing.write(create_epg(), create("10.0.0.1/32"), create("fd00::1/128"))
    assert {type(outcome) for outcome in outcomes} == {Done}
    [post] = writing.apic.journal
    assert post.dn == NAMED.dn
    for dn, (_, attributes) in writing.apic.subtree(EPG.dn).items():
        if "rscustQosPol" not in dn:
            assert OURS.owner(attributes["annotation"], dn) is Owner.MANAGED
    made = writing.apic.get(EPG.subnet_dn("fd00::1/128"))
    assert made is not None
    assert (made["name"], made["scope"]) == ("ns::pod", "import-security")
    writing.assert_the_view_is_right()


def test_the_same_write_again_changes_nothing(writing: Writing) -> None:
    items = [create_epg(), create("10.0.0.1/32")]
    writing.write(*items)
    writing.write(*items)
    first, second = writing.apic.journal
    assert first.changes > 0
    assert second.changes == 0


def test_a_missing_l3out_is_never_made(writing: Writing) -> None:
    lost = Binding("TEN_A", "NOT_THERE", "EPG")
    outcomes = writing.write(create_epg(lost), create("10.0.0.1/32", lost))
    assert {type(outcome) for outcome in outcomes} == {NotSent}
    assert writing.apic.get(lost.parent.dn) is None
    assert writing.apic.counts["posts"] == 1


def test_an_epg_that_was_deleted_meanwhile_is_not_made_by_its_subnets(writing: Writing) -> None:
    writing.write(create_epg())
    writing.apic.delete(EPG.dn)
    outcomes = writing.write(*map(create, addresses(50)))
    assert {type(outcome) for outcome in outcomes} == {Overtaken}
    assert writing.apic.get(EPG.dn) is None
    assert writing.apic.counts["posts"] == 2


def test_an_update_of_a_subnet_that_was_deleted_meanwhile_makes_none(writing: Writing) -> None:
    writing.write(create_epg(), create("10.0.0.1/32"))
    known = writing.known(EPG, "10.0.0.1/32")
    writing.apic.delete(known.dn)
    item = Item(Action.UPDATE, EPG, known.dn, Reason.DRIFT, "10.0.0.1/32", name="n", observed=known)
    [outcome] = writing.write(item)
    assert isinstance(outcome, Overtaken)
    assert "not found" in outcome.text
    assert writing.apic.get(known.dn) is None


def test_drift_is_put_back_and_what_people_added_stays(writing: Writing) -> None:
    writing.write(create_epg(), create("10.0.0.1/32"))
    dn = EPG.subnet_dn("10.0.0.1/32")
    added = {"descr": "by hand", "scope": "shared-rtctrl", "aggregate": "shared-rtctrl"}
    writing.apic.post(dn, {"l3extSubnet": {"attributes": added}})
    item = Item(
        Action.UPDATE,
        EPG,
        dn,
        Reason.DRIFT,
        prefix="10.0.0.1/32",
        scope=frozenset({"shared-rtctrl", "import-security"}),
    )
    writing.write(item)
    now = writing.apic.get(dn)
    assert now is not None
    assert (now["scope"], now["descr"]) == ("import-security,shared-rtctrl", "by hand")
    assert now["annotation"] == OURS.mark(dn)


def test_one_rejected_subnet_costs_few_posts_and_all_others_land(writing: Writing) -> None:
    culprit = EPG.subnet_dn("10.0.0.77/32")
    writing.apic.faults.reject(r"10\.0\.0\.77/32", "801", "property name failed validation")
    outcomes = writing.write(create_epg(), *map(create, addresses(199)))
    [rejected] = [outcome for outcome in outcomes if not isinstance(outcome, Done)]
    assert isinstance(rejected, Rejected)
    assert (rejected.item.dn, rejected.code) == (culprit, "801")
    assert rejected.text == "property name failed validation"
    subnets = [dn for dn, (cls, _) in writing.apic.subtree(EPG.dn).items() if cls == "l3extSubnet"]
    assert len(subnets) == 198
    assert writing.apic.counts["posts"] - 1 <= 2 * math.log2(200)
    writing.assert_the_view_is_right()


def test_a_move_is_one_transaction_within_an_l3out_and_between_two(writing: Writing) -> None:
    writing.write(create_epg(), create_epg(NEXT), create("10.0.0.1/32"), create("10.0.0.2/32"))
    writing.write(create_epg(BESIDE))
    writing.apic.reset_journal()
    writing.write(writing.move("10.0.0.1/32", EPG, NEXT), writing.move("10.0.0.2/32", EPG, BESIDE))
    assert [(post.dn, post.changes) for post in writing.apic.journal] == [(NAMED.dn, 2), ("uni/tn-TEN_A", 2)]
    assert writing.apic.get(EPG.subnet_dn("10.0.0.1/32")) is None
    assert writing.apic.get(NEXT.subnet_dn("10.0.0.1/32")) is not None
    assert writing.apic.get(BESIDE.subnet_dn("10.0.0.2/32")) is not None
    writing.assert_the_view_is_right()


def test_a_move_that_is_refused_leaves_the_address_where_it_was(writing: Writing) -> None:
    writing.write(create_epg(), create_epg(NEXT), *map(create, addresses(8)))
    writing.apic.faults.reject(r"NEXT/extsubnet-\[10\.0\.0\.3/32")
    outcomes = writing.write(*(writing.move(ip, EPG, NEXT) for ip in addresses(8)))
    assert [o.item.prefix for o in outcomes if isinstance(o, Rejected)] == ["10.0.0.3/32"]
    for ip in addresses(8):
        stays = ip == "10.0.0.3/32"
        assert (writing.apic.get(EPG.subnet_dn(ip)) is not None) is stays
        assert (writing.apic.get(NEXT.subnet_dn(ip)) is None) is stays
    writing.assert_the_view_is_right()


@pytest.mark.parametrize("answer", ["busy", "queue-full", "not-allowed"])
def test_a_busy_apic_is_asked_again(writing: Writing, answer: str) -> None:
    writing.apic.faults.answer_next(answer, 2, method="POST", path=r"/api/mo/uni")
    outcomes = writing.write(create_epg())
    assert {type(outcome) for outcome in outcomes} == {Done}
    assert writing.apic.get(EPG.dn) is not None


def test_a_commit_whose_answer_is_lost_is_unknown_and_found_by_reading(writing: Writing) -> None:
    writing.apic.faults.lose_answers(1)
    outcomes = writing.write(create_epg(), *map(create, addresses(20)), max_objects=12)
    kinds = [type(outcome) for outcome in outcomes]
    assert kinds == [Unknown] * 11 + [NotSent] * 10
    assert writing.apic.counts["posts"] == 1
    writing.scene.view.doubt(NAMED)
    assert writing.scene.seen().freshness is Freshness.STALE
    writing.scene.view.follow([NAMED])
    epg = writing.scene.view.observed().epg(EPG)
    assert epg is not None
    assert len(epg.subnets) == 10


def test_a_deleted_subnet_can_be_posted_back_from_the_journal(writing: Writing) -> None:
    writing.write(create_epg(), create("10.0.0.1/32"))
    dn = EPG.subnet_dn("10.0.0.1/32")
    writing.apic.post(dn, {"l3extSubnet": {"attributes": {"descr": "by hand"}}}, user="admin")
    writing.apic.post(dn, {"tagTag": {"attributes": {"key": "k", "value": "v"}}}, user="admin")
    writing.scene.view.refresh()
    before = writing.apic.subtree(dn)
    writing.write(writing.delete("10.0.0.1/32"))
    assert writing.apic.get(dn) is None
    for text in writing.journal.read_text().splitlines():
        entry = json.loads(text)
        writing.scene.session.post(entry["dn"], {entry["class"]: {"attributes": entry["attributes"]}})
    restored = writing.apic.subtree(dn)
    assert restored.keys() == before.keys()
    for at, (_, attributes) in before.items():
        kept = {
            name: attributes[name]
            for name in ("name", "descr", "scope", "annotation", "value")
            if name in attributes
        }
        assert {name: restored[at][1][name] for name in kept} == kept


def test_an_epg_goes_with_its_subnets_in_one_post(writing: Writing) -> None:
    writing.write(create_epg(), create("10.0.0.1/32"))
    writing.apic.reset_journal()
    outcomes = writing.write(writing.delete("10.0.0.1/32"), writing.delete_epg())
    assert {type(outcome) for outcome in outcomes} == {Done}
    assert writing.apic.counts["posts"] == 1
    assert writing.apic.get(EPG.dn) is None
    assert [json.loads(text)["class"] for text in writing.journal.read_text().splitlines()].count(
        "l3extInstP"
    ) == 1
    writing.assert_the_view_is_right()


def test_an_epg_that_got_a_contract_meanwhile_stays_though_no_event_told(writing: Writing) -> None:
    writing.write(create_epg(), create("10.0.0.1/32"))
    writing.apic.faults.drop_events(100)
    writing.apic.post(EPG.dn, {"fvRsProv": {"attributes": {"tnVzBrCPName": "web"}}}, user="admin")
    outcomes = writing.write(writing.delete("10.0.0.1/32"), writing.delete_epg())
    [stays] = [outcome for outcome in outcomes if outcome.item.is_epg]
    assert isinstance(stays, Rejected)
    assert stays.text == "TEN_A/L3O_A/EPG stays: it has rsprov-web now"
    assert writing.apic.get(f"{EPG.dn}/rsprov-web") is not None
    assert writing.apic.get(EPG.subnet_dn("10.0.0.1/32")) is None


def test_two_thousand_subnets_take_the_fewest_posts_and_the_view_follows(writing: Writing) -> None:
    outcomes = writing.write(create_epg(), *map(create, addresses(2000)))
    assert {type(outcome) for outcome in outcomes} == {Done}
    assert writing.apic.counts["posts"] == 5
    writing.assert_the_view_is_right()
