"""The simulated cluster as one object: server, controllers, and the same API in-process."""

import asyncio
import contextlib
import copy
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Collection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from akb_sync.simulators.certificates import DEFAULT_HOSTS, Authority, ssl_context
from akb_sync.simulators.errors import SimulatorError
from akb_sync.simulators.kubernetes.access import Authorizer
from akb_sync.simulators.kubernetes.api import Api
from akb_sync.simulators.kubernetes.bootstrap import fill_cluster
from akb_sync.simulators.kubernetes.controllers import controller_loop
from akb_sync.simulators.kubernetes.counts import RequestCounts
from akb_sync.simulators.kubernetes.deleting import DeleteOptions
from akb_sync.simulators.kubernetes.errors import ApiError
from akb_sync.simulators.kubernetes.faults import Faults
from akb_sync.simulators.kubernetes.http import HttpApi
from akb_sync.simulators.kubernetes.kubeconfig import CONTEXT, kubeconfig_text, write_private
from akb_sync.simulators.kubernetes.listing import Query
from akb_sync.simulators.kubernetes.options import DEFAULT_TOKEN, Options
from akb_sync.simulators.kubernetes.patches import merge_patch
from akb_sync.simulators.kubernetes.resources import Resource
from akb_sync.simulators.kubernetes.storage import Change
from akb_sync.simulators.kubernetes.streams import Hear
from akb_sync.simulators.server import BackgroundServer

Json = dict[str, Any]


