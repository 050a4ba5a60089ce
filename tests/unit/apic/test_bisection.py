"""Whatever is refused in a batch, exactly that is found, and everything else lands once."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from akb_sync.apic.batches import batches
from akb_sync.apic.delivery import MOST_CULPRITS
from akb_sync.apic.outcome import Done, NotSent, Outcome, Rejected
from akb_sync.apic.writer import Writer
from akb_sync.errors import ApicRejected
from akb_sync.item import Item
from akb_sync.model import Binding

from .answers import OURS, FakeSession, HandClock, create, create_epg, delete, move

HERE, THERE = Binding("t", "o", "here"), Binding("t", "o", "there")
WORDS = "property validation failed"
unhurried = settings(deadline=None)
"""The first POST imports acitoolkit, which takes a while."""


class Choosy(FakeSession):
    """Refuses each POST that has one of some prefixes in it; counts what landed."""

    def __init__(self, bad: set[str]) -> None:
        super().__init__(HandClock())
        self._bad = bad
        self.posts = 0
        self.landed: Counter[str] = Counter()

    def post(self, dn: str, body: Mapping[str, Any]) -> None:
        self.posts += 1
        text = json.dumps(body)
        if any(f'"{prefix}"' in text for prefix in self._bad):
            raise ApicRejected("120", WORDS, dn)
        self.landed.update(part.partition('"')[0] for part in text.split('"ip": "')[1:])


class Nowhere:
    """A journal that nobody reads."""

    def record(self, _entries: object) -> None: ...


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[Item], set[str]]:
    """Items of one L3Out, and the prefixes among them that the APIC refuses."""
    makers = (lambda ip: create(ip, HERE), lambda ip: delete(ip, HERE), lambda ip: move(ip, THERE, HERE))
    kinds = draw(st.lists(st.sampled_from(makers), min_size=1, max_size=120))
    items = [make(f"10.0.0.{number}/32") for number, make in enumerate(kinds, start=1)]
    bad = draw(st.sets(st.sampled_from([item.prefix for item in items]), max_size=MOST_CULPRITS - 1))
    return items, bad


def written(items: list[Item], bad: set[str], most: int = 500) -> tuple[Choosy, list[Outcome]]:
    apic = Choosy(bad)
    writer = Writer(apic, OURS, Nowhere(), apic.clock, sleep=lambda _: None)
    return apic, writer.write(batches(items, max_objects=most))


@unhurried
@given(deliveries(), st.integers(4, 150))
def test_bisection_finds_every_culprit_and_nothing_else(
    given_items: tuple[list[Item], set[str]], most: int
) -> None:
    items, bad = given_items
    _, outcomes = written(items, bad, most)
    assert {one.item.prefix for one in outcomes if isinstance(one, Rejected)} == bad
    assert {one.item.prefix for one in outcomes if isinstance(one, Done)} == {
        item.prefix for item in items
    } - bad
    assert {(one.code, one.text) for one in outcomes if isinstance(one, Rejected)} <= {("120", WORDS)}


@unhurried
@given(deliveries())
def test_everything_else_lands_and_lands_once(given_items: tuple[list[Item], set[str]]) -> None:
    items, bad = given_items
    apic, _ = written(items, bad)
    assert not bad & apic.landed.keys()
    times = {item.prefix: 2 if item.leaves else 1 for item in items if item.prefix not in bad}
    assert apic.landed == Counter(times)


@unhurried
@given(deliveries())
def test_a_culprit_costs_no_more_posts_than_halving_does(given_items: tuple[list[Item], set[str]]) -> None:
    items, bad = given_items
    apic, _ = written(items, bad)
    rounds = math.ceil(math.log2(len(items))) if len(items) > 1 else 1
    assert apic.posts - 1 <= len(bad) * 2 * rounds


@unhurried
@given(st.integers(MOST_CULPRITS, 120), st.booleans())
def test_so_many_culprits_end_the_search_and_what_is_left_is_not_lost(number: int, makes_epg: bool) -> None:
    items = [create(f"10.0.0.{index}/32", HERE) for index in range(1, number + 1)]
    made = [create_epg(HERE)] if makes_epg else []
    _, outcomes = written([*made, *items], {item.prefix for item in items})
    refused = [one for one in outcomes if isinstance(one, Rejected)]
    assert len(refused) == MOST_CULPRITS
    left = [one for one in outcomes if isinstance(one, NotSent)]
    assert len(outcomes) == len(refused) + len(left) + sum(isinstance(one, Done) for one in outcomes)
