"""What is held of one kind: its objects, and how far they can be believed.

Not thread-safe; the store guards it.
"""

from __future__ import annotations

from collections.abc import Iterable

from akb_sync.model import Freshness, Source, SourceView

from .facts import Facts

_REMEMBERED_ENDS = 4096


class Holding:
    """One kind's objects by UID, and the record of what confirmed or contradicted them."""

    def __init__(self, source: Source) -> None:
        """Begin with nothing known, which is not the same as nothing there."""
        self.source = source
        self.content: dict[str, Facts] = {}
        self.listed_empty = False
        """Whether it is empty because a list said so, not because each end was seen."""
        self._versions: dict[str, int] = {}
        self._ended: dict[str, None] = {}
        self._lists = 0
        self._listed_at = 0.0
        self._confirmed_at = float("-inf")
        self._behind = False
        self._error = ""
        self._limitation = ""
        self._doubt = ""

    def replace(self, items: Iterable[tuple[Facts, int]], began_at: float) -> None:
        """Take a whole list, begun at `began_at`, as the truth of that moment."""
        before = len(self.content)
        pairs = list(items)
        self.content = {facts.ref.uid: facts for facts, _ in pairs}
        self._versions = {facts.ref.uid: version for facts, version in pairs}
        self._ended.clear()
        self._lists += 1
        self._listed_at = began_at
        self.listed_empty = not self.content
        if self.content:
            self._doubt = ""
        elif before:
            self._doubt = f"{self.source} are listed empty, and there were {before} before"
        self._believed(began_at)

    def apply(self, facts: Facts, version: int, now: float, *, deleted: bool) -> bool:
        """Take one watch event; give whether the projection changed.

        An event that is older than what is held is left out, and so is one of an object whose end was
        seen: a UID never comes back.
        """
        uid = facts.ref.uid
        self._believed(now)
        if uid in self._ended or (version and version < self._versions.get(uid, 0)):
            return False
        if deleted:
            self._remember_end(uid)
            self._versions.pop(uid, None)
            return self.content.pop(uid, None) is not None
        self._versions[uid] = version
        self.listed_empty, self._doubt = False, ""
        if self.content.get(uid) == facts:
            return False
        self.content[uid] = facts
        return True

    def confirm(self, now: float) -> None:
        """Take a bookmark: nothing happened that is not held."""
        self._believed(now)

    def fail(self, sentence: str) -> None:
        """Take note that reading failed."""
        self._behind, self._error = True, sentence

    def resumed(self) -> None:
        """Take note that reading goes on where it stood; the age decides what is believed."""
        self._behind, self._error = False, ""

    def expired(self) -> None:
        """Take note that events were missed, so that only a list can be believed."""
        self._behind = True

    def limited(self, sentence: str) -> None:
        """Take note of what is amiss although lists succeed; empty: nothing any more."""
        self._limitation = sentence

    def freshness(self, now: float, stale_after: float) -> Freshness:
        """How far the content can be believed."""
        if not self._lists:
            return Freshness.NEVER
        behind = self._behind or now >= self.stale_at(stale_after)
        return Freshness.STALE if behind else Freshness.FRESH

    def stale_at(self, stale_after: float) -> float:
        """When (monotonic seconds) the content turns stale if nothing confirms it."""
        return self._confirmed_at + stale_after

    def view(self, now: float, stale_after: float, doubt: str = "") -> SourceView:
        """Give the record as the model has it; `doubt` is what other kinds say against an empty list."""
        return SourceView(
            freshness=self.freshness(now, stale_after),
            lists=self._lists,
            listed_at=self._listed_at,
            doubtful=self._doubt or doubt,
            trouble=self._error or self._limitation,
        )

    def _believed(self, at: float) -> None:
        self._behind, self._error = False, ""
        self._confirmed_at = max(self._confirmed_at, at)

    def _remember_end(self, uid: str) -> None:
        self._ended[uid] = None
        if len(self._ended) > _REMEMBERED_ENDS:
            del self._ended[next(iter(self._ended))]
