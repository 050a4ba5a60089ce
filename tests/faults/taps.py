"""The engine's two connections, with the ledger between them and the simulators.

Requests and answers go over real sockets. Only *when* an event is taken is the laboratory's: a watch is
read as far as the cluster's history goes at that moment, and frames of the websocket wait to be asked for.
"""

import contextlib
import json
import re
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from unittest import mock

from akb_sync.apic import ApicOptions, ApicSession
from akb_sync.apic.subscription import Event, Subscription
from akb_sync.apic.wire import Call, ConnectionLost, Reply, Wire
from akb_sync.clock import Clock
from akb_sync.errors import ApicBusy, KubernetesAnswerError, KubernetesUnreachable
from akb_sync.kube import KubeConnection
from akb_sync.kube.api import EventStream
from akb_sync.simulators.apic.sockets import SocketConnection
from akb_sync.simulators.kubernetes import ApiError, KubernetesSimulator
from akb_sync.simulators.kubernetes.listing import Query
from akb_sync.simulators.kubernetes.watching import Subscription as ClusterWatch

from .faults import FABRIC
from .histories.lines import FabricLine
from .ledger import Exchange, Ledger

Json = dict[str, Any]
CLUSTER = "cluster"
_BARRIER = 10.0
"""Seconds for a frame to come through a socket of this machine, at most."""


def _with_fabric(send: Callable[[], Reply]) -> Exchange:
    return Exchange(
        send,
        lambda: ConnectionLost("the answer was lost", "look again"),
        lambda: ApicBusy("the APIC is busy", "later"),
        _aged,
    )


def _aged(answer: Reply, old: Reply) -> Reply:
    """The objects of an old answer; a subscription is made all the same."""
    objects = json.loads(old.body)
    told = {name: objects[name] for name in ("imdata", "totalCount")}
    return replace(answer, body=json.dumps({**json.loads(answer.body), **told}).encode())


def _with_cluster(send: Callable[[], object]) -> Exchange:
    return Exchange(
        send,
        lambda: KubernetesUnreachable("the answer was lost", "look again"),
        lambda: KubernetesAnswerError("the API server is busy", "later"),
    )


class ClusterTap:
    """A connection to the cluster, every request and every event of a watch on the ledger."""

    def __init__(self, connection: KubeConnection, cluster: KubernetesSimulator, ledger: Ledger) -> None:
        self._connection, self._cluster, self._ledger = connection, cluster, ledger

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def get(self, path: str, *arguments: Any, **more: Any) -> Json:
        answer: Json = self._send("GET", path, lambda: self._connection.get(path, *arguments, **more))
        return answer

    def post(self, path: str, document: Mapping[str, Any]) -> Json:
        answer: Json = self._send("POST", path, lambda: self._connection.post(path, document))
        return answer

    def put(self, path: str, document: Mapping[str, Any]) -> Json:
        answer: Json = self._send("PUT", path, lambda: self._connection.put(path, document))
        return answer

    def patch(self, path: str, document: Mapping[str, Any]) -> Json:
        answer: Json = self._send("PATCH", path, lambda: self._connection.patch(path, document))
        return answer

    def stream(
        self, path: str, params: Mapping[str, str], accept: str | None, read_timeout: float
    ) -> EventStream:
        """The watch as far as history goes now; a quiet one gets a bookmark and no request."""
        waiting = self._waiting(path, params["resourceVersion"])
        broken = self._cluster.faults.present("error", "watch", path.rpartition("/")[2])
        if not waiting and not broken:
            return _Bookmark(params["resourceVersion"])
        stream = self._send(
            "WATCH", path, lambda: self._connection.stream(path, params, accept, read_timeout)
        )
        return _History(stream, waiting, path, self._ledger)

    def _send(self, verb: str, path: str, send: Callable[[], Any]) -> Any:
        writes = verb not in ("GET", "WATCH")
        return self._ledger.request(CLUSTER, f"{verb} {path}", _with_cluster(send), writes=writes)

    def _waiting(self, path: str, version: str) -> int:
        """How many events a watch from there would bring at once."""
        plural = path.rpartition("/")[2]
        row, query = self._cluster.api.table.find(plural), Query(resource_version=version)
        old = self._cluster.faults.present("old_view", "watch", plural)
        view = old.values["revision"] if old else None
        watch = ClusterWatch(self._cluster.api.store, row, query, lambda: None)
        try:
            first = watch.open(query, view=view)
        except ApiError:
            return 1  # the ERROR event that says so
        try:
            return len(first) + len(watch.drain(view))
        finally:
            watch.close()


