"""What a subnet costs on its way from the plan into a POST: calls are counted, not seconds.

A cold start writes ten thousands of them, and the fabric waits for each call.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest

from akb_sync.apic.batches import batches
from akb_sync.apic.journal import LogJournal
from akb_sync.apic.outcome import Done
from akb_sync.apic.writer import Writer
from akb_sync.item import Item
from tests.unit.apic.answers import OURS, FakeSession, HandClock, create

from .calls import calls

SUBNETS = 2_000
OF_CUTTING, OF_WRITING = 75, 90
"""Calls for one subnet, at most; a fifth more than it takes."""


class Taking(FakeSession):
    """An APIC that takes everything."""

    def post(self, dn: str, body: Mapping[str, Any]) -> None:
        """Take it."""


@pytest.fixture(scope="module")
def items() -> list[Item]:
    return [create(f"10.0.{number >> 8}.{number & 255}/32") for number in range(SUBNETS)]


def test_a_subnet_is_put_into_a_post_with_few_calls(items: list[Item]) -> None:
    batches(items[:1])  # fills what is remembered
    assert calls(partial(batches, items)) <= OF_CUTTING * SUBNETS


def test_a_subnet_that_nothing_stands_in_the_way_of_is_written_with_few_calls(items: list[Item]) -> None:
    clock = HandClock()
    writer = Writer(Taking(clock), OURS, LogJournal(clock), clock)
    assert {type(one) for one in writer.write(batches(items[:1]))} == {Done}  # its modules are there now
    assert calls(partial(writer.write, batches(items))) <= OF_WRITING * SUBNETS
