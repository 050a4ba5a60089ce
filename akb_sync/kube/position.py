"""Where a kind's reading stands in the cluster's history, and whether time goes forward there."""

from __future__ import annotations

from akb_sync.errors import KubernetesAnswerError
from akb_sync.model import Source

from .facts import version_number

OLDER_VIEW_PATIENCE = 60.0
"""Seconds for which lists that are older than what was seen are not believed."""


class Position:
    """The resourceVersion from which a watch goes on: from lists, ordered events and bookmarks only."""

    def __init__(self, source: Source) -> None:
        """Begin nowhere."""
        self.version = ""
        self._source = source
        self._newest = 0
        self._older_since: float | None = None

    def listed(self, version: str, now: float) -> None:
        """Go on from a list, unless it is older than what was seen.

        An API server before a lagging or partitioned etcd can go back in time for a while; an etcd that
        was restored from a backup does so for good, and is believed after a minute.

        Raises:
            KubernetesAnswerError: the list is older; nothing of it should be used.
        """
        number = version_number(version)
        if number and number < self._newest and not self._patience_ended(now):
            raise KubernetesAnswerError(
                f"the list of {self._source} is older (resourceVersion {number}) than what was seen"
                f" before ({self._newest})",
                "check the API servers and etcd; it is asked again",
            )
        self.version, self._newest, self._older_since = version, number, None

    def advance(self, item: object) -> None:
        """Go on from an event's object, unless it came out of order."""
        meta = item.get("metadata") if isinstance(item, dict) else None
        version = meta.get("resourceVersion") if isinstance(meta, dict) else None
        if isinstance(version, str) and version and (number := version_number(version)) >= self._newest:
            self.version, self._newest = version, number

    def _patience_ended(self, now: float) -> bool:
        if self._older_since is None:
            self._older_since = now
        return now - self._older_since >= OLDER_VIEW_PATIENCE
