"""The controllers of a cluster: a port each, one state behind them, and one that goes away leaves the others.

Every controller accepts every write and every token; a websocket belongs to the controller that it was
opened at, and subscriptions have to be asked for there (aci-containers goes on at another host with a new
login and new subscriptions).
"""

import ssl
from collections.abc import Callable

from akb_sync.simulators.apic.gateway import Gateway
from akb_sync.simulators.errors import SimulatorError
from akb_sync.simulators.server import BackgroundServer


class Controllers:
    """Starts and stops the controllers; they are numbered from 1, as their node ids are.

    Args:
        host: where all of them listen.
        port: the first one's port, the others follow; 0 lets the system choose each.
        count: how many there are.
        tls: the context that all of them share.
        gateway: makes the gateway of a number.
    """

    def __init__(
        self,
        host: str,
        port: int,
        count: int,
        tls: ssl.SSLContext | None,
        gateway: Callable[[int], Gateway],
    ) -> None:
        if count < 1:
            raise SimulatorError(f"{count} controllers are none; have at least one.")
        if port and port + count - 1 > 65535:
            raise SimulatorError(f"There are not {count} ports from {port} on; choose a lower one.")
        self.gateways = [gateway(number) for number in range(1, count + 1)]
        self.servers = [
            BackgroundServer(each.application, host, port + index if port else 0, tls, _name(index, count))
            for index, each in enumerate(self.gateways)
        ]

    @property
    def urls(self) -> list[str]:
        """The base address of each; the ports are known after the first start."""
        return [server.url for server in self.servers]

    @property
    def running(self) -> list[int]:
        """The numbers of those that are served now."""
        return [number for number, server in enumerate(self.servers, 1) if server.running]

    def start(self) -> None:
        """Start all of them, or none; raises SimulatorError when a port is in use."""
        for server in self.servers:
            try:
                server.start()
            except SimulatorError:
                self.stop()
                raise

    def stop(self) -> None:
        """Stop all of them."""
        for server in self.servers:
            server.stop()

    def start_one(self, number: int) -> None:
        """Start one, on the port that it had; raises SimulatorError when there is none of that number."""
        self._server(number).start()

    def stop_one(self, number: int) -> None:
        """Stop one: its port is free and its connections are cut."""
        self._server(number).stop()

    def close_sockets(self, *, wait: bool) -> None:
        """Close every websocket in the orderly way."""
        for server, gateway in zip(self.servers, self.gateways, strict=True):
            for socket in gateway.sockets.all():
                if wait:
                    server.submit(socket.close)
                else:
                    server.send(socket.close)

    def end_connections(self) -> None:
        """Let every connection end with its next answer."""
        for gateway in self.gateways:
            gateway.generations.renew()

    def _server(self, number: int) -> BackgroundServer:
        if not 1 <= number <= len(self.servers):
            raise SimulatorError(
                f"There is no controller {number}; they are numbered 1 to {len(self.servers)}."
            )
        return self.servers[number - 1]


def _name(index: int, count: int) -> str:
    return "APIC simulator" if count == 1 else f"APIC simulator's controller {index + 1}"
