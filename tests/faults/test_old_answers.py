"""Every read that was made before gets its oldest answer again, one at a time.

So answers a controller that lags behind the others, or a cache that somebody put before an API server.
"""

import pytest

from .faults import OldAnswer, repeated_reads
from .laboratory import told
from .oracles import differences, lost
from .profile import NIGHTLY, SEED, chosen
from .references import reference
from .stories import STORIES, TAKEN
from .tally import TALLY

READS = {
    "L3Outs": "GET /api/mo/",
    "the search for L3Outs": "GET /api/class/",
    "workloads": "GET /apis/apps/",
    "Pods and Services": "GET /api/v1/",
}


@pytest.mark.timeout(1800 if NIGHTLY else 60)
@pytest.mark.parametrize("name", STORIES)
@pytest.mark.parametrize("what", READS)
def test_an_old_answer_changes_neither_the_end_nor_what_is_written(what: str, name: str) -> None:
    reads = repeated_reads(reference(name).points, READS[what])
    for point in chosen(reads, f"old/{what}/{name}", cut=1):
        fault = OldAnswer(point.number)
        record = told(STORIES[name], fault)
        TALLY.add(name, "old answer", record, len(lost(reference(name), record)))
        assert fault.struck, f"seed {SEED}: {fault} never struck at {point} of {name!r}"
        wrong = [one for one in differences(reference(name), record) if TAKEN not in one]
        assert not wrong, "\n".join([f"seed {SEED}: {name!r} with {fault} at {point}", *wrong])
