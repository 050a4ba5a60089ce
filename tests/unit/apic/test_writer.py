from __future__ import annotations

import errno
import json
import math
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from akb_sync.apic.batches import Batch, batches
from akb_sync.apic.journal import Entry, FileJournal
from akb_sync.apic.outcome import Done, NotSent, Outcome, Overtaken, Rejected, Unknown
from akb_sync.apic.ports import ReadOnlySession
from akb_sync.apic.writer import RETRY_DELAYS, Writer
from akb_sync.errors import (
    ApicAnswerError,
    ApicBusy,
    ApicForbidden,
    ApicLoginRefused,
    ApicOutcomeUnknown,
    ApicRejected,
    ApicUnreachable,
)
from akb_sync.item import Item
from akb_sync.model import Binding, L3Out, ObservedEpg

from .answers import (
    EPG,
    L3OUT,
    OTHERS,
    OURS,
    FakeSession,
    HandClock,
    create,
    create_epg,
    delete,
    delete_epg,
    epg,
    mo,
    move,
    subnet,
)

REFUSED = "property annotation failed validation"
OTHER = Binding("t", "p", "app")


class Apic(FakeSession):
    """Takes posts, refuses those that contain a `bad` text, and raises what it is told to."""

    def __init__(self) -> None:
        super().__init__(HandClock())
        self.bad: set[str] = set()
        self.raises: list[Exception | None] = []
        self.posts: list[tuple[str, dict[str, Any]]] = []
        self.landed: list[str] = []
        self.refusal: Callable[[str], ApicRejected] = lambda dn: ApicRejected("801", REFUSED, dn)

    def post(self, dn: str, body: Mapping[str, Any]) -> None:
        self.posts.append((dn, dict(body)))
        self.clock.time += 1
        if self.raises and (error := self.raises.pop(0)):
            raise error
        text = json.dumps(body)
        if any(bad in text for bad in self.bad):
            raise self.refusal(dn)
        self.landed.append(text)


