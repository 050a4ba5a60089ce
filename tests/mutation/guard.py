"""A row of the mutation table: what is kept, how it is disabled, and the tests that must turn red."""

from __future__ import annotations

from dataclasses import dataclass

from .cut import Cut


@dataclass(frozen=True, slots=True)
class Guard:
    """One piece of behaviour that keeps a promise."""

    name: str
    """For `--only`."""
    keeps: str
    """What it sees to, as one sentence for people."""
    cuts: tuple[Cut, ...]
    """How it is taken out. More than one: each alone is caught by the other, so both go together."""
    tests: tuple[str, ...]
    """Pytest node ids without parameters; every one of them turns red."""
