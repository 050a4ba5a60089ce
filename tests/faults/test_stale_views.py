"""Every older view that the history of a story allows, served to an engine that has just started.

Sieve calls it time travel: a process restarts and reads from a replica of the API server that lags behind.
An engine asks for the most recent state, and cannot know when it is lied to. What it then does is undone
as soon as it sees the present: nothing is lost for good, and no object comes and goes more than once
(faults.md, row 5).
"""

from collections import Counter
from itertools import islice

import pytest

from .laboratory import Laboratory, laboratory
from .oracles import of_states
from .profile import NIGHTLY, SEED, some
from .stories import NOT_IN_THE_CLUSTER, STORIES
from .tally import TALLY

BRIEF = 40.0
"""Seconds for which an old view is served: longer than all holds."""


@pytest.mark.timeout(1800 if NIGHTLY else 60)
@pytest.mark.parametrize("name", STORIES)
def test_an_engine_that_starts_with_an_old_view_does_no_lasting_harm(name: str) -> None:
    with laboratory() as lab:
        first = lab.stage.cluster.revision
        lab.begin()
        for number, step in enumerate(STORIES[name], start=1):
            lab.act(step)
            past = () if step in NOT_IN_THE_CLUSTER else range(first, lab.stage.cluster.revision)
            for revision in some(past, f"stale/{name}/{number}", cut=3):
                _time_travel(lab, revision, f"seed {SEED}: {name!r} after step {number}, view {revision}")
                TALLY.sequences += 1
        TALLY.add(name, "OldView", lab.record)


def _time_travel(lab: Laboratory, revision: int, where: str) -> None:
    wanted, posts = lab.state(), lab.stage.posts
    with lab.stage.cluster.faults.old_view(revision):
        lab.crash()
        lab.settle(BRIEF)
    lab.settle()
    wrong = list(of_states(wanted, lab.state()))
    touched = Counter(one for write in islice(lab.stage.apic.journal, posts, None) for one in write.touched)
    wrong += [f"{dn} was {kind} {times} times" for (kind, dn), times in touched.items() if times > 1]
    assert not wrong, "\n".join([where, *wrong])
    assert not lab.foreign_since(posts, wanted), where
