"""An engine's two sides without a wire: calls of functions in place of HTTP, TLS and websockets.

Thousands of histories are affordable only so. Above the socket all is as ever: the same requests, bodies of
the same bytes, the same errors, frames of the same form. What sockets add is tried by the other parts of
the laboratory, and by the tests of both simulators.
"""

import json
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self
from unittest import mock

from akb_sync.apic import ApicSession
from akb_sync.apic.channel import Channel
from akb_sync.apic.login import Login
from akb_sync.apic.subscriber import Subscriber
from akb_sync.apic.wire import Call, ConnectionLost, Reply
from akb_sync.kube import failures
from akb_sync.simulators.apic import ApicError, ApicSimulator
from akb_sync.simulators.apic.exchange import Reply as Answer
from akb_sync.simulators.apic.exchange import Request
from akb_sync.simulators.apic.faults import Canned, Loss, RequestOccasion
from akb_sync.simulators.apic.gateway import PAGE, Gateway, _cookies
from akb_sync.simulators.apic.sessions import Session
from akb_sync.simulators.apic.tree import Mo
from akb_sync.simulators.kubernetes import ApiError, KubernetesSimulator
from akb_sync.simulators.kubernetes.listing import Page, Query
from akb_sync.simulators.kubernetes.rendering import Renderer, renderer_for
from akb_sync.simulators.kubernetes.resources import Resource
from akb_sync.simulators.kubernetes.targets import parse_target
from akb_sync.simulators.kubernetes.watching import Subscription as ClusterWatch

Json = dict[str, Any]
APIC_URL = "https://apic.line"
_TEXT = 1
"""The opcode of a text frame (RFC 6455, section 11.8)."""


class ClusterLine:
    """Reads from a simulated cluster as `KubeConnection` does."""

    server, origin, verified, client_certificate = "https://cluster.line", "this process", True, None

    def __init__(self, cluster: KubernetesSimulator) -> None:
        self._cluster = cluster
        self._api = cluster.api

    def get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        accept: str | None = None,
        read_timeout: float = 30.0,
    ) -> Json:
        del read_timeout
        given = params or {}
        where = failures.place(self.server, self.origin, path, given)
        target, resource = self._asked(path, given, where)
        renderer = self._renderer(resource, accept)
        try:
            if target.name:
                return failures.decoded(self._one(path, resource, renderer), where)
            query = Query.read(target.namespace if resource.namespaced else "", given)
            return failures.decoded(renderer.page(self._page(resource, query)).encode(), where)
        except ApiError as error:
            raise failures.of_status(error.code, json.dumps(error.status).encode(), where) from error

    def stream(
        self, path: str, params: Mapping[str, str], accept: str | None, _read_timeout: float
    ) -> "_Events":
        """What a watch tells at once."""
        where = failures.place(self.server, self.origin, path, params)
        target, resource = self._asked(path, params, where)
        query = Query.read(target.namespace if resource.namespaced else "", params)
        renderer, view = self._renderer(resource, accept), self._old_view("watch", resource)
        watch = ClusterWatch(self._api.store, resource, query, lambda: None)
        try:
            events = [*watch.open(query, view=view), *watch.drain(view)]
        except ApiError as error:
            return _Events([{"type": "ERROR", "object": error.status}])
        finally:
            watch.close()
        return _Events(
            [{"type": each.type, "object": json.loads(renderer.event(each.record))} for each in events]
        )

    def close(self) -> None:
        """Nothing is open."""

    def _asked(self, path: str, params: Mapping[str, str], where: failures.Place) -> tuple[Any, Resource]:
        target = parse_target("GET", path, params)
        fault = self._cluster.faults.strike("error", target.verb, target.resource)
        if fault is not None:
            raise failures.of_status(fault.values["status"], b"", where)
        resource = self._api.table.by_path(target.group, target.version, target.resource)
        assert resource is not None, path
        return target, resource

    def _one(self, path: str, resource: Resource, renderer: Renderer) -> bytes:
        target = parse_target("GET", path, {})
        record = self._api.get(resource, target.namespace if resource.namespaced else "", target.name)
        return renderer.single(record).encode()

    def _page(self, resource: Resource, query: Query) -> Page:
        page = self._api.list(resource, query, view=self._old_view("list", resource))
        if self._cluster.faults.strike("empty_list", "list", resource.plural):
            return Page([], page.revision)
        return page

    def _old_view(self, verb: str, resource: Resource) -> int | None:
        fault = self._cluster.faults.strike("old_view", verb, resource.plural)
        return fault.values["revision"] if fault else None

    def _renderer(self, resource: Resource, accept: str | None) -> Renderer:
        return renderer_for(accept or "", resource, self._api.clock())


class _Events:
    """The events of a watch that are there."""

    def __init__(self, events: list[Json]) -> None:
        self._events = events

    def __iter__(self) -> Iterator[Json]:
        yield from self._events

    def close(self) -> None:
        """Nothing is open."""


