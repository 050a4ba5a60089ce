"""A round whose plan became stale: what waits for its turn is given up, and leaves no trace."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from akb_sync.apic.batches import Batch, batches
from akb_sync.apic.outcome import Done, NotSent
from akb_sync.apic.pace import Pace
from akb_sync.apic.writer import Writer
from akb_sync.errors import ApicForbidden, ApicOutcomeUnknown
from akb_sync.model import Binding

from .answers import OURS, create, delete, delete_epg
from .test_writer import Apic, Memory

L3OUTS = 10


class Round:
    """A writer at a pace of one request in ten seconds, three at once, with a clock that its waits turn."""

    def __init__(self) -> None:
        self.apic, self.journal = Apic(), Memory()
        self.journal.apic = self.apic
        self.waits: list[float] = []
        self.pace = Pace(0.1, 3, self.apic.clock)
        self.writer = Writer(
            self.apic, OURS, self.journal, self.apic.clock, turn=self.pace.turn, sleep=self._sleep
        )

    def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.apic.clock.time += seconds

    def from_then_on(self, posts: int) -> Callable[[], bool]:
        """There is news once so many POSTs are sent."""
        return lambda: len(self.apic.posts) >= posts


def removals() -> list[Batch]:
    """One subnet goes from each L3Out."""
    return batches(delete("10.0.0.1/32", Binding("t", f"out{number}", "app")) for number in range(L3OUTS))


def test_what_is_given_up_is_neither_sent_nor_in_the_journal_and_has_no_outcome() -> None:
    told = Round()
    outcomes = told.writer.write(removals(), told.from_then_on(4))
    assert [type(one) for one in outcomes] == [Done] * 4
    assert len(told.apic.posts) == len(told.journal.entries) == 4
    assert told.journal.posts_before == [0, 1, 2, 3]


def test_news_that_come_during_the_wait_for_a_turn_are_heard_before_the_post() -> None:
    told = Round()
    outcomes = told.writer.write(removals(), lambda: bool(told.waits))
    assert len(outcomes) == len(told.apic.posts) == 3
    assert len(told.waits) == 1


def test_the_turn_that_was_waited_for_is_used_by_what_is_sent_next() -> None:
    told = Round()
    told.writer.write(removals(), lambda: bool(told.waits))
    told.writer.write(batches([create("10.0.0.9/32")]))
    assert len(told.waits) == 1
    assert len(told.apic.posts) == 4
    told.writer.write(batches([create("10.0.0.8/32")]))
    assert len(told.waits) == 2


def test_an_epg_that_is_given_up_is_not_even_looked_at() -> None:
    told = Round()
    assert told.writer.write(batches([delete_epg()]), lambda: True) == []
    assert told.apic.asked == []
    assert told.journal.entries == []


def test_the_journal_speaks_when_the_wait_for_the_turn_is_over() -> None:
    told = Round()
    recorded: list[float] = []
    told.journal.record = lambda _entries: recorded.append(told.apic.clock.time)  # type: ignore[method-assign, assignment]
    sent: list[float] = []
    post = told.apic.post
    told.apic.post = lambda dn, body: (sent.append(told.apic.clock.time), post(dn, body))[1]  # type: ignore[func-returns-value, method-assign]
    told.writer.write(removals())
    assert sent == recorded
    assert len(set(sent)) == L3OUTS


@pytest.mark.parametrize("error", [ApicForbidden("no right"), ApicOutcomeUnknown("no answer")])
def test_a_round_in_which_something_failed_is_carried_through(error: Exception) -> None:
    told = Round()
    told.apic.raises = [error]
    outcomes = told.writer.write(removals(), lambda: len(told.apic.posts) > 0)
    assert len(outcomes) == L3OUTS
    assert not isinstance(outcomes[0], Done)
    assert [type(one) for one in outcomes[1:]] == [Done] * (L3OUTS - 1)


def test_a_round_that_has_ended_waits_for_no_more_turns() -> None:
    told, allowed = Round(), iter([True] * 8)
    writer = Writer(
        told.apic,
        OURS,
        told.journal,
        told.apic.clock,
        turn=told.pace.turn,
        sleep=told._sleep,
        may_write=lambda: next(allowed, False),
    )
    outcomes = writer.write(removals())
    assert [type(one) for one in outcomes] == [Done] * 4 + [NotSent] * 6
    assert len(told.waits) == 2


def test_a_round_that_nobody_gives_up_is_carried_through_whatever_happens() -> None:
    told = Round()
    assert len(told.writer.write(removals())) == L3OUTS
    assert len(told.apic.posts) == L3OUTS
