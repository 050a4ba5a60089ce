"""The simulator as a test or a command holds it: started, stopped, looked into and written to."""

import shutil
import ssl
import tempfile
import threading
import weakref
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from akb_sync.simulators import certificates
from akb_sync.simulators.apic.accounts import USERS_DN, user_document
from akb_sync.simulators.apic.behaviour import DEFAULT, Behaviour
from akb_sync.simulators.apic.clock import Clock
from akb_sync.simulators.apic.controllers import Controllers
from akb_sync.simulators.apic.fabric import Fabric
from akb_sync.simulators.apic.faults import Faults, Script
from akb_sync.simulators.apic.gateway import Gateway
from akb_sync.simulators.apic.journal import Journal
from akb_sync.simulators.apic.sessions import Sessions
from akb_sync.simulators.apic.ticker import Ticker
from akb_sync.simulators.apic.topology import FabricShape
from akb_sync.simulators.apic.workbench import Workbench
from akb_sync.simulators.certificates import DEFAULT_HOSTS, Authority

DEFAULT_USERS = {"admin": "secret"}
STRANGER = "a CA that nobody knows"


class ApicSimulator(Workbench):
    """An APIC on a port of this machine, or a cluster of them on several ports.

    Use it as a context manager, or call `start` and `stop`. The tree, the sessions and the journal outlive a
    stop; sockets and subscriptions do not. Everything but `start` and `stop` may be called from any thread,
    running or not.

    Args:
        host: the address to listen on.
        port: 0 lets the system choose; the choice is kept for later starts. Further controllers have the
            ports that follow.
        users: name and password of the local users, all of them administrators; `add_user` makes others.
        tls: with a certificate of an authority made for this simulator, or plain HTTP.
        output_dir: where `ca.pem` is written; a temporary directory by default.
        refresh_timeout: seconds that a token lives.
        maximum_lifetime: seconds that a session lives, refreshed or not.
        extend_on_use: every request prolongs its token.
        behaviour: what it does where evidence about real APICs conflicts.
        controllers: how many controllers listen.
        shape: pods, spines, leafs and controllers that the fabric says it has.
        fault_retention: seconds that a fault stays after it was mended. A real APIC keeps it for an hour.

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
        behaviour: Behaviour = DEFAULT,
        controllers: int = 1,
        shape: FabricShape | None = None,
        fault_retention: float = 0.0,
    ) -> None:
        self.users = dict(DEFAULT_USERS if users is None else users)
        self.clock = Clock()
        self.faults = Faults(self.clock.elapsed)
        shape = shape or FabricShape(controllers=max(controllers, FabricShape().controllers))
        super().__init__(
            Fabric(self.clock, how=behaviour, shape=shape, fault_retention=fault_retention), Journal()
        )
        self._sessions = Sessions(
            self._fabric.tree,
            self.clock,
            refresh_timeout=refresh_timeout,
            maximum_lifetime=maximum_lifetime,
            extend_on_use=extend_on_use or behaviour.extend_on_use,
        )
        self._hosts = tuple(dict.fromkeys((host, *DEFAULT_HOSTS)))
        self._authority = Authority() if tls else None
        self.ca_file: Path | None = None
        if self._authority is not None:
            self.ca_file = self._authority.write(output_dir or self._temporary_directory())
        self._tls = self.new_tls()
        self._controllers = Controllers(host, port, controllers, self._tls, self._gateway)
        self._ticker = Ticker(self.faults.tick)
        self.faults.bind(Levers(self), partial(self._controllers.close_sockets, wait=True))
        for name, password in self.users.items():
            self.post(USERS_DN, user_document(name, password))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The first controller's base address, e.g. `https://127.0.0.1:40123`; known once started."""
        return self.urls[0]

    @property
    def urls(self) -> list[str]:
        """The base address of each controller."""
        return self._controllers.urls

    @property
    def running(self) -> bool:
        """Whether a controller is served now."""
        return bool(self._controllers.running)

    @property
    def running_controllers(self) -> list[int]:
        """The numbers of the controllers that are served now, counted from 1."""
        return self._controllers.running

    def start(self) -> None:
        """Listen; raises SimulatorError when a port is in use."""
        self._controllers.start()
        if self.faults.timed:
            self._ticker.start()

    def stop(self) -> None:
        """Free the ports and cut every connection; the tree stays."""
        self._ticker.stop()
        self._controllers.stop()

    def start_controller(self, number: int) -> None:
        """Start one controller, counted from 1, on the port that it had; raises SimulatorError."""
        self._controllers.start_one(number)

    def stop_controller(self, number: int) -> None:
        """Stop one controller: its port is free, its websockets and their subscriptions are gone."""
        self._controllers.stop_one(number)

    def load_faults(self, script: Script) -> None:
        """Put a fault script in force, in place of an earlier one; its time begins now."""
        self.faults.load(script.rules())
        if self.running and self.faults.timed:
            self._ticker.start()

    def end_sessions(self) -> None:
        """End every session now."""
        with self._fabric.lock:
            self._sessions.close_all()

    def change_certificate(self, *, stranger: bool = False) -> None:
        """Show a new certificate to new connections, of the same authority or of one that nobody knows."""
        if self._tls is None or self._authority is None:
            return
        authority = Authority(STRANGER) if stranger else self._authority
        certificates.renew(self._tls, authority, self._hosts)
        self._controllers.end_connections()

    def new_tls(self) -> ssl.SSLContext | None:
        """A server's context with a certificate of the simulator's authority; None without TLS."""
        return None if self._authority is None else certificates.ssl_context(self._authority, self._hosts)

    def _gateway(self, number: int) -> Gateway:
        secure = self._authority is not None
        return Gateway(
            self._fabric, self._sessions, self.faults, self._journal, secure=secure, controller=number
        )

    def _temporary_directory(self) -> Path:
        directory = tempfile.mkdtemp(prefix="akb-sync-apic-")
        weakref.finalize(self, shutil.rmtree, directory, ignore_errors=True)
        return Path(directory)


class Levers:
    """How faults reach the simulator. They are pulled in the loops of servers, and so never wait for one."""

    def __init__(self, simulator: ApicSimulator) -> None:
        # A weak one: the simulator holds the faults, and its directory goes when nobody holds the simulator.
        self._simulator = weakref.proxy(simulator)

    def end_sessions(self) -> None:
        """End every session."""
        self._simulator.end_sessions()

    def close_sockets(self) -> None:
        """Close every websocket."""
        self._simulator._controllers.close_sockets(wait=False)  # noqa: SLF001 - a part of the simulator

    def change_certificate(self, *, stranger: bool) -> None:
        """Show another certificate."""
        self._simulator.change_certificate(stranger=stranger)

    def stop_controller(self, number: int) -> None:
        """Stop a controller, soon: nobody can wait for the end of the loop that they are in."""
        self._soon(self._simulator.stop_controller, number)

    def start_controller(self, number: int) -> None:
        """Start a controller, soon."""
        self._soon(self._simulator.start_controller, number)

    @staticmethod
    def _soon(call: Callable[[int], None], number: int) -> None:
        threading.Thread(target=call, args=(number,), name="APIC simulator, lever", daemon=True).start()
