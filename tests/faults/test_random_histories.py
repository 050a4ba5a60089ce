"""Thousands of random histories on one fabric, with everybody in them whom a real one has.

The same seed gives the same histories. A failure shows the shortest one that fails as the lines of a test,
and the seed and part with which it is found again.
"""

import logging
from functools import partial

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from akb_sync.apic.batches import batches
from akb_sync.engine import engine as engine_module

from .histories.machine import TRIED, Histories
from .profile import NIGHTLY, SEED
from .tally import TALLY

OBJECTS_PER_POST = 4
"""So few that there are crashes between two batches of one EPG."""
PARTS, SEQUENCES, STEPS = (50, 200, 10) if NIGHTLY else (5, 80, 10)
"""Each part has histories of its own."""


@pytest.mark.timeout(1800 if NIGHTLY else 600)
@pytest.mark.parametrize("part", range(1, PARTS + 1))
def test_no_history_makes_an_engine_do_what_it_may_not_or_keeps_it_from_coming_to_rest(
    part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "batches", partial(batches, max_objects=OBJECTS_PER_POST))
    profile = settings(
        max_examples=SEQUENCES,
        stateful_step_count=STEPS,
        database=None,
        deadline=None,
        print_blob=True,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    before, written = TRIED.sequences, TRIED.written
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)  # nobody reads so much
    try:
        run_state_machine_as_test(seed(1000 * SEED + part)(Histories), settings=profile)
    except BaseException as error:
        error.add_note(f"AKB_SYNC_SEED={SEED}, part {part}")
        raise
    TALLY.scenarios.add("random histories")
    TALLY.faults |= TRIED.troubles
    TALLY.sequences += TRIED.sequences - before
    TALLY.written += TRIED.written - written
    assert TRIED.sequences - before >= SEQUENCES
