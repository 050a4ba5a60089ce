"""What is wrong at the moment, said once: when it begins, when it changes, and when it is over.

An outage of an hour is one line in the log and not one in every round, since a log that repeats itself
is not read.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

log = logging.getLogger(__name__)


class Troubles:
    """The troubles that stand, by the name of what is in trouble."""

    def __init__(self) -> None:
        self._standing: dict[str, str] = {}

    @property
    def standing(self) -> Mapping[str, str]:
        """What is wrong now: name to sentence."""
        return dict(self._standing)

    def update(self, now: Mapping[str, str]) -> None:
        """Take over what is wrong now; log the differences."""
        for name, sentence in now.items():
            if self._standing.get(name) != sentence:
                log.error("%s: %s", name, sentence)
        for name in self._standing.keys() - now.keys():
            log.info("%s: right again", name)
        self._standing = dict(now)

    def say(self, name: str, sentence: str) -> None:
        """Say one trouble; the others stand."""
        self.update({**self._standing, name: sentence})

    def clear(self, name: str) -> None:
        """One trouble is over; the others stand."""
        self.update({key: text for key, text in self._standing.items() if key != name})
