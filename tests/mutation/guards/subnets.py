"""Whose a subnet is, who gets an address, and what has to wait."""

from __future__ import annotations

from tests.mutation.cut import always, gives, never, swaps
from tests.mutation.guard import Guard

SUBNETS = "akb_sync.plan.subnets"
WORLD = "akb_sync.plan.world"
CLAIMS = "akb_sync.plan.claims"
GUARDS = "akb_sync.plan.guards"
MOVES = "akb_sync.plan.moves"
MEMORY = "akb_sync.plan.memory"
STANDING = "akb_sync.plan.standing"
IN_SUBNETS = "tests/unit/plan/test_subnets.py::"
IN_EPGS = "tests/unit/plan/test_epgs.py::"
IN_HOLDS = "tests/unit/plan/test_holds.py::"
IN_MOVES = "tests/unit/plan/test_moves.py::"
IN_CONFLICTS = "tests/unit/plan/test_conflicts.py::"
IN_TIES = "tests/unit/plan/test_ties.py::"

ROWS = (
    Guard(
        "subnet-is-ours",
        "A subnet without our mark is never deleted.",
        (swaps(SUBNETS, "subnet_items", "held.owner is Owner.MANAGED", "True"),),
        (
            f"{IN_SUBNETS}test_a_mark_on_an_object_that_was_copied_is_not_ours",
            f"{IN_SUBNETS}test_the_same_cluster_name_elsewhere_is_foreign_since_the_id_differs",
        ),
    ),
    Guard(
        "subnet-is-not-theirs-to-change",
        "A subnet without our mark is never changed.",
        (always(SUBNETS, "_granted", "here.owner is Owner.MANAGED"),),
        (f"{IN_SUBNETS}test_any_other_loss_of_a_mark_is_a_release_by_hand",),
    ),
    Guard(
        "subnet-mark",
        "A subnet that we make bears our mark from the start.",
        (swaps(SUBNETS, "_wish", "world.identity.mark(dn)", "None"),),
        (
            f"{IN_SUBNETS}test_a_new_subnet_has_the_name_the_scope_and_the_mark",
            f"{IN_EPGS}test_an_absent_epg_is_made_with_its_subnets_and_the_mark_and_nothing_else",
        ),
    ),
    Guard(
        "released-subnets-stay",
        "In a released EPG nothing is ours, whatever the marks say.",
        (gives(WORLD, "World._unless_released", "holder"),),
        (
            f"{IN_HOLDS}test_a_refused_wish_in_a_released_epg_is_called_released",
            f"{IN_HOLDS}test_a_released_epg_is_left_alone_whatever_is_wanted",
        ),
    ),
    Guard(
        "nothing-new-in-released",
        "Nothing is made in a released EPG.",
        (never(SUBNETS, "_absent", "epg and world.released(epg)"),),
        (
            f"{IN_HOLDS}test_a_released_epg_is_left_alone_whatever_is_wanted",
            f"{IN_MOVES}test_a_move_into_a_released_epg_or_beside_a_stranger_leaves_the_address_where_it_is",
        ),
    ),
    Guard(
        "conflict-with-strangers",
        "A prefix that somebody else has in the VRF is not written.",
        (gives(SUBNETS, "_unless_held_elsewhere", "item"),),
        (
            f"{IN_CONFLICTS}test_an_address_that_somebody_else_has_in_the_vrf_is_not_written",
            f"{IN_CONFLICTS}test_the_scope_is_not_put_back_while_somebody_else_has_the_address",
        ),
    ),
    Guard(
        "conflict-of-ours",
        "Of two wishes of ours for one address of a VRF one is not written.",
        (swaps(CLAIMS, "_rivals", "world.vrf(binding) or binding.parent.dn", "binding.dn"),),
        (
            f"{IN_CONFLICTS}test_of_two_wishes_of_ours_the_oldest_workload_gets_the_address",
            f"{IN_CONFLICTS}test_of_two_subnets_of_ours_the_one_that_classifies_is_the_holder",
        ),
    ),
    Guard(
        "holder-keeps-it",
        "The holder keeps an address that two of ours want.",
        (gives(CLAIMS, "_hold", "0"),),
        (
            f"{IN_CONFLICTS}test_of_two_wishes_of_ours_the_holder_keeps_the_address_over_a_hundred_rounds",
            f"{IN_CONFLICTS}test_of_two_subnets_of_ours_the_one_that_classifies_is_the_holder",
        ),
    ),
    Guard(
        "oldest-gets-it",
        "Where nobody holds an address, the oldest workload gets it.",
        (
            swaps(
                CLAIMS,
                "_rank",
                "min(exposure.workload.seniority for exposure in world.exposures(binding, prefix))",
                '("", "", "", "")',
            ),
        ),
        (f"{IN_TIES}test_the_oldest_workload_gets_an_address_whatever_its_epg_is_called",),
    ),
    Guard(
        "loser-waits",
        "The loser of two wishes is held, not written.",
        (swaps(SUBNETS, "_refused", 'wish.held(Hold(Reason.CONFLICT, f"{winner} has it"))', "wish"),),
        (f"{IN_CONFLICTS}test_of_two_wishes_of_ours_the_oldest_workload_gets_the_address",),
    ),
    Guard(
        "greater-mark-withdraws",
        "Of two clusters that wrote one prefix at once, one withdraws.",
        (
            never(
                SUBNETS,
                "_managed",
                "rival.owner is Owner.FOREIGN and subnet.annotation > rival.subnet.annotation",
            ),
        ),
        (f"{IN_CONFLICTS}test_of_two_clusters_that_wrote_at_once_the_greater_mark_withdraws",),
    ),
    Guard(
        "one-of-two-withdraws",
        "Of two clusters that wrote one prefix at once, not both withdraw.",
        (swaps(SUBNETS, "_managed", "subnet.annotation > rival.subnet.annotation", "True"),),
        (f"{IN_CONFLICTS}test_of_two_clusters_that_wrote_at_once_the_greater_mark_withdraws",),
    ),
    Guard(
        "protected-leftover",
        "What is managed for a protected address is not removed.",
        (swaps(SUBNETS, "_leftover", "world.desired.protected.get(key)", "None"),),
        (f"{IN_HOLDS}test_what_is_managed_for_a_protected_address_stays_as_it_is",),
    ),
    Guard(
        "protected-repair",
        "A protected address is not repaired.",
        (gives(GUARDS, "_protected", "None"),),
        (f"{IN_HOLDS}test_a_protected_address_is_not_repaired",),
    ),
    Guard(
        "protected-creation",
        "A new protected address waits.",
        (
            swaps(SUBNETS, "_absent", "world.desired.protected.get(wish.prefix)", "None"),
            gives(GUARDS, "_protected", "None"),
        ),
        (f"{IN_HOLDS}test_a_new_protected_address_waits",),
    ),
    Guard(
        "protected-move",
        "A protected address is not moved.",
        (swaps(MOVES, "_pairs", "prefix in world.desired.protected", "False"),),
        (f"{IN_MOVES}test_a_protected_address_is_not_moved",),
    ),
    Guard(
        "require-contract",
        "With `--require-contract` subnets wait until their EPG has a contract.",
        (gives(GUARDS, "_contract", "None"),),
        (f"{IN_HOLDS}test_with_require_contract_the_epg_is_made_and_its_subnets_wait_for_one",),
    ),
    Guard(
        "quarantine",
        "What the APIC refused is not sent again before its pause is over.",
        (gives(GUARDS, "_quarantine", "None"),),
        (
            f"{IN_HOLDS}test_a_refused_object_waits_with_the_apics_words_and_is_tried_again_later",
            f"{IN_HOLDS}test_subnets_wait_with_an_epg_that_the_apic_refuses",
        ),
    ),
    Guard(
        "quarantine-doubles",
        "The pause after a refused object doubles.",
        (
            swaps(
                MEMORY,
                "after_writing",
                "min(known.pause * 2, QUARANTINE_LONGEST) if known else QUARANTINE_FIRST",
                "QUARANTINE_FIRST",
            ),
        ),
        (f"{IN_HOLDS}test_the_pause_of_a_refused_object_doubles_up_to_an_hour",),
    ),
    Guard(
        "contested",
        "Two parties that undo each other are met with pauses.",
        (gives(GUARDS, "_contested", "None"),),
        (
            f"{IN_HOLDS}test_somebody_who_undoes_us_every_ten_seconds_is_met_with_longer_and_longer_pauses",
            f"{IN_HOLDS}test_somebody_who_puts_back_what_we_remove_is_met_with_pauses_too",
        ),
    ),
    Guard(
        "unreadable-prefix",
        "An object whose address cannot be read is not written over.",
        (gives(STANDING, "_unreadable", "[]"),),
        (f"{IN_SUBNETS}test_an_object_whose_address_cannot_be_read_is_not_written_over",),
    ),
)
