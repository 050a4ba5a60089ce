"""What an answer to a write proves, and what is done after it."""

from __future__ import annotations

from tests.mutation.cut import drops, gives, lacks, never, swaps
from tests.mutation.guard import Guard

DELIVERY = "akb_sync.apic.delivery"
ROUND = "akb_sync.apic.round"
WRITER = "akb_sync.apic.writer"
IN_WRITER = "tests/unit/apic/test_writer.py::"

ROWS = (
    Guard(
        "bisection",
        "Of a refused batch everything but the culprit lands.",
        (
            swaps(
                DELIVERY,
                "Delivery.deliver",
                "self._explained(self._round.pending(items), refused)",
                "items[:1]",
            ),
        ),
        (
            f"{IN_WRITER}test_one_culprit_costs_few_posts_wherever_it_is_and_all_others_land",
            f"{IN_WRITER}test_a_move_that_is_refused_is_never_halved",
        ),
    ),
    Guard(
        "bisection-by-halves",
        "The culprit is found by halving, in few POSTs.",
        (swaps(DELIVERY, "Delivery.deliver", "len(items) // 2", "1"),),
        (
            f"{IN_WRITER}test_one_culprit_costs_few_posts_wherever_it_is_and_all_others_land",
            f"{IN_WRITER}test_several_culprits_are_each_found",
        ),
    ),
    Guard(
        "too-many-culprits",
        "So many refusals that it is not one object end the search.",
        (never(DELIVERY, "Delivery._blame", "self._culprits == MOST_CULPRITS"),),
        (f"{IN_WRITER}test_so_many_refusals_that_it_is_not_one_object_end_the_hunt",),
    ),
    Guard(
        "absent-l3out",
        "An absent L3Out is no search for culprits.",
        (never(DELIVERY, "Delivery._explained", "without"),),
        (f"{IN_WRITER}test_an_absent_l3out_is_no_culprit_hunt",),
    ),
    Guard(
        "overtaken",
        "What rests on an EPG that went meanwhile is no refusal, and is not quarantined.",
        (never(DELIVERY, "Delivery._explained", "overtaken"),),
        (
            f"{IN_WRITER}test_what_belongs_to_an_epg_that_went_meanwhile_is_overtaken_and_the_rest_lands",
            f"{IN_WRITER}test_a_change_of_a_subnet_that_went_meanwhile_is_overtaken_and_no_refusal",
        ),
    ),
    Guard(
        "subnets-of-a-refused-epg",
        "The subnets of an EPG that is refused are not sent.",
        (
            never(
                ROUND,
                "Round._settle",
                "item.is_epg and item.action is Action.CREATE and not isinstance(outcome, Done)",
            ),
        ),
        (
            (
                f"{IN_WRITER}test_the_subnets_of_an_epg_that_is_refused_are_refused_with_its_words_and_"
                "without_posts"
            ),
        ),
    ),
    Guard(
        "missing-right",
        "A missing right ends the writing to that L3Out.",
        (
            drops(
                DELIVERY,
                "Delivery._attempt",
                "self._round.stop((binding.parent for item in items for binding in bindings(item)), error)",
            ),
        ),
        (f"{IN_WRITER}test_a_missing_right_stops_its_l3out_and_others_go_on",),
    ),
    Guard(
        "unreachable",
        "An APIC that cannot be reached ends the round.",
        (drops(DELIVERY, "Delivery._attempt", "self._round.end(error)"),),
        (
            f"{IN_WRITER}test_an_apic_that_cannot_be_reached_ends_the_round_after_one_try",
            f"{IN_WRITER}test_an_apic_that_stays_busy_ends_the_round",
        ),
    ),
    Guard(
        "busy",
        "A busy APIC is asked again.",
        (swaps(WRITER, "Writer.post", "delay is None", "True"),),
        (
            f"{IN_WRITER}test_a_busy_apic_is_asked_again_after_a_growing_and_uneven_while",
            f"{IN_WRITER}test_an_apic_that_stays_busy_ends_the_round",
        ),
    ),
    Guard(
        "busy-with-pauses",
        "A busy APIC is asked again after growing pauses.",
        (drops(WRITER, "Writer.post", "self._sleep(delay * random.uniform(0.5, 1.0))"),),
        (f"{IN_WRITER}test_a_busy_apic_is_asked_again_after_a_growing_and_uneven_while",),
    ),
    Guard(
        "lost-answer-is-unknown",
        "A POST without an answer is of unknown outcome, neither done nor failed.",
        (lacks(DELIVERY, "Delivery._attempt", "ApicOutcomeUnknown"),),
        (
            f"{IN_WRITER}test_a_lost_answer_makes_the_batch_unknown_and_stops_its_l3out_only",
            f"{IN_WRITER}test_a_lost_answer_while_halving_leaves_what_landed_done",
        ),
    ),
    Guard(
        "lost-answer-stops-its-l3out",
        "After a lost answer nothing more is written to its L3Out before that was read again.",
        (drops(ROUND, "Round.unknown", "self.stop((binding.parent for binding in bindings(item)), error)"),),
        (
            f"{IN_WRITER}test_a_lost_answer_makes_the_batch_unknown_and_stops_its_l3out_only",
            f"{IN_WRITER}test_a_move_between_l3outs_is_not_sent_when_one_of_them_is_stopped",
        ),
    ),
    Guard(
        "stopped-is-stopped",
        "What is stopped is not sent in the same round.",
        (gives(ROUND, "Round._settle_hopeless", "None"),),
        (
            f"{IN_WRITER}test_a_move_between_l3outs_is_not_sent_when_one_of_them_is_stopped",
            f"{IN_WRITER}test_an_apic_that_cannot_be_reached_ends_the_round_after_one_try",
        ),
    ),
)
