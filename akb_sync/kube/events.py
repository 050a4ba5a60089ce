"""Events: what the people of a workload read in `kubectl describe`.

There is one Event per object and reason, with a count: its name is made of both, so that what happens again
raises the count of the one that is there, also after a restart of ours. `core/v1` is written, since its
`count` and timestamps are what kubectl prints; the API server shows the same object as `events.k8s.io/v1`.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from akb_sync.errors import KubernetesConflict, KubernetesForbidden, KubernetesNotFound
from akb_sync.model import ObjectRef
from akb_sync.reasons import Reason
from akb_sync.state import instant

from .api import WritableApi
from .prose import shown

COMPONENT = "akb-sync"
LONGEST_NOTE = 1000
"""Characters: the API takes 1024 bytes (kubernetes/api, events/v1, `note`); more than ASCII is cut below."""
_MOST_KNOWN = 10_000
_API_VERSIONS = {"Deployment": "apps/v1", "StatefulSet": "apps/v1", "DaemonSet": "apps/v1"}


@dataclass(frozen=True, slots=True)
class Announcement:
    """Something to be said about an object, so many times."""

    about: ObjectRef
    reason: Reason
    message: str
    warning: bool = True
    count: int = 1
    """How often it happened since it was said last."""


class EventWriter:
    """Writes Events. One thread at a time."""

    def __init__(self, api: WritableApi, writer: str, instance: str = "") -> None:
        """Write nothing yet.

        Args:
            api: The cluster's API.
            writer: Who writes, as people read it: the process.
            instance: Keeps the Events of several engines of one cluster apart.
        """
        self._api, self._writer, self._instance = api, writer, instance
        self._counts: OrderedDict[str, int] = OrderedDict()

    def write(self, said: Announcement, now: datetime) -> None:
        """Write one, or raise the count of the one that is there.

        Nothing is written about an object whose namespace is gone or going.

        Raises:
            KubernetesError: it cannot be written.
        """
        # Names are the API server's to check; whatever it lets through is one part of a path and no more.
        collection = f"/api/v1/namespaces/{_part(said.about.namespace)}/events"
        path = f"{collection}/{_part(self._name(said))}"
        try:
            if not self._raised(path, said, now):
                self._create(collection, path, said, now)
        except KubernetesNotFound:
            return
        except KubernetesForbidden as error:
            if "being terminated" not in str(error):  # kube-apiserver, NamespaceLifecycle admission
                raise

    def _raised(self, path: str, said: Announcement, now: datetime) -> bool:
        try:
            count = self._known(path) + said.count
            note = {"count": count, "lastTimestamp": instant(now), "message": _cut(said.message)}
            kind = {"type": _type(said), "reportingInstance": self._writer}
            self._api.patch(path, {**note, **kind})
        except KubernetesNotFound:
            self._counts.pop(path, None)  # the API server forgets Events after an hour
            return False
        self._remember(path, count)
        return True

    def _known(self, path: str) -> int:
        if path in self._counts:
            return self._counts[path]
        found = self._api.get(path).get("count")
        return found if isinstance(found, int) else 0

    def _create(self, collection: str, path: str, said: Announcement, now: datetime) -> None:
        try:
            self._api.post(collection, self._document(said, now))
        except KubernetesConflict:
            self._raised(path, said, now)
        else:
            self._remember(path, said.count)

    def _remember(self, path: str, count: int) -> None:
        self._counts[path] = count
        self._counts.move_to_end(path)
        if len(self._counts) > _MOST_KNOWN:
            self._counts.popitem(last=False)

    def _document(self, said: Announcement, now: datetime) -> dict[str, Any]:
        about = said.about
        involved = {"kind": about.kind, "namespace": about.namespace, "name": about.name, "uid": about.uid}
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": self._name(said), "namespace": about.namespace},
            "involvedObject": {"apiVersion": _API_VERSIONS.get(about.kind, "v1"), **involved},
            "reason": str(said.reason),
            "message": _cut(said.message),
            "type": _type(said),
            "count": said.count,
            "firstTimestamp": instant(now),
            "lastTimestamp": instant(now),
            "source": {"component": COMPONENT},
            "reportingComponent": COMPONENT,
            "reportingInstance": self._writer,
        }

    def _name(self, said: Announcement) -> str:
        about = said.about
        key = f"{about.kind}/{about.namespace}/{about.name}/{about.uid}/{said.reason}/{self._instance}"
        # Cut, it may end in what no name may end in (RFC 1123, as the API server checks it).
        digest = hashlib.sha256(key.encode(errors="backslashreplace")).hexdigest()[:16]
        return f"{about.name[:200].rstrip('-.')}.{digest}"


def _type(said: Announcement) -> str:
    return "Warning" if said.warning else "Normal"


def _part(name: str) -> str:
    return "-" if name in {".", ".."} else quote(name, safe="", errors="replace")


def _cut(message: str) -> str:
    """Make it fit for kubectl, which prints it as it is, and for the API's limit."""
    clean = shown(message, LONGEST_NOTE)
    cut = clean.encode()[:LONGEST_NOTE].decode(errors="ignore")
    return cut if cut == clean else f"{cut}…"
