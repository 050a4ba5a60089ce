"""Bringing back only what is absent, and doing only what a person has seen."""

from __future__ import annotations

from tests.mutation.cut import always, gives, never, swaps
from tests.mutation.guard import Guard

RESTORE = "akb_sync.ownership.restore"
POSTING = "akb_sync.ownership.posting"
JOURNAL_FILE = "akb_sync.ownership.journal_file"
SYNC = "cli.sync"
IN_RESTORE = "tests/simulated/ownership/test_restore.py::"
IN_WHAT_IS_NOT_KNOWN = "tests/simulated/ownership/test_what_is_not_known.py::"
IN_JOURNAL_LINES = "tests/unit/ownership/test_journal_lines.py::"
IN_WHAT_A_PERSON_AGREED_TO = "tests/unit/cli/test_what_a_person_agreed_to.py::"

ROWS = (
    Guard(
        "restore-leaves-what-exists",
        "What exists is not posted over, even if it differs.",
        (never(RESTORE, "_revival", "one.dn in present"),),
        (f"{IN_RESTORE}test_what_exists_and_differs_is_left_as_it_is",),
    ),
    Guard(
        "restore-creates-only",
        "What appears in the meantime is an error of the APIC, and is not overwritten.",
        (swaps(POSTING, "_Tree.add", "_NEW if deleted.cls in (EPG, SUBNET) else {}", "{}"),),
        (f"{IN_WHAT_IS_NOT_KNOWN}test_what_appears_between_the_look_and_the_post_is_not_overwritten",),
    ),
    Guard(
        "restore-needs-the-parent",
        "Nothing comes back below what is gone.",
        (gives(RESTORE, "_parent", "None"),),
        (f"{IN_RESTORE}test_a_parent_that_is_gone_is_not_made",),
    ),
    Guard(
        "restore-in-conflict",
        "A prefix that another EPG of the VRF has now does not come back.",
        (gives(RESTORE, "_conflict", "None"),),
        (f"{IN_RESTORE}test_a_prefix_that_stands_in_another_epg_of_the_vrf_does_not_come_back",),
    ),
    Guard(
        "restore-without-mark",
        "What nobody asks for comes back without our mark, or the engine would delete it again.",
        (gives(RESTORE, "_marked", "one.attributes"),),
        (f"{IN_RESTORE}test_what_no_workload_asks_for_comes_back_without_our_mark_and_stays",),
    ),
    Guard(
        "journal-of-anybody",
        "A journal's line about something else than an external EPG is refused.",
        (
            never(
                JOURNAL_FILE,
                "_entry",
                'binding is None or not (dn == binding.dn or dn.startswith(f"{binding.dn}/"))',
            ),
        ),
        (f"{IN_JOURNAL_LINES}test_a_malformed_line_is_named_with_its_number",),
    ),
    Guard(
        "journal-class-fits",
        "A journal's line whose class does not fit its DN is refused.",
        (
            never(
                JOURNAL_FILE,
                "_entry",
                "(cls == EPG) != (dn == binding.dn) or (cls == SUBNET) != (_is_subnet(binding, dn))",
            ),
        ),
        (f"{IN_JOURNAL_LINES}test_a_malformed_line_is_named_with_its_number",),
    ),
    Guard(
        "approve-by-plan-id",
        "`sync --approve` releases the removals of exactly that plan.",
        (never(SYNC, "_look", "approve != found.approval_id"),),
        (f"{IN_WHAT_A_PERSON_AGREED_TO}test_only_the_removals_of_the_plan_that_was_named_are_approved",),
    ),
    Guard(
        "changed-while-asked",
        "What changes while a person thinks is shown and asked again.",
        (always(SYNC, "_agreed", "_writes(now) == _writes(found)"),),
        (
            f"{IN_WHAT_A_PERSON_AGREED_TO}test_a_plan_that_changed_while_a_person_thought_is_shown_and_asked_again",
        ),
    ),
)
