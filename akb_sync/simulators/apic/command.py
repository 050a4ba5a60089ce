"""The simulator as a program of its own: `akb-sync simulate apic` is these functions and a command line.

Users point any APIC client at it by sourcing the file that is written here, and curl by naming another one.
"""

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from akb_sync.simulators.apic import snapshots
from akb_sync.simulators.apic.admin import Admin
from akb_sync.simulators.apic.choices import parse_behaviour
from akb_sync.simulators.apic.faults import Script, read_file
from akb_sync.simulators.apic.loading import load_file
from akb_sync.simulators.apic.simulator import ApicSimulator
from akb_sync.simulators.apic.topology import FabricShape
from akb_sync.simulators.errors import SimulatorError
from akb_sync.simulators.stopping import stop_signals, wait_until


@dataclass(frozen=True, slots=True)
class Order:
    """What is wished for on a command line, as it stands there.

    Attributes:
        listen: `HOST:PORT` of the first controller; the others have the ports that follow.
        output: directory for `ca.pem`, `env` and `curl`.
        load: an APIC document or a saved state; without it there is a small fabric.
        save: where the state is written at the end.
        faults: a fault script.
        admin: whether there is an admin endpoint, and `admin_port` where; 0 takes a free port.
        behaviour: `NAME=VALUE` for each choice that is not the default.
        pods, spines, leafs: the shape of the fabric.
    """

    listen: str
    output: Path
    load: Path | None = None
    save: Path | None = None
    faults: Path | None = None
    controllers: int = 1
    admin: bool = False
    admin_port: int = 0
    behaviour: Sequence[str] = ()
    pods: int = 1
    spines: int = 2
    leafs: int = 4

    def shape(self) -> FabricShape:
        """The fabric's shape; raises SimulatorError."""
        known = max(self.controllers, FabricShape().controllers)
        return FabricShape(pods=self.pods, spines=self.spines, leafs=self.leafs, controllers=known)


def parse_listen(text: str) -> tuple[str, int]:
    """Host and port of `HOST:PORT` or `[IPV6]:PORT`; raises SimulatorError."""
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise SimulatorError(
            f"'{text}' is not an address to listen on; write HOST:PORT, as in 127.0.0.1:8443."
        )
    return host, int(port)


def serve_forever(order: Order, ready: Callable[[ApicSimulator], None] | None = None, **options: Any) -> None:
    """Run a simulator until SIGINT or SIGTERM.

    Everything that can be wrong with the order is found before the port is served, an unwritable `save` too.

    Args:
        order: what is wished for.
        ready: called once when the port is served and the files are written.
        options: what `ApicSimulator` takes beside that.

    Raises SimulatorError with one sentence for a person. Call it in the main thread.
    """
    with stop_signals() as stopped:
        with serving(order, **options) as simulator:
            if ready is not None:
                ready(simulator)
            wait_until(stopped)
        if order.save is not None:
            simulator.save(order.save)


@contextmanager
def serving(order: Order, **options: Any) -> Iterator[ApicSimulator]:
    """A simulator that runs as it was ordered, with its files written; raises SimulatorError."""
    script = None if order.faults is None else read_file(order.faults, order.controllers)
    if order.save is not None:
        snapshots.check_writable(order.save)
    simulator = _prepared(order, options)
    if order.load is None:
        simulator.small_fabric()
    else:
        load_file(simulator, order.load)
    with ExitStack() as stack:
        stack.enter_context(simulator)
        admin = stack.enter_context(Admin(simulator, order.admin_port)) if order.admin else None
        write_files(simulator, order.output, admin)
        _misbehave(simulator, script)
        yield simulator


def environment(simulator: ApicSimulator, admin: Admin | None = None) -> dict[str, str]:
    """The variables with which a client finds and trusts a running simulator."""
    user, password = next(iter(simulator.users.items()))
    variables = {"ACI_APIC": ",".join(simulator.urls), "ACI_USERNAME": user, "ACI_PASSWORD": password}
    if simulator.ca_file is not None:
        variables["AKB_SYNC_APIC_CA_FILE"] = str(simulator.ca_file.resolve())
    if admin is not None:
        variables["AKB_SYNC_APIC_ADMIN"] = admin.url
        variables["AKB_SYNC_APIC_ADMIN_TOKEN"] = admin.token
    return variables


def write_files(simulator: ApicSimulator, directory: Path, admin: Admin | None = None) -> Path:
    """Write `env`, with a line `export NAME=value` for each variable, and `curl`; return the first.

    `curl -K DIRECTORY/curl` trusts the simulator, keeps its cookies and takes brackets in names as they are;
    `curl-admin` is there with an admin endpoint. Only their owner may read them.
    """
    lines = [f"export {name}={shlex.quote(text)}\n" for name, text in environment(simulator, admin).items()]
    # Of curl's own files this one holds a token; curl keeps the mode of a file that is there.
    files = {"env": "".join(lines), "curl": _curl(simulator, directory), "cookies": ""}
    if admin is not None:
        files["curl-admin"] = files["curl"] + f'header = "Authorization: Bearer {admin.token}"\n'
    for name, text in files.items():
        _write_private(directory / name, text)
    return directory / "env"


def _curl(simulator: ApicSimulator, directory: Path) -> str:
    jar = directory.resolve() / "cookies"
    lines = ["silent", "show-error", "globoff", f'cookie = "{jar}"', f'cookie-jar = "{jar}"']
    if simulator.ca_file is not None:
        lines.append(f'cacert = "{simulator.ca_file.resolve()}"')
    return "".join(f"{line}\n" for line in lines)


def _write_private(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.chmod(0o600)
        path.write_text(text)
    except OSError as error:
        raise SimulatorError(f"{path} cannot be written: {error.strerror}.") from error


def _prepared(order: Order, options: dict[str, Any]) -> ApicSimulator:
    host, port = parse_listen(order.listen)
    behaviour, shape = parse_behaviour(order.behaviour), order.shape()
    given = {"behaviour": behaviour, "shape": shape, "controllers": order.controllers, **options}
    try:
        return ApicSimulator(host, port, output_dir=order.output, **given)
    except OSError as error:
        raise SimulatorError(f"{order.output} cannot be written: {error.strerror}.") from error


def _misbehave(simulator: ApicSimulator, script: Script | None) -> None:
    if script is not None:
        simulator.load_faults(script)
