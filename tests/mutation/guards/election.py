"""At most one of several engines writes."""

from __future__ import annotations

from tests.mutation.cut import always, drops, never, swaps
from tests.mutation.guard import Guard

ELECTION = "akb_sync.kube.election"
IN_ELECTION = "tests/unit/kube/test_election.py::"

ROWS = (
    Guard(
        "lease-by-boottime",
        "A leader writes no longer than its Lease allows by the clock that goes on in a standstill.",
        (swaps(ELECTION, "Elector.leading", "by_boottime < deadline", "True"),),
        (
            f"{IN_ELECTION}test_a_wall_clock_set_back_by_an_hour_ends_nothing",
            f"{IN_ELECTION}test_one_clock_that_says_too_late_is_enough_to_stop",
        ),
    ),
    Guard(
        "lease-by-the-wall-clock",
        "A leader writes no longer than its Lease allows by the wall clock.",
        (swaps(ELECTION, "Elector.leading", "by_wall < deadline", "True"),),
        (f"{IN_ELECTION}test_one_clock_that_says_too_late_is_enough_to_stop",),
    ),
    Guard(
        "lease-from-its-beginning",
        "A leader's time begins with the renewal and not with its answer.",
        (
            swaps(
                ELECTION,
                "Elector._take",
                "self._renewed = begun",
                "self._renewed = _Moment(self._clocks.boottime(), self._clocks.now())",
            ),
        ),
        (f"{IN_ELECTION}test_the_deadline_counts_from_the_beginning_of_the_renewal_and_not_from_its_answer",),
    ),
    Guard(
        "lease-of-another",
        "The Lease of a living leader is not taken.",
        (
            swaps(
                ELECTION,
                "Elector._may_take",
                "self._clocks.boottime() - self._first_seen >= lease.seconds",
                "True",
            ),
        ),
        (
            f"{IN_ELECTION}test_a_follower_that_slept_does_not_take_the_lease_of_a_living_leader",
            f"{IN_ELECTION}test_clocks_an_hour_apart_make_no_second_leader",
        ),
    ),
    Guard(
        "lease-is-compared",
        "The Lease is replaced only in the version that was read.",
        (drops(ELECTION, "Elector._write", 'document["metadata"]["resourceVersion"] = version'),),
        (f"{IN_ELECTION}test_a_lease_that_is_handed_back_is_taken_at_once",),
    ),
    Guard(
        "lease-that-changed",
        "A leader that finds another one in the Lease leads no more.",
        (never(ELECTION, "Elector._read", "found.holder != self._me"),),
        (f"{IN_ELECTION}test_a_leader_that_finds_another_name_in_its_lease_leads_no_more",),
    ),
    Guard(
        "only-ours-is-handed-back",
        "Only the Lease of one's own is handed back.",
        (always(ELECTION, "Elector.release", "had and lease is not None and lease.holder == self._me"),),
        (f"{IN_ELECTION}test_only_a_leader_hands_back",),
    ),
)
