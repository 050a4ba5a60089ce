"""What keeps an accident small: removals that are too many, doubted lists, limits, approvals."""

from __future__ import annotations

from tests.mutation.cut import always, gives, lacks, never, swaps
from tests.mutation.guard import Guard

MASSDELETE = "akb_sync.plan.massdelete"
MEMORY = "akb_sync.plan.memory"
RESULT = "akb_sync.plan.result"
GUARDS = "akb_sync.plan.guards"
IN_MASS_DELETE = "tests/unit/plan/test_mass_delete.py::"
IN_TIES = "tests/unit/plan/test_ties.py::"
IN_MEMORY = "tests/unit/plan/test_memory.py::"
IN_HOLDS = "tests/unit/plan/test_holds.py::"

ROWS = (
    Guard(
        "mass-delete",
        "Too many removals at once are held.",
        (gives(MASSDELETE, "hold_mass_deletes", "items"),),
        (f"{IN_MASS_DELETE}test_more_than_ten_and_more_than_thirty_percent_are_held",),
    ),
    Guard(
        "mass-delete-window",
        "Removals of the last minutes count along, so that slicing does not get around the guard.",
        (gives(MASSDELETE, "_recent", "0"),),
        (f"{IN_MASS_DELETE}test_removals_count_together_over_a_sliding_window",),
    ),
    Guard(
        "mass-delete-remembers",
        "Removals that were done are remembered for that.",
        (swaps(MEMORY, "_with_counted", "counts(memory, item)", "False"),),
        (f"{IN_MEMORY}test_a_counted_removal_is_remembered_for_the_window_and_a_seen_end_is_not",),
    ),
    Guard(
        "mass-delete-block",
        "With `--mass-delete block` a mass delete waits for a person.",
        (never(MASSDELETE, "_holds", "world.rules.mass_delete is MassDelete.BLOCK"),),
        (f"{IN_MASS_DELETE}test_in_block_mode_a_mass_delete_waits_for_a_person_for_ever",),
    ),
    Guard(
        "second-look",
        "With `verify` it waits for a second look at both sides.",
        (gives(MASSDELETE, "_second_look", "None"),),
        (
            f"{IN_MASS_DELETE}test_a_mass_delete_is_done_when_a_second_look_after_the_hold_down_agrees",
            f"{IN_MASS_DELETE}test_a_second_look_that_disagrees_keeps_everything",
        ),
    ),
    Guard(
        "second-look-cluster",
        "The second look needs a new list of every kind.",
        (swaps(MASSDELETE, "_second_look", "world.desired.sources.values()", "()"),),
        (f"{IN_MASS_DELETE}test_the_second_look_needs_every_kind_and_the_l3out",),
    ),
    Guard(
        "second-look-fabric",
        "The second look needs a new read of the L3Out.",
        (lacks(MASSDELETE, "_second_look", "world.observed.of(item.binding.parent).read_at"),),
        (f"{IN_MASS_DELETE}test_the_second_look_needs_every_kind_and_the_l3out",),
    ),
    Guard(
        "doubtful-lists",
        "A kind that lists empty against all evidence removes nothing before a person approved it.",
        (never(MASSDELETE, "_not_believed", "view.doubtful"),),
        (f"{IN_MASS_DELETE}test_a_kind_that_lists_empty_always_waits_for_a_person",),
    ),
    Guard(
        "vanished-l3out",
        "An L3Out whose whole wanted set vanished unseen waits for a person.",
        (never(MASSDELETE, "_not_believed", "inferred and not _anything_wanted(world, l3out)"),),
        (
            f"{IN_MASS_DELETE}test_an_l3out_whose_whole_wanted_set_vanishes_unseen_waits_for_a_person",
            f"{IN_MASS_DELETE}test_empty_epgs_that_vanish_unseen_with_all_of_their_l3out_wait_too",
        ),
    ),
    Guard(
        "unseen-is-inferred",
        "What was not seen to happen counts as inferred.",
        (swaps(MEMORY, "Memory.cause", "Cause.INFERRED", "Cause.ENDED"),),
        (f"{IN_MEMORY}test_an_empty_memory_takes_everything_for_inferred",),
    ),
    Guard(
        "listed-is-inferred",
        "What went while a kind was listed anew counts as inferred.",
        (gives(MEMORY, "_seen", "True"),),
        (f"{IN_MEMORY}test_an_end_was_seen_only_if_no_kind_on_the_way_was_listed_anew",),
    ),
    Guard(
        "withdrawn-counts",
        "Only the Pod's own end is left out of the count, not what follows from an annotation.",
        (swaps(MEMORY, "notice_departures", "exposure.workload in living", "True"),),
        (f"{IN_MASS_DELETE}test_what_follows_from_an_annotation_a_workload_or_a_service_counts",),
    ),
    Guard(
        "service-end-counts",
        "The end of a Service counts too.",
        (swaps(MEMORY, "notice_departures", 'exposure.source.kind == "Pod"', "True"),),
        (
            f"{IN_MASS_DELETE}test_what_follows_from_an_annotation_a_workload_or_a_service_counts",
            f"{IN_MEMORY}test_of_two_exposures_that_go_together_the_more_careful_cause_counts_in_any_order",
        ),
    ),
    Guard(
        "most-careful-cause",
        "Of several ways in which an address went, the most careful counts.",
        (
            swaps(
                MEMORY, "notice_departures", "max(gone.get(want, cause), cause, key=_CAREFUL.index)", "cause"
            ),
        ),
        (f"{IN_TIES}test_of_two_ways_to_go_the_more_careful_counts_in_any_order",),
    ),
    Guard(
        "stale-views-start-no-clock",
        "A view that is not fresh starts no hold-down.",
        (
            always(
                MEMORY,
                "_unwanted_since",
                "dn in memory.unwanted_since or item.hold is None or item.hold.reason is not "
                "Reason.NOT_FRESH",
            ),
        ),
        (
            f"{IN_MEMORY}test_a_stale_look_neither_starts_nor_stops_the_clock",
            (
                f"{IN_MASS_DELETE}test_an_epg_that_looked_unwanted_before_anything_was_read_still_has_its_"
                "whole_hold_down"
            ),
        ),
    ),
    Guard(
        "approval-of-exactly-those",
        "A person approves exactly the removals that were shown.",
        (swaps(RESULT, "Plan.approval_id", '"\\n".join(waiting)', '""'),),
        (f"{IN_MASS_DELETE}test_the_plan_id_names_the_removals_and_nothing_else",),
    ),
    Guard(
        "approval-ends",
        "An approval ends when the object is wanted again.",
        (swaps(MEMORY, "after_planning", "memory.approved & doomed.keys()", "memory.approved"),),
        (f"{IN_MASS_DELETE}test_an_approval_ends_when_the_object_is_wanted_again",),
    ),
    Guard(
        "capacity",
        "No L3Out gets more prefixes than `--max-prefixes`.",
        (gives(GUARDS, "_capacity", "items"),),
        (
            f"{IN_HOLDS}test_no_l3out_gets_more_prefixes_than_the_limit",
            f"{IN_HOLDS}test_a_move_into_a_full_l3out_waits_and_one_within_it_does_not",
        ),
    ),
    Guard(
        "policy",
        "`--policy` is kept.",
        (gives(GUARDS, "_policy", "None"),),
        (f"{IN_HOLDS}test_a_policy_limits_what_is_done_and_says_so",),
    ),
    Guard(
        "policy-upsert-only",
        "`upsert-only` moves nothing, since a move removes.",
        (
            swaps(
                GUARDS,
                "_ALLOWED",
                "frozenset({Action.CREATE, Action.UPDATE, Action.NONE})",
                "frozenset(Action)",
            ),
        ),
        (f"{IN_HOLDS}test_a_policy_limits_what_is_done_and_says_so",),
    ),
)
