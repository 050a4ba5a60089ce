"""Taking over: only what was asked for, from whom it was asked."""

from __future__ import annotations

from tests.mutation.cut import gives, never, swaps
from tests.mutation.guard import Guard

ADOPT = "akb_sync.ownership.adopt"
OWNERSHIP = "akb_sync.ownership.ownership"
IN_ADOPTING = "tests/unit/ownership/test_adopting.py::"
IN_ADOPT = "tests/simulated/ownership/test_adopt.py::"
IN_PURGE = "tests/simulated/ownership/test_purge.py::"
IN_WHAT_IS_NOT_KNOWN = "tests/simulated/ownership/test_what_is_not_known.py::"

ROWS = (
    Guard(
        "mark-of-others-gives-not-way",
        "Another party's mark gives way only to whoever names that party, or forces it.",
        (swaps(ADOPT, "claim_on", "Claim.THEIRS", "Claim.GIVEN"),),
        (
            f"{IN_ADOPTING}test_anybody_elses_mark_is_held_unless_a_person_forces_it",
            f"{IN_ADOPTING}test_another_party_than_the_one_that_is_named_is_held",
        ),
    ),
    Guard(
        "only-the-party-that-is-named",
        "Only the party that is named gives way.",
        (
            swaps(
                ADOPT,
                "claim_on",
                "terms.origin is not None and terms.origin.covers(annotation, dn)",
                "terms.origin is not None",
            ),
        ),
        (f"{IN_ADOPTING}test_another_party_than_the_one_that_is_named_is_held",),
    ),
    Guard(
        "adopt-takes-what-is-wanted",
        "A subnet that nobody asks for is not adopted along.",
        (swaps(ADOPT, "_comes_along", "wanted or terms.all_subnets", "True"),),
        (f"{IN_ADOPTING}test_a_subnet_that_nobody_asks_for_is_left_unless_all_are_asked_for",),
    ),
    Guard(
        "adopted-unasked-is-tagged",
        "What is adopted although nobody asks for it gets the tag that makes the engine wait.",
        (never(ADOPT, "_tags", "stale and epg.tags.get(key) != ADOPTED"),),
        (
            f"{IN_ADOPTING}test_an_epg_that_no_workload_names_gets_the_tag_that_makes_the_engine_ask",
            f"{IN_ADOPTING}test_a_subnet_that_nobody_asks_for_is_left_unless_all_are_asked_for",
        ),
    ),
    Guard(
        "whole-fabric-is-one-partys",
        "Taking over a whole fabric touches nothing but what the party had.",
        (swaps(ADOPT, "_epg", "terms.only_origin and claim in (Claim.FREE, Claim.THEIRS)", "False"),),
        (f"{IN_ADOPTING}test_taking_over_a_whole_fabric_touches_nothing_but_what_the_party_had",),
    ),
    Guard(
        "living-cluster",
        "A cluster whose marks changed in the last minutes is not taken over.",
        (gives(OWNERSHIP, "Ownership._must_be_quiet", "None"),),
        (
            f"{IN_ADOPT}test_a_rebuilt_cluster_takes_over_from_its_former_self_once_that_is_quiet",
            f"{IN_PURGE}test_a_living_cluster_is_refused",
        ),
    ),
    Guard(
        "cluster-under-its-name",
        "A cluster is taken over or purged under the name that its marks have.",
        (never(OWNERSHIP, "Ownership._must_be_gone", "names and cluster.name not in names"),),
        (f"{IN_ADOPT}test_a_cluster_is_not_taken_for_another_of_the_same_id",),
    ),
    Guard(
        "not-from-ourselves",
        "Nobody takes over from the cluster that the command runs for.",
        (never(OWNERSHIP, "Ownership._must_be_gone", "cluster.uid8 == self._engine.identity.uid8"),),
        (f"{IN_WHAT_IS_NOT_KNOWN}test_nobody_takes_over_from_the_cluster_that_the_command_runs_for",),
    ),
    Guard(
        "cluster-must-be-known",
        "What could not be read of the cluster does not look like what nobody asks for.",
        (gives(OWNERSHIP, "Ownership._cluster_must_be_known", "None"),),
        (
            (
                f"{IN_WHAT_IS_NOT_KNOWN}test_workloads_that_could_not_be_read_are_not_taken_for_workloads_that_"
                "ask_for_nothing"
            ),
        ),
    ),
    Guard(
        "fabric-must-be-known",
        "What could not be read of the fabric does not look like what is not there.",
        (gives(OWNERSHIP, "Ownership._must_be_fresh", "None"),),
        (
            f"{IN_WHAT_IS_NOT_KNOWN}test_an_l3out_that_could_not_be_read_is_not_taken_for_one_with_nothing_in_it",
        ),
    ),
)
