"""The table of what the program must survive, and the tests that show each row.

Where a row has a test of the laboratory it bears the row's number in its name; other rows are shown where
their subject is tested. `None`: nothing shows the row yet, and `test_the_table.py` counts those.
"""

from dataclasses import dataclass

FAULTS = "tests/faults/test_rows.py::"
CONTROLLERS = "tests/faults/test_rows_of_the_apic.py::"
SINGLE = "tests/faults/test_single_points.py::"
POINTS = f"{SINGLE}test_a_fault_at_one_point_changes_neither_the_end_nor_what_is_written"
SCALE = "tests/faults/test_scale.py::"
STALE = "tests/faults/test_stale_views.py::test_an_engine_that_starts_with_an_old_view_does_no_lasting_harm"
FABRIC = "tests/simulated/engine/test_the_fabric_side.py::"
CLUSTER = "tests/simulated/kube/test_cluster.py::"
RUNNING = "tests/simulated/watch/test_interruptions.py::"
MASS = "tests/simulated/watch/test_mass_deletes.py::"
TRANSPORT = "tests/simulated/apic/transport/"
REPLICAS = "tests/simulated/service/test_two_replicas.py::"
ADOPT = "tests/simulated/ownership/test_adopt.py::"
RELEASE = "tests/simulated/ownership/test_release.py::"
WATCHER = "tests/unit/kube/test_watcher.py::"
WRITER = "tests/unit/apic/test_writer.py::"
PROCESS = "tests/simulated/cli/test_watch_process.py::"
ONE_PASS = "tests/simulated/engine/test_one_pass.py::"
LOGIN = "tests/unit/apic/transport/test_login.py::"
CHANNEL = "tests/unit/apic/transport/test_channel.py::"


@dataclass(frozen=True, slots=True)
class Row:
    """A scenario and the tests (pytest node ids, without parameters) that show its outcome."""

    scenario: str
    tests: tuple[str, ...] | None
    missing: str = ""
    """What of the row's outcome no test shows yet."""


