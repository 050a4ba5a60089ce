"""What is given up when there is more to write than the APIC takes, and who is written next."""

from __future__ import annotations

from tests.mutation.cut import always, gives, never, swaps
from tests.mutation.guard import Guard

EXPIRY = "akb_sync.engine.expiry"
LINE = "akb_sync.engine.line"
WRITER = "akb_sync.apic.writer"
ROUND = "akb_sync.apic.round"
ENGINE = "akb_sync.engine.engine"
IN_EXPIRY = "tests/unit/engine/test_expiry.py::"
IN_LINE = "tests/unit/engine/test_line.py::"
IN_GIVING_UP = "tests/unit/apic/test_giving_up.py::"
IN_OVERLOAD = "tests/simulated/cost/test_overload.py::"

ROWS = (
    Guard(
        "long-round-ends",
        "A round that takes long is given up when there is news.",
        (gives(EXPIRY, "Expiry.__call__", "False"),),
        (
            f"{IN_EXPIRY}test_a_plan_is_given_up_for_news_and_otherwise_for_its_age_but_not_before_it_was_worth_its_price",
            f"{IN_OVERLOAD}test_what_a_later_look_no_longer_wants_is_not_sent",
        ),
    ),
    Guard(
        "given-up-is-not-sent",
        "What is given up is neither sent nor in the journal.",
        (never(WRITER, "Writer.write", "stale()"),),
        (f"{IN_GIVING_UP}test_what_is_given_up_is_neither_sent_nor_in_the_journal_and_has_no_outcome",),
    ),
    Guard(
        "turn-is-kept",
        "A turn that was waited for is not lost with what it was for.",
        (never(WRITER, "Writer._await_turn", "self._has_turn"),),
        (f"{IN_GIVING_UP}test_the_turn_that_was_waited_for_is_used_by_what_is_sent_next",),
    ),
    Guard(
        "failed-round-is-carried-through",
        "A round in which something failed is carried through before the pause that follows it.",
        (gives(ROUND, "Round.failed", "False"),),
        (f"{IN_GIVING_UP}test_a_round_in_which_something_failed_is_carried_through",),
    ),
    Guard(
        "longest-first",
        "Who has waited longest goes first.",
        (gives(LINE, "Line.formed", "list(planned)"),),
        (
            f"{IN_LINE}test_what_was_put_off_goes_before_what_was_sent_meanwhile",
            f"{IN_LINE}test_an_l3out_that_never_rests_keeps_no_other_waiting_and_is_kept_waiting_by_none",
        ),
    ),
    Guard(
        "moves-keep-their-order",
        "A move follows the EPG that is made for it.",
        (swaps(LINE, "Line.formed", "_needs(planned)", "{}"),),
        (
            f"{IN_LINE}test_a_move_follows_the_epg_that_is_made_for_it_and_precedes_the_end_of_the_one_it_empties",
        ),
    ),
    Guard(
        "late-comers",
        "Who comes while others wait has every second POST, once.",
        (
            swaps(
                LINE,
                "Line.formed",
                "{dn for dn, came in self._came.items() if came and dn not in self._served}",
                "frozenset()",
            ),
        ),
        (f"{IN_LINE}test_who_comes_while_others_wait_has_every_second_post_once",),
    ),
    Guard(
        "approved-is-carried-through",
        "What a person has approved is carried through whatever comes.",
        (always(ENGINE, "Engine.write", "give_up"),),
        (f"{IN_OVERLOAD}test_what_a_person_has_approved_is_carried_through_whatever_comes",),
    ),
)
