"""A record of every object before it is deleted, with what is needed to post it back.

A deletion on a fabric cannot be undone there. One JSON line per object, parents first, is written and on
disk before the POST leaves; if it cannot be written, nothing is deleted. A line says what was about to go:
when the APIC then refuses the POST, posting the line back changes nothing.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from akb_sync.clock import Clock

from .change import EPG, SUBNET

LOGGED = "to be deleted: "
"""Before an entry in a log."""
_COMMON = frozenset({"name", "annotation", "descr", "nameAlias"})
_WRITABLE = {
    EPG: _COMMON
    | {"exceptionTag", "floodOnEncap", "matchT", "pcEnfPref", "prefGrMemb", "prio", "targetDscp"},
    SUBNET: _COMMON | {"ip", "scope", "aggregate"},
}
_BOOKKEEPING = {"childAction", "dn", "extMngdBy", "lcOwn", "modTs", "monPolDn", "rn", "status", "uid"}
_RESOLUTION = {"forceResolve", "rType", "state", "stateQual", "tCl", "tContextDn", "tRn", "tType"}
_DEPLOYMENT = {"configIssues", "ctrctUpd", "deplInfo", "triggerSt", "updateCollection", "userdom"}
_READ_ONLY = frozenset(_BOOKKEEPING | _RESOLUTION | _DEPLOYMENT)


@dataclass(frozen=True, slots=True)
class Entry:
    """One object that is about to go, and why."""

    dn: str
    cls: str
    attributes: Mapping[str, str]
    """As they are posted back: without what the APIC does not let one write."""
    reason: str


class Journal(Protocol):
    """Where entries are kept."""

    def record(self, entries: Iterable[Entry]) -> None:
        """Keep the entries for good before this returns.

        Raises:
            OSError: they are not kept; what they speak of must not be deleted.
        """
        ...


class FileJournal:
    """A file that only grows; only its owner may read it."""

    def __init__(self, path: Path, clock: Clock) -> None:
        """Append to `path`, which is made when the first entry comes."""
        self._path = path
        self._clock = clock

    def record(self, entries: Iterable[Entry]) -> None:
        """Append a line each, and wait until they are on disk; all of them, or none.

        A disk that is full takes half a line, which the next one would then stand behind.
        """
        lines = "".join(f"{line(entry, self._clock)}\n" for entry in entries).encode()
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            try:
                _append(descriptor, lines)
            except OSError:
                with contextlib.suppress(OSError):  # it was no file that has a length
                    os.ftruncate(descriptor, size)
                raise
        finally:
            os.close(descriptor)


class LogJournal:
    """The program's log, where there is no file.

    A handler that swallows its errors, as those of `logging` do, lets an entry be lost; the command line's
    raises them for this logger.
    """

    def __init__(self, clock: Clock, logger: logging.Logger | None = None) -> None:
        """Log to `logger`, or to this module's."""
        self._clock = clock
        self._logger = logger or logging.getLogger(__name__)

    def record(self, entries: Iterable[Entry]) -> None:
        """Log a line each; what a handler raises goes on to whoever wants to delete."""
        for entry in entries:
            self._logger.info("%s%s", LOGGED, line(entry, self._clock))


def _append(descriptor: int, lines: bytes) -> None:
    while lines:
        lines = lines[os.write(descriptor, lines) :]
    os.fsync(descriptor)


def line(entry: Entry, clock: Clock) -> str:
    """Give an entry as one line of JSON."""
    return json.dumps(
        {
            "time": clock.now().isoformat(timespec="milliseconds"),
            "dn": entry.dn,
            "class": entry.cls,
            "attributes": dict(entry.attributes),
            "reason": entry.reason,
        }
    )


def postable(cls: str, attributes: Mapping[str, str]) -> dict[str, str]:
    """Keep the attributes that the APIC takes in a POST and that have a value.

    A read-only attribute in a POST is an error (code 170), the resolved `tDn` of a relation by name too.
    """
    names = _WRITABLE.get(cls)
    if names is None:
        names = frozenset(attributes) - _READ_ONLY
        if any(re.fullmatch(r"tn\w+Name", name) for name in names):
            names -= {"tDn"}
    return {name: value for name, value in attributes.items() if name in names and value}