class _Bookmark:
    """A watch on which nothing happens but what an API server does about every minute."""

    def __init__(self, version: str) -> None:
        self._version = version

    def __iter__(self) -> Iterator[Json]:
        yield {"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": self._version}}}

    def close(self) -> None:
        """Nothing is open."""


class _History:
    """So many events of a real watch."""

    def __init__(self, stream: EventStream, count: int, path: str, ledger: Ledger) -> None:
        self._stream, self._count, self._path, self._ledger = stream, count, path, ledger

    def __iter__(self) -> Iterator[Json]:
        events = (event for event in self._stream if event.get("type") != "BOOKMARK")
        for _ in range(self._count):
            event = next(events)
            meta = event.get("object", {}).get("metadata", {})
            name = f"{event.get('type')} {self._path}/{meta.get('name', '')}"
            taken = self._ledger.heard(CLUSTER, name, event)
            # What was hidden is never shown again: the watch stands behind it.
            yield from taken or _Bookmark(str(meta.get("resourceVersion", "")))

    def close(self) -> None:
        self._stream.close()


class FabricTap(ApicSession):
    """A session with the fabric, every request and every frame on the ledger."""

    def __init__(
        self, options: ApicOptions, clock: Clock, *, ledger: Ledger, line: FabricLine | None = None
    ) -> None:
        super().__init__(options, clock, upkeep=False)
        if line is not None:
            line.serve(self, options, clock)
        self._ledger = ledger
        self._courier._wire = _WireTap(self._courier._wire, ledger)  # type: ignore[assignment]
        self._frames: deque[tuple[Subscription, Callable[[list[Event]], None], list[Event]]] = deque()
        self._arrived: Counter[str] = Counter()
        self._made: list[Subscription] = []

    def subscribe(
        self, path: str, params: Mapping[str, str], on_event: Callable[[list[Event]], None]
    ) -> tuple[Subscription, list[Json]]:
        """As ever, but frames wait for `take`."""
        made: list[Subscription] = []

        def arrive(events: list[Event]) -> None:
            self._frames.append((made[0], on_event, events))
            self._arrived[made[0].identity] += 1

        subscription, objects = super().subscribe(path, params, arrive)
        made.append(subscription)
        self._made.append(subscription)
        return subscription, objects

    def take(self, sent: Counter[str]) -> int:
        """Hand over every frame that the APIC has sent; give how many there were."""
        self._await(sent)
        taken = 0
        while self._frames:
            subscription, on_event, events = self._frames.popleft()
            if subscription.alive:
                self._ledger.event(FABRIC, _names(events), events, on_event)
                taken += 1
        return taken

    def vanish(self) -> None:
        """The process is gone: its sockets are closed, and nobody logs out."""
        self._closing.set()
        self._courier.stop()
        self._subscriber.disconnect(wait=True)
        self._courier._wire.close()

    def _await(self, sent: Counter[str]) -> None:
        deadline = time.monotonic() + _BARRIER
        while missing := [
            one.identity
            for one in self._made
            if one.alive and self._arrived[one.identity] < sent[one.identity]
        ]:
            assert time.monotonic() < deadline, f"frames of the subscriptions {missing} do not arrive"
            time.sleep(0.0005)


class _WireTap:
    """The wire of a session, every request on the ledger."""

    def __init__(self, wire: Wire, ledger: Ledger) -> None:
        self._wire, self._ledger = wire, ledger

    def send(self, controller: str, call: Call) -> Reply:
        path = re.sub(r"id=\d+", "id=N", call.target)
        reply: Reply = self._ledger.request(
            FABRIC,
            f"{call.method} {path}",
            _with_fabric(lambda: self._wire.send(controller, call)),
            writes=call.writes,
        )
        return reply

    def close(self) -> None:
        self._wire.close()


@contextlib.contextmanager
def frames_counted() -> Iterator[Counter[str]]:
    """Count the frames that simulated APICs send, by subscription, so that it is known when all have come."""
    sent: Counter[str] = Counter()
    lock, push = threading.Lock(), SocketConnection.push

    def counting(socket: SocketConnection, frame: str, about: Any) -> None:
        with lock:
            sent.update(str(one) for one in json.loads(frame)["subscriptionId"])
        push(socket, frame, about)

    with mock.patch.object(SocketConnection, "push", counting):
        yield sent


def _names(events: list[Event]) -> str:
    told = [(cls, one["attributes"]) for event in events for cls, one in event.items()]
    return ", ".join(f"{one.get('status', '')} {one.get('dn', cls)}" for cls, one in told)
