"""What is settled in one round of writing, and what can no longer be sent in it."""

from __future__ import annotations

from collections.abc import Iterable

from akb_sync.item import Action, Item
from akb_sync.model import L3Out

from .batches import bindings
from .change import changes
from .outcome import Done, NotSent, Outcome, Overtaken, Rejected, Unknown


class Round:
    """Outcomes by DN, and the reasons why some L3Outs, or all, are not written any more."""

    def __init__(self) -> None:
        """Begin with nothing settled."""
        self._outcomes: dict[str, Outcome] = {}
        self._stopped: dict[L3Out, Exception] = {}
        self._ended: Exception | None = None
        self._not_made: dict[str, Outcome] = {}
        self._failed = False

    @property
    def failed(self) -> bool:
        """Whether anything has to be tried again, for a reason that does not lie in the object."""
        return self._failed or self._ended is not None

    def outcome(self, item: Item) -> Outcome:
        """Give what became of an item that is settled."""
        return self._outcomes[item.dn]

    def landed(self, items: Iterable[Item]) -> bool:
        """Whether all of them are committed."""
        return all(isinstance(self._outcomes.get(item.dn), Done) for item in items)

    def pending(self, items: Iterable[Item]) -> tuple[Item, ...]:
        """Give the items that are still to be sent, and settle those that no longer can be."""
        if self._ended or self._stopped or self._not_made:
            for item in items:
                if item.dn not in self._outcomes:
                    self._settle_hopeless(item)
        return tuple(item for item in items if item.dn not in self._outcomes)

    def done(self, items: Iterable[Item], at: float) -> None:
        """Settle: a POST that was begun `at` has committed them."""
        for item in items:
            self._settle(Done(item, changes(item, at)))

    def rejected(self, items: Iterable[Item], code: str, text: str) -> None:
        """Settle: they are refused."""
        for item in items:
            self._settle(Rejected(item, code, text))

    def overtaken(self, items: Iterable[Item], text: str) -> None:
        """Settle: they rest on what is no longer there."""
        for item in items:
            self._settle(Overtaken(item, text))

    def unknown(self, items: Iterable[Item], error: Exception) -> None:
        """Settle: nobody knows; their L3Outs are not written any more."""
        for item in items:
            self._settle(Unknown(item, error))
            self.stop((binding.parent for binding in bindings(item)), error)

    def not_sent(self, items: Iterable[Item], error: Exception) -> None:
        """Settle: they are for a later round."""
        for item in items:
            self._settle(NotSent(item, error))

    def stop(self, l3outs: Iterable[L3Out], error: Exception) -> None:
        """Write no more to these L3Outs."""
        for l3out in l3outs:
            self._stopped.setdefault(l3out, error)

    def end(self, error: Exception) -> None:
        """Write no more at all."""
        self._ended = self._ended or error

    def _settle_hopeless(self, item: Item) -> None:
        stopped = (self._stopped.get(binding.parent) for binding in bindings(item))
        error = self._ended or next(filter(None, stopped), None)
        parent = self._not_made.get(item.binding.dn)
        if error is not None:
            self._settle(NotSent(item, error))
        elif isinstance(parent, Rejected):
            self._settle(Rejected(item, parent.code, parent.text))
        elif isinstance(parent, Overtaken):
            self._settle(Overtaken(item, parent.text))
        elif isinstance(parent, NotSent | Unknown):
            self._settle(NotSent(item, parent.error))

    def _settle(self, outcome: Outcome) -> None:
        item = outcome.item
        self._outcomes[item.dn] = outcome
        self._failed = self._failed or isinstance(outcome, NotSent | Unknown | Overtaken)
        if item.is_epg and item.action is Action.CREATE and not isinstance(outcome, Done):
            self._not_made[item.dn] = outcome
