"""The simulator as a process: files, signals, and one sentence for what goes wrong."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from akb_sync.simulators import SimulatorError
from akb_sync.simulators.apic import ApicSimulator
from akb_sync.simulators.apic.behaviour import Behaviour
from akb_sync.simulators.apic.choices import choices, parse_behaviour
from akb_sync.simulators.apic.command import Order, parse_listen, serve_forever, serving, write_files
from akb_sync.simulators.apic.loading import load_file
from tests.simulated.apic_simulator.client import Client, attributes

PROGRAM = """
    import sys
    from pathlib import Path
    from akb_sync.simulators.apic.command import Order, serve_forever
    order = Order("127.0.0.1:0", Path(sys.argv[1]), save=Path(sys.argv[1], "state.json"))
    serve_forever(order, ready=lambda apic: print(apic.url, flush=True))
    print("stopped", flush=True)
"""
ROOT = Path(__file__).parents[3]


def order(output: Path, listen: str = "127.0.0.1:0", **wishes: Any) -> Order:
    return Order(listen, output, **wishes)


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
    other = ApicSimulator()
    load_file(other, tmp_path / "state.json")
    assert other.get("uni/tn-TEN_K8_C1")


def test_the_environment_file_is_read_by_a_shell_and_by_its_owner_only(tmp_path: Path) -> None:
    with ApicSimulator(users={"admin": "it's $ecret"}, output_dir=tmp_path) as apic:
        path = write_files(apic, tmp_path)
        names = "$ACI_APIC $ACI_USERNAME $ACI_PASSWORD $AKB_SYNC_APIC_CA_FILE"
        shell = subprocess.run(
            ["sh", "-c", f'. "{path}"; echo "{names}"'], capture_output=True, text=True, check=True
        )
        assert shell.stdout.strip() == f"{apic.url} admin it's $ecret {tmp_path / 'ca.pem'}"
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_cluster_with_an_admin_endpoint_is_told_in_the_environment(tmp_path: Path) -> None:
    with serving(order(tmp_path, controllers=3, admin=True)) as apic:
        lines = (tmp_path / "env").read_text().splitlines()
        variables = dict(line.removeprefix("export ").split("=", 1) for line in lines)
        assert variables["ACI_APIC"].split(",") == apic.urls
        assert variables["AKB_SYNC_APIC_ADMIN"].startswith("https://127.0.0.1:")
        assert f"Bearer {variables['AKB_SYNC_APIC_ADMIN_TOKEN']}" in (tmp_path / "curl-admin").read_text()
        assert (tmp_path / "curl-admin").stat().st_mode & 0o777 == 0o600


def test_without_asking_there_is_no_admin_endpoint(tmp_path: Path) -> None:
    with serving(order(tmp_path)):
        assert "ADMIN" not in (tmp_path / "env").read_text()
        assert not (tmp_path / "curl-admin").exists()


def test_an_order_is_carried_out_with_faults_shape_and_behaviour(tmp_path: Path) -> None:
    script = tmp_path / "faults.yaml"
    script.write_text("faults: [{do: {answer: busy}, match: {class: fvBD}}]")
    wish = order(tmp_path, faults=script, pods=2, spines=1, leafs=3, behaviour=["refresh-class=aaaRefresh"])
    with serving(wish) as apic, Client(apic) as client:
        client.login()
        assert client.get("class/fvBD").status_code == 503
        assert "aaaRefresh" in client.get("aaaRefresh").json()["imdata"][0]
        roles = [attributes(item)["role"] for item in client.imdata("class/fabricNode")]
        assert (roles.count("spine"), roles.count("leaf"), roles.count("controller")) == (2, 6, 3)


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


@pytest.mark.parametrize("admin", [False, True])
def test_a_port_in_use_is_one_sentence(tmp_path: Path, admin: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        wish = order(tmp_path, admin=True, admin_port=port) if admin else order(tmp_path, f"127.0.0.1:{port}")
        with pytest.raises(SimulatorError, match=rf"127\.0\.0\.1:{port}: the port is in use"):
            serve_forever(wish)


def test_an_output_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "taken"
    path.touch()
    with pytest.raises(SimulatorError, match="cannot be written"):
        serve_forever(order(path))


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"faults": Path("none.yaml")}, "none.yaml cannot be read: No such file or directory."),
        ({"load": Path("none.json")}, "none.json cannot be read: No such file or directory."),
        ({"save": Path("none/state.json")}, "none/state.json cannot be written: No such file or directory;"),
        ({"pods": 0}, "A fabric has 1 to 9 pods, not 0."),
        ({"leafs": 100}, "A fabric has 0 to 99 leafs, not 100."),
        ({"behaviour": ["nested-child-dn"]}, "'nested-child-dn' is no choice of behaviour; write NAME=VALUE"),
        ({"behaviour": ["color=red"]}, "'color=red' is no choice of behaviour; write NAME=VALUE with one of"),
        (
            {"behaviour": ["nested-child-dn=maybe"]},
            "'nested-child-dn=maybe' cannot be; write nested-child-dn=yes or no.",
        ),
        ({"behaviour": ["too-big-status=500"]}, "write too-big-status=400 or 503."),
        ({"behaviour": ["subscription-timeout=-1"]}, "write subscription-timeout=a number."),
        ({"behaviour": ["maximal-post-bytes=x"]}, "write maximal-post-bytes=a whole number or none."),
    ],
)
def test_what_is_wrong_with_an_order_is_found_before_the_port_is_served(
    tmp_path: Path, wish: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(SimulatorError) as caught:
        serve_forever(order(tmp_path / "output", **wish), ready=lambda _apic: pytest.fail("it was served"))
    assert sentence in str(caught.value)
    assert not (tmp_path / "output" / "env").exists()


def test_every_choice_of_behaviour_can_be_written_as_its_default() -> None:
    assert (
        parse_behaviour(f"{name}={default}" for name, (default, _allowed) in choices().items()) == Behaviour()
    )


def test_choices_of_behaviour_are_read() -> None:
    texts = ["nested-child-dn=yes", "maximal-post-bytes=1000", "too-big-status=503", "unknown-class-code=12"]
    assert parse_behaviour(texts) == Behaviour(
        nested_child_dn=True, maximal_post_bytes=1000, too_big_status=503, unknown_class_code="12"
    )


@pytest.mark.parametrize("text", ["", "8080", "host", "host:", "host:99999", ":80"])
def test_an_address_that_is_none_is_one_sentence(text: str) -> None:
    with pytest.raises(SimulatorError, match="HOST:PORT"):
        parse_listen(text)


def test_listen_addresses() -> None:
    assert parse_listen("127.0.0.1:0") == ("127.0.0.1", 0)
    assert parse_listen("[::1]:8443") == ("::1", 8443)
