"""The simulator as a test or a command holds it: started, stopped, looked into and written to."""

import shutil
import tempfile
import weakref
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from akb_sync.simulators.apic import content, documents
from akb_sync.simulators.apic.clock import Clock
from akb_sync.simulators.apic.fabric import Fabric
from akb_sync.simulators.apic.faults import Faults
from akb_sync.simulators.apic.gateway import Gateway
from akb_sync.simulators.apic.journal import Journal, Refusal, Write
from akb_sync.simulators.apic.sessions import USERS_DN, Sessions
from akb_sync.simulators.apic.transactions import SYSTEM, Author
from akb_sync.simulators.certificates import DEFAULT_HOSTS, Authority, ssl_context
from akb_sync.simulators.server import BackgroundServer

DEFAULT_USERS = {"admin": "secret"}


class ApicSimulator:
    """An APIC on a port of this machine.

    Use it as a context manager, or call `start` and `stop`. The tree, the sessions and the journal outlive a
    stop; sockets and subscriptions do not. Everything but `start` and `stop` may be called from any thread,
    running or not.

    Args:
        host: the address to listen on.
        port: 0 lets the system choose; the choice is kept for later starts.
        users: name and password of the local users.
        tls: with a certificate of an authority made for this simulator, or plain HTTP.
        output_dir: where `ca.pem` is written; a temporary directory by default.
        refresh_timeout: seconds that a token lives.
        maximum_lifetime: seconds that a session lives, refreshed or not.
        extend_on_use: every request prolongs its token.

    Attributes:
        faults: the hooks that make it misbehave.
        clock: its time; `clock.advance(61)` lets a minute pass at once.
        ca_file: the authority's certificate, None without TLS.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        users: Mapping[str, str] | None = None,
        *,
        tls: bool = True,
        output_dir: Path | None = None,
        refresh_timeout: float = 600,
        maximum_lifetime: float = 86_400,
        extend_on_use: bool = False,
    ) -> None:
        self.users = dict(DEFAULT_USERS if users is None else users)
        self.clock = Clock()
        self.faults = Faults()
        self._journal = Journal()
        self._fabric = Fabric(self.clock)
        self._sessions = Sessions(
            self._fabric.tree,
            self.clock,
            refresh_timeout=refresh_timeout,
            maximum_lifetime=maximum_lifetime,
            extend_on_use=extend_on_use,
        )
        self._gateway = Gateway(self._fabric, self._sessions, self.faults, self._journal, secure=tls)
        self.ca_file: Path | None = None
        context = None
        if tls:
            authority = Authority()
            self.ca_file = authority.write(output_dir or self._temporary_directory())
            context = ssl_context(authority, tuple(dict.fromkeys((host, *DEFAULT_HOSTS))))
        self._server = BackgroundServer(self._gateway.application, host, port, context, "APIC simulator")
        self.faults.bind(self._close_sockets, self._expire_sessions)
        for name, password in self.users.items():
            self.post(USERS_DN, {"aaaUser": {"attributes": {"name": name, "pwd": password}}})

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The base address, e.g. `https://127.0.0.1:40123`; the port is known after the first start."""
        return self._server.url

    @property
    def running(self) -> bool:
        """Whether the port is served now."""
        return self._server.running

    @property
    def journal(self) -> list[Write]:
        """The writes that were accepted over HTTP, the oldest first."""
        return self._journal.writes

    @property
    def refusals(self) -> list[Refusal]:
        """The requests that were answered with an error."""
        return self._journal.refusals

    @property
    def counts(self) -> "Counter[str]":
        """How many requests of each kind came; `Journal` lists the keys."""
        return self._journal.counts

    @property
    def subscriptions(self) -> int:
        """How many subscriptions live now."""
        with self._fabric.lock:
            self._fabric.bus.expire()
            return len(self._fabric.bus)

    def start(self) -> None:
        """Listen; raises SimulatorError when the port is in use."""
        self._server.start()

    def stop(self) -> None:
        """Free the port and cut every connection; the tree stays."""
        self._server.stop()

    def reset_journal(self) -> None:
        """Forget writes, refusals and counts."""
        self._journal.clear()

    def post(self, dn: str, document: Any, user: str | None = None) -> int:
        """Write in-process, as the system or as a user; return how many objects changed.

        The document goes the way of one that came over HTTP, events included. Raises ApicError.
        """
        with self._fabric.lock:
            operations = documents.operations(self._fabric.schema, dn, document)
            return len(self._fabric.write(operations, self._author(user)))

    def delete(self, dn: str, user: str | None = None) -> int:
        """Delete an object in-process; return how many objects went with it."""
        with self._fabric.lock:
            operation = documents.deletion(self._fabric.schema, dn)
            return len(self._fabric.write([operation], self._author(user)))

    def load(self, document: Any) -> None:
        """Post a document to `uni`; it may be wrapped in `imdata`, and hold several tenants."""
        self.post("uni", document)

    def small_fabric(self, *tenants: str) -> None:
        """Make tenants with a VRF and an L3Out each; without names `TEN_K8_C1`."""
        for document in content.fabric_documents(*tenants):
            self.post("uni", document)

    def get(self, dn: str) -> dict[str, str] | None:
        """The attributes of an object, None when it is absent."""
        with self._fabric.lock:
            mo = self._fabric.tree.get(dn)
            return None if mo is None else mo.attributes()

    def subtree(self, dn: str = "uni") -> dict[str, tuple[str, dict[str, str]]]:
        """Every object at and below a dn: (class, attributes) by dn."""
        with self._fabric.lock:
            mo = self._fabric.tree.get(dn)
            found = () if mo is None else mo.subtree()
            return {each.dn: (each.schema.name, each.attributes()) for each in found}

    def of_class(self, name: str) -> dict[str, dict[str, str]]:
        """The attributes of every object of a class by dn, faults and audit records too."""
        with self._fabric.lock:
            return {mo.dn: mo.attributes() for mo in self._fabric.tree.of_class(name)}

    def add_certificate(self, user: str, name: str, pem: str | bytes) -> str:
        """Register a certificate for a local user's signatures and return its dn."""
        data = pem.decode() if isinstance(pem, bytes) else pem
        dn = f"{USERS_DN}/user-{user}"
        self.post(dn, {"aaaUserCert": {"attributes": {"name": name, "data": data}}})
        return f"{dn}/usercert-{name}"

    def _author(self, user: str | None) -> Author:
        if user is None:
            return SYSTEM
        mo = self._fabric.tree.get(f"{USERS_DN}/user-{user}")
        return Author(user, "0" if mo is None else mo.get("unixUserId"), ":all:")

    def _close_sockets(self) -> None:
        for socket in self._gateway.sockets.all():
            self._server.submit(socket.close)

    def _expire_sessions(self) -> None:
        with self._fabric.lock:
            self._sessions.close_all()

    def _temporary_directory(self) -> Path:
        directory = tempfile.mkdtemp(prefix="akb-sync-apic-")
        weakref.finalize(self, shutil.rmtree, directory, ignore_errors=True)
        return Path(directory)
