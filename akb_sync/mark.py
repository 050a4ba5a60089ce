"""Whose an APIC object is: the text that we leave in its `annotation`, and how it is read back.

    orchestrator:akb-sync:<name>.<uid8>:<dn8>

`uid8` are the first 8 hex digits of the kube-system namespace's UID (with an instance: of a hash of UID
and instance), so two clusters, or a laptop on the wrong context, never own each other's objects. `dn8`
are the first 8 hex digits of the SHA-256 of the object's own DN, so a mark that was copied along with an
object does not fit the copy. `name` is for people and is never compared.

The alphabet of `annotation` is `^[a-zA-Z0-9_.:-]{0,128}$` (Cisco's model; violations answer code 801).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum

ORCHESTRATOR = "orchestrator:akb-sync:"
RELEASED = "released"
"""Value of our tag on an EPG that is left alone until it is adopted."""
ADOPTED = "adopted"
"""Value of our tag on an EPG that was adopted with subnets that nobody asks for."""
_MARK = re.compile(r"orchestrator:akb-sync:([a-zA-Z0-9_.-]{1,63})\.([0-9a-f]{8}):([0-9a-f]{8})")
_NAME = re.compile(r"[a-zA-Z0-9_.-]{1,63}")


class Owner(StrEnum):
    """Whose an object is, as its mark says."""

    MANAGED = "managed"
    """It bears our mark, and the mark fits its DN."""
    FOREIGN = "foreign"
    """It bears the mark of another akb-sync, and that mark fits its DN."""
    UNMANAGED = "unmanaged"
    """It bears neither."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A decoded mark: cluster name (for people), cluster id and the hash of the DN that it is for."""

    name: str
    uid8: str
    dn8: str

    def __str__(self) -> str:
        """Encode it as the text of `annotation`."""
        return f"{ORCHESTRATOR}{self.name}.{self.uid8}:{self.dn8}"

    @property
    def cluster(self) -> str:
        """`<name>.<uid8>`, as people give it to `--from` and `--cluster`."""
        return f"{self.name}.{self.uid8}"

    @classmethod
    def parse(cls, annotation: str) -> Mark | None:
        """Decode a text; None when it is not a mark of any akb-sync."""
        match = _MARK.fullmatch(annotation)
        return cls(*match.groups()) if match else None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are on the fabric: the name that people see, and the id that ownership compares."""

    name: str
    uid8: str

    def __post_init__(self) -> None:
        """Refuse what would not survive a round trip through the mark."""
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"cluster name {self.name!r} must match {_NAME.pattern}")
        if not re.fullmatch(r"[0-9a-f]{8}", self.uid8):
            raise ValueError(f"cluster id {self.uid8!r} must be 8 hex digits")

    @classmethod
    def of(cls, name: str, kube_system_uid: str, instance: str = "") -> Identity:
        """Make the identity of a cluster from the UID of its kube-system namespace.

        With an `instance` (an engine that reads only some namespaces) the id is a hash of both.
        """
        digits = kube_system_uid.replace("-", "").lower()[:8]
        if instance or not re.fullmatch(r"[0-9a-f]{8}", digits):
            digits = _hex8(f"{kube_system_uid}/{instance}")
        return cls(name, digits)

    def mark(self, dn: str) -> str:
        """Give the text that says that the object at `dn` is ours."""
        return str(Mark(self.name, self.uid8, _hex8(dn)))

    def owner(self, annotation: str, dn: str) -> Owner:
        """Say whose the object at `dn` with this `annotation` is."""
        mark = Mark.parse(annotation)
        if mark is None or mark.dn8 != _hex8(dn):
            return Owner.UNMANAGED
        return Owner.MANAGED if mark.uid8 == self.uid8 else Owner.FOREIGN

    @property
    def release_tag(self) -> str:
        """The key of our `tagAnnotation` on an EPG: released (left alone), or adopted with stale subnets."""
        return tag_key(self.uid8)


def tag_key(uid8: str) -> str:
    """Give the key of a cluster's tag; `uid8` is its id."""
    return f"akb-sync.{uid8}"


def _hex8(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
