"""What became of each item that was to be written. Partial failure is data: nothing here is raised."""

from __future__ import annotations

from dataclasses import dataclass

from akb_sync.item import Item

from .change import Change


@dataclass(frozen=True, slots=True)
class Done:
    """The APIC has committed it."""

    item: Item
    changes: tuple[Change, ...]
    """What the fabric view may take over without reading again."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """The APIC refuses this very object; or we do, after a last look before an EPG goes (`code` is empty)."""

    item: Item
    code: str
    text: str
    """The APIC's own words, or a sentence of ours."""


@dataclass(frozen=True, slots=True)
class Overtaken:
    """It was not committed: what it changes, or its EPG, went from the fabric before we knew.

    Nothing is wrong with the object; the L3Out has to be read again.
    """

    item: Item
    text: str
    """The APIC's own words."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """It was sent and no answer came: the L3Out has to be read again before anything is decided."""

    item: Item
    error: Exception


@dataclass(frozen=True, slots=True)
class NotSent:
    """It was not committed, for a reason that does not lie in the object: to be tried again later."""

    item: Item
    error: Exception


Outcome = Done | Rejected | Overtaken | Unknown | NotSent