class Memory:
    """A journal that remembers, or has no room."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.full = False
        self.posts_before: list[int] = []
        self.apic: Apic | None = None

    def record(self, entries: Iterable[Entry]) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        self.entries.extend(entries)
        self.posts_before.append(len(self.apic.posts) if self.apic else 0)


def write(apic: Apic, cut: list[Batch], journal: Memory | None = None, **options: Any) -> list[Outcome]:
    options.setdefault("sleep", lambda _: None)
    return Writer(apic, OURS, journal or Memory(), apic.clock, **options).write(cut)


def many(number: int, binding: Binding = EPG) -> list[Item]:
    return [create(f"10.0.{n >> 8}.{n & 255}/32", binding) for n in range(number)]


def by_dn(outcomes: list[Outcome]) -> dict[str, Outcome]:
    return {outcome.item.dn: outcome for outcome in outcomes}


def test_a_batch_that_passes_is_one_post_and_says_what_changed() -> None:
    apic = Apic()
    [made, added] = write(apic, batches([create_epg(), create("10.0.0.1/32")]))
    assert [dn for dn, _ in apic.posts] == [L3OUT.dn]
    assert isinstance(made, Done)
    assert isinstance(added, Done)
    [change] = added.changes
    assert (change.dn, change.at, change.creates) == (EPG.subnet_dn("10.0.0.1/32"), 1000.0, True)


def test_a_move_changes_two_objects() -> None:
    old, new = Binding("t", "o", "a"), Binding("t", "o", "b")
    [done] = write(Apic(), batches([move("10.0.0.1/32", old, new)]))
    assert isinstance(done, Done)
    seen = [(change.dn, change.attributes is None) for change in done.changes]
    assert seen == [(old.subnet_dn("10.0.0.1/32"), True), (new.subnet_dn("10.0.0.1/32"), False)]


def test_one_culprit_costs_few_posts_wherever_it_is_and_all_others_land() -> None:
    for number in (2, 3, 5, 7, 8, 31, 64, 100, 199):
        items = many(number)
        [batch] = batches(items)
        for position in {0, 1, number // 3, number // 2, number - 2, number - 1}:
            apic = Apic()
            culprit = batch.items[position]
            apic.bad = {f'"{culprit.prefix}"'}
            outcomes = write(apic, [batch])
            assert [o.item.dn for o in outcomes if not isinstance(o, Done)] == [culprit.dn]
            [rejected] = [o for o in outcomes if isinstance(o, Rejected)]
            assert (rejected.code, rejected.text) == ("801", REFUSED)
            assert len(apic.posts) - 1 <= 2 * math.log2(number), (number, position)


def test_several_culprits_are_each_found() -> None:
    [batch] = batches(many(200))
    apic = Apic()
    culprits = {batch.items[n].dn for n in (0, 57, 58, 199)}
    apic.bad = {f'"{item.prefix}"' for item in batch.items if item.dn in culprits}
    outcomes = by_dn(write(apic, [batch]))
    assert {dn for dn, outcome in outcomes.items() if isinstance(outcome, Rejected)} == culprits
    assert sum(isinstance(outcome, Done) for outcome in outcomes.values()) == 196
    assert len(apic.posts) - 1 <= 4 * 2 * math.log2(200)


def test_a_move_that_is_refused_is_never_halved() -> None:
    old, new = Binding("t", "o", "a"), Binding("t", "o", "b")
    apic = Apic()
    items = [move(f"10.0.0.{n}/32", old, new) for n in range(8)]
    apic.bad = {'"10.0.0.3/32"'}
    outcomes = by_dn(write(apic, batches(items)))
    assert isinstance(outcomes[items[3].dn], Rejected)
    for _, body in apic.posts:
        text = json.dumps(body)
        for n in range(8):
            assert text.count(f'"10.0.0.{n}/32"') in (0, 2)


def test_the_subnets_of_an_epg_that_is_refused_are_refused_with_its_words_and_without_posts() -> None:
    apic = Apic()
    bad = Binding("t", "o", "bad")
    good = many(3)
    items = [create_epg(bad), *(create(f"10.9.0.{n}/32", bad) for n in range(100)), *good, create_epg()]
    apic.bad = {OURS.mark(bad.dn)}
    outcomes = write(apic, batches(items, max_objects=60))
    assert all(isinstance(o, Done) for o in outcomes if o.item.binding == EPG)
    refused = [o for o in outcomes if isinstance(o, Rejected)]
    assert len(refused) == 101
    assert {o.text for o in refused} == {REFUSED}
    posted = [body for _, body in apic.posts if "10.9.0.99" in json.dumps(body)]
    assert posted == []


@pytest.mark.parametrize("absent", ["uni/tn-t/out-o", "uni/tn-t"])
def test_an_absent_l3out_is_no_culprit_hunt(absent: str) -> None:
    apic = Apic()
    words = f"configured object ((Dn0)) not found Dn0={absent}, "
    apic.raises = [ApicRejected("102", words, L3OUT.dn)]
    outcomes = write(apic, batches([*many(100), *many(3, OTHER)], max_objects=60))
    ours = [o for o in outcomes if o.item.binding == EPG]
    assert all(isinstance(o, NotSent) and words in str(o.error) for o in ours)
    assert [dn for dn, _ in apic.posts] == ["uni/tn-t/out-o", "uni/tn-t/out-p"]


def test_what_belongs_to_an_epg_that_went_meanwhile_is_overtaken_and_the_rest_lands() -> None:
    apic = Apic()
    lost = Binding("t", "o", "lost")
    apic.bad = {'"name": "lost"'}
    apic.refusal = lambda dn: ApicRejected("102", f"configured object ((Dn0)) not found Dn0={lost.dn}, ", dn)
    outcomes = write(apic, batches([*many(100), *many(100, lost)]))
    assert {type(o) for o in outcomes if o.item.binding == lost} == {Overtaken}
    assert {type(o) for o in outcomes if o.item.binding == EPG} == {Done}
    assert len(apic.posts) == 2


def test_a_change_of_a_subnet_that_went_meanwhile_is_overtaken_and_no_refusal() -> None:
    apic = Apic()
    going = EPG.subnet_dn("10.0.0.7/32")
    apic.bad = {"10.0.0.7/32"}
    apic.refusal = lambda dn: ApicRejected("102", f"configured object ((Dn0)) not found Dn0={going}, ", dn)
    outcomes = by_dn(write(apic, batches(many(100))))
    assert {dn for dn, outcome in outcomes.items() if isinstance(outcome, Overtaken)} == {going}
    assert sum(isinstance(outcome, Done) for outcome in outcomes.values()) == 99
    assert len(apic.posts) == 2


def test_so_many_refusals_that_it_is_not_one_object_end_the_hunt() -> None:
    apic = Apic()
    apic.bad = {"l3extSubnet"}
    outcomes = write(apic, batches(many(400)))
    kinds = [type(outcome) for outcome in outcomes]
    assert kinds.count(Rejected) == 32
    assert kinds.count(NotSent) == 368
    assert len(apic.posts) < 100


def test_a_busy_apic_is_asked_again_after_a_growing_and_uneven_while() -> None:
    apic = Apic()
    apic.raises = [ApicBusy("busy"), ApicBusy("busy"), None]
    slept: list[float] = []
    [outcome] = write(apic, batches([create("10.0.0.1/32")]), sleep=slept.append)
    assert isinstance(outcome, Done)
    assert outcome.changes[0].at == 1002.0
    assert len(slept) == 2
    assert all(delay / 2 <= pause <= delay for pause, delay in zip(slept, RETRY_DELAYS, strict=False))


def test_a_half_and_another_try_wait_for_turns_of_their_own() -> None:
    for raises, bad in (([ApicBusy("busy"), None], set()), ([], {'"10.0.0.3/32"'})):
        apic, turns = Apic(), list[int]()
        apic.raises, apic.bad = list(raises), set(bad)

        def turn(apic: Apic = apic, turns: list[int] = turns) -> float:
            turns.append(len(apic.posts))
            return 0.0

        write(apic, batches(many(8)), turn=turn)
        assert len(apic.posts) >= 2
        assert turns == list(range(len(apic.posts))), "one before each POST"


def test_an_apic_that_stays_busy_ends_the_round() -> None:
    apic = Apic()
    apic.raises = [ApicBusy("busy")] * 100
    outcomes = write(apic, batches([*many(3), *many(3, OTHER)]))
    assert len(apic.posts) == len(RETRY_DELAYS) + 1
    assert all(isinstance(o, NotSent) and isinstance(o.error, ApicBusy) for o in outcomes)


@pytest.mark.parametrize("error", [ApicOutcomeUnknown("no answer"), ApicAnswerError("HTML")])
def test_a_lost_answer_makes_the_batch_unknown_and_stops_its_l3out_only(error: Exception) -> None:
    apic = Apic()
    apic.raises = [error]
    outcomes = write(apic, batches([*many(100), *many(3, OTHER)], max_objects=60))
    kinds = [type(o) for o in outcomes]
    assert kinds.count(Unknown) == 58
    assert kinds.count(NotSent) == 42
    assert kinds.count(Done) == 3


def test_a_lost_answer_while_halving_leaves_what_landed_done() -> None:
    apic = Apic()
    apic.bad = {'"10.0.0.7/32"'}
    apic.raises = [None, None, ApicOutcomeUnknown("no answer")]
    outcomes = write(apic, batches(many(8)))
    assert {Done, Unknown, NotSent} >= {type(o) for o in outcomes}
    assert sum(isinstance(o, Done) for o in outcomes) == 4
    assert sum(isinstance(o, Unknown) for o in outcomes) == 2
    assert sum(isinstance(o, NotSent) for o in outcomes) == 2


def test_a_missing_right_stops_its_l3out_and_others_go_on() -> None:
    apic = Apic()
    apic.raises = [ApicForbidden("no right")]
    outcomes = write(apic, batches([*many(100), *many(3, OTHER)], max_objects=60))
    assert {type(o) for o in outcomes if o.item.binding == EPG} == {NotSent}
    assert {type(o) for o in outcomes if o.item.binding == OTHER} == {Done}
    assert len(apic.posts) == 2


@pytest.mark.parametrize("error", [ApicUnreachable("no way"), ApicLoginRefused("wrong password")])
def test_an_apic_that_cannot_be_reached_ends_the_round_after_one_try(error: Exception) -> None:
    apic = Apic()
    apic.raises = [error]
    outcomes = write(apic, batches([*many(3), *many(3, OTHER)]))
    assert {type(o) for o in outcomes} == {NotSent}
    assert len(apic.posts) == 1


def test_no_post_is_begun_without_the_right_to_write() -> None:
    apic = Apic()
    outcomes = write(apic, batches([*many(3), *many(3, OTHER)]), may_write=lambda: len(apic.posts) < 1)
    assert len(apic.posts) == 1
    assert [type(o) for o in outcomes] == [Done] * 3 + [NotSent] * 3


def test_the_right_to_write_is_asked_for_again_after_a_pause() -> None:
    apic = Apic()
    apic.raises = [ApicBusy("busy")]
    [outcome] = write(apic, batches(many(1)), may_write=lambda: len(apic.posts) < 1)
    assert isinstance(outcome, NotSent)
    assert len(apic.posts) == 1


def test_a_read_only_session_cannot_write_and_leaves_the_journal_alone() -> None:
    apic = Apic()
    journal = Memory()
    session = ReadOnlySession(apic)
    outcomes = Writer(session, OURS, journal, apic.clock).write(batches([*many(3), delete("10.9.9.9/32")]))
    assert all(isinstance(o, NotSent) and "dry run" in str(o.error) for o in outcomes)
    assert apic.posts == []
    assert journal.entries == []
    with pytest.raises(ApicForbidden):
        session.post(L3OUT.dn, {})


def test_what_goes_is_in_the_journal_before_the_post() -> None:
    apic, journal = Apic(), Memory()
    journal.apic = apic
    old, new = Binding("t", "o", "a"), Binding("t", "o", "b")
    write(apic, batches([delete("10.0.0.1/32"), move("10.0.0.2/32", old, new)]), journal)
    gone = {entry.dn: entry for entry in journal.entries}
    assert set(gone) == {EPG.subnet_dn("10.0.0.1/32"), old.subnet_dn("10.0.0.2/32")}
    assert journal.posts_before == [0]
    entry = gone[EPG.subnet_dn("10.0.0.1/32")]
    assert (entry.cls, entry.reason) == ("l3extSubnet", "NotWanted")
    assert entry.attributes == {
        "ip": "10.0.0.1/32",
        "name": "ns::pod",
        "scope": "import-security",
        "annotation": OURS.mark(entry.dn),
    }


def test_halving_does_not_write_the_journal_twice() -> None:
    apic, journal = Apic(), Memory()
    apic.bad = {'"10.0.0.3/32"'}
    write(apic, batches([delete(f"10.0.0.{n}/32") for n in range(8)]), journal)
    assert len(journal.entries) == 8


def test_nothing_goes_when_the_journal_cannot_be_written_and_the_rest_goes_on() -> None:
    apic, journal = Apic(), Memory()
    journal.full = True
    outcomes = by_dn(write(apic, batches([create("10.0.0.1/32"), delete("10.0.0.2/32")]), journal))
    assert isinstance(outcomes[EPG.subnet_dn("10.0.0.1/32")], Done)
    kept = outcomes[EPG.subnet_dn("10.0.0.2/32")]
    assert isinstance(kept, NotSent)
    assert "No space left" in str(kept.error)
    assert "10.0.0.2" not in json.dumps([body for _, body in apic.posts])


def test_the_journal_has_what_the_view_knows_beside_our_own_attributes() -> None:
    apic, journal = Apic(), Memory()
    dn = EPG.subnet_dn("10.0.0.1/32")
    nodes = [
        (
            dn,
            "l3extSubnet",
            {"ip": "10.0.0.1/32", "descr": "people's", "scope": "import-security", "uid": "1"},
        ),
        (f"{dn}/tagKey-a", "tagTag", {"key": "a", "value": "b", "uid": "1"}),
    ]
    write(apic, batches([delete("10.0.0.1/32")]), journal, nodes=lambda _: nodes)
    assert [(entry.dn, entry.attributes) for entry in journal.entries] == [
        (dn, {"ip": "10.0.0.1/32", "descr": "people's", "scope": "import-security"}),
        (f"{dn}/tagKey-a", {"key": "a", "value": "b"}),
    ]


PATH = f"/api/mo/{EPG.dn}.json"
MARK = OURS.mark(EPG.dn)


def ours(ip: str) -> dict[str, Any]:
    return subnet(ip, annotation=OURS.mark(EPG.subnet_dn(ip)))


def test_an_epg_with_nothing_but_our_subnets_goes_and_is_in_the_journal_with_them() -> None:
    apic, journal = Apic(), Memory()
    implicit = mo("fvRsCustQosPol", f"{EPG.dn}/rscustQosPol", tnQosCustomPolName="", uid="0")
    apic.answers[PATH] = [epg(annotation=MARK, scope="2457600"), ours("10.0.0.1/32"), implicit]
    [outcome] = write(apic, batches([delete_epg()]), journal)
    assert isinstance(outcome, Done)
    assert journal.entries[0] == Entry(EPG.dn, "l3extInstP", {"name": "app", "annotation": MARK}, "NotWanted")
    assert journal.entries[1].dn == EPG.subnet_dn("10.0.0.1/32")


@pytest.mark.parametrize(
    ("child", "word"),
    [
        (mo("fvRsProv", f"{EPG.dn}/rsprov-web", tnVzBrCPName="web"), "rsprov-web"),
        (mo("tagTag", f"{EPG.dn}/tagKey-a", key="a"), "tagKey-a"),
        (mo("newThing", f"{EPG.dn}/new-thing", uid="15374"), "new-thing"),
        (mo("fvRsCustQosPol", f"{EPG.dn}/rscustQosPol", tnQosCustomPolName="g", uid="0"), "rscustQosPol"),
        (subnet("10.0.0.1/32"), "10.0.0.1/32"),
        (subnet("10.0.0.1/32", annotation=OTHERS.mark(EPG.subnet_dn("10.0.0.1/32"))), "10.0.0.1/32"),
        (mo("l3extRsSubnetToProfile", f"{EPG.subnet_dn('10.0.0.2/32')}/rssubnetToProfile-[p]-import"), "[p]"),
        (
            mo("tagAnnotation", f"{EPG.dn}/annotationKey-[x]", key=OURS.release_tag, value="released"),
            "released",
        ),
    ],
)
def test_an_epg_stays_when_somebody_elses_work_is_in_it_by_now(child: dict[str, Any], word: str) -> None:
    apic, journal = Apic(), Memory()
    apic.answers[PATH] = [epg(annotation=MARK), ours("10.0.0.2/32"), child]
    outcomes = by_dn(write(apic, batches([delete_epg(), delete("10.0.0.2/32")]), journal))
    stays = outcomes[EPG.dn]
    assert isinstance(stays, Rejected)
    assert stays.code == ""
    assert stays.text.startswith("t/o/app stays: it ")
    assert word in stays.text
    assert isinstance(outcomes[EPG.subnet_dn("10.0.0.2/32")], Done)
    [(_, body)] = apic.posts
    assert body["l3extOut"]["children"][0]["l3extInstP"]["attributes"]["status"] == "modified"
    assert [entry.dn for entry in journal.entries] == [EPG.subnet_dn("10.0.0.2/32")]


@pytest.mark.parametrize(
    ("attributes", "word"),
    [({"annotation": ""}, "mark"), ({"annotation": MARK, "prefGrMemb": "include"}, "preferred group")],
)
def test_an_epg_stays_when_it_was_released_or_joined_the_preferred_group(
    attributes: dict[str, str], word: str
) -> None:
    apic = Apic()
    apic.answers[PATH] = [epg("app", L3OUT, **attributes)]
    [stays] = write(apic, batches([delete_epg()]))
    assert isinstance(stays, Rejected)
    assert word in stays.text
    assert apic.posts == []


def test_what_the_plan_knew_of_is_no_objection() -> None:
    apic = Apic()
    contract = f"{EPG.dn}/rsprov-web"
    known = ObservedEpg(EPG, annotation=MARK, others=(contract,), preferred_group=True)
    apic.answers[PATH] = [
        epg(annotation=MARK, prefGrMemb="include"),
        mo("fvRsProv", contract, tnVzBrCPName="web"),
    ]
    [outcome] = write(apic, batches([delete_epg(observed=known)]))
    assert isinstance(outcome, Done)


def test_an_epg_that_cannot_be_looked_at_stays() -> None:
    apic = Apic()
    apic.answers[PATH] = ApicBusy("busy")
    [outcome] = write(apic, batches([delete_epg()]))
    assert isinstance(outcome, NotSent)
    assert apic.posts == []


def test_the_file_journal_keeps_one_line_for_each_object_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = FileJournal(path, HandClock())
    journal.record([Entry("uni/a", "l3extSubnet", {"ip": "10.0.0.1/32"}, "NotWanted")])
    journal.record([Entry("uni/b", "l3extInstP", {"name": "b"}, "Moved")])
    lines = [json.loads(text) for text in path.read_text().splitlines()]
    assert lines[0] == {
        "time": "2026-01-02T03:04:05.000+00:00",
        "dn": "uni/a",
        "class": "l3extSubnet",
        "attributes": {"ip": "10.0.0.1/32"},
        "reason": "NotWanted",
    }
    assert lines[1]["dn"] == "uni/b"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_disk_that_takes_half_a_line_keeps_none_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "journal.jsonl"
    journal = FileJournal(path, HandClock())
    journal.record([Entry("uni/a", "l3extSubnet", {}, "NotWanted")])
    write, room = os.write, [10]

    def full(descriptor: int, data: bytes) -> int:
        if not room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(descriptor, data[: room.pop()])

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(OSError, match="No space left"):
            journal.record([Entry("uni/lost", "l3extSubnet", {}, "NotWanted")])
    journal.record([Entry("uni/b", "l3extSubnet", {}, "NotWanted")])
    assert [json.loads(text)["dn"] for text in path.read_text().splitlines()] == ["uni/a", "uni/b"]


def test_a_move_between_l3outs_is_not_sent_when_one_of_them_is_stopped() -> None:
    apic = Apic()
    apic.raises = [ApicOutcomeUnknown("no answer")]
    outcomes = write(apic, batches([create("10.0.0.9/32"), move("10.0.0.1/32", EPG, OTHER)]))
    assert [type(o) for o in outcomes] == [Unknown, NotSent]
    assert L3Out.of_dn(apic.posts[0][0]) == L3OUT
    assert len(apic.posts) == 1
