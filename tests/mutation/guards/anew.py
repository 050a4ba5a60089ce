"""A planner that remembers gives the answer of one that begins just now."""

from __future__ import annotations

from tests.mutation.cut import never, swaps
from tests.mutation.guard import Guard

PLANNER = "akb_sync.plan.planner"
IN_PLANNED_ANEW = "tests/unit/plan/test_planned_anew.py::"
IN_PLANNER = "tests/unit/plan/test_planner.py::"

ROWS = (
    Guard(
        "anew-where-the-fabric-changed",
        "Where a subnet changed on the fabric, its prefix is planned anew.",
        (swaps(PLANNER, "_touched", "changed.prefixes", "()"),),
        (f"{IN_PLANNED_ANEW}test_what_changed_on_the_fabric_is_planned_anew",),
    ),
    Guard(
        "anew-where-wishes-changed",
        "Where somebody wants something else, the prefix is planned anew.",
        (swaps(PLANNER, "_touched", "changed_keys(known.wanted, desired.wanted)", "()"),),
        (f"{IN_PLANNED_ANEW}test_what_is_wanted_otherwise_is_planned_anew",),
    ),
    Guard(
        "anew-where-protection-changed",
        "Where a protection came or went, the prefix is planned anew.",
        (swaps(PLANNER, "_touched", "changed_keys(known.protected, desired.protected)", "()"),),
        (f"{IN_PLANNED_ANEW}test_where_a_protection_comes_or_goes_it_is_planned_anew",),
    ),
    Guard(
        "anew-where-an-epg-changed",
        "All that is wanted in an EPG that came, went, or was released or adopted is planned anew.",
        (swaps(PLANNER, "_touched", "_wanted_in(changed.bindings, desired)", "()"),),
        (f"{IN_PLANNED_ANEW}test_an_epg_that_is_released_or_taken_back_is_planned_anew",),
    ),
    Guard(
        "anew-where-a-vrf-changed",
        "When an L3Out comes into another VRF everything is planned anew.",
        (never(PLANNER, "_touched", "changed.vrfs"),),
        (f"{IN_PLANNED_ANEW}test_an_l3out_that_comes_into_another_vrf_is_planned_anew",),
    ),
    Guard(
        "anew-after-a-defect",
        "After a plan that failed the next one begins from nothing.",
        (
            swaps(
                PLANNER,
                "Planner.plan",
                "known, self._known = self._known or _Known(Inventory(self._identity)), None",
                "known = self._known = self._known or _Known(Inventory(self._identity))",
            ),
        ),
        (f"{IN_PLANNER}test_after_a_defect_the_next_plan_begins_from_nothing",),
    ),
)
