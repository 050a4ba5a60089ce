"""When a view is believed: nothing is written on what is not known."""

from __future__ import annotations

from tests.mutation.cut import drops, gives, never, swaps
from tests.mutation.guard import Guard

GUARDS = "akb_sync.plan.guards"
IN_FRESHNESS = "tests/unit/plan/test_freshness.py::"
IN_MASS_DELETE = "tests/unit/plan/test_mass_delete.py::"
IN_MOVES = "tests/unit/plan/test_moves.py::"
IN_CONFLICTS = "tests/unit/plan/test_conflicts.py::"
IN_EPGS = "tests/unit/plan/test_epgs.py::"

ROWS = (
    Guard(
        "fresh-views",
        "Nothing is written on a view that is not fresh.",
        (gives(GUARDS, "_freshness", "None"),),
        (
            f"{IN_FRESHNESS}test_nothing_is_written_to_an_l3out_whose_view_is_not_fresh",
            f"{IN_MASS_DELETE}test_an_approval_does_not_help_against_views_that_are_not_fresh",
        ),
    ),
    Guard(
        "move-rests-on-all",
        "A move, which removes, rests on every kind of the cluster.",
        (never(GUARDS, "_sources", "item.removes"),),
        (f"{IN_MOVES}test_a_held_move_does_neither_half",),
    ),
    Guard(
        "delete-rests-on-all",
        "A removal rests on every kind of the cluster.",
        (
            swaps(
                GUARDS,
                "_sources",
                "exposures[0].rests_on if exposures else _ALL_SOURCES",
                "frozenset()",
            ),
        ),
        (f"{IN_FRESHNESS}test_each_item_rests_on_its_own_kinds_and_a_delete_on_all",),
    ),
    Guard(
        "prefix-rests-on-its-vrf",
        "A new prefix rests on every L3Out of its VRF.",
        (never(GUARDS, "_l3outs", "classifies(item) or item.reason in _OF_CONFLICT"),),
        (f"{IN_CONFLICTS}test_a_new_prefix_rests_on_every_l3out_of_the_vrf",),
    ),
    Guard(
        "prefix-waits-for-first-reads",
        "A new prefix waits for the first read of every L3Out that may share its VRF.",
        (drops(GUARDS, "_l3outs", "involved += world.unread"),),
        (
            f"{IN_CONFLICTS}test_a_new_prefix_waits_for_the_first_read_of_an_l3out_that_may_share_the_vrf",
            f"{IN_CONFLICTS}test_a_new_prefix_waits_for_an_l3out_whose_first_read_failed_for_now",
        ),
    ),
    Guard(
        "prefix-waits-for-the-search",
        "A new prefix waits while it is not known which L3Outs share its VRF.",
        (never(GUARDS, "_freshness", "classifies(item) and not world.observed.complete"),),
        (
            (
                f"{IN_FRESHNESS}test_while_the_other_l3outs_of_the_vrf_are_not_known_new_prefixes_wait_"
                "and_the_rest_goes_on"
            ),
        ),
    ),
    Guard(
        "vrf-is-known",
        "A prefix is not written while its VRF is not known.",
        (gives(GUARDS, "_vrf_known", "None"),),
        (
            f"{IN_CONFLICTS}test_creates_wait_while_the_vrf_is_not_known_but_the_epg_is_made",
            f"{IN_MOVES}test_a_move_waits_while_the_vrf_is_not_known",
        ),
    ),
    Guard(
        "move-rests-on-both",
        "A move rests on the L3Out that it leaves, too.",
        (never(GUARDS, "_l3outs", "left"),),
        (f"{IN_MOVES}test_a_move_rests_on_both_l3outs",),
    ),
    Guard(
        "epg-rests-on-its-kind",
        "The creation of an EPG rests on the kind of the workload that names it.",
        (
            swaps(
                GUARDS,
                "_sources",
                "frozenset(source for source in known if source) or _ALL_SOURCES",
                "frozenset()",
            ),
        ),
        (
            f"{IN_EPGS}test_an_epg_of_a_workload_of_an_unknown_kind_rests_on_all_of_them",
            f"{IN_EPGS}test_an_epg_rests_on_the_kind_of_its_oldest_workload_only",
        ),
    ),
)
