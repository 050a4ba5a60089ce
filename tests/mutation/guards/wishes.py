"""What people of the cluster can bring about by what they write."""

from __future__ import annotations

from tests.mutation.cut import always, drops, gives, never, swaps
from tests.mutation.guard import Guard

ANNOTATION = "akb_sync.kube.annotation"
NEAR_MISS = "akb_sync.kube.near_miss"
CLAIMS = "akb_sync.kube.claims"
LIMITS = "akb_sync.kube.limits"
KUBE_HOME = "akb_sync.kube.home"
HOME = "akb_sync.engine.home"
PROSE = "akb_sync.kube.prose"
EVENTS = "akb_sync.kube.events"
IN_INJECTION = "tests/unit/security/test_injection.py::"
IN_ANNOTATION = "tests/unit/kube/test_annotation.py::"
IN_NEAR_MISS = "tests/unit/kube/test_near_miss.py::"
IN_DESIRE = "tests/unit/kube/test_desire.py::"
IN_KUBE_HOME = "tests/unit/kube/test_home.py::"
IN_LIMITS = "tests/unit/kube/test_limits.py::"
IN_HOME = "tests/unit/engine/test_home.py::"

ROWS = (
    Guard(
        "names-of-the-apic",
        "A name that is none of the APIC's is refused.",
        (never(ANNOTATION, "_name", "not _NAME.fullmatch(value)"),),
        (
            f"{IN_INJECTION}test_names_of_an_annotation_are_names_of_the_apic_or_refused",
            f"{IN_ANNOTATION}test_names_outside_the_apics_alphabet_are_refused_with_the_key",
        ),
    ),
    Guard(
        "longest-annotation",
        "An annotation that is too long is refused before it is read.",
        (never(ANNOTATION, "_decoded", "len(text) > _LONGEST"),),
        (f"{IN_ANNOTATION}test_what_is_wrong_is_told_with_its_position_and_the_mend",),
    ),
    Guard(
        "keys-that-stand-twice",
        "A key that stands there twice is refused.",
        (never(ANNOTATION, "_object", "key in found"),),
        (f"{IN_ANNOTATION}test_what_is_wrong_is_told_with_its_position_and_the_mend",),
    ),
    Guard(
        "misspelt-keys",
        "A misspelt key does not turn into a default.",
        (
            swaps(
                ANNOTATION,
                "_meant",
                "bool(_near(key, [other for other in document if other not in _KEYS]))",
                "False",
            ),
        ),
        (f"{IN_ANNOTATION}test_a_misspelt_key_does_not_turn_into_a_default",),
    ),
    Guard(
        "near-misses",
        "An annotation that is nearly right is told.",
        (gives(NEAR_MISS, "near_miss", '""'),),
        (
            f"{IN_NEAR_MISS}test_a_pause_of_another_value_pauses_nothing_and_is_told",
            f"{IN_NEAR_MISS}test_a_key_that_is_nearly_right_is_named_with_the_right_one",
        ),
    ),
    Guard(
        "malformed-protects",
        "A malformed annotation protects the addresses that belong to it.",
        (swaps(CLAIMS, "claims", "Claim(facts, None, EXPOSABLE, notice)", "Claim(facts, None, EXPOSABLE)"),),
        (f"{IN_DESIRE}test_a_malformed_annotation_protects_its_addresses_and_leaves_everything_undecided",),
    ),
    Guard(
        "malformed-is-undecided",
        "A malformed annotation may mean any EPG.",
        (drops(CLAIMS, "claims", "undecided.append(notice)"),),
        (
            f"{IN_DESIRE}test_a_malformed_annotation_protects_its_addresses_and_leaves_everything_undecided",
            f"{IN_KUBE_HOME}test_before_the_l3out_is_known_the_addresses_stay_as_they_are_and_no_epg_may_go",
        ),
    ),
    Guard(
        "paused-workloads",
        "A paused workload is left as it is.",
        (never(CLAIMS, "_granted", "facts.paused"),),
        (f"{IN_DESIRE}test_a_paused_workload_stays_desired_and_its_addresses_are_protected",),
    ),
    Guard(
        "reserved-tenants",
        "The fabric's own tenants are never used.",
        (never(LIMITS, "Limits.refusal", "binding.tenant in RESERVED_TENANTS"),),
        (f"{IN_LIMITS}test_the_fabrics_own_tenants_are_never_used",),
    ),
    Guard(
        "allow",
        "A namespace names only the EPGs that `--allow` gives it.",
        (never(LIMITS, "Limits.refusal", "self.allow and not self._allowed(namespace, binding)"),),
        (
            f"{IN_LIMITS}test_allow_maps_namespaces_to_epgs",
            f"{IN_KUBE_HOME}test_the_limits_hold_for_the_completed_name",
        ),
    ),
    Guard(
        "unknown-home",
        "An annotation that leaves the L3Out to us means nothing before that is known.",
        (swaps(KUBE_HOME, "Home.completed", "self.l3out is None", "False"),),
        (f"{IN_KUBE_HOME}test_before_the_l3out_is_known_the_addresses_stay_as_they_are_and_no_epg_may_go",),
    ),
    Guard(
        "several-homes",
        "Of several L3Outs that carry the nodes none is taken.",
        (always(HOME, "_only", "len(found) == 1"),),
        (
            f"{IN_HOME}test_none_is_said_with_the_number_of_nodes",
            f"{IN_HOME}test_several_are_listed_and_asked_for_again_after_a_pause",
        ),
    ),
    Guard(
        "text-of-others",
        "Text of others is shown without what a terminal would obey.",
        (gives(PROSE, "shown", "text[:limit]"),),
        (
            f"{IN_INJECTION}test_what_is_shown_is_printable_and_says_nothing_else",
            f"{IN_NEAR_MISS}test_a_key_with_control_characters_is_shown_without_them",
        ),
    ),
    Guard(
        "names-in-paths",
        "No name leads an Event to another place.",
        (gives(EVENTS, "_part", "name"),),
        (f"{IN_INJECTION}test_no_name_leads_an_event_to_another_place",),
    ),
    Guard(
        "notes-of-events",
        "The note of an Event fits the API and a terminal.",
        (gives(EVENTS, "_cut", "message"),),
        (f"{IN_INJECTION}test_the_note_of_an_event_is_printable_and_short_enough",),
    ),
)
