"""What is put back, what is left as people want it, and what people are told."""

from __future__ import annotations

from tests.mutation.cut import gives, never, swaps
from tests.mutation.guard import Guard

SUBNETS = "akb_sync.plan.subnets"
STANDING = "akb_sync.plan.standing"
PLANNER = "akb_sync.plan.planner"
COVERAGE = "akb_sync.plan.coverage"
IN_SUBNETS = "tests/unit/plan/test_subnets.py::"
IN_EPGS = "tests/unit/plan/test_epgs.py::"
IN_MARKS = "tests/unit/plan/test_marks.py::"
IN_SHIFTS = "tests/unit/plan/test_shifts.py::"

ROWS = (
    Guard(
        "name-comes-back",
        "A name that somebody changed is put back.",
        (swaps(SUBNETS, "_managed", "wanted if subnet.name != wanted else None", "None"),),
        (f"{IN_SUBNETS}test_a_changed_name_is_put_back_and_nothing_else_is_written",),
    ),
    Guard(
        "scope-comes-back",
        "`import-security` that somebody took away is put back.",
        (
            swaps(
                SUBNETS, "_managed", "None if subnet.classifies else subnet.scope | {IMPORT_SECURITY}", "None"
            ),
        ),
        (f"{IN_SUBNETS}test_a_scope_that_lacks_our_flag_gets_it_beside_the_flags_that_people_set",),
    ),
    Guard(
        "flags-stay",
        "Flags that people added stay.",
        (swaps(SUBNETS, "_managed", "subnet.scope | {IMPORT_SECURITY}", "frozenset({IMPORT_SECURITY})"),),
        (f"{IN_SUBNETS}test_a_scope_that_lacks_our_flag_gets_it_beside_the_flags_that_people_set",),
    ),
    Guard(
        "emptied-mark-comes-back",
        "An emptied mark of a wanted subnet in an EPG of ours comes back.",
        (never(SUBNETS, "_not_ours", "here.emptied"),),
        (
            f"{IN_SUBNETS}test_an_emptied_mark_of_a_wanted_subnet_in_our_epg_comes_back",
            f"{IN_SUBNETS}test_a_mark_and_a_scope_that_were_lost_together_come_back_together",
        ),
    ),
    Guard(
        "other-marks-stay",
        "Another text in the place of our mark is a release by hand.",
        (swaps(STANDING, "_emptied", 'subnet.annotation == ""', "True"),),
        (f"{IN_SUBNETS}test_any_other_loss_of_a_mark_is_a_release_by_hand",),
    ),
    Guard(
        "mark-only-in-our-epg",
        "A mark comes back in an EPG of ours only.",
        (swaps(STANDING, "_emptied", "world.epg_owner(epg) is Owner.MANAGED", "True"),),
        (f"{IN_SUBNETS}test_any_other_loss_of_a_mark_is_a_release_by_hand",),
    ),
    Guard(
        "mark-only-under-our-name",
        "A mark comes back only on a subnet with the very name that we would give it.",
        (swaps(STANDING, "_emptied", "subnet.name == exposures[0].subnet_name", "True"),),
        (f"{IN_SUBNETS}test_any_other_loss_of_a_mark_is_a_release_by_hand",),
    ),
    Guard(
        "leftovers-go",
        "A subnet of ours that nobody wants any more goes.",
        (swaps(SUBNETS, "subnet_items", "world.standing_at(prefix)", "()"),),
        (f"{IN_SUBNETS}test_a_subnet_of_ours_that_nobody_wants_goes_at_once",),
    ),
    Guard(
        "deleted-comes-back",
        "A subnet that somebody deleted comes back.",
        (
            swaps(
                SUBNETS,
                "_granted",
                "_absent(world, _wish(world, binding, prefix), leaves)",
                "replace(_wish(world, binding, prefix), action=Action.NONE)",
            ),
        ),
        (f"{IN_EPGS}test_a_managed_epg_that_was_deleted_comes_back_with_its_subnets",),
    ),
    Guard(
        "marks-lost-alarm",
        "Many marks lost at once are an alarm.",
        (gives(PLANNER, "_marks_lost", "()"),),
        (f"{IN_MARKS}test_more_than_ten_marks_lost_at_once_are_an_alarm",),
    ),
    Guard(
        "shifts-are-told",
        "Addresses that leave the policy of a wider subnet are told.",
        (gives(COVERAGE, "shifts", "()"),),
        (
            f"{IN_SHIFTS}test_the_plan_says_how_many_addresses_leave_which_policy",
            f"{IN_SHIFTS}test_the_longest_of_several_wider_subnets_is_the_one_that_is_left",
        ),
    ),
)