class FabricLine:
    """Sends calls to a simulated APIC as `Wire` does, and stands in for its websockets."""

    def __init__(self, apic: ApicSimulator) -> None:
        self._gateway: Gateway = apic._gateway(1)
        self._apic = apic

    def serve(self, session: ApicSession, options: Any, clock: Any) -> None:
        """Let a session go over this line from now on."""
        courier = session._courier
        courier._wire = self  # type: ignore[assignment]
        session._subscriber = _LineSubscriber(options, clock, courier, session._closed, session._lost)
        session._subscriber.line = self

    def send(self, controller: str, call: Call) -> Reply:
        asked = Request(call.method, call.target, _cookies([call.cookie]), call.body)
        occasion = RequestOccasion(call.method, call.target, call.body, 1, tuple(asked.tokens()))
        broken = self._apic.faults.of_request(occasion).answer
        if broken is Canned.BUSY:
            return Reply(controller, 503, PAGE.format("503 Service Temporarily Unavailable").encode())
        if isinstance(broken, ApicError):
            return _reply(controller, Answer(broken.status, broken.body()))
        assert broken is None, broken
        answer = self._gateway._api.answer(asked)
        loss = self._apic.faults.of_commit(occasion) if answer.committed else None
        if loss is Loss.CLOSE:
            raise ConnectionLost("the answer was lost", "look again")
        assert loss is None, loss
        return _reply(controller, answer)

    def open(self, token: str) -> "_Pipe":
        """Open a websocket."""
        fabric = self._apic._fabric
        with fabric.lock:
            pipe = _Pipe(self._apic._sessions.of_token(token), self)
            self._gateway.sockets._open.append(pipe)  # type: ignore[arg-type]
        return pipe

    def cut(self) -> None:
        """Cut every websocket: what happens until another one is open is never told."""
        for pipe in list(self._gateway.sockets._open):
            if isinstance(pipe, _Pipe) and pipe.channel is not None:
                pipe.channel.close()

    def closed(self, pipe: "_Pipe") -> None:
        """Forget a websocket with all that was subscribed on it."""
        fabric, sockets = self._apic._fabric, self._gateway.sockets._open
        with fabric.lock:
            sockets.remove(pipe)  # type: ignore[arg-type]
            fabric.bus.drop_socket(pipe)

    def close(self) -> None:
        """Nothing is open."""


class _Pipe:
    """Both ends of a websocket."""

    sock = None

    def __init__(self, session: Session, line: FabricLine) -> None:
        self.session = session
        self.channel: Channel | None = None
        self._line = line

    def push(self, frame: str, _about: Mo) -> None:
        if self.channel is not None:
            self.channel._take(_TEXT, frame.encode())

    def settimeout(self, _seconds: float) -> None:
        """Nobody waits."""

    def shutdown(self) -> None:
        self.channel = None
        self._line.closed(self)


class _LineChannel(Channel):
    """A channel that nobody has to read from: frames come by themselves."""

    def start(self) -> None:
        """There is no thread."""

    def close(self) -> None:
        self._finish()


class _LineSubscriber(Subscriber):
    """Opens websockets of a line."""

    line: FabricLine

    def _opened(self, login: Login) -> Channel:
        pipe = self.line.open(login.token)
        pipe.channel = _LineChannel(pipe, self._clock, self._closed)  # type: ignore[arg-type]
        return pipe.channel


@dataclass(frozen=True)
class Lines:
    """Both lines of one cluster."""

    cluster_simulator: KubernetesSimulator
    apic: ApicSimulator

    @cached_property
    def cluster(self) -> ClusterLine:
        return ClusterLine(self.cluster_simulator)

    @cached_property
    def fabric(self) -> FabricLine:
        return FabricLine(self.apic)


@contextmanager
def no_wires() -> Iterator[None]:
    """Spare every engine what only wires need: trust in certificates, and threads that wait for answers."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with ExitStack() as exits:
        for module in ("wire", "subscriber"):
            exits.enter_context(mock.patch(f"akb_sync.apic.{module}.tls_context", return_value=context))
        exits.enter_context(mock.patch("akb_sync.kube.view.ThreadPoolExecutor", _OneByOne, create=True))
        exits.enter_context(mock.patch("akb_sync.simulators.kubernetes.simulator.Authority", mock.MagicMock))
        exits.enter_context(mock.patch("akb_sync.simulators.kubernetes.simulator.ssl_context"))
        yield


class _OneByOne:
    """A pool of threads without threads."""

    def __init__(self, _size: int, **_more: object) -> None:
        """It has nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """It ends nothing."""

    @staticmethod
    def map(call: Callable[[Any], Any], things: Iterable[Any]) -> list[Any]:
        return [call(one) for one in things]


def _reply(controller: str, answer: Answer) -> Reply:
    return Reply(controller, answer.status, answer.text().encode())
