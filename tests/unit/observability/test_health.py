"""What a kubelet is answered: alive while the loop turns, ready while both views are fresh."""

from datetime import UTC, datetime

import pytest

from akb_sync.model import Freshness
from akb_sync.observability import Health
from akb_sync.observability.health import LONGEST_TURN
from akb_sync.state import Pause
from tests.unit.engine.looks import FRESH, look
from tests.unit.engine.scripted import HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def test_it_is_alive_while_the_loop_gives_signs_of_life(clock: HandClock) -> None:
    health = Health(clock, lambda: 1000.0)
    assert health.alive().well
    clock.advance(LONGEST_TURN - 1)
    assert health.alive().well
    clock.advance(1)
    assert not health.alive().well
    assert "120 s ago" in health.alive().text


def test_it_is_not_ready_before_everything_was_read(clock: HandClock) -> None:
    health = Health(clock, clock.monotonic)
    assert not health.ready().well
    health.looked(look().__class__(plan=None, now=0.0))
    assert health.ready().text == "not every kind was read yet"


@pytest.mark.parametrize(
    ("more", "part"),
    [
        ({}, "this process leads"),
        ({"leading": False}, "another process leads"),
        ({"dry": True}, "this is a dry run"),
        ({"paused": Pause("joe", datetime(2026, 1, 1, tzinfo=UTC))}, "the engine is paused"),
    ],
)
def test_leader_follower_dry_run_and_paused_are_ready_alike(
    clock: HandClock, more: dict[str, object], part: str
) -> None:
    health = Health(clock, clock.monotonic)
    health.looked(look(**more))  # type: ignore[arg-type]
    assert health.ready().well
    assert part in health.ready().text


def test_a_view_that_is_not_fresh_is_named(clock: HandClock) -> None:
    health = Health(clock, clock.monotonic)
    health.looked(look(freshness={**FRESH, "pods": Freshness.STALE, "T/L": Freshness.NEVER}))
    assert (health.ready().well, health.ready().text) == (False, "not fresh: T/L, pods")


def test_a_trouble_is_told_and_a_loop_that_stands_still_is_not_ready(clock: HandClock) -> None:
    health = Health(clock, lambda: 1000.0)
    health.looked(look(troubles={"T/L": "login refused; check the password"}))
    assert health.ready().text == "T/L: login refused; check the password"
    health.looked(look())
    clock.advance(LONGEST_TURN)
    assert not health.ready().well
