"""A list is whole and of the present, or it is not believed."""

from __future__ import annotations

from tests.mutation.cut import drops, gives, never, swaps
from tests.mutation.guard import Guard

LISTER = "akb_sync.kube.lister"
POSITION = "akb_sync.kube.position"
HOLDING = "akb_sync.kube.holding"
DOUBTS = "akb_sync.kube.doubts"
IN_LISTER = "tests/unit/kube/test_lister.py::"
IN_WATCHER = "tests/unit/kube/test_watcher.py::"
IN_STORE = "tests/unit/kube/test_store.py::"

ROWS = (
    Guard(
        "newest-state",
        "A list asks for the most recent state, and not for any that a cache has.",
        (
            swaps(
                LISTER,
                "pages",
                '{"limit": str(page_size)}',
                '{"limit": str(page_size), "resourceVersion": "0"}',
            ),
        ),
        (
            f"{IN_LISTER}test_pages_are_joined_and_asked_for_with_the_token",
            f"{IN_LISTER}test_no_resource_version_is_sent_so_that_no_cache_may_answer",
        ),
    ),
    Guard(
        "whole-lists",
        "A list is taken whole or not at all: an expired token begins it again.",
        (swaps(LISTER, "list_all", "attempt == ATTEMPTS", "True"),),
        (
            f"{IN_LISTER}test_a_token_that_expires_on_the_way_starts_the_list_again",
            f"{IN_LISTER}test_a_token_that_keeps_expiring_is_an_error_after_three_attempts",
        ),
    ),
    Guard(
        "no-list-is-no-empty-list",
        "An answer that is no list does not pass for an empty one.",
        (gives(LISTER, "_checked", 'page.get("metadata") or {}'),),
        (f"{IN_LISTER}test_what_is_no_list_does_not_pass_for_an_empty_one",),
    ),
    Guard(
        "older-views",
        "A list that is older than what was seen is not believed.",
        (
            never(
                POSITION,
                "Position.listed",
                "number and number < self._newest and not self._patience_ended(now)",
            ),
        ),
        (
            f"{IN_WATCHER}test_an_older_view_is_not_believed",
            f"{IN_WATCHER}test_an_older_view_that_stays_is_a_restored_cluster",
        ),
    ),
    Guard(
        "position-goes-forward",
        "An event out of order does not turn the watch back.",
        (
            swaps(
                POSITION,
                "Position.advance",
                "(number := version_number(version)) >= self._newest",
                "(number := version_number(version)) >= 0",
            ),
        ),
        (f"{IN_WATCHER}test_events_out_of_order_neither_turn_an_object_nor_the_position_back",),
    ),
    Guard(
        "list-is-of-its-beginning",
        "A list confirms the moment at which it was begun, not its end.",
        (swaps(HOLDING, "Holding.replace", "self._believed(began_at)", "self._believed(began_at + 1000.0)"),),
        (
            f"{IN_STORE}test_an_event_a_bookmark_or_a_list_confirms_for_ninety_seconds",
            f"{IN_WATCHER}test_after_a_long_outage_the_kind_is_listed",
        ),
    ),
    Guard(
        "kind-never-read",
        "A kind that was never listed is unknown, and not empty.",
        (never(HOLDING, "Holding.freshness", "not self._lists"),),
        (
            f"{IN_STORE}test_a_kind_is_never_read_until_its_first_list",
            f"{IN_WATCHER}test_a_kind_that_may_not_be_listed_is_in_trouble",
        ),
    ),
    Guard(
        "kind-that-failed",
        "A kind that could not be read is stale.",
        (drops(HOLDING, "Holding.fail", "self._behind, self._error = True, sentence"),),
        (
            f"{IN_STORE}test_a_failed_read_makes_a_kind_stale_and_keeps_what_is_there",
            f"{IN_STORE}test_a_stale_kind_that_is_confirmed_wakes",
        ),
    ),
    Guard(
        "kind-that-nothing-confirms",
        "A kind that nothing has confirmed for 90 s is stale.",
        (swaps(HOLDING, "Holding.freshness", "now >= self.stale_at(stale_after)", "False"),),
        (
            f"{IN_STORE}test_it_says_when_the_first_kind_turns_stale",
            f"{IN_STORE}test_an_event_a_bookmark_or_a_list_confirms_for_ninety_seconds",
        ),
    ),
    Guard(
        "kind-that-missed-events",
        "A kind whose events expired is stale until it was listed.",
        (drops(HOLDING, "Holding.expired", "self._behind = True"),),
        (f"{IN_WATCHER}test_a_410_event_lists_again_at_once_and_what_is_missing_counts_as_deleted",),
    ),
    Guard(
        "emptied-at-once",
        "A kind that lists empty and was not is doubted.",
        (never(HOLDING, "Holding.replace", "before"),),
        (f"{IN_STORE}test_a_kind_that_lists_empty_and_was_not_is_doubtful_until_something_is_there",),
    ),
    Guard(
        "empty-against-evidence",
        "A kind that lists empty while other kinds speak of its objects is doubted.",
        (gives(DOUBTS, "doubts", "{}"),),
        (
            f"{IN_STORE}test_owners_listed_empty_beside_what_they_own_are_doubtful",
            f"{IN_STORE}test_pods_listed_empty_beside_workloads_with_replicas_are_doubtful",
        ),
    ),
)
