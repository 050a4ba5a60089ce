"""TLS 1.2 or newer on every channel, and no way to switch verification off without being told."""

import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from akb_sync.apic.options import ApicOptions
from akb_sync.apic.query import mo_path
from akb_sync.apic.session import ApicSession
from akb_sync.apic.tls import tls_context
from akb_sync.apic.websockets import open_websocket
from akb_sync.clock import SystemClock
from akb_sync.errors import ApicError, KubernetesUnreachable
from akb_sync.kube import KubeConnection
from akb_sync.simulators.apic import ApicSimulator
from akb_sync.simulators.certificates import Authority
from tests.simulated.cli.program import Program
from tests.simulated.engine.stage import Stage
from tests.simulated.kube.scripted import write_kubeconfig

from .old_tls import old_server, weaken

Speak = Callable[[int, Path, bool], None]


def rest(port: int, ca: Path, insecure: bool) -> None:
    options = ApicOptions(
        (f"127.0.0.1:{port}",),
        "admin",
        password="secret",
        ca_file=None if insecure else ca,
        insecure=insecure,
    )
    session = ApicSession(options, SystemClock(), upkeep=False)
    session._courier.pause = lambda _: None
    with session:
        session.get(mo_path("uni"))


def websocket(port: int, ca: Path, insecure: bool) -> None:
    url = f"https://127.0.0.1:{port}"
    options = ApicOptions(
        (url,), "admin", password="secret", ca_file=None if insecure else ca, insecure=insecure
    )
    open_websocket(url, "the-token", "", tls_context(options), 5.0)


def apiserver(port: int, ca: Path, insecure: bool) -> None:
    trust = {"insecure-skip-tls-verify": True} if insecure else {"certificate-authority": str(ca)}
    path = write_kubeconfig(ca.parent / "config", f"https://127.0.0.1:{port}", cluster=trust)
    KubeConnection.connect(path).get("/version")


@pytest.mark.parametrize("insecure", [False, True], ids=["verified", "insecure"])
@pytest.mark.parametrize("speak", [rest, websocket, apiserver])
def test_a_server_that_speaks_tls_1_1_only_is_told_nothing(
    speak: Speak, insecure: bool, tmp_path: Path
) -> None:
    authority = Authority()
    with old_server(authority) as (port, told):
        with pytest.raises((ApicError, KubernetesUnreachable)) as caught:
            speak(port, authority.write(tmp_path), insecure)
        assert told == []
    assert "secret" not in str(caught.value)


def test_the_old_server_is_spoken_to_by_who_allows_it(tmp_path: Path) -> None:
    authority = Authority()
    with old_server(authority) as (port, told):
        context = weaken(ssl.create_default_context(cafile=str(authority.write(tmp_path))))
        with (
            socket.create_connection(("127.0.0.1", port), 5.0) as plain,
            context.wrap_socket(plain, server_hostname="127.0.0.1") as tls,
        ):
            assert tls.version() == "TLSv1.1"
            tls.sendall(b"hello")
    assert told == [b"hello"]


COMMANDS = [("status",), ("plan",), ("sync", "--yes"), ("doctor",)]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_warns_of_an_apic_that_is_not_verified(command: tuple[str, ...], akb: Program) -> None:
    ended = akb.with_(AKB_SYNC_APIC_CA_FILE=None, AKB_SYNC_APIC_INSECURE="true").run(*command)
    assert "WARNING" in ended.err
    assert "the certificate of the APIC is not verified (--apic-insecure)" in ended.err


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_warns_of_an_apiserver_that_is_not_verified(
    command: tuple[str, ...], akb: Program
) -> None:
    path = Path(akb.environment["KUBECONFIG"])
    document = yaml.safe_load(path.read_text())
    del document["clusters"][0]["cluster"]["certificate-authority-data"]
    document["clusters"][0]["cluster"]["insecure-skip-tls-verify"] = True
    path.write_text(yaml.safe_dump(document))
    ended = akb.run(*command)
    assert "WARNING" in ended.err
    assert "is not verified (insecure-skip-tls-verify" in ended.err


def test_a_running_engine_warns_in_its_log(akb: Program) -> None:
    insecure = akb.with_(AKB_SYNC_APIC_CA_FILE=None, AKB_SYNC_APIC_INSECURE="true")
    with insecure.start("watch", "--log-format", "json") as running:
        line = running.until("is not verified (--apic-insecure)")
        assert '"level": "warning"' in line
        assert running.stop() == 0


def test_an_apic_without_tls_is_warned_of_and_fails_the_doctor(stage: Stage, akb: Program) -> None:
    with ApicSimulator(users={"admin": "secret"}, tls=False) as plain:
        plain.small_fabric()
        unencrypted = akb.with_(ACI_APIC=plain.url, AKB_SYNC_APIC_CA_FILE=None)
        assert f"{plain.url} is not encrypted" in unencrypted.run("status").err
        rows = {row["name"]: row for row in unencrypted.run("doctor", "-o", "json").document["checks"]}
    assert rows["apic-tls"]["verdict"] == "failed"
    assert stage.posts == 0


def test_nothing_is_warned_of_when_everything_is_verified(akb: Program) -> None:
    assert akb.run("status").err == ""
