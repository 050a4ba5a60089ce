"""Who may write, and when nobody may."""

from __future__ import annotations

from tests.mutation.cut import drops, gives, never, swaps
from tests.mutation.guard import Guard

GUARDS = "akb_sync.plan.guards"
WIRING = "akb_sync.engine.wiring"
FREEZE = "akb_sync.engine.freeze"
STATE_MAP = "akb_sync.kube.state_map"
STATE_FILE = "akb_sync.state_file"
WATCH = "akb_sync.engine.watch"
SEAT = "akb_sync.engine.seat"
SHARED = "akb_sync.engine.shared"
STATE_KEEPER = "akb_sync.engine.state_keeper"
IN_HOLDS = "tests/unit/plan/test_holds.py::"
IN_BETWEEN_PLAN_AND_POST = "tests/simulated/engine/test_between_plan_and_post.py::"
IN_FREEZE = "tests/unit/engine/test_freeze.py::"
IN_STATE = "tests/unit/test_state.py::"
IN_WATCH = "tests/unit/engine/test_watch.py::"
IN_SEAT = "tests/unit/engine/test_seat.py::"
IN_BESIDE_A_LEADER = "tests/unit/engine/test_beside_a_leader.py::"
IN_STATE_KEEPER = "tests/unit/engine/test_state_keeper.py::"

ROWS = (
    Guard(
        "freeze-holds-the-plan",
        "A freeze holds everything that a plan would do.",
        (gives(GUARDS, "_frozen", "None"),),
        (f"{IN_HOLDS}test_a_freeze_holds_everything_and_what_was_held_before_keeps_its_reason",),
    ),
    Guard(
        "freeze-stops-each-post",
        "A freeze keeps a POST from beginning, also in the middle of a round.",
        (swaps(WIRING, "assemble.unfrozen", "not freeze.why", "True"),),
        (
            f"{IN_BETWEEN_PLAN_AND_POST}test_a_freeze_that_comes_after_the_plan_keeps_its_posts_from_beginning",
        ),
    ),
    Guard(
        "freeze-unknown",
        "Until the switch was read once nothing is written.",
        (swaps(FREEZE, "Freeze.why", '"" if self._known else self._trouble or UNKNOWN', '""'),),
        (
            f"{IN_FREEZE}test_nothing_may_be_written_before_the_switch_was_read",
            f"{IN_FREEZE}test_a_switch_that_was_never_read_holds_and_says_why",
        ),
    ),
    Guard(
        "freeze-stays",
        "What was read last stays in force when the switch cannot be read any more.",
        (
            swaps(
                FREEZE,
                "Freeze.look",
                "self._trouble = str(error)",
                "self._trouble, self.pause = str(error), None",
            ),
        ),
        (f"{IN_FREEZE}test_what_was_read_last_stays_in_force_when_it_cannot_be_read_any_more",),
    ),
    Guard(
        "freeze-by-hand",
        "A switch of another text than ours is a freeze too.",
        (
            swaps(
                STATE_MAP, "_pause", 'found or {"why": ""}', "found if isinstance(document, dict) else None"
            ),
        ),
        (f"{IN_STATE}test_an_annotation_made_by_hand_pauses",),
    ),
    Guard(
        "freeze-by-an-empty-file",
        "An empty file as the switch is a freeze too.",
        (swaps(STATE_FILE, "_pause", 'document or {"why": ""}', "document"),),
        (f"{IN_STATE}test_a_switch_file_made_by_hand_pauses",),
    ),
    Guard(
        "stopped-writes-nothing",
        "Nothing is written after a stop.",
        (swaps(WATCH, "Watch.may_write", "not self.stopping", "True"),),
        (f"{IN_WATCH}test_nothing_may_be_written_after_a_stop",),
    ),
    Guard(
        "leader-before-each-post",
        "Whoever no longer leads begins no POST.",
        (swaps(WATCH, "Watch.may_write", "self._licence.leading", "True"),),
        (f"{IN_WATCH}test_a_follower_looks_and_writes_nothing",),
    ),
    Guard(
        "follower-writes-nothing",
        "A follower begins no round of writing.",
        (swaps(WATCH, "Watch._write", "not self._licence.leading", "False"),),
        (
            f"{IN_WATCH}test_a_follower_looks_and_writes_nothing",
            f"{IN_WATCH}test_whoever_begins_to_lead_lists_everything_again_before_it_writes",
        ),
    ),
    Guard(
        "dry-run-writes-nothing",
        "A dry run begins no round of writing.",
        (swaps(WATCH, "Watch._write", "engine.read_only", "False"),),
        (f"{IN_WATCH}test_a_dry_run_writes_nothing",),
    ),
    Guard(
        "new-leader-reads-again",
        "Whoever begins to lead reads everything again.",
        (gives(WATCH, "Watch._notice_term", "None"),),
        (f"{IN_WATCH}test_whoever_begins_to_lead_lists_everything_again_before_it_writes",),
    ),
    Guard(
        "new-leader-believes-no-old-list",
        "Whoever begins to lead believes no list that was begun before.",
        (drops(WATCH, "Watch._notice_term", "self._rereads.distrust()"),),
        (f"{IN_WATCH}test_whoever_begins_to_lead_lists_everything_again_before_it_writes",),
    ),
    Guard(
        "seat-before-the-election",
        "Nobody leads before the election has begun.",
        (swaps(SEAT, "Seat.leading", "self._elector is not None and self._elector.leading", "True"),),
        (f"{IN_SEAT}test_nobody_leads_before_the_election_has_begun",),
    ),
    Guard(
        "lease-after-the-last-write",
        "The Lease is handed back after the write in flight.",
        (swaps(SEAT, "Seat._campaign", "not self._writing()", "True"),),
        (f"{IN_SEAT}test_the_lease_is_handed_back_after_the_write_in_flight_and_not_before",),
    ),
    Guard(
        "sync-beside-a-leader",
        "A one-shot write beside a living leader is refused.",
        (gives(SHARED, "refuse_beside_leader", "None"),),
        (
            f"{IN_BESIDE_A_LEADER}test_a_living_leader_of_the_cluster_is_named",
            f"{IN_BESIDE_A_LEADER}test_a_living_engine_outside_of_the_cluster_is_named",
        ),
    ),
    Guard(
        "follower-leaves-the-state-alone",
        "Only the leader leaves its state.",
        (never(STATE_KEEPER, "StateKeeper.write", "not self._leading"),),
        (
            f"{IN_STATE_KEEPER}test_a_follower_and_a_dry_run_write_nothing",
            f"{IN_STATE_KEEPER}test_a_new_leader_goes_on_with_the_moments_of_the_last_one",
        ),
    ),
)
