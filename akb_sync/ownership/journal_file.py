"""A journal of deleted objects, read back: line by line, each checked before anything is posted.

Lines of a program's log are taken too (`... to be deleted: {...}`), since that is where the journal goes
without `--journal`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from akb_sync.apic.change import EPG, SUBNET
from akb_sync.apic.dn import first
from akb_sync.apic.journal import LOGGED, postable
from akb_sync.errors import SettingsError
from akb_sync.model import Binding

_MEND = (
    f"mend the line, or take it out of a copy of the file; of a log keep the lines with `{LOGGED.strip()}`"
)
ESCAPED = '{\\"'
"""How an entry begins that stands in a text in quotes, as in a log for machines."""
QUOTED = re.compile(r'((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class Deleted:
    """One object as it was before it went."""

    time: datetime
    binding: Binding
    """The EPG that it was, or was below."""
    dn: str
    cls: str
    attributes: Mapping[str, str]
    """As they may be posted."""
    reason: str

    @property
    def depth(self) -> int:
        """0 for an EPG, 1 for what is right below it, and so on."""
        return len(names_below(self.binding.dn, self.dn))


def read_journal(path: Path) -> tuple[Deleted, ...]:
    """Read a journal; of an object that went several times, how it was the last time.

    Raises:
        SettingsError: The file cannot be read, or a line is malformed; says which.
    """
    try:
        with path.open(encoding="utf-8") as lines:
            return parse_journal(lines, str(path))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise SettingsError(f"the journal {path} cannot be read: {why}", "name a journal file") from error


def parse_journal(lines: Iterable[str], where: str) -> tuple[Deleted, ...]:
    """Read the lines of a journal; `where` names it in errors.

    Raises:
        SettingsError: A line is malformed.
    """
    latest: dict[str, Deleted] = {}
    for entry in _entries(lines, where):
        known = latest.get(entry.dn)
        if known is None or entry.time >= known.time:
            latest[entry.dn] = entry
    return tuple(sorted(latest.values(), key=lambda one: (one.binding, one.depth, one.dn)))


def names_below(above: str, dn: str) -> list[str]:
    """Give the relative names that lead from one DN down to another, which begins with it."""
    names, rest = [], dn[len(above) + 1 :]
    while rest:
        name, rest = first(rest)
        names.append(name)
    return names


def _entries(lines: Iterable[str], where: str) -> Iterator[Deleted]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield _entry(_document(line))
            except (ValueError, RecursionError) as error:
                no_json = isinstance(error, json.JSONDecodeError | RecursionError)
                why = "it is no JSON" if no_json else str(error)
                raise SettingsError(f"{where}, line {number} is no journal entry: {why}", _MEND) from error


def _document(line: str) -> Any:
    """Give what a line of a journal or of a log says, whatever the log's format.

    Raises:
        ValueError: It is no JSON where JSON has to be.
    """
    _, logged, text = line.partition(LOGGED)
    if not logged:
        return json.loads(line)
    if not text.startswith(ESCAPED):
        return json.loads(text)
    if line.lstrip().startswith("{"):  # --log-format json
        return json.loads(str(json.loads(line).get("message")).partition(LOGGED)[2])
    found = QUOTED.match(text)  # --log-format logfmt
    return json.loads(re.sub(r"\\(.)", r"\1", found[1]) if found else text)


def _entry(document: Any) -> Deleted:
    """Take one line apart.

    Raises:
        ValueError: It is not what the journal writes; says why.
    """
    if not isinstance(document, dict):
        raise ValueError("it is no object")  # noqa: TRY004 - every defect of a line is one kind of error
    dn, cls, attributes = document.get("dn"), document.get("class"), _texts(document.get("attributes"))
    if not (isinstance(dn, str) and isinstance(cls, str) and cls.isalnum()) or attributes is None:
        raise ValueError("it lacks dn, class or attributes")
    binding = Binding.of_dn(dn)
    if binding is None or not (dn == binding.dn or dn.startswith(f"{binding.dn}/")):
        raise ValueError(f"{dn!r} is no external EPG and nothing below one")
    if (cls == EPG) != (dn == binding.dn) or (cls == SUBNET) != (_is_subnet(binding, dn)):
        raise ValueError(f"the class {cls} does not fit {dn!r}")
    return Deleted(
        time=_time(document.get("time")),
        binding=binding,
        dn=dn,
        cls=cls,
        attributes=postable(cls, attributes),
        reason=str(document.get("reason", "")),
    )


def _is_subnet(binding: Binding, dn: str) -> bool:
    below = names_below(binding.dn, dn)
    return len(below) == 1 and below[0].startswith("extsubnet-[")


def _texts(attributes: Any) -> dict[str, str] | None:
    """Give attributes if that is what they are: names and texts."""
    if not isinstance(attributes, dict):
        return None
    texts = {name: value for name, value in attributes.items() if isinstance(value, str)}
    return texts if len(texts) == len(attributes) else None


def _time(text: Any) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{text!r} is no time") from error
    if found.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return found
