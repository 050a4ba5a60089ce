"""What became of a plan's items: partial failure is data, not an exception."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from akb_sync.apic.change import Change
from akb_sync.apic.outcome import Done, NotSent, Outcome, Overtaken, Rejected, Unknown
from akb_sync.item import Item


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of one round of writing."""

    done: tuple[Item, ...] = ()
    rejected: tuple[tuple[Item, str], ...] = ()
    """What the APIC refused, with its own words."""
    overtaken: tuple[Item, ...] = ()
    """Refused because what they rest on went from the fabric meanwhile: to be looked at again."""
    unknown: tuple[Item, ...] = ()
    """Sent, and no answer: it may or may not have been committed."""
    not_sent: tuple[Item, ...] = ()
    put_off: tuple[Item, ...] = ()
    """Given up before its turn came, to be planned anew with what has happened meanwhile."""
    error: Exception | None = None
    """Why something was not sent, or its outcome is not known."""

    changes: tuple[Change, ...] = ()
    """What the fabric view may take over without reading again."""

    @classmethod
    def of(cls, outcomes: Iterable[Outcome], put_off: Iterable[Item] = ()) -> Report:
        """Sort outcomes by what they say; what was put off has none."""
        all_of_them = tuple(outcomes)
        failures = [one for one in all_of_them if isinstance(one, Unknown | NotSent)]
        return cls(
            done=tuple(one.item for one in all_of_them if isinstance(one, Done)),
            rejected=tuple((one.item, one.text) for one in all_of_them if isinstance(one, Rejected)),
            overtaken=tuple(one.item for one in all_of_them if isinstance(one, Overtaken)),
            unknown=tuple(one.item for one in all_of_them if isinstance(one, Unknown)),
            not_sent=tuple(one.item for one in all_of_them if isinstance(one, NotSent)),
            put_off=tuple(put_off),
            error=failures[0].error if failures else None,
            changes=tuple(change for one in all_of_them if isinstance(one, Done) for change in one.changes),
        )

    def __add__(self, later: Report) -> Report:
        """Give the outcome of both rounds."""
        return Report(
            done=self.done + later.done,
            rejected=self.rejected + later.rejected,
            overtaken=self.overtaken + later.overtaken,
            unknown=self.unknown + later.unknown,
            not_sent=self.not_sent + later.not_sent,
            put_off=self.put_off + later.put_off,
            error=self.error or later.error,
            changes=self.changes + later.changes,
        )

    @property
    def doubted(self) -> tuple[Item, ...]:
        """The items whose L3Outs have to be read again before anything is decided."""
        return (*self.overtaken, *self.unknown)

    @property
    def wrote(self) -> bool:
        """Whether the fabric may have changed."""
        return bool(self.done or self.unknown)
