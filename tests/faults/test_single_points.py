"""Every story with a fault at each point: each request that the engine sends, each event that it takes."""

import pytest

from .faults import HIDE, PATTERNS, FaultAt, Pattern, points_of
from .laboratory import told
from .oracles import differences, lost
from .profile import NIGHTLY, SEED, chosen
from .references import reference
from .stories import STORIES, TAKEN
from .tally import TALLY


@pytest.mark.parametrize("name", STORIES)
def test_the_same_story_meets_the_same_points_and_ends_the_same(name: str) -> None:
    again = told(STORIES[name])
    assert again.points == reference(name).points
    assert not differences(reference(name), again)
    assert again.written


@pytest.mark.timeout(1800 if NIGHTLY else 60)
@pytest.mark.parametrize("name", STORIES)
@pytest.mark.parametrize("pattern", PATTERNS, ids=str)
def test_a_fault_at_one_point_changes_neither_the_end_nor_what_is_written(
    pattern: Pattern, name: str
) -> None:
    about = f"{pattern}/{name}"
    for point in chosen(points_of(pattern, reference(name).points), about):
        fault = FaultAt(pattern, point.number)
        record = told(STORIES[name], fault)
        missing = lost(reference(name), record)
        TALLY.add(name, pattern.name, record, len(missing))
        assert fault.struck, f"seed {SEED}: {fault} never struck at {point} of {name!r}"
        unseen = TAKEN if pattern is HIDE else None
        wrong = [one for one in differences(reference(name), record) if not (unseen and unseen in one)]
        assert not wrong, "\n".join([f"seed {SEED}: {name!r} with {fault} at {point}", *wrong])
