"""What a check found: how it is, what was seen, and the exact next command."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

MOST_NAMED = 3


class Verdict(StrEnum):
    """How one thing is."""

    OK = "ok"
    WARNING = "warning"
    """It works, and somebody should look at it."""
    FAILED = "failed"
    """Something does not work."""
    UNKNOWN = "unknown"
    """It could not be found out."""
    SKIPPED = "skipped"
    """It was not looked at, because what it rests on is not there."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check."""

    verdict: Verdict
    seen: str
    """What was seen, one sentence without a full stop."""
    next_step: str = ""
    """The exact next command, or what a person does; empty where nothing has to be done."""


def ok(seen: str) -> Finding:
    """All is well."""
    return Finding(Verdict.OK, seen)


def warning(seen: str, next_step: str) -> Finding:
    """It works, and somebody should look at it."""
    return Finding(Verdict.WARNING, seen, next_step)


def failed(seen: str, next_step: str) -> Finding:
    """Something does not work."""
    return Finding(Verdict.FAILED, seen, next_step)


def unknown(seen: str, next_step: str = "") -> Finding:
    """It could not be found out."""
    return Finding(Verdict.UNKNOWN, seen, next_step)


def named(names: Iterable[object]) -> str:
    """Name the first few things, and say how many more there are."""
    texts = list(dict.fromkeys(str(name) for name in names))
    more = len(texts) - MOST_NAMED
    return ", ".join(texts[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
