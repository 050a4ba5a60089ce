"""Whose an object is, and which prefix is which."""

from __future__ import annotations

from tests.mutation.cut import gives, never, swaps
from tests.mutation.guard import Guard

MARK = "akb_sync.mark"
EPG_TABLE = "akb_sync.apic.epg_table"
PREFIX = "akb_sync.prefix"
HOME = "akb_sync.apic.home"
SNAPSHOT = "akb_sync.apic.snapshot"
CHILDREN = "akb_sync.apic.children"
IN_MARK = "tests/unit/test_mark.py::"
IN_SNAPSHOT = "tests/unit/apic/test_snapshot.py::"
IN_PREFIX = "tests/unit/test_prefix.py::"
IN_HOME = "tests/unit/apic/test_home.py::"
IN_CHILDREN = "tests/unit/apic/test_children.py::"

ROWS = (
    Guard(
        "mark-of-another-cluster",
        "The mark of another cluster is foreign, whatever its name.",
        (swaps(MARK, "Identity.owner", "mark.uid8 == self.uid8", "True"),),
        (f"{IN_MARK}test_another_id_is_foreign_under_the_same_name",),
    ),
    Guard(
        "copied-mark",
        "A mark that was copied along with an object is nobody's.",
        (swaps(MARK, "Identity.owner", "mark.dn8 != _hex8(dn)", "False"),),
        (f"{IN_MARK}test_a_mark_that_was_copied_along_with_its_object_does_not_fit_the_copy",),
    ),
    Guard(
        "mark-is-whole",
        "A text that only begins like a mark is none.",
        (swaps(MARK, "Mark.parse", "_MARK.fullmatch(annotation)", "_MARK.match(annotation)"),),
        (f"{IN_MARK}test_what_is_no_mark_belongs_to_nobody",),
    ),
    Guard(
        "name-fits-the-mark",
        "A cluster name that would not survive the mark is refused.",
        (never(MARK, "Identity.__post_init__", "not _NAME.fullmatch(self.name)"),),
        (f"{IN_MARK}test_a_name_that_would_not_survive_the_mark_is_refused",),
    ),
    Guard(
        "instance-has-its-own-id",
        "An instance that reads some namespaces only has an id of its own.",
        (
            swaps(
                MARK,
                "Identity.of",
                'instance or not re.fullmatch(r"[0-9a-f]{8}", digits)',
                'not re.fullmatch(r"[0-9a-f]{8}", digits)',
            ),
        ),
        (f"{IN_MARK}test_an_instance_has_an_id_of_its_own",),
    ),
    Guard(
        "other-spellings",
        "A prefix in another spelling is the same prefix.",
        (swaps(EPG_TABLE, "_subnet", "canonical(ip)", "ip"),),
        (
            f"{IN_SNAPSHOT}test_a_subnet_is_seen_with_its_canonical_prefix_and_its_sorted_out_flags",
            f"{IN_SNAPSHOT}test_text_that_is_no_prefix_is_seen_and_has_no_prefix",
        ),
    ),
    Guard(
        "host-bits",
        "Host bits are no other prefix.",
        (
            swaps(
                PREFIX,
                "_network_text",
                "ipaddress.ip_network(text, strict=False)",
                "ipaddress.ip_network(text)",
            ),
        ),
        (
            f"{IN_PREFIX}test_host_bits_go_and_a_length_is_always_there",
            f"{IN_SNAPSHOT}test_a_subnet_is_seen_with_its_canonical_prefix_and_its_sorted_out_flags",
        ),
    ),
    Guard(
        "scope-ids",
        "An address with a scope id is none.",
        (never(PREFIX, "host_prefix", '"%" in address'),),
        (f"{IN_PREFIX}test_what_is_no_plain_address_is_refused",),
    ),
    Guard(
        "default-routes-are-no-evidence",
        "A default route does not tell which L3Out is the cluster's.",
        (swaps(HOME, "_networks", "l3out is not None and network.prefixlen", "l3out is not None"),),
        (f"{IN_HOME}test_a_default_route_shows_nothing",),
    ),
    Guard(
        "names-that-begin-alike",
        "What is in an L3Out whose name begins like ours is elsewhere.",
        (swaps(SNAPSHOT, "Snapshot._locate", "not dn.startswith(head + _INST_P)", "False"),),
        (
            f"{IN_SNAPSHOT}test_an_l3out_whose_name_begins_like_ours_is_another_one",
            f"{IN_SNAPSHOT}test_objects_elsewhere_below_the_l3out_are_of_no_concern",
        ),
    ),
    Guard(
        "work-of-people",
        "Contracts, tags and other objects of people are known as theirs.",
        (gives(CHILDREN, "people_made", "False"),),
        (
            f"{IN_SNAPSHOT}test_relations_and_tags_that_people_made_are_their_work_and_the_apics_own_are_not",
            f"{IN_SNAPSHOT}test_a_subnet_that_goes_takes_its_tags_along",
        ),
    ),
    Guard(
        "work-of-people-by-class",
        "Some classes are people's work whatever their attributes say.",
        (never(CHILDREN, "people_made", "cls in PEOPLES"),),
        (f"{IN_CHILDREN}test_some_classes_are_peoples_work_though_the_apic_says_nothing_of_a_user",),
    ),
)
