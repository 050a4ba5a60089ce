"""The line of those who wait for a turn at the APIC, so that no L3Out starves while another never rests.

As long as everything that is planned is sent at once, order matters to nobody. Under an overload a round is
given up and planned anew again and again, and whoever came last in each plan would never be written. So the
line outlives its plans: the L3Out whose last turn is the longest ago goes first, and among those that had
none since the line began, the one that came first.

A turn is everything that the L3Out had to be written when the turn began, counted in POSTs. A round that is
given up in the middle of one goes on with it; what has come since makes it no longer. So neither do the
creations of a busy L3Out keep its own deletes waiting for ever, nor does its turn never end.

Every second POST belongs to who came while others waited and has had no turn yet: one new Pod need not wait
for the hundreds of L3Outs that the end of a node has changed. They have one such POST each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from akb_sync.apic.batches import Batch, bindings


class Line:
    """Remembers who had a turn, for as long as anybody waits. One thread at a time.

    Who waits is what is posted to: an L3Out, or a tenant for the moves between two of its L3Outs.
    """

    def __init__(self) -> None:
        """Let nobody wait."""
        self._came: dict[str, int] = {}
        """When each that waits came: after how many POSTs since the line began."""
        self._served: dict[str, int] = {}
        """Which POST since the line began was the last one of each."""
        self._left: dict[str, int] = {}
        """How many POSTs are left of a turn that has begun."""
        self._length: Mapping[str, int] = {}
        self._late: AbstractSet[str] = frozenset()
        """Who came while others waited, and has had no turn yet."""
        self._late_is_next = False
        self._posts = 0

    def formed(self, planned: Sequence[Batch]) -> list[Batch]:
        """Give the batches of a new plan in the order in which they are to be sent.

        Args:
            planned: They are in an order in which they could be sent. What rests on another one comes after
                it in the outcome too.
        """
        lanes: dict[str, list[int]] = {}
        for index, batch in enumerate(planned):
            lanes.setdefault(batch.dn, []).append(index)
        self._came = {dn: self._came.get(dn, self._posts) for dn in lanes}
        self._left = {dn: min(left, len(lanes[dn])) for dn, left in self._left.items() if dn in lanes}
        self._length = {dn: len(lane) - self._left.get(dn, 0) for dn, lane in lanes.items()}
        self._late = {dn for dn, came in self._came.items() if came and dn not in self._served}
        order = _after_needs(self._order(lanes), _needs(planned))
        return [planned[index] for index in order]

    def served(self, batch: Batch) -> None:
        """Take note that one of the batches had its POST, whatever became of it."""
        dn = batch.dn
        self._posts += 1
        self._served[dn] = self._posts
        self._late_is_next = dn not in self._late
        if dn not in self._late:
            left = self._left.pop(dn, self._length[dn]) - 1
            self._left.update({dn: left} if left else {})

    def dissolve(self) -> None:
        """Nobody waits any more: forget who had a turn."""
        self._came, self._served, self._left = {}, {}, {}
        self._late_is_next, self._posts = False, 0

    def _order(self, lanes: Mapping[str, Sequence[int]]) -> Iterator[int]:
        """Give what is left of a turn that has begun, then who waits longest; every second one is late."""
        longest = sorted(lanes, key=lambda dn: (self._served.get(dn, 0), self._came[dn]))
        begun = [index for dn in longest for index in lanes[dn][: self._left.get(dn, 0)]]
        late = [index for dn in longest if dn in self._late for index in lanes[dn]]
        others = [dn for dn in longest if dn not in self._late]
        waiting = begun + [index for dn in others for index in lanes[dn][self._left.get(dn, 0) :]]
        return _in_turns(late, waiting) if self._late_is_next else _in_turns(waiting, late)


def _in_turns(first: Sequence[int], second: Sequence[int]) -> Iterator[int]:
    """Give one of each by turns, and the rest of the longer one."""
    both = min(len(first), len(second))
    for pair in zip(first, second, strict=False):
        yield from pair
    yield from first[both:]
    yield from second[both:]


def _needs(planned: Sequence[Batch]) -> Mapping[int, list[int]]:
    """Say which batches rest on earlier ones to another DN: by index.

    A move between two L3Outs rests on the EPG that is made for it, and the EPG that it empties goes after it.
    """
    needs: dict[int, list[int]] = {}
    for between, batch in enumerate(planned):
        if batch.dn != batch.items[0].binding.parent.dn:
            touched = {binding.dn for item in batch.items for binding in bindings(item)}
            for other in _with_epgs(planned, touched):
                if other != between:
                    needs.setdefault(max(other, between), []).append(min(other, between))
    return needs


def _with_epgs(planned: Sequence[Batch], epgs: AbstractSet[str]) -> Iterator[int]:
    for index, batch in enumerate(planned):
        if any(item.is_epg and item.dn in epgs for item in batch.items):
            yield index


def _after_needs(order: Iterable[int], needs: Mapping[int, list[int]]) -> Iterator[int]:
    """Give an order in which everything comes after what it rests on, which is drawn forward for it."""
    placed: set[int] = set()

    def place(index: int) -> Iterator[int]:
        if index in placed:
            return
        placed.add(index)
        for earlier in needs.get(index, ()):
            yield from place(earlier)
        yield index

    for index in order:
        yield from place(index)
