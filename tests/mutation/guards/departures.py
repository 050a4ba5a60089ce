"""What has to happen before an object goes: a record of it, and a last look at an EPG."""

from __future__ import annotations

from tests.mutation.cut import drops, gives, never, swaps
from tests.mutation.guard import Guard

DEPARTURES = "akb_sync.apic.departures"
JOURNAL = "akb_sync.apic.journal"
LAST_LOOK = "akb_sync.apic.last_look"
IN_WRITER = "tests/unit/apic/test_writer.py::"
IN_BEFORE_ANYTHING_GOES = "tests/unit/apic/test_before_anything_goes.py::"

ROWS = (
    Guard(
        "journal-first",
        "What goes is in the journal before the POST leaves.",
        (gives(DEPARTURES, "Departures.record", "self._round.pending(items)"),),
        (
            f"{IN_WRITER}test_what_goes_is_in_the_journal_before_the_post",
            f"{IN_WRITER}test_nothing_goes_when_the_journal_cannot_be_written_and_the_rest_goes_on",
        ),
    ),
    Guard(
        "no-journal-no-delete",
        "What cannot be recorded does not go.",
        (drops(DEPARTURES, "Departures.record", "self._round.not_sent(going, _unrecorded(error))"),),
        (f"{IN_WRITER}test_nothing_goes_when_the_journal_cannot_be_written_and_the_rest_goes_on",),
    ),
    Guard(
        "journal-is-private",
        "Only its owner may read the journal.",
        (swaps(JOURNAL, "FileJournal.record", "0o600", "0o644"),),
        (f"{IN_WRITER}test_the_file_journal_keeps_one_line_for_each_object_for_its_owner_only",),
    ),
    Guard(
        "journal-is-on-disk",
        "The journal is on disk before anything goes.",
        (drops(JOURNAL, "_append", "os.fsync(descriptor)"),),
        (f"{IN_BEFORE_ANYTHING_GOES}test_a_line_of_the_journal_is_on_disk_before_anybody_goes_on",),
    ),
    Guard(
        "journal-is-whole",
        "Of a journal's lines a full disk takes all or none.",
        (drops(JOURNAL, "FileJournal.record", "os.ftruncate(descriptor, size)"),),
        (f"{IN_WRITER}test_a_disk_that_takes_half_a_line_keeps_none_of_it",),
    ),
    Guard(
        "journal-can-be-posted",
        "Read-only attributes are never posted back.",
        (gives(JOURNAL, "postable", "dict(attributes)"),),
        (
            f"{IN_WRITER}test_the_journal_has_what_the_view_knows_beside_our_own_attributes",
            f"{IN_WRITER}test_an_epg_with_nothing_but_our_subnets_goes_and_is_in_the_journal_with_them",
        ),
    ),
    Guard(
        "last-look",
        "An EPG is looked at once more right before it goes.",
        (gives(DEPARTURES, "Departures.look", "self._round.pending(items)"),),
        (
            f"{IN_WRITER}test_an_epg_with_nothing_but_our_subnets_goes_and_is_in_the_journal_with_them",
            f"{IN_WRITER}test_an_epg_that_cannot_be_looked_at_stays",
        ),
    ),
    Guard(
        "last-look-must-work",
        "An EPG that cannot be looked at stays.",
        (drops(DEPARTURES, "Departures._look_at", "self._round.not_sent([item], error)"),),
        (f"{IN_WRITER}test_an_epg_that_cannot_be_looked_at_stays",),
    ),
    Guard(
        "last-look-at-the-mark",
        "An EPG whose mark has changed by then stays.",
        (
            never(
                LAST_LOOK,
                "_objections",
                "identity.owner(epg.annotation, epg.dn) is not identity.owner(known.annotation, epg.dn)",
            ),
        ),
        (f"{IN_WRITER}test_an_epg_stays_when_it_was_released_or_joined_the_preferred_group",),
    ),
    Guard(
        "last-look-at-a-release",
        "An EPG that was released by then stays.",
        (
            never(
                LAST_LOOK,
                "_objections",
                "identity.release_tag in epg.tags and identity.release_tag not in known.tags",
            ),
        ),
        (f"{IN_WRITER}test_an_epg_stays_when_somebody_elses_work_is_in_it_by_now",),
    ),
    Guard(
        "last-look-at-the-preferred-group",
        "An EPG that joined the preferred group by then stays.",
        (never(LAST_LOOK, "_objections", "epg.preferred_group and not known.preferred_group"),),
        (f"{IN_WRITER}test_an_epg_stays_when_it_was_released_or_joined_the_preferred_group",),
    ),
    Guard(
        "last-look-at-objects",
        "An EPG with a new contract or another new object of people stays.",
        (swaps(LAST_LOOK, "_objections", "sorted(set(epg.others) - set(known.others))", "()"),),
        (f"{IN_WRITER}test_an_epg_stays_when_somebody_elses_work_is_in_it_by_now",),
    ),
    Guard(
        "last-look-at-subnets",
        "An EPG with a new subnet of others stays.",
        (
            never(
                LAST_LOOK,
                "_objections",
                "identity.owner(subnet.annotation, dn) is not Owner.MANAGED and dn not in known.subnets",
            ),
        ),
        (f"{IN_WRITER}test_an_epg_stays_when_somebody_elses_work_is_in_it_by_now",),
    ),
)
