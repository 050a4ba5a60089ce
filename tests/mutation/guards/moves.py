"""An address that goes from one EPG to another is never in two, and never in none for good."""

from __future__ import annotations

from tests.mutation.cut import gives, swaps
from tests.mutation.guard import Guard

MOVES = "akb_sync.plan.moves"
SUBNETS = "akb_sync.plan.subnets"
GUARDS = "akb_sync.plan.guards"
IN_MOVES = "tests/unit/plan/test_moves.py::"
IN_CONFLICTS = "tests/unit/plan/test_conflicts.py::"

ROWS = (
    Guard(
        "move-is-one",
        "An address goes from one EPG to another in one transaction.",
        (gives(MOVES, "moves", "{}"),),
        (f"{IN_MOVES}test_a_move_is_one_line_of_the_plan",),
    ),
    Guard(
        "move-within-tenant",
        "Between tenants, where there is no common transaction, nothing is called a move.",
        (swaps(MOVES, "_pairs", "left.binding.tenant == binding.tenant", "True"),),
        (f"{IN_MOVES}test_a_move_between_tenants_removes_first_and_creates_then",),
    ),
    Guard(
        "move-takes-one",
        "A subnet goes for one address only.",
        (swaps(MOVES, "moves", "subnet.dn not in taken", "True"),),
        (f"{IN_MOVES}test_a_leftover_goes_for_one_address_only_and_in_its_own_vrf_first",),
    ),
    Guard(
        "moved-is-not-deleted",
        "What moves is not deleted as well.",
        (swaps(SUBNETS, "subnet_items", "held.subnet.dn not in moved", "True"),),
        (f"{IN_MOVES}test_a_move_is_one_line_of_the_plan",),
    ),
    Guard(
        "between-tenants",
        "Between tenants an address is removed only if it can then be made, and made only when it is gone.",
        (gives(GUARDS, "_across_tenants", "items"),),
        (f"{IN_MOVES}test_a_move_between_tenants_removes_first_and_creates_then",),
    ),
    Guard(
        "creation-awaits-removal",
        "A creation waits until our own leftover elsewhere is gone.",
        (gives(GUARDS, "_awaiting_removal", "None"),),
        (f"{IN_CONFLICTS}test_the_scope_waits_until_our_own_leftover_elsewhere_is_gone",),
    ),
    Guard(
        "removal-awaits-creation",
        "A removal between tenants waits while the other side cannot be made.",
        (gives(GUARDS, "_with_its_creation", "item"),),
        (f"{IN_MOVES}test_a_removal_between_tenants_waits_while_the_other_side_cannot_be_made",),
    ),
)