ROWS: dict[int, Row] = {
    1: Row("crash after each single APIC write", (POINTS,)),
    2: Row(
        "crash between two batches of one EPG",
        (f"{FAULTS}test_row_02_a_crash_between_two_batches_of_one_epg",),
    ),
    3: Row(
        "SIGTERM in mid-apply",
        (
            "tests/simulated/watch/test_stopping.py::test_the_write_in_flight_finishes_and_no_other_begins",
            f"{PROCESS}test_the_write_in_flight_is_waited_for",
            f"{REPLICAS}test_a_leader_that_is_told_to_stop_hands_over_at_once",
        ),
    ),
    4: Row(
        "the APIC commits and its answer is lost",
        (POINTS, f"{RUNNING}test_a_lost_answer_after_the_commit_costs_a_read_and_no_second_write"),
    ),
    5: Row(
        "a list served from an old view",
        (
            STALE,
            "tests/faults/test_old_answers.py::test_an_old_answer_changes_neither_the_end_nor_what_is_written",
            f"{CLUSTER}test_an_older_view_of_the_cluster_is_not_believed",
            "tests/unit/kube/test_lister.py::test_no_resource_version_is_sent_so_that_no_cache_may_answer",
        ),
    ),
    6: Row(
        "a Deployment made anew under its name while the watch is down",
        (f"{FAULTS}test_row_06_a_deployment_that_was_made_anew_while_the_watch_was_down",),
    ),
    7: Row(
        "a DELETED event never comes",
        (POINTS, f"{FAULTS}test_row_07_a_deletion_that_was_never_told_is_found_within_a_resync"),
    ),
    8: Row(
        "events come twice or in another order",
        (POINTS, f"{FAULTS}test_row_08_events_that_come_twice_or_in_another_order"),
    ),
    9: Row(
        "410 on a watch",
        (
            f"{FAULTS}test_row_09_a_watch_that_is_told_that_it_is_too_old",
            f"{WATCHER}test_a_410_event_lists_again_at_once_and_what_is_missing_counts_as_deleted",
        ),
    ),
    10: Row(
        "410 in the middle of a list",
        (
            f"{WATCHER}test_a_token_that_expires_in_mid_list_keeps_the_old_content_stale",
            "tests/unit/kube/test_lister.py::test_a_token_that_expires_on_the_way_starts_the_list_again",
        ),
    ),
    11: Row(
        "a half-open watch",
        (
            f"{CLUSTER}test_a_half_open_watch_is_noticed_and_opened_again",
            f"{WATCHER}test_a_silent_watch_is_opened_again_and_a_silent_kind_is_listed_before_it_turns_stale",
            "tests/unit/observability/test_health.py::test_a_view_that_is_not_fresh_is_named",
        ),
    ),
    12: Row(
        "a watch is denied and its list allowed",
        (
            f"{CLUSTER}test_a_kind_that_may_not_be_watched_is_polled",
            f"{PROCESS}test_a_missing_watch_verb_is_said_once_and_lists_do_the_work",
        ),
    ),
    13: Row(
        "one kind fails and the others do not",
        (
            f"{CLUSTER}test_one_failing_kind_is_stale_and_the_others_go_on",
            "tests/unit/plan/test_freshness.py::test_each_item_rests_on_its_own_kinds_and_a_delete_on_all",
        ),
    ),
    14: Row(
        "a kind lists empty with HTTP 200",
        (
            f"{RUNNING}test_no_kind_that_lists_empty_deletes_anything",
            f"{FABRIC}test_a_list_that_comes_back_empty_deletes_nothing",
        ),
    ),
    15: Row(
        "many workloads lose the annotation at once",
        (
            f"{MASS}test_block_waits_for_a_person_who_approves_exactly_those",
            f"{MASS}test_verify_does_nothing_when_the_annotation_is_back_in_time",
        ),
    ),
    16: Row(
        "an address is used again by another Pod",
        (f"{FAULTS}test_row_16_an_address_that_another_pod_gets_at_once",),
    ),
    17: Row(
        "an ended Pod still lists its address",
        (f"{FAULTS}test_row_17_a_pod_that_ended_and_still_lists_its_address",),
    ),
    18: Row("a Pod on its node's network", (f"{FAULTS}test_row_18_a_pod_on_its_nodes_network",)),
    19: Row(
        "a Pod gets its addresses one by one",
        (f"{FAULTS}test_row_19_a_pod_that_gets_one_address_and_then_the_other",),
    ),
    20: Row(
        "the status of a Service flaps for 20 s",
        (f"{FAULTS}test_row_20_a_service_whose_address_is_away_for_twenty_seconds",),
    ),
    21: Row(
        "a Service with a hostname, alone or beside an address",
        (
            f"{FAULTS}test_row_21_a_service_with_a_hostname_and_an_address",
            "tests/unit/kube/test_desire.py::test_a_hostname_is_reported_and_the_address_beside_it_is_wanted",
        ),
    ),
    22: Row(
        "an annotation names another EPG", (f"{FAULTS}test_row_22_an_annotation_that_names_another_epg",)
    ),
    23: Row(
        "an annotation is removed, a workload scaled to nothing",
        (f"{FAULTS}test_row_23_an_annotation_that_is_removed_and_a_workload_without_replicas",),
    ),
    24: Row(
        "an annotation becomes malformed",
        (
            f"{FAULTS}test_row_24_an_annotation_that_is_malformed_and_then_mended",
            "tests/unit/kube/test_annotation.py::test_what_is_wrong_is_told_with_its_position_and_the_mend",
        ),
    ),
    25: Row(
        "a key that is nearly right",
        (
            "tests/simulated/service/test_what_people_see.py::test_a_misspelt_annotation_is_told_to_its_people",
            "tests/simulated/doctor/test_plants.py::test_what_is_planted_turns_its_check_and_no_other",
        ),
    ),
    26: Row(
        "two Deployments share an EPG and one goes",
        (
            POINTS,
            f"{ONE_PASS}test_several_workloads_share_one_epg_and_one_of_them_goes_with_its_own_addresses_only",
        ),
    ),
    27: Row(
        "one address is wanted in two EPGs of a VRF",
        (f"{FAULTS}test_row_27_an_address_that_two_workloads_want_stays_where_it_is",),
    ),
    28: Row(
        "a person's subnet has the prefix",
        (f"{FAULTS}test_a_prefix_that_somebody_else_holds_is_never_written",),
    ),
    29: Row(
        "another akb-sync's subnet has the prefix",
        (f"{FAULTS}test_a_prefix_that_somebody_else_holds_is_never_written",),
    ),
    30: Row(
        "two clusters of one name", (f"{FABRIC}test_two_clusters_with_one_name_are_foreign_to_each_other",)
    ),
    31: Row(
        "a mark is stripped, running or down",
        (
            f"{FAULTS}test_row_31_a_mark_that_somebody_strips",
            f"{FABRIC}test_a_lost_mark_comes_back_in_a_managed_epg_and_any_other_loss_is_a_release_by_hand",
        ),
    ),
    32: Row(
        "a mark is copied along with an object",
        (
            f"{FABRIC}test_a_tenant_that_was_copied_with_our_marks_is_not_ours",
            "tests/simulated/doctor/test_plants.py::test_what_is_planted_turns_its_check_and_no_other",
        ),
    ),
    33: Row(
        "people edit or delete a managed subnet",
        (
            f"{FAULTS}test_row_33_people_edit_and_delete_a_managed_subnet",
            "tests/unit/observability/test_metrics.py::test_what_was_put_right_is_counted_as_drift",
        ),
    ),
    34: Row(
        "another tool rewrites every 10 s",
        (f"{FAULTS}test_row_34_a_tool_that_rewrites_every_ten_seconds_is_met_with_pauses",),
    ),
    35: Row(
        "an EPG is deleted with its children",
        (f"{FAULTS}test_row_35_an_epg_that_somebody_deletes_comes_back_in_one_post",),
    ),
    36: Row(
        "an L3Out is missing and appears later",
        (f"{FAULTS}test_row_36_an_l3out_that_is_missing_and_appears_later",),
    ),
    37: Row(
        "one bad child in a large batch",
        (
            f"{WRITER}test_one_culprit_costs_few_posts_wherever_it_is_and_all_others_land",
            f"{FABRIC}test_a_rejected_subnet_is_quarantined_with_the_apics_words_and_all_others_land",
        ),
    ),
    38: Row(
        "a storm of 503, 429, HTML for JSON",
        (
            f"{CONTROLLERS}test_row_38_three_minutes_of_a_storm",
            f"{RUNNING}test_an_apic_that_answers_nonsense_for_a_while_is_told_once",
            "tests/simulated/watch/test_quiet.py::test_an_apic_that_is_down_is_not_asked_in_a_tight_loop",
            "tests/unit/apic/transport/test_answers.py::test_every_reply_is_an_answer_or_an_apic_error",
        ),
    ),
    39: Row(
        "401 or 403 in mid-run",
        (
            f"{RUNNING}test_an_ended_session_is_replaced",
            f"{RUNNING}test_a_login_that_is_refused_is_said_once_and_a_new_password_in_its_file_mends_it",
            f"{LOGIN}test_a_token_that_is_refused_again_and_again_makes_no_storm_of_logins",
        ),
    ),
    40: Row(
        "controllers go one by one and come back in reverse order",
        (
            f"{CONTROLLERS}test_row_40_deletes_wait_for_what_the_next_controller_says",
            f"{CONTROLLERS}test_row_40_all_controllers_go_and_come_back_in_reverse_order",
            f"{TRANSPORT}test_faults.py::test_all_controllers_down_and_back_in_reverse_order",
            f"{TRANSPORT}test_faults.py::test_failover_loses_the_subscriptions_and_says_so",
        ),
    ),
    41: Row(
        "the websocket drops, a subscription is lost, frames of every form",
        (
            f"{RUNNING}test_a_closed_websocket_is_opened_again_and_what_happened_meanwhile_is_found",
            f"{RUNNING}test_events_that_never_came_are_made_up_for_by_the_periodic_read",
            f"{CHANNEL}test_a_frame_with_two_ids_and_three_objects_reaches_both_subscriptions_whole",
        ),
    ),
    42: Row(
        "an old leader goes on after a standstill",
        (f"{REPLICAS}test_a_leader_that_stood_still_writes_nothing_when_it_goes_on",),
    ),
    43: Row(
        "the wall clock jumps by an hour",
        (
            f"{FAULTS}test_row_43_a_wall_clock_that_jumps",
            "tests/unit/kube/test_election.py::test_a_wall_clock_set_back_by_an_hour_ends_nothing",
        ),
    ),
    44: Row(
        "a release is cut, an adoption done twice",
        (
            f"{RELEASE}test_a_release_whose_answer_was_lost_is_finished_by_the_second_run",
            f"{ADOPT}test_adopting_was_cut_in_the_middle_and_the_second_run_finishes",
        ),
    ),
    45: Row(
        "adopting from a cluster that still runs",
        (
            f"{ADOPT}test_a_rebuilt_cluster_takes_over_from_its_former_self_once_that_is_quiet",
            f"{ADOPT}test_an_epg_of_another_party_is_adopted_by_force",
        ),
    ),
    46: Row(
        "scale",
        (
            f"{SCALE}test_row_46_a_cold_start_asks_as_little_as_it_can_and_the_next_one_writes_nothing",
            f"{SCALE}test_row_46_five_times_as_many_pods_take_no_more_than_six_times_the_work",
            f"{SCALE}test_row_46_what_a_process_keeps_of_each_pod_is_bounded",
            "tests/e2e/scale/test_scale.py::test_churn_leaves_the_fabric_exact_and_no_memory_behind",
        ),
        missing="what takes a clock (wall time, latency, churn): `make bench` holds it against its bounds",
    ),
}
