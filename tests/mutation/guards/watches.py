"""A watch that missed something says so, and nobody is asked in a tight loop."""

from __future__ import annotations

from tests.mutation.cut import always, drops, gives, never, swaps
from tests.mutation.guard import Guard

HOLDING = "akb_sync.kube.holding"
WATCHER = "akb_sync.kube.watcher"
GRACE = "akb_sync.kube.grace"
CONNECTION = "akb_sync.kube.connection"
IN_STORE = "tests/unit/kube/test_store.py::"
IN_WATCHER = "tests/unit/kube/test_watcher.py::"
IN_CREDENTIALS = "tests/simulated/kube/test_credentials.py::"
IN_TRUST_IS_TOLD = "tests/unit/kube/test_trust_is_told.py::"

ROWS = (
    Guard(
        "older-events",
        "An event that is older than what is held is left out.",
        (swaps(HOLDING, "Holding.apply", "version and version < self._versions.get(uid, 0)", "False"),),
        (
            f"{IN_STORE}test_an_older_event_out_of_order_is_left_out",
            f"{IN_WATCHER}test_events_out_of_order_neither_turn_an_object_nor_the_position_back",
        ),
    ),
    Guard(
        "ended-objects-stay-ended",
        "A late event does not bring a deleted object back.",
        (swaps(HOLDING, "Holding.apply", "uid in self._ended", "False"),),
        (f"{IN_STORE}test_a_late_event_does_not_bring_a_deleted_object_back",),
    ),
    Guard(
        "expired-watch",
        "A watch that is told that it is too old lists again.",
        (
            never(
                WATCHER,
                "Watcher._error_of",
                'document.get("code") == 410 or str(document.get("reason")) in {"Expired", "Gone"}',
            ),
        ),
        (f"{IN_WATCHER}test_a_410_event_lists_again_at_once_and_what_is_missing_counts_as_deleted",),
    ),
    Guard(
        "expired-watch-lists",
        "After missed events the kind is listed.",
        (drops(WATCHER, "Watcher._missed_events", "self._list_wanted = True"),),
        (
            f"{IN_WATCHER}test_a_410_event_lists_again_at_once_and_what_is_missing_counts_as_deleted",
            f"{IN_WATCHER}test_a_410_answer_lists_again_too",
        ),
    ),
    Guard(
        "expired-again-and-again",
        "An API server that says so again and again is not asked in a tight loop.",
        (always(WATCHER, "Watcher._missed_events", "self._gone_in_a_row == 1"),),
        (f"{IN_WATCHER}test_410_again_and_again_is_not_asked_in_a_tight_loop",),
    ),
    Guard(
        "bookmarks",
        "Bookmarks are asked for.",
        (swaps(WATCHER, "Watcher._params", '"true"', '"false"'),),
        (f"{IN_WATCHER}test_it_lists_then_watches_from_there_with_bookmarks_and_a_bounded_time",),
    ),
    Guard(
        "bookmark-confirms",
        "A bookmark confirms the view.",
        (drops(WATCHER, "Watcher._take", "self._store.confirm(self._source)"),),
        (f"{IN_WATCHER}test_a_list_that_took_longer_than_a_view_lasts_is_still_followed_by_a_watch",),
    ),
    Guard(
        "silent-watch",
        "A silent kind is listed before it turns stale.",
        (
            swaps(
                WATCHER,
                "Watcher.step",
                "self._watched and self._store.stale_in(self._source) <= MARGIN",
                "False",
            ),
        ),
        (
            (
                f"{IN_WATCHER}test_a_silent_watch_is_opened_again_and_a_silent_kind_is_listed_before_it_"
                "turns_stale"
            ),
            f"{IN_WATCHER}test_after_a_long_outage_the_kind_is_listed",
        ),
    ),
    Guard(
        "half-open-watch",
        "A watch that is silent for 70 s is given up.",
        (
            swaps(
                WATCHER,
                "Watcher._open",
                "min(READ_TIMEOUT, max(BRIEF, self._store.stale_in(self._source) - MARGIN))",
                "86400.0",
            ),
        ),
        (
            (
                f"{IN_WATCHER}test_a_silent_watch_is_opened_again_and_a_silent_kind_is_listed_before_it_"
                "turns_stale"
            ),
        ),
    ),
    Guard(
        "event-without-an-object",
        "An event without an object makes us list again.",
        (drops(WATCHER, "Watcher._apply", "self._list_wanted = True"),),
        (f"{IN_WATCHER}test_an_event_without_an_object_lists_again_after_good_ones_too",),
    ),
    Guard(
        "failures-wait",
        "After a failure there is a pause, longer each time.",
        (drops(WATCHER, "Watcher._failed", "self._pause.wait(self._backoff.next_delay())"),),
        (f"{IN_WATCHER}test_failures_wait_longer_each_time_with_jitter_and_at_most_thirty_seconds",),
    ),
    Guard(
        "brief-watches-wait",
        "A server that ends each watch at once is not asked in a tight loop.",
        (drops(WATCHER, "Watcher._watch", "self._pause.wait(self._backoff.next_delay())"),),
        (f"{IN_WATCHER}test_a_server_that_ends_each_watch_at_once_is_not_asked_in_a_tight_loop",),
    ),
    Guard(
        "watch-that-may-not-be",
        "A kind that may not be watched is listed again and again.",
        (drops(WATCHER, "Watcher._may_only_list", "self._list_wanted = True"),),
        (f"{IN_WATCHER}test_a_kind_that_may_not_be_watched_is_listed_every_thirty_seconds_and_says_so",),
    ),
    Guard(
        "watch-that-may-not-be-is-said",
        "That a kind may not be watched is said.",
        (drops(WATCHER, "Watcher._may_only_list", "self._store.limited(self._source, sentence)"),),
        (f"{IN_WATCHER}test_a_kind_that_may_not_be_watched_is_listed_every_thirty_seconds_and_says_so",),
    ),
    Guard(
        "watch-survives-a-defect",
        "A defect of ours is a trouble, and not the silent end of a watch.",
        (swaps(WATCHER, "Watcher._run", "Exception", "()"),),
        (f"{IN_WATCHER}test_a_defect_of_ours_is_a_trouble_and_not_the_end",),
    ),
    Guard(
        "service-grace",
        "An address that leaves a living Service lingers for 30 s.",
        (swaps(GRACE, "Grace.changed", "old is not None and old.living and self._seconds > 0", "False"),),
        (
            f"{IN_STORE}test_an_address_that_leaves_a_living_service_lingers_for_thirty_seconds",
            f"{IN_STORE}test_an_address_that_is_missing_after_a_list_lingers_too",
        ),
    ),
    Guard(
        "deleted-service",
        "A Service that is deleted takes its addresses along at once.",
        (swaps(GRACE, "Grace.changed", "new is None or not new.living", "new is None"),),
        (f"{IN_STORE}test_a_service_that_goes_takes_its_addresses_along_at_once",),
    ),
    Guard(
        "expired-credentials",
        "Credentials that are refused are loaded again, once.",
        (swaps(CONNECTION, "KubeConnection._open", "self._renew(generation)", "False"),),
        (f"{IN_CREDENTIALS}test_a_refused_token_is_loaded_again_once_and_used",),
    ),
    Guard(
        "expired-credentials-storm",
        "Credentials that stay refused are not loaded for each request.",
        (never(CONNECTION, "KubeConnection._renew", "now - self._renewed_at < RENEW_PAUSE"),),
        (f"{IN_CREDENTIALS}test_a_token_that_stays_refused_is_not_loaded_for_each_request",),
    ),
    Guard(
        "insecure-cluster-is-said",
        "An API server that is not verified, or not encrypted, is warned of.",
        (gives(CONNECTION, "KubeConnection._warn_of_trust", "None"),),
        (
            f"{IN_TRUST_IS_TOLD}test_a_certificate_that_is_not_verified_is_told",
            f"{IN_TRUST_IS_TOLD}test_a_server_without_tls_is_told",
        ),
    ),
)
