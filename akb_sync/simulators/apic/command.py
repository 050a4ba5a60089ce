"""The simulator as a program of its own: `akb-sync simulate apic` is these functions and a command line.

Users point any APIC client at it by sourcing the file that is written here.
"""

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

from akb_sync.simulators.apic.errors import ApicError
from akb_sync.simulators.apic.simulator import ApicSimulator
from akb_sync.simulators.errors import SimulatorError
from akb_sync.simulators.stopping import stop_signals, wait_until


def parse_listen(text: str) -> tuple[str, int]:
    """Host and port of `HOST:PORT` or `[IPV6]:PORT`; raises SimulatorError."""
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise SimulatorError(
            f"'{text}' is not an address to listen on; write HOST:PORT, as in 127.0.0.1:8443."
        )
    return host, int(port)


def load_file(simulator: ApicSimulator, path: Path) -> None:
    """Post a file's APIC JSON document to `uni`; raises SimulatorError with the file and the place."""
    document = _read(path)
    try:
        simulator.load(document)
    except ApicError as error:
        raise SimulatorError(
            f"{path} cannot be loaded: the APIC refuses it with {error.code}, {error.text.strip(' ,')}."
        ) from error


def environment(simulator: ApicSimulator) -> dict[str, str]:
    """The variables with which a client finds and trusts a running simulator."""
    user, password = next(iter(simulator.users.items()))
    variables = {"ACI_APIC": simulator.url, "ACI_USERNAME": user, "ACI_PASSWORD": password}
    if simulator.ca_file is not None:
        variables["AKB_SYNC_APIC_CA_FILE"] = str(simulator.ca_file.resolve())
    return variables


def write_environment(simulator: ApicSimulator, directory: Path) -> Path:
    """Write `env` with a line `export NAME=value` for each variable; only its owner may read it."""
    path = directory / "env"
    lines = [f"export {name}={shlex.quote(value)}\n" for name, value in environment(simulator).items()]
    try:
        directory.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.chmod(0o600)
        path.write_text("".join(lines))
    except OSError as error:
        raise SimulatorError(f"{path} cannot be written: {error.strerror}.") from error
    return path


def serve_forever(
    listen: str,
    output: Path,
    load: Path | None = None,
    ready: Callable[[ApicSimulator], None] | None = None,
    **options: Any,
) -> None:
    """Run a simulator until SIGINT or SIGTERM.

    Args:
        listen: `HOST:PORT`.
        output: directory for `ca.pem` and `env`.
        load: an APIC JSON document; without it there is a small fabric.
        ready: called once when the port is served and the files are written.
        options: what `ApicSimulator` takes beside host, port and output directory.

    Raises SimulatorError with one sentence for a person. Call it in the main thread.
    """
    host, port = parse_listen(listen)
    with stop_signals() as stopped:
        simulator = _prepared(host, port, output, options)
        if load is None:
            simulator.small_fabric()
        else:
            load_file(simulator, load)
        with simulator:
            write_environment(simulator, output)
            if ready is not None:
                ready(simulator)
            wait_until(stopped)


def _prepared(host: str, port: int, output: Path, options: dict[str, Any]) -> ApicSimulator:
    try:
        return ApicSimulator(host, port, output_dir=output, **options)
    except OSError as error:
        raise SimulatorError(f"{output} cannot be written: {error.strerror}.") from error


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SimulatorError(f"{path} cannot be read: {error.strerror}.") from error
    except json.JSONDecodeError as error:
        raise SimulatorError(
            f"{path} is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        ) from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise SimulatorError(f"{path} is not JSON: {error}.") from error
