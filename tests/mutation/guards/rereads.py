"""When both sides are read again, and what is remembered between two looks."""

from __future__ import annotations

from tests.mutation.cut import drops, gives, never
from tests.mutation.guard import Guard

REREADS = "akb_sync.engine.rereads"
WATCH = "akb_sync.engine.watch"
ENGINE = "akb_sync.engine.engine"
ONCE = "akb_sync.engine.once"
IN_WATCH = "tests/unit/engine/test_watch.py::"
IN_WHAT_THE_ENGINE_REMEMBERS = "tests/simulated/engine/test_what_the_engine_remembers.py::"
IN_ONCE = "tests/unit/engine/test_once.py::"

ROWS = (
    Guard(
        "resync",
        "Both sides are read from scratch at every resync, whatever was seen.",
        (gives(REREADS, "Rereads.resync_is_due", "False"),),
        (f"{IN_WATCH}test_both_sides_are_read_from_scratch_at_every_resync",),
    ),
    Guard(
        "second-look-is-begun",
        "The second look of a mass delete is begun when it is due.",
        (gives(REREADS, "Rereads.second_look_is_due", "False"),),
        (f"{IN_WATCH}test_a_mass_delete_is_looked_at_a_second_time_once_it_is_due",),
    ),
    Guard(
        "nothing-before-every-kind",
        "Nothing is planned before every kind was read or is known to be in trouble.",
        (gives(REREADS, "Rereads.unread", "iter(())"),),
        (f"{IN_WATCH}test_nothing_is_planned_before_every_kind_was_read_or_has_failed",),
    ),
    Guard(
        "standstill-is-noticed",
        "A process that stood still notices it.",
        (never(WATCH, "Watch.rest", "stood_still > seconds + LAPSE"),),
        (f"{IN_WATCH}test_a_process_that_stood_still_first_takes_what_happened_and_reads_nothing_again",),
    ),
    Guard(
        "standstill-catches-up",
        "After a standstill nothing is planned before the watches have handed over what waited.",
        (gives(REREADS, "Rereads.catching_up", "False"),),
        (f"{IN_WATCH}test_a_process_that_stood_still_first_takes_what_happened_and_reads_nothing_again",),
    ),
    Guard(
        "standstill-lists-nothing",
        "After a standstill nothing is listed at once, since a list lets an end only be inferred.",
        (drops(REREADS, "Rereads.stood_still", "self.schedule()"),),
        (f"{IN_WATCH}test_a_process_that_stood_still_first_takes_what_happened_and_reads_nothing_again",),
    ),
    Guard(
        "lost-answer-is-doubted",
        "What was sent without an answer makes its L3Out be read again.",
        (drops(ENGINE, "Engine.write", "self.fabric.doubt(l3out)"),),
        (
            f"{IN_WHAT_THE_ENGINE_REMEMBERS}test_after_a_lost_answer_the_l3out_is_not_believed_before_it_was_read_again",
        ),
    ),
    Guard(
        "own-writes-are-seen",
        "What was committed is seen at once, so that it is not written twice.",
        (drops(ENGINE, "Engine.write", "self.fabric.assume(report.changes)"),),
        (f"{IN_WHAT_THE_ENGINE_REMEMBERS}test_what_was_committed_is_seen_without_another_read",),
    ),
    Guard(
        "departures-are-noticed",
        "The engine remembers how each address went.",
        (gives(ENGINE, "Engine._notice_departures", "None"),),
        (
            f"{IN_WHAT_THE_ENGINE_REMEMBERS}test_a_pods_own_end_that_was_seen_on_a_live_watch_is_remembered_as_such",
        ),
    ),
    Guard(
        "one-pass-reads-again",
        "A one-shot pass looks again after what it wrote.",
        (drops(ONCE, "Pass._look_again", "self._engine.read()"),),
        (
            f"{IN_ONCE}test_it_writes_looks_again_and_gives_what_is_left",
            f"{IN_ONCE}test_an_outcome_that_is_not_known_is_read_and_decided_anew",
        ),
    ),
    Guard(
        "one-pass-tells-errors",
        "What could not be sent ends a one-shot pass.",
        (never(ONCE, "Pass._write", "report.error and not report.unknown"),),
        (f"{IN_ONCE}test_what_could_not_be_sent_ends_it",),
    ),
)
