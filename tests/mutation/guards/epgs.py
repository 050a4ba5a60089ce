"""When an EPG is made, and when it may go: other people's work in it is never taken along."""

from __future__ import annotations

from tests.mutation.cut import gives, never, swaps
from tests.mutation.guard import Guard

EPGS = "akb_sync.plan.epgs"
GUARDS = "akb_sync.plan.guards"
MEMORY = "akb_sync.plan.memory"
ADOPTED = "akb_sync.plan.adopted"
IN_EPGS = "tests/unit/plan/test_epgs.py::"
IN_APPROVAL = "tests/simulated/engine/test_what_is_offered_for_approval.py::"
IN_SUBNETS = "tests/unit/plan/test_subnets.py::"
IN_HOLDS = "tests/unit/plan/test_holds.py::"
IN_ADOPTED = "tests/unit/plan/test_adopted.py::"
IN_MEMORY = "tests/unit/plan/test_memory.py::"

ROWS = (
    Guard(
        "epg-is-ours",
        "An EPG without our mark is never deleted.",
        (swaps(EPGS, "epg_items", "world.epg_owner(epg) is Owner.MANAGED", "True"),),
        (
            f"{IN_EPGS}test_an_epg_of_another_cluster_is_none_of_our_business",
            f"{IN_SUBNETS}test_a_mark_on_an_object_that_was_copied_is_not_ours",
        ),
    ),
    Guard(
        "released-epg-stays",
        "An EPG that was released is not deleted.",
        (swaps(EPGS, "epg_items", "world.released(epg)", "False"),),
        (f"{IN_HOLDS}test_a_released_epg_is_left_alone_whatever_is_wanted",),
    ),
    Guard(
        "epg-hold-down",
        "An EPG goes only after it was not wanted for the hold-down.",
        (gives(GUARDS, "_hold_down", "None"),),
        (
            f"{IN_EPGS}test_an_epg_goes_only_after_it_was_not_wanted_for_the_hold_down",
            f"{IN_EPGS}test_an_epg_that_is_wanted_again_in_between_starts_its_hold_down_anew",
        ),
    ),
    Guard(
        "epg-undecided",
        "No EPG goes while an annotation cannot be read.",
        (gives(GUARDS, "_undecided", "None"),),
        (f"{IN_EPGS}test_no_epg_goes_while_an_annotation_cannot_be_read",),
    ),
    Guard(
        "epg-in-use",
        "An EPG with other people's work in it stays.",
        (never(GUARDS, "_in_use", "found and not world.rules.prune_in_use"),),
        (
            f"{IN_EPGS}test_an_epg_with_other_peoples_work_stays_and_says_why",
            f"{IN_ADOPTED}test_an_epg_in_use_goes_when_a_person_prunes_it_and_the_plan_says_what_goes_along",
        ),
    ),
    Guard(
        "epg-empties-first",
        "An EPG goes after our own subnets in it, not along with them.",
        (never(GUARDS, "_in_use", "ours"),),
        (f"{IN_EPGS}test_an_epg_does_not_take_along_a_subnet_whose_removal_is_held",),
    ),
    Guard(
        "epg-with-a-protected-subnet",
        "An EPG waits for a subnet of ours in it that is protected, and is not offered for approval.",
        (never(GUARDS, "_in_use", "(stays := world.desired.protected.get(one.prefix)) is not None"),),
        (
            f"{IN_EPGS}test_an_epg_with_a_subnet_that_is_protected_waits_for_that_and_is_not_offered_for_approval",
            f"{IN_APPROVAL}test_an_epg_whose_subnets_are_protected_is_not_offered_for_approval",
        ),
    ),
    Guard(
        "epg-offered-in-vain",
        "An EPG is not offered for approval while a subnet in it is held by what no approval ends.",
        (gives("akb_sync.plan.offers", "offer_what_can_go", "items"),),
        (
            f"{IN_ADOPTED}test_an_epg_is_not_offered_for_approval_while_a_subnet_in_it_is_held_by_what_no_approval_ends",
        ),
    ),
    Guard(
        "epg-with-contracts",
        "An EPG with a contract stays.",
        (never(EPGS, "obstacles", "epg.contracts"),),
        (f"{IN_ADOPTED}test_an_epg_in_use_goes_when_a_person_prunes_it_and_the_plan_says_what_goes_along",),
    ),
    Guard(
        "epg-with-objects",
        "An EPG with another object that people made stays.",
        (never(EPGS, "obstacles", "epg.others"),),
        (f"{IN_EPGS}test_an_epg_with_other_peoples_work_stays_and_says_why",),
    ),
    Guard(
        "epg-with-tags",
        "An EPG with somebody's tag stays.",
        (never(EPGS, "obstacles", "tags"),),
        (f"{IN_EPGS}test_an_epg_with_other_peoples_work_stays_and_says_why",),
    ),
    Guard(
        "epg-in-preferred-group",
        "An EPG in the preferred group stays.",
        (never(EPGS, "obstacles", "epg.preferred_group"),),
        (f"{IN_EPGS}test_an_epg_with_other_peoples_work_stays_and_says_why",),
    ),
    Guard(
        "epg-with-their-subnets",
        "An EPG with a subnet of others stays.",
        (never(EPGS, "obstacles", "theirs"),),
        (f"{IN_EPGS}test_an_epg_with_other_peoples_work_stays_and_says_why",),
    ),
    Guard(
        "missing-parent",
        "A missing tenant or L3Out is never made, and nothing below it is tried.",
        (never(EPGS, "_absent", "_known_absent(parent)"),),
        (
            f"{IN_EPGS}test_a_missing_parent_is_never_made_and_everything_below_waits_for_it",
            f"{IN_EPGS}test_an_l3out_that_was_read_and_is_not_there_counts_as_missing_whatever_else_is_said",
        ),
    ),
    Guard(
        "deleted-unmanaged-epg",
        "An unmanaged EPG that somebody deleted is not made again by the process that saw it.",
        (never(EPGS, "_absent", "binding.dn in world.memory.seen_unmanaged"),),
        (
            f"{IN_EPGS}test_an_unmanaged_epg_that_the_engine_saw_is_not_made_again_until_somebody_else_does",
            f"{IN_EPGS}test_an_epg_that_was_released_and_then_deleted_is_not_made_again",
        ),
    ),
    Guard(
        "remembers-unmanaged-epgs",
        "The process remembers the EPGs that are other people's.",
        (gives(MEMORY, "_seen_unmanaged", "frozenset()"),),
        (
            f"{IN_MEMORY}test_other_peoples_epgs_are_remembered_until_they_are_adopted",
            f"{IN_EPGS}test_an_unmanaged_epg_that_the_engine_saw_is_not_made_again_until_somebody_else_does",
        ),
    ),
    Guard(
        "paused-epg",
        "An EPG whose workloads are all paused is not made.",
        (never(EPGS, "_absent", "all(workload.paused for workload in world.workloads[binding])"),),
        (f"{IN_EPGS}test_an_epg_whose_workloads_are_all_paused_is_not_made",),
    ),
    Guard(
        "epg-mark",
        "An EPG that we make bears our mark from the start.",
        (swaps(EPGS, "_wanted", "world.identity.mark(binding.dn)", "None"),),
        (f"{IN_EPGS}test_an_absent_epg_is_made_with_its_subnets_and_the_mark_and_nothing_else",),
    ),
    Guard(
        "subnets-wait-with-their-epg",
        "What holds the creation of an EPG holds its subnets.",
        (gives(GUARDS, "_with_their_epg", "items"),),
        (f"{IN_HOLDS}test_subnets_wait_with_an_epg_that_the_apic_refuses",),
    ),
    Guard(
        "adopted-unasked",
        "What was adopted although nobody asked for it goes only after a person approved.",
        (gives(ADOPTED, "hold_adopted", "items"),),
        (
            f"{IN_ADOPTED}test_an_adopted_epg_that_nobody_names_is_approved_together_with_its_subnets",
            f"{IN_ADOPTED}test_stale_subnets_of_an_adopted_epg_wait_for_a_person_and_the_rest_goes_on",
        ),
    ),
    Guard(
        "adopted-tag-stays",
        "The tag of an adoption stays until a person approved.",
        (swaps(ADOPTED, "confirmed", "epg.binding in world.memory.confirmed", "True"),),
        (f"{IN_ADOPTED}test_the_tag_goes_once_a_person_agreed_and_nothing_stale_is_left",),
    ),
)
