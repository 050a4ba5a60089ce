"""Pauses after failures, and defects that must not end the work."""

from __future__ import annotations

from tests.mutation.cut import drops, gives, never, swaps
from tests.mutation.guard import Guard

WATCH = "akb_sync.engine.watch"
BACKOFF = "akb_sync.engine.backoff"
OBSERVER = "akb_sync.engine.observer"
CREDENTIAL = "akb_sync.engine.credential"
BUCKET = "akb_sync.bucket"
DESK = "akb_sync.engine.desk"
HEALTH = "akb_sync.observability.health"
WIRING = "akb_sync.engine.wiring"
IN_WATCH = "tests/unit/engine/test_watch.py::"
IN_OBSERVER = "tests/unit/engine/test_observer.py::"
IN_CREDENTIAL = "tests/unit/engine/test_credential.py::"
IN_HERALD = "tests/unit/engine/test_herald.py::"
IN_HEALTH = "tests/unit/observability/test_health.py::"
IN_NUMBERS = "tests/unit/engine/test_numbers.py::"

ROWS = (
    Guard(
        "failed-writes-wait",
        "A write that fails is tried again after a pause.",
        (never(WATCH, "Watch._write", "begun < self._writes.due"),),
        (
            f"{IN_WATCH}test_a_write_that_fails_is_tried_again_after_a_pause_and_said_once",
            f"{IN_WATCH}test_what_was_overtaken_on_the_fabric_is_tried_again_after_a_pause_and_is_no_trouble",
        ),
    ),
    Guard(
        "pauses-double",
        "Pauses double.",
        (swaps(BACKOFF, "Backoff.failed", "self._pause * 2", "self._pause"),),
        (
            f"{IN_WATCH}test_pauses_double_with_jitter_up_to_the_longest_and_start_again",
            f"{IN_WATCH}test_a_write_that_fails_is_tried_again_after_a_pause_and_said_once",
        ),
    ),
    Guard(
        "defects-do-not-end-it",
        "A defect of ours does not end the process.",
        (gives(WATCH, "Watch._turn_safely", "self.turn(engine)"),),
        (f"{IN_WATCH}test_a_defect_of_ours_is_said_once_and_does_not_end_it",),
    ),
    Guard(
        "observers-do-not-end-it",
        "What is wrong with an observer does not stop the others.",
        (swaps(OBSERVER, "Audience._tell", "Exception", "()"),),
        (f"{IN_OBSERVER}test_everybody_is_told_although_one_fails",),
    ),
    Guard(
        "rotated-credential",
        "A rotated credential is taken over.",
        (drops(WATCH, "Watch._look", "engine.renew_credential()"),),
        (f"{IN_WATCH}test_the_credential_is_looked_at_again_while_the_fabric_is_in_trouble",),
    ),
    Guard(
        "half-written-credential",
        "A file that is just being replaced changes nothing.",
        (swaps(CREDENTIAL, "Credential.changed", "SettingsError", "()"),),
        (
            f"{IN_CREDENTIAL}test_a_file_that_is_just_being_replaced_changes_nothing",
            f"{IN_CREDENTIAL}test_a_ca_file_that_is_just_being_replaced_changes_nothing",
        ),
    ),
    Guard(
        "events-at-a-limited-rate",
        "Events go at a limited rate.",
        (gives(BUCKET, "Bucket.wait", "0.0"),),
        (
            f"{IN_HERALD}test_events_of_a_thousand_workloads_go_at_a_limited_rate_and_none_is_lost",
            f"{IN_HERALD}test_a_storm_is_one_event_with_a_count",
        ),
    ),
    Guard(
        "refused-events-wait",
        "Without the right to write Events nothing is tried for minutes.",
        (
            swaps(
                DESK,
                "Desk._send_one",
                "self._refused, self._not_before = True, self._clock.monotonic() + FORBIDDEN_PAUSE",
                "self._refused = False",
            ),
        ),
        (f"{IN_HERALD}test_without_the_right_nothing_is_tried_again_for_minutes_and_it_is_a_trouble",),
    ),
    Guard(
        "stale-is-not-ready",
        "A process whose views are not fresh is not ready.",
        (never(HEALTH, "Health.ready", "old"),),
        (f"{IN_HEALTH}test_a_view_that_is_not_fresh_is_named",),
    ),
    Guard(
        "standing-still-is-not-alive",
        "A loop that stands still is not alive.",
        (swaps(HEALTH, "Health.alive", "silent < LONGEST_TURN", "True"),),
        (
            f"{IN_HEALTH}test_a_trouble_is_told_and_a_loop_that_stands_still_is_not_ready",
            f"{IN_HEALTH}test_it_is_alive_while_the_loop_gives_signs_of_life",
        ),
    ),
    Guard(
        "numbers-make-sense",
        "Numbers that make no sense are refused.",
        (gives(WIRING, "check_numbers", "None"),),
        (f"{IN_NUMBERS}test_a_number_that_makes_no_sense_is_refused_with_its_flag",),
    ),
)
