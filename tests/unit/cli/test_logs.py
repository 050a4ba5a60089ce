"""What becomes of log lines when there is no room for them."""

import errno
import io
import logging
import os
from collections.abc import Iterator

import pytest

from akb_sync.apic.journal import Entry, LogJournal
from akb_sync.clock import SystemClock
from cli.logs import JOURNAL, BesideABar, keep_the_journal

ENTRY = Entry("uni/tn-t", "fvTenant", {}, "nobody wants it")


class FullDisk(io.StringIO):
    """Takes nothing."""

    def write(self, _text: str) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture(name="full_disk")
def full_disk_fixture() -> Iterator[None]:
    """The log goes to a full disk."""
    handler = BesideABar(FullDisk())
    root, journal = logging.getLogger(), logging.getLogger(JOURNAL)
    level = journal.level
    root.addHandler(handler)
    yield
    root.removeHandler(handler)
    journal.setLevel(level)


@pytest.mark.usefixtures("full_disk")
def test_an_entry_of_the_journal_that_the_log_does_not_take_is_an_error() -> None:
    keep_the_journal()
    with pytest.raises(OSError, match="No space left"):
        LogJournal(SystemClock()).record([ENTRY])


@pytest.mark.usefixtures("full_disk")
def test_any_other_line_that_the_log_does_not_take_is_only_lost(capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("akb_sync.engine").error("nobody reads this")
    assert "No space left" in capsys.readouterr().err
