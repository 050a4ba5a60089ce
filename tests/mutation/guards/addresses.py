"""Which addresses of a cluster may get a subnet."""

from __future__ import annotations

from tests.mutation.cut import always, gives, lacks, never, swaps
from tests.mutation.guard import Guard

POD_ADDRESSES = "akb_sync.kube.pod_addresses"
FACTS = "akb_sync.kube.facts"
SERVICE_ADDRESSES = "akb_sync.kube.service_addresses"
LIMITS = "akb_sync.kube.limits"
PREFIX = "akb_sync.prefix"
CLAIMS = "akb_sync.kube.claims"
IN_ASKED_AGAIN = "tests/unit/kube/test_asked_again.py::"
IN_WISHES = "tests/unit/kube/test_wishes.py::"
IN_DESIRE = "tests/unit/kube/test_desire.py::"
IN_FACTS = "tests/unit/kube/test_facts.py::"
IN_SELECTION = "tests/unit/kube/test_selection.py::"
IN_LIMITS = "tests/unit/kube/test_limits.py::"
IN_PREFIX = "tests/unit/test_prefix.py::"

ROWS = (
    Guard(
        "addresses-of-changed-pods",
        "What a Pod's address means is worked out anew where the Pod changed.",
        (swaps(POD_ADDRESSES, "PodAddresses.update", "changed_keys(self._pods, snapshot.pods)", "()"),),
        (f"{IN_ASKED_AGAIN}test_a_pod_is_seen_to_come_to_change_its_address_and_to_go",),
    ),
    Guard(
        "addresses-of-changed-claims",
        "What a Pod's address means is worked out anew where its workload's annotation changed.",
        (gives(POD_ADDRESSES, "PodAddresses._claims_changed", "[]"),),
        (
            f"{IN_ASKED_AGAIN}test_an_annotation_is_seen_to_come_and_to_go",
            (
                f"{IN_WISHES}test_an_annotation_that_moves_to_another_epg_takes_the_pods_behind_"
                "replicasets_along"
            ),
        ),
    ),
    Guard(
        "addresses-of-changed-chains",
        "What a Pod's address means is worked out anew where a ReplicaSet came or went.",
        (gives(POD_ADDRESSES, "PodAddresses._chains_moved", "[]"),),
        (f"{IN_ASKED_AGAIN}test_a_replicaset_that_comes_after_its_pods_is_seen",),
    ),
    Guard(
        "ended-pods",
        "A Pod that failed has no address any more.",
        (lacks(FACTS, "_TERMINAL", '"Failed"'),),
        (f"{IN_DESIRE}test_a_terminal_pod_that_still_lists_its_address_does_not_count",),
    ),
    Guard(
        "completed-pods",
        "A Pod that succeeded has no address any more.",
        (lacks(FACTS, "_TERMINAL", '"Succeeded"'),),
        (f"{IN_DESIRE}test_a_terminal_pod_that_still_lists_its_address_does_not_count",),
    ),
    Guard(
        "host-network",
        "The address of a Pod on its node's network is not exposed.",
        (never(POD_ADDRESSES, "PodAddresses._replace", "new.host_network"),),
        (f"{IN_DESIRE}test_host_network_pods_are_skipped_with_one_notice_per_workload",),
    ),
    Guard(
        "handed-on-address",
        "Of two Pods with one address the living one counts.",
        (swaps(FACTS, "PodFacts.claim_on_address", "not self.deleting", "True"),),
        (
            f"{IN_DESIRE}test_an_address_handed_on_to_a_pod_of_nobody_is_not_wanted_any_more",
            f"{IN_DESIRE}test_an_address_used_again_belongs_to_the_pod_that_is_not_being_deleted",
        ),
    ),
    Guard(
        "younger-pod",
        "Of two living Pods the younger counts.",
        (swaps(FACTS, "PodFacts.claim_on_address", "self.created", '""'),),
        (f"{IN_DESIRE}test_an_address_used_again_belongs_to_the_younger_of_two_living_pods",),
    ),
    Guard(
        "half-a-selector",
        "Half a selector is none, since it would match more.",
        (never(FACTS, "_pairs", "not all(isinstance(label, str) for label in labels.values())"),),
        (f"{IN_FACTS}test_half_a_selector_would_match_more_so_it_is_none",),
    ),
    Guard(
        "whole-selector",
        "A Service belongs to a workload that has all of its labels.",
        (always(SERVICE_ADDRESSES, "Selection.matches", "service.selector <= claim.facts.template_labels"),),
        (f"{IN_SELECTION}test_a_workload_with_a_part_of_the_labels_is_not_behind_the_service",),
    ),
    Guard(
        "service-of-two",
        "A Service of two EPGs goes to that of the oldest workload.",
        (always(SERVICE_ADDRESSES, "_winners", "workload.binding == oldest.binding"),),
        (f"{IN_DESIRE}test_a_service_of_two_epgs_goes_to_the_oldest_workload_and_says_so",),
    ),
    Guard(
        "pod-ranges",
        "A Pod's address outside `--pod-cidrs` is refused.",
        (gives(LIMITS, "Limits.pod_out_of_range", '""'),),
        (
            f"{IN_DESIRE}test_addresses_out_of_range_are_refused_in_one_notice_per_cause",
            f"{IN_LIMITS}test_ranges_hold_for_their_kind_and_both_families",
        ),
    ),
    Guard(
        "service-ranges",
        "A load balancer's address outside `--service-cidrs` is refused.",
        (gives(LIMITS, "Limits.service_out_of_range", '""'),),
        (f"{IN_DESIRE}test_service_addresses_are_held_against_their_own_range",),
    ),
    Guard(
        "never-exposed",
        "Loopback, link-local, multicast and unspecified addresses are refused.",
        (gives(PREFIX, "never_exposable", '""'),),
        (
            f"{IN_PREFIX}test_addresses_that_can_never_be_exposed_are_named",
            f"{IN_LIMITS}test_some_addresses_are_never_exposed",
        ),
    ),
    Guard(
        "mapped-addresses",
        "An IPv4 address in an IPv6 coat is refused.",
        (
            never(
                LIMITS, "_out_of_range", "isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped"
            ),
        ),
        (f"{IN_LIMITS}test_some_addresses_are_never_exposed",),
    ),
    Guard(
        "kinds-on-the-way",
        "An address of a Deployment's Pod rests on the ReplicaSets too.",
        (swaps(CLAIMS, "Claim.pod_rests_on", "{Source.REPLICASETS}", "set[Source]()"),),
        (f"{IN_DESIRE}test_a_pod_reaches_its_deployment_through_a_replicaset",),
    ),
)
