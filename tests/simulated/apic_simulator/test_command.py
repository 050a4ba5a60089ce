"""The simulator as a process: files, signals, and one sentence for what goes wrong."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from akb_sync.simulators import SimulatorError
from akb_sync.simulators.apic import ApicSimulator
from akb_sync.simulators.apic.command import load_file, parse_listen, serve_forever, write_environment

PROGRAM = """
    import sys
    from pathlib import Path
    from akb_sync.simulators.apic.command import serve_forever
    serve_forever("127.0.0.1:0", Path(sys.argv[1]), ready=lambda apic: print(apic.url, flush=True))
    print("stopped", flush=True)
"""
ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_program_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(PROGRAM), str(tmp_path)]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert f"export ACI_APIC={url}\n" in (tmp_path / "env").read_text()
        process.send_signal(number)
        output, errors = process.communicate(timeout=20)
    assert (process.returncode, output, errors) == (0, "stopped\n", "")


def test_the_environment_file_is_read_by_a_shell_and_by_its_owner_only(tmp_path: Path) -> None:
    with ApicSimulator(users={"admin": "it's $ecret"}, output_dir=tmp_path) as apic:
        path = write_environment(apic, tmp_path)
        names = "$ACI_APIC $ACI_USERNAME $ACI_PASSWORD $AKB_SYNC_APIC_CA_FILE"
        shell = subprocess.run(
            ["sh", "-c", f'. "{path}"; echo "{names}"'], capture_output=True, text=True, check=True
        )
        assert shell.stdout.strip() == f"{apic.url} admin it's $ecret {tmp_path / 'ca.pem'}"
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_document_is_loaded_with_several_tenants_in_a_wrapper(tmp_path: Path) -> None:
    path = tmp_path / "fabric.json"
    path.write_text(
        '{"totalCount": "2", "imdata": [{"fvTenant": {"attributes": {"name": "a"}}},'
        ' {"fvTenant": {"attributes": {"name": "b"}}}]}'
    )
    apic = ApicSimulator()
    load_file(apic, path)
    assert apic.get("uni/tn-a")
    assert apic.get("uni/tn-b")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "cannot be read: No such file or directory."),
        ("{\n 1}", "is not JSON: Expecting property name enclosed in double quotes at line 2, column 2."),
        (
            '{"fvFoo": {"attributes": {}}}',
            "the APIC refuses it with 122, unknown managed object class fvFoo.",
        ),
    ],
)
def test_a_file_that_cannot_be_loaded_is_one_sentence(
    tmp_path: Path, text: str | None, sentence: str
) -> None:
    path = tmp_path / "fabric.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(SimulatorError) as caught:
        load_file(ApicSimulator(), path)
    assert str(caught.value).startswith(f"{path} ")
    assert str(caught.value).endswith(sentence)


def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SimulatorError, match=rf"127\.0\.0\.1:{port}: the port is in use"):
            serve_forever(f"127.0.0.1:{port}", tmp_path)


def test_an_output_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "taken"
    path.touch()
    with pytest.raises(SimulatorError, match="cannot be written"):
        serve_forever("127.0.0.1:0", path)


@pytest.mark.parametrize("text", ["", "8080", "host", "host:", "host:99999", ":80"])
def test_an_address_that_is_none_is_one_sentence(text: str) -> None:
    with pytest.raises(SimulatorError, match="HOST:PORT"):
        parse_listen(text)


def test_listen_addresses() -> None:
    assert parse_listen("127.0.0.1:0") == ("127.0.0.1", 0)
    assert parse_listen("[::1]:8443") == ("::1", 8443)
