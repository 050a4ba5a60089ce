"""What has to be so before an object is let go: the right to write, and a journal that is on disk."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from akb_sync.apic.batches import batches
from akb_sync.apic.journal import Entry, FileJournal
from akb_sync.apic.outcome import NotSent
from akb_sync.apic.writer import Writer

from .answers import OURS, FakeSession, HandClock, delete, delete_epg


class Closed(FakeSession):
    """A fabric to which nothing may be written."""

    def post(self, dn: str, body: Mapping[str, Any]) -> None:
        raise AssertionError(dn, body)


class Entries:
    """A journal that remembers."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def record(self, entries: Iterable[Entry]) -> None:
        self.entries.extend(entries)


def test_without_the_right_to_write_nothing_is_looked_at_and_nothing_recorded() -> None:
    apic, journal = Closed(HandClock()), Entries()
    writer = Writer(apic, OURS, journal, apic.clock, may_write=lambda: False)
    outcomes = writer.write(batches([delete("10.0.0.1/32"), delete_epg()]))
    assert all(isinstance(outcome, NotSent) for outcome in outcomes)
    assert len(outcomes) == 2
    assert apic.asked == []
    assert journal.entries == []


def test_a_line_of_the_journal_is_on_disk_before_anybody_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "journal.jsonl"
    on_disk: list[str] = []
    sync = os.fsync

    def synced(descriptor: int) -> None:
        sync(descriptor)
        on_disk.append(path.read_text(encoding="utf-8"))

    monkeypatch.setattr(os, "fsync", synced)
    FileJournal(path, HandClock()).record([Entry("uni/a", "l3extSubnet", {}, "NotWanted")])
    assert on_disk == [path.read_text(encoding="utf-8")]
    assert '"uni/a"' in on_disk[0]
