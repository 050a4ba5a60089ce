"""What has to happen before an object may go: a last look at EPGs, and a line in the journal for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from akb_sync.errors import AkbSyncError, ApicError
from akb_sync.item import Action, Item
from akb_sync.mark import Identity
from akb_sync.model import ObservedSubnet

from .change import SUBNET, flags
from .journal import Entry, Journal, postable
from .last_look import last_look
from .ports import Reader
from .round import Round

Nodes = Callable[[str], Iterable[tuple[str, str, Mapping[str, str]]]]
"""DN, class and attributes of the object at a DN and of what is below it, as a view knows them."""


class Departures:
    """Lets objects go in one round of writing."""

    def __init__(
        self, session: Reader, identity: Identity, journal: Journal, nodes: Nodes | None, settled: Round
    ) -> None:
        """Look through `session`, record in `journal`; what must stay is settled in the round."""
        self._session = session
        self._identity = identity
        self._journal = journal
        self._nodes = nodes
        self._round = settled
        self._found: dict[str, tuple[Entry, ...]] = {}
        self._recorded: set[str] = set()

    def look(self, items: Sequence[Item]) -> tuple[Item, ...]:
        """Settle the EPGs that must not go after all; give the rest."""
        for item in items:
            if item.is_epg and item.action is Action.DELETE and item.dn not in self._found:
                self._look_at(item)
        return self._round.pending(items)

    def record(self, items: Sequence[Item]) -> tuple[Item, ...]:
        """Write what goes into the journal; if that fails, settle it as not sent. Give the rest."""
        going = [item for item in items if item.removes and item.dn not in self._recorded]
        try:
            if going:
                self._journal.record([entry for item in going for entry in self._entries(item)])
        except OSError as error:
            self._round.not_sent(going, _unrecorded(error))
        else:
            self._recorded.update(item.dn for item in going)
        return self._round.pending(items)

    def _look_at(self, item: Item) -> None:
        try:
            look = last_look(self._session, self._identity, item)
        except ApicError as error:
            self._round.not_sent([item], error)
            return
        self._found[item.dn] = look.entries
        if look.objection:
            self._round.rejected([item], "", look.objection)

    def _entries(self, item: Item) -> Iterator[Entry]:
        if item.dn in self._found:
            yield from self._found[item.dn]
            return
        leaves = item.leaves or item.observed
        if not isinstance(leaves, ObservedSubnet):
            return
        nodes = list(self._nodes(leaves.dn)) if self._nodes else []
        for dn, cls, attributes in nodes or [(leaves.dn, SUBNET, _attributes(leaves))]:
            yield Entry(dn, cls, postable(cls, attributes), item.reason)


def _unrecorded(error: OSError) -> AkbSyncError:
    return AkbSyncError(
        f"nothing is deleted while the journal cannot be written: {error.strerror or error}",
        "make room for it, or let --journal name another file; it goes on by itself",
    )


def _attributes(subnet: ObservedSubnet) -> dict[str, str]:
    return {
        "ip": subnet.ip,
        "name": subnet.name,
        "scope": flags(subnet.scope),
        "annotation": subnet.annotation,
    }
