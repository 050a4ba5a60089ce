"""The freeze: a person has told every engine of the cluster to write nothing for a while.

The switch is read again and again, since it is turned in another process. What is not known is not taken for
"go on": until the switch was read once, nothing is written, and when it cannot be read any more, what was
read last stays in force. A right that is missing is the exception, for else a role without it would keep an
engine from writing for ever; it is said instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from akb_sync.errors import AkbSyncError, KubernetesForbidden
from akb_sync.state import Pause, StateStore

PERIOD = 3.0
"""Seconds between two looks at the switch while an engine runs."""
UNKNOWN = "whether the engine is paused is not known"


class Freeze:
    """The switch as it was seen last. `look` is for one thread at a time, everything else for any."""

    def __init__(self, store: StateStore, on_change: Callable[[], None] = lambda: None) -> None:
        """Know nothing yet; `on_change` is called when `why` gives something else than before."""
        self._store = store
        self._on_change = on_change
        self._known = False
        self._trouble = ""
        self.pause: Pause | None = None
        """The freeze that is in force."""

    @property
    def why(self) -> str:
        """Why nothing may be written; empty when that is not so."""
        if self.pause is not None:
            return str(self.pause)
        return "" if self._known else self._trouble or UNKNOWN

    @property
    def troubles(self) -> Mapping[str, str]:
        """Why the switch cannot be read, by its name; empty when it can."""
        return {"pause": self._trouble} if self._trouble else {}

    def look(self) -> None:
        """Read the switch."""
        before = self.why
        try:
            _, self.pause = self._store.read()
            self._known, self._trouble = True, ""
        except AkbSyncError as error:
            self._known = self._known or isinstance(error, KubernetesForbidden)
            self._trouble = str(error)
        if self.why != before:
            self._on_change()
