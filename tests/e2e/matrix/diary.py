"""Everything that happened to the objects of a cluster, in the order in which it happened.

Why: how often the engine may write an object depends on how often its reason came and went, and only
somebody who watched knows that. etcd's revisions, which all kinds share, give the order.
"""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import requests
import yaml

from tests.e2e.controlplane.apiclient import ApiClient
from tests.e2e.controlplane.cluster import ControlPlane
from tests.e2e.controlplane.polling import eventually
from tests.e2e.matrix.oracle import KubeObject, Objects, Wishes, wanted

PATHS = {
    "Pod": "/api/v1/pods",
    "Service": "/api/v1/services",
    "Deployment": "/apis/apps/v1/deployments",
    "StatefulSet": "/apis/apps/v1/statefulsets",
    "DaemonSet": "/apis/apps/v1/daemonsets",
}
_PAUSE = 0.05
_WATCH_SECONDS = 5


@dataclass(frozen=True)
class Entry:
    """One object as it was from a revision on, and when it was seen; without the object: it was gone."""

    revision: int
    kind: str
    namespace: str
    uid: str
    item: KubeObject | None
    seen: float = field(default_factory=time.monotonic)


class Diary:
    """Watches five kinds of a cluster, each in a thread, through every outage of its apiserver."""

    def __init__(self, cluster: ControlPlane) -> None:
        self._cluster = cluster
        self._token = yaml.safe_load(cluster.kubeconfig.read_text())["users"][0]["user"]["token"]
        self._entries: list[Entry] = []
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._threads = [
            threading.Thread(target=_Follower(self, kind, path).run, name=f"diary-{kind}", daemon=True)
            for kind, path in PATHS.items()
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._ending.set()
        for thread in self._threads:
            thread.join(10)

    @property
    def ending(self) -> bool:
        return self._ending.is_set()

    def client(self) -> ApiClient:
        return ApiClient(self._cluster.url, self._cluster.ca_file, self._token)

    def note(self, entry: Entry) -> None:
        with self._lock:
            self._entries.append(entry)

    def forget(self) -> None:
        """Begin with an empty page; what exists now is not known any more, only what changes."""
        with self._lock:
            self._entries.clear()

    def wait_until_current(self, namespace: str) -> None:
        """Wait until what it knows of a namespace is what the apiserver has."""

        def current() -> bool:
            there = {
                (kind, item["metadata"]["uid"]): item["metadata"]["resourceVersion"]
                for kind, path in PATHS.items()
                for item in self._cluster.api.get(namespaced(path, namespace))["items"]
            }
            known = {
                (one.kind, one.uid): one.item["metadata"]["resourceVersion"]
                for one in self._latest(namespace)
                if one.item is not None
            }
            return there == known

        eventually(
            f"the diary of {namespace} current", current, timeout=60, ignoring=(requests.RequestException,)
        )

    def _latest(self, namespace: str) -> Iterator[Entry]:
        latest: dict[tuple[str, str], Entry] = {}
        for entry in self._of(namespace):
            latest[entry.kind, entry.uid] = entry
        yield from latest.values()

    def _of(self, namespace: str) -> list[Entry]:
        with self._lock:
            found = [entry for entry in self._entries if entry.namespace == namespace]
        return sorted(found, key=lambda entry: entry.revision)

    def last_address(self, namespace: str) -> float:
        """When the last of the Pods that have addresses was first seen with them (monotonic seconds)."""
        first: dict[str, float] = {}
        for entry in self._of(namespace):
            if entry.kind == "Pod" and entry.item and entry.item["status"].get("podIPs"):
                first.setdefault(entry.uid, entry.seen)
        return max(first.values())

    def wishes(self, namespace: str) -> Iterator[Wishes]:
        """What a namespace wanted of the fabric, revision by revision, from its first object on."""
        state: dict[tuple[str, str], KubeObject] = {}
        now: Wishes = {}
        for entry in self._of(namespace):
            if entry.item is None:
                state.pop((entry.kind, entry.uid), None)
            else:
                state[entry.kind, entry.uid] = entry.item
            objects = Objects()
            for (kind, _), item in state.items():
                objects.add(kind, item)
            now = wanted(objects, now)
            yield now


def namespaced(path: str, namespace: str) -> str:
    """The path of a collection in one namespace, of that of all namespaces."""
    head, _, kind = path.rpartition("/")
    return f"{head}/namespaces/{namespace}/{kind}"


class _Follower:
    """One kind: a list, and watches from there; after a 410 a list again, its gaps filled."""

    def __init__(self, diary: Diary, kind: str, path: str) -> None:
        self.kind = kind
        self._diary = diary
        self._path = path
        self._version = ""
        self._known: dict[str, str] = {}

    def run(self) -> None:
        with self._diary.client() as client:
            while not self._diary.ending:
                try:
                    if not self._version:
                        self._list(client)
                    self._watch(client)
                except (requests.RequestException, ValueError):
                    # The apiserver is away, or cut a line in two.
                    time.sleep(_PAUSE)

    def _list(self, client: ApiClient) -> None:
        found = client.get(self._path)
        version = found["metadata"]["resourceVersion"]
        items = {item["metadata"]["uid"]: item for item in found["items"]}
        for uid in self._known.keys() - items.keys():
            self._note(int(version), uid, self._known.pop(uid), None)
        for item in items.values():
            self._take(item)
        self._version = version

    def _watch(self, client: ApiClient) -> None:
        query = {"watch": "1", "resourceVersion": self._version, "timeoutSeconds": str(_WATCH_SECONDS)}
        timeout = (5, _WATCH_SECONDS + 10)
        with client.request("GET", self._path, params=query, stream=True, timeout=timeout) as answer:
            if answer.status_code == 410:
                self._version = ""
            answer.raise_for_status()
            for line in answer.iter_lines(chunk_size=None):
                if self._diary.ending or not self._heard(json.loads(line)):
                    return

    def _heard(self, event: dict[str, Any]) -> bool:
        item = event["object"]
        if event["type"] == "ERROR":
            self._version = ""
            return False
        meta = item["metadata"]
        self._version = meta["resourceVersion"]
        if event["type"] == "DELETED":
            self._known.pop(meta["uid"], None)
            self._note(int(self._version), meta["uid"], meta["namespace"], None)
        else:
            self._take(item)
        return True

    def _take(self, item: dict[str, Any]) -> None:
        meta = item["metadata"]
        meta.pop("managedFields", None)
        self._known[meta["uid"]] = meta["namespace"]
        self._note(int(meta["resourceVersion"]), meta["uid"], meta["namespace"], item)

    def _note(self, revision: int, uid: str, namespace: str, item: KubeObject | None) -> None:
        self._diary.note(Entry(revision, self.kind, namespace, uid, item))
