"""Whose objects may be taken over: the prior application's, or those of a cluster that was rebuilt."""

from __future__ import annotations

import re
from dataclasses import dataclass

from akb_sync.errors import SettingsError
from akb_sync.mark import Identity, Mark, Owner

PRIOR = "aci-k8-haystack"
PRIOR_ANNOTATION = "orchestrator:aci-k8-haystack"
"""What k8-aci-sync writes into `annotation`; it joins several values with a comma."""
_CLUSTER = re.compile(r"(?P<name>[a-zA-Z0-9_.-]{1,63})\.(?P<uid8>[0-9a-f]{8})")


@dataclass(frozen=True, slots=True)
class Origin:
    """One party whose marks give way to ours. Without a cluster it is the prior application."""

    cluster: Identity | None = None

    @classmethod
    def parse(cls, text: str) -> Origin:
        """Read what people give to `--from`.

        Raises:
            SettingsError: It is neither the prior application nor `<name>.<uid8>`.
        """
        return cls() if text == PRIOR else cls(parse_cluster(text, "--from"))

    def covers(self, annotation: str, dn: str) -> bool:
        """Whether the object at `dn` with this annotation was that party's."""
        if self.cluster is None:
            return PRIOR_ANNOTATION in annotation.split(",")
        return self.cluster.owner(annotation, dn) is Owner.MANAGED

    def __str__(self) -> str:
        """Give it as people type it."""
        return f"{self.cluster.name}.{self.cluster.uid8}" if self.cluster else PRIOR


def parse_cluster(text: str, flag: str) -> Identity:
    """Read a cluster as marks name it.

    Raises:
        SettingsError: It is no `<name>.<uid8>`.
    """
    match = _CLUSTER.fullmatch(text)
    if match is None:
        other = f"{PRIOR}, or " if flag == "--from" else ""
        raise SettingsError(
            f"{flag} {text!r} names no cluster",
            f"give {other}the name and the 8 hex digits that its marks have, such as k8s.0a1b2c3d",
        )
    return Identity(match["name"], match["uid8"])


def whose(annotation: str) -> str:
    """Say whose an object is, for a sentence."""
    mark = Mark.parse(annotation)
    if mark:
        return f"it belongs to the cluster {mark.cluster}"
    return f"it bears the mark {annotation!r}" if annotation else "it bears no mark"