class KubernetesSimulator:
    """A Kubernetes API on a port of this machine, with a small cluster behind it.

    Use it as a context manager, or call `start` and `stop`; after a stop the objects are still there and
    the next start serves them on the same port. The methods that read and write objects work in-process,
    from any thread, also while the server is stopped; they raise `ApiError` as the API would answer.

    Args:
        host: address to listen on.
        port: port to listen on; 0 takes a free one.
        controllers: True for all, False for none, or the names of those wanted (`controllers.NAMES`).
        options: what the cluster looks like and how fast it moves.

    Attributes:
        faults: misbehaviour to order.
        counts: requests over HTTP by verb and resource.
        authorizer: who may do what.
        controllers: the control loops, to pause and resume by name.
        api: every verb as a method, without the wire.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        controllers: bool | Collection[str] = True,  # noqa: FBT001, FBT002 - a switch that is always named
        options: Options | None = None,
    ) -> None:
        self.options = options or Options()
        self.api = Api(self.options)
        self.faults = Faults()
        self.counts = RequestCounts()
        self.authorizer = Authorizer()
        fill_cluster(self.api)
        self.controllers = controller_loop(self.api, controllers)
        self._authority = Authority("akb-sync simulated Kubernetes CA")
        self._http = HttpApi(self.api, self.faults, self.authorizer, self.counts)
        self.faults.changed = self._http.streams.wake
        self.faults.command = self._http.streams.command
        hosts = (host, *(name for name in DEFAULT_HOSTS if name != host))
        tls = ssl_context(self._authority, hosts, ask_client=True)
        self._server = BackgroundServer(self._application, host, port, tls, "Kubernetes simulator")
        self._directory: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if self._directory is not None:
            self._directory.cleanup()
            self._directory = None

    def start(self) -> None:
        """Serve. Raises SimulatorError when the port cannot be had."""
        self._server.start()

    def stop(self) -> None:
        """Close the port and all connections; the controllers rest, the objects stay."""
        self._server.stop()

    @property
    def url(self) -> str:
        """`https://127.0.0.1:PORT`."""
        return self._server.url

    @property
    def token(self) -> str:
        """A bearer token of the first configured user."""
        return next(iter(self.options.tokens), DEFAULT_TOKEN)

    @property
    def ca_pem(self) -> bytes:
        """The certificate that clients verify the server with."""
        return self._authority.pem

    @property
    def ca_file(self) -> Path:
        """The same in a file, which lives as long as the context manager."""
        if self._directory is None:
            self._directory = tempfile.TemporaryDirectory(prefix="kubernetes-simulator-")
            self._authority.write(Path(self._directory.name))
        return Path(self._directory.name) / "ca.pem"

    @property
    def uid(self) -> str:
        """The uid of the kube-system Namespace, which stands for the cluster."""
        return str(self.get("namespaces", "", "kube-system")["metadata"]["uid"])

    @property
    def revision(self) -> int:
        """The newest resourceVersion."""
        return self.api.store.revision

    def client_certificate(self, user: str, group: str | None = None) -> tuple[bytes, bytes]:
        """(certificate, key) in PEM for a user of the cluster."""
        return self._authority.issue_client(user, group)

    def kubeconfig(self, token: str | None = None) -> str:
        """A kubeconfig as text; its context is `akb-sync-simulator`."""
        return kubeconfig_text(self.url, self.ca_pem, token or self.token, context=CONTEXT)

    def write_kubeconfig(self, path: Path | str, token: str | None = None) -> Path:
        """Write the kubeconfig, readable by its owner only. Raises SimulatorError."""
        try:
            return write_private(Path(path), self.kubeconfig(token))
        except OSError as error:
            raise SimulatorError(f"The kubeconfig {path} cannot be written: {error.strerror}.") from error

    def compact(self, revision: int | None = None) -> int:
        """Forget history, as etcd's compaction does: what is older answers 410 from now on."""
        return self.api.store.compact(revision)

    def deny(self, verb: str, resource: str, namespace: str | None = None, user: str | None = None) -> None:
        """Answer 403 to a verb on a resource (`pods/status`; `*` for all); reviews say so too."""
        self.authorizer.deny(verb, resource, namespace, user)

    def allow(self, verb: str = "*", resource: str = "*") -> None:
        """Take denials back."""
        self.authorizer.allow(verb, resource)

    def watches(self, resource: str = "*") -> int:
        """How many watches of a kind are open now."""
        return self._http.streams.count(resource)

    def hear(self, listener: Hear) -> None:
        """Call `listener` with each event of watches to be opened, just before it goes out.

        It is called in the server's thread, for whoever measures how long a client takes, and must be quick.
        """
        self._http.streams.hear = listener

    def create(self, body: Json) -> Json:
        """Create an object; its `apiVersion` and `kind` say what it is."""
        row = self._row_of(body)
        return copy.deepcopy(self.api.create(row, self._namespace(row, body), body))

    def apply(self, body: Json) -> Json:
        """Create an object or merge it into the one that is there."""
        row = self._row_of(body)
        namespace, name = self._namespace(row, body), body["metadata"]["name"]
        with self.api.store.lock:
            try:
                self.api.get(row, namespace, name)
            except ApiError:
                return self.create(body)
            return copy.deepcopy(self.api.patch(row, namespace, name, lambda old: merge_patch(old, body)))

    def get(self, kind: str, namespace: str, name: str) -> Json:
        """One object.

        `kind` is a plural, singular, short name or kind; cluster-scoped ones ignore `namespace`.
        """
        row = self.api.table.find(kind)
        return copy.deepcopy(self.api.get(row, namespace if row.namespaced else "", name).data)

    def list(self, kind: str, namespace: str | None = None, label_selector: str = "") -> list[Json]:
        """All objects of a kind, in all namespaces or in one."""
        row = self.api.table.find(kind)
        query = Query(namespace=namespace or "", label_selector=label_selector)
        return [copy.deepcopy(record.data) for record in self.api.list(row, query).records]

    def patch(
        self, kind: str, namespace: str, name: str, patch: Json, subresource: str | None = None
    ) -> Json:
        """Merge-patch an object, or with `subresource="status"` its status."""
        row = self.api.table.find(kind)
        scope = namespace if row.namespaced else ""
        data = self.api.patch(
            row, scope, name, lambda old: merge_patch(old, patch), subresource=subresource or ""
        )
        return copy.deepcopy(data)

    def delete(
        self, kind: str, namespace: str, name: str, propagation: str = "Background", grace: int | None = None
    ) -> None:
        """Ask for an object's end."""
        row = self.api.table.find(kind)
        options = DeleteOptions(grace=grace, propagation="" if propagation == "Background" else propagation)
        self.api.delete(row, namespace if row.namespaced else "", name, options)

    def wait_for(self, condition: Callable[["KubernetesSimulator"], bool], timeout: float = 10.0) -> bool:
        """Wait until a condition on the objects holds, looking again after each change.

        A condition that meets an absent object (ApiError) does not hold. Returns whether it holds in the end.
        """
        changed = threading.Event()

        def hear(_change: Change) -> None:
            changed.set()

        def holds() -> bool:
            try:
                return condition(self)
            except ApiError:
                return False

        deadline = time.monotonic() + timeout
        self.api.store.listen(hear)
        try:
            while not holds():
                if not changed.wait(deadline - time.monotonic()):
                    return holds()
                changed.clear()
            return True
        finally:
            self.api.store.unlisten(hear)

    def _row_of(self, body: Json) -> Resource:
        row = self.api.table.by_kind(body.get("apiVersion", ""), body.get("kind", ""))
        if row is None:
            raise SimulatorError(
                f"The simulator knows no kind {body.get('kind')} in {body.get('apiVersion')}."
            )
        return row

    def _namespace(self, row: Resource, body: Json) -> str:
        return body.get("metadata", {}).get("namespace", "default") if row.namespaced else ""

    def _application(self) -> web.Application:
        application = self._http.application()
        application.cleanup_ctx.append(self._run_controllers)
        return application

    async def _run_controllers(self, _application: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(self.controllers.run())
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
