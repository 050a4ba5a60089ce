"""The picture of the fabric is honest: errors are never empty answers, and nothing is guessed."""

from __future__ import annotations

from tests.mutation.cut import always, drops, gives, never, swaps
from tests.mutation.guard import Guard

FOLLOWED = "akb_sync.apic.followed"
VIEW = "akb_sync.apic.view"
SUBTREE = "akb_sync.apic.subtree"
SNAPSHOT = "akb_sync.apic.snapshot"
PATIENCE = "akb_sync.apic.patience"
DISCOVERY = "akb_sync.apic.discovery"
IN_VIEW = "tests/unit/apic/test_view.py::"
IN_SNAPSHOT = "tests/unit/apic/test_snapshot.py::"
IN_TAGS = "tests/unit/apic/test_tags.py::"

ROWS = (
    Guard(
        "never-read",
        "What was never read is unknown, and not empty.",
        (never(FOLLOWED, "Followed._freshness", "self._read_at is None"),),
        (f"{IN_VIEW}test_an_error_for_one_l3out_is_its_trouble_and_not_an_empty_answer",),
    ),
    Guard(
        "failed-read-is-stale",
        "What could not be read, or is to be read again, is stale.",
        (swaps(FOLLOWED, "Followed._freshness", "self.patience.due", "False"),),
        (
            f"{IN_VIEW}test_an_absent_l3out_that_appears_is_read_again",
            f"{IN_VIEW}test_an_unknown_outcome_is_doubted_until_read_again",
        ),
    ),
    Guard(
        "lost-subscription-is-stale",
        "Without its subscription an L3Out is stale.",
        (swaps(FOLLOWED, "Followed._freshness", "self.lost", "False"),),
        (f"{IN_VIEW}test_a_subscription_that_died_unnoticed_is_stale_all_the_same",),
    ),
    Guard(
        "old-view-is-stale",
        "What nothing has confirmed for 90 s is stale.",
        (gives(FOLLOWED, "Followed.is_old", "False"),),
        (
            f"{IN_VIEW}test_a_subscription_that_is_not_confirmed_for_a_while_is_not_believed",
            f"{IN_VIEW}test_a_one_shot_reading_ages",
        ),
    ),
    Guard(
        "old-view-is-read-again",
        "What is followed and was not confirmed for 90 s is read again.",
        (gives(VIEW, "FabricView._aged", "False"),),
        (f"{IN_VIEW}test_what_is_followed_and_not_confirmed_for_long_is_read_so_that_its_trouble_is_known",),
    ),
    Guard(
        "answers-with-holes",
        "An answer with holes is an error.",
        (never(SUBTREE, "SubtreeReader._understood", "answer and not (snapshot.exists and snapshot.whole)"),),
        (f"{IN_VIEW}test_an_answer_with_holes_is_an_error",),
    ),
    Guard(
        "child-without-its-epg",
        "A child without its EPG shows that the answer has holes.",
        (swaps(SNAPSHOT, "Snapshot.whole", "all(table.known for table in self._epgs.values())", "True"),),
        (
            f"{IN_SNAPSHOT}test_a_child_without_its_epg_shows_that_the_answer_has_holes",
            f"{IN_VIEW}test_an_answer_with_holes_is_an_error",
        ),
    ),
    Guard(
        "events-while-reading",
        "What was heard while an answer was on its way is applied on top of it.",
        (drops(FOLLOWED, "Followed.finish_reading", "self.hear(events, heard)"),),
        (f"{IN_VIEW}test_events_during_a_reading_are_applied_on_top_of_its_answer",),
    ),
    Guard(
        "doubt-while-reading",
        "A doubt that is raised during a reading outlives it.",
        (
            swaps(
                PATIENCE, "Patience.succeed", "self._settled = self._reading", "self._settled = self._doubts"
            ),
        ),
        (f"{IN_VIEW}test_a_loss_during_a_reading_outlives_it",),
    ),
    Guard(
        "missed-events",
        "A change to an object that was never seen makes us read again.",
        (swaps(SNAPSHOT, "Snapshot._event", "_MISSED if self._concerns(cls, dn) else _NOTHING", "_NOTHING"),),
        (
            f"{IN_SNAPSHOT}test_a_change_to_an_object_that_was_never_seen_asks_for_a_reading",
            f"{IN_VIEW}test_an_event_that_is_not_understood_makes_it_stale_until_it_was_read_again",
        ),
    ),
    Guard(
        "child-of-an-unseen-epg",
        "A child of an EPG that was never seen makes us read again.",
        (swaps(SNAPSHOT, "Snapshot._put", "table.known and self.exists", "True"),),
        (f"{IN_SNAPSHOT}test_a_change_to_an_object_that_was_never_seen_asks_for_a_reading",),
    ),
    Guard(
        "not-understood-is-stale",
        "An event that is not understood makes the view stale.",
        (drops(FOLLOWED, "Followed.hear", "self.patience.doubt()"),),
        (
            f"{IN_VIEW}test_an_event_that_is_not_understood_makes_it_stale_until_it_was_read_again",
            f"{IN_VIEW}test_an_absent_l3out_that_appears_is_read_again",
        ),
    ),
    Guard(
        "mark-changed-by-others",
        "A mark that somebody changes makes us read again, since tags are not pushed by every APIC.",
        (swaps(SNAPSHOT, "Snapshot._merge", "table.annotation(cls, dn) == before", "True"),),
        (f"{IN_TAGS}test_an_annotation_that_somebody_changes_makes_us_read_again",),
    ),
    Guard(
        "news-beat-assumptions",
        "An event that came after our POST was begun knows better than we.",
        (swaps(SNAPSHOT, "Snapshot.assume", "self._heard.get(change.dn, -1.0) >= change.at", "False"),),
        (
            f"{IN_SNAPSHOT}test_an_event_that_came_after_our_post_was_begun_knows_better",
            f"{IN_SNAPSHOT}test_a_long_life_with_many_events_does_not_fill_the_memory",
        ),
    ),
    Guard(
        "no-subnet-without-epg",
        "A subnet is not assumed in an EPG that is gone.",
        (gives(SNAPSHOT, "Snapshot._has_place_for", "True"),),
        (f"{IN_SNAPSHOT}test_a_subnet_is_not_assumed_in_an_epg_that_is_gone",),
    ),
    Guard(
        "vrf-relation-is-formed",
        "A VRF counts only when the relation to it is formed.",
        (always(SNAPSHOT, "Snapshot.vrf", "formed"),),
        (f"{IN_SNAPSHOT}test_the_vrf_is_known_only_when_the_relation_is_formed",),
    ),
    Guard(
        "unknown-outcome-is-read-again",
        "After a lost answer the L3Out is not believed before it was read again.",
        (gives(VIEW, "FabricView.doubt", "None"),),
        (
            f"{IN_VIEW}test_an_unknown_outcome_is_doubted_until_read_again",
            f"{IN_VIEW}test_a_failed_reading_is_tried_again_later_and_not_at_once",
        ),
    ),
    Guard(
        "search-for-vrf-mates",
        "The L3Outs that share a VRF are searched for.",
        (swaps(DISCOVERY, "discover", "mates_queries(asked)", "()"),),
        (
            f"{IN_VIEW}test_another_named_l3out_is_read_and_its_vrf_searched",
            f"{IN_VIEW}test_several_vrfs_are_asked_for_in_one_query",
        ),
    ),
    Guard(
        "search-for-marks",
        "L3Outs with our marks are found although no workload names them.",
        (swaps(DISCOVERY, "discover", "marked_queries(uid8)", "()"),),
        (
            f"{IN_VIEW}test_an_l3out_that_nobody_names_any_more_is_kept_until_no_mark_is_in_it",
            f"{IN_VIEW}test_the_search_asks_for_vrfs_by_dn_and_for_marks_by_cluster_id",
        ),
    ),
    Guard(
        "incomplete-search",
        "Until the search is done the view says that it is not complete.",
        (swaps(VIEW, "FabricView.observed", "not self._must_search()", "True"),),
        (f"{IN_VIEW}test_a_search_that_fails_makes_the_view_incomplete",),
    ),
    Guard(
        "vrf-that-changes",
        "An L3Out that comes into another VRF makes us search there.",
        (swaps(VIEW, "FabricView._must_search", "not self._vrfs() <= self._found.vrfs", "False"),),
        (
            f"{IN_VIEW}test_another_named_l3out_is_read_and_its_vrf_searched",
            f"{IN_VIEW}test_a_vrf_that_changes_is_searched_for",
        ),
    ),
    Guard(
        "lost-socket",
        "What was lost with the websocket is read again.",
        (drops(VIEW, "FabricView._lost", "followed.patience.doubt()"),),
        (f"{IN_VIEW}test_a_loss_during_a_reading_outlives_it",),
    ),
    Guard(
        "absent-needs-an-answer",
        "An L3Out whose tenant cannot be asked for is not called absent.",
        (
            swaps(
                SUBTREE,
                "SubtreeReader._missing",
                'self._session.get(mo_path(tenant), {"rsp-prop-include": "naming-only"})',
                "True",
            ),
        ),
        (
            f"{IN_VIEW}test_an_l3out_whose_tenant_cannot_be_asked_for_is_not_called_absent",
            f"{IN_VIEW}test_an_absent_l3out_is_told_from_an_absent_tenant",
        ),
    ),
    Guard(
        "unreachable-is-asked-once",
        "An APIC that cannot be reached is asked once, not for every L3Out.",
        (never(VIEW, "FabricView._read_due", "isinstance(error, _HOPELESS)"),),
        (f"{IN_VIEW}test_an_unreachable_apic_is_asked_once_and_not_for_each_l3out",),
    ),
    Guard(
        "failed-reading-waits",
        "A reading that failed is tried again after a pause that grows.",
        (
            swaps(
                PATIENCE,
                "Patience.fail",
                "now + min(_LONGEST_RETRY, _FIRST_RETRY * 2**self._failures)",
                "now",
            ),
        ),
        (
            f"{IN_VIEW}test_a_failed_reading_is_tried_again_later_and_not_at_once",
            f"{IN_VIEW}test_the_search_is_not_put_off_by_readings_that_fail_while_it_waits",
        ),
    ),
)
