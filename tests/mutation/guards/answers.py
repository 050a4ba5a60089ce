"""What an answer of the APIC means, and where a request may go."""

from __future__ import annotations

from tests.mutation.cut import drops, gives, never, swaps
from tests.mutation.guard import Guard

ANSWERS = "akb_sync.apic.answers"
COURIER = "akb_sync.apic.courier"
PAGING = "akb_sync.apic.paging"
WIRE = "akb_sync.apic.wire"
IN_WRITES = "tests/unit/apic/transport/test_writes.py::"
IN_READS = "tests/unit/apic/transport/test_reads.py::"
IN_LOGIN = "tests/unit/apic/transport/test_login.py::"
IN_WHAT_IS_NOT_ASSUMED = "tests/unit/apic/transport/test_what_is_not_assumed.py::"

ROWS = (
    Guard(
        "error-in-an-answer-of-200",
        "An error in an answer of HTTP 200 is an error.",
        (swaps(ANSWERS, "read", "not _error_of(envelope)", "True"),),
        (f"{IN_WRITES}test_an_error_in_an_answer_of_200_is_a_rejection_too",),
    ),
    Guard(
        "write-that-had-begun",
        "A server's failure after a write had begun is of unknown outcome.",
        (never(ANSWERS, "_server_failure", "call.writes and begun"),),
        (f"{IN_WRITES}test_each_answer_says_what_became_of_the_write_and_it_is_sent_once",),
    ),
    Guard(
        "html-for-a-write",
        "A page of HTML with status 200 does not say that a write was done, nor that it was not.",
        (never(ANSWERS, "_not_an_answer", "call.writes and reply.status == 200"),),
        (f"{IN_WRITES}test_each_answer_says_what_became_of_the_write_and_it_is_sent_once",),
    ),
    Guard(
        "busy-is-no-refusal",
        "202, 405 and 429 ask for patience and refuse nothing.",
        (never(ANSWERS, "_failure", "reply.status in {202, 405, 429} or code == _IN_PROGRESS"),),
        (
            f"{IN_READS}test_a_busy_apic_is_asked_again_after_growing_pauses",
            f"{IN_WRITES}test_each_answer_says_what_became_of_the_write_and_it_is_sent_once",
        ),
    ),
    Guard(
        "too-large-is-halved",
        "What is too large for the way to the APIC is refused, so that it is halved.",
        (never(ANSWERS, "_failure", "reply.status == 413"),),
        (f"{IN_WRITES}test_each_answer_says_what_became_of_the_write_and_it_is_sent_once",),
    ),
    Guard(
        "ended-session",
        "A refused token is told from a right that is missing.",
        (never(ANSWERS, "_not_allowed", "_TOKEN.search(words)"),),
        (f"{IN_LOGIN}test_a_refused_token_leads_to_one_login_and_the_request_again",),
    ),
    Guard(
        "objects-of-another-shape",
        "An answer whose objects are of another shape is no answer.",
        (gives(ANSWERS, "are_objects", "isinstance(imdata, list)"),),
        (f"{IN_READS}test_what_is_no_answer_of_an_apic_is_never_an_empty_result",),
    ),
    Guard(
        "counted-but-not-shown",
        "Objects that are counted and not shown are no empty fabric.",
        (gives(COURIER, "_not_hollow", "answer"),),
        (f"{IN_READS}test_objects_that_are_counted_but_not_shown_are_a_busy_apic_and_not_an_empty_fabric",),
    ),
    Guard(
        "another-total",
        "Pages of a result that changes are read again.",
        (swaps(PAGING, "_one_reading", "answer.total != first.total", "False"),),
        (f"{IN_WHAT_IS_NOT_ASSUMED}test_pages_that_count_differently_are_no_one_result",),
    ),
    Guard(
        "object-seen-twice",
        "A page with an object that was seen before shows that something moved.",
        (swaps(PAGING, "_one_reading", "seen & more", "False"),),
        (f"{IN_READS}test_a_result_that_changes_between_its_pages_is_read_again",),
    ),
    Guard(
        "sent-or-not",
        "A request that had begun to leave is told from one that never left.",
        (drops(WIRE, "_RawTarget.send", "_sending.begun = True"),),
        (f"{IN_WRITES}test_a_write_without_an_answer_in_time_has_an_unknown_outcome",),
    ),
    Guard(
        "refused-connection-was-not-sent",
        "A refused connection is no request that left.",
        (never(WIRE, "_RawTarget.send", "self.sock is None"),),
        (f"{IN_WRITES}test_a_write_to_a_controller_that_is_gone_was_not_sent",),
    ),
    Guard(
        "write-is-sent-once",
        "A write never goes to another controller by itself.",
        (never(COURIER, "Courier._with_token", "call.writes and renewed.controller != login.controller"),),
        (
            f"{IN_WHAT_IS_NOT_ASSUMED}test_a_write_whose_session_ended_does_not_go_to_the_controller_that_took_over",
        ),
    ),
    Guard(
        "read-elsewhere",
        "Reading goes on with another controller.",
        (swaps(COURIER, "Courier._read_elsewhere", "self.access.moved(login)", "login"),),
        (f"{IN_READS}test_reading_goes_on_with_the_next_controller_that_answers_and_stays_there",),
    ),
    Guard(
        "write-leaves-a-dead-controller",
        "A controller that cannot be reached is left, so that the next round goes on.",
        (drops(COURIER, "Courier.write", "self.access.abandon(login)"),),
        (f"{IN_WHAT_IS_NOT_ASSUMED}test_a_controller_that_a_write_cannot_reach_is_left",),
    ),
)
