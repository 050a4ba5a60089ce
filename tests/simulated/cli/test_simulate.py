"""`akb-sync simulate apic` and `simulate kubernetes`: ready line, files, clean stop, and what is refused."""

import json
import signal
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from .program import Process, Program

APIC_READY, KUBERNETES_READY = "The APIC simulator is ready at ", "The Kubernetes simulator is ready at "


@pytest.fixture
def akb(tmp_path: Path) -> Program:
    return Program(tmp_path)


@pytest.fixture
def taken() -> Iterator[str]:
    """An address that somebody else listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield f"127.0.0.1:{listener.getsockname()[1]}"


def ended(running: Process, number: signal.Signals) -> None:
    assert running.stop(number) == 0
    assert len(running.lines) == 1, running.lines


def test_both_serve_what_plan_and_sync_need_and_stop_cleanly(akb: Program, tmp_path: Path) -> None:
    folder, kubeconfig = tmp_path / "apic", tmp_path / "cluster" / "kubeconfig"
    kubeconfig.parent.mkdir()
    with (
        akb.start("simulate", "apic", "--output", str(folder)) as apic,
        akb.start("simulate", "kubernetes", "--kubeconfig", str(kubeconfig)) as cluster,
    ):
        url = apic.until(APIC_READY).removeprefix(APIC_READY)
        cluster.until(KUBERNETES_READY)
        environment = (folder / "env").read_text().splitlines()
        assert [line.split("=")[0] for line in environment] == [
            "export ACI_APIC",
            "export ACI_USERNAME",
            "export ACI_PASSWORD",
            "export AKB_SYNC_APIC_CA_FILE",
        ]
        assert f"export ACI_APIC={url}" in environment
        assert stat.S_IMODE((folder / "env").stat().st_mode) == 0o600
        assert stat.S_IMODE(kubeconfig.stat().st_mode) == 0o600
        assert (folder / "ca.pem").exists()
        planned = akb.shell(f'. {folder}/env && "$AKB" plan --kubeconfig {kubeconfig}')
        assert (planned.code, planned.err) == (0, "")
        ended(apic, signal.SIGINT)
        ended(cluster, signal.SIGTERM)


def test_the_other_signals_stop_them_as_well(akb: Program, tmp_path: Path) -> None:
    with (
        akb.start("simulate", "apic", "--output", str(tmp_path)) as apic,
        akb.start("simulate", "kubernetes", "--kubeconfig", str(tmp_path / "k")) as cluster,
    ):
        apic.until(APIC_READY)
        cluster.until(KUBERNETES_READY)
        ended(apic, signal.SIGTERM)
        ended(cluster, signal.SIGINT)


def test_a_port_that_is_taken_is_one_sentence(akb: Program, tmp_path: Path, taken: str) -> None:
    apic = akb.run("simulate", "apic", "--listen", taken, "--output", str(tmp_path))
    cluster = akb.run("simulate", "kubernetes", "--listen", taken, "--kubeconfig", str(tmp_path / "k"))
    for refused in (apic, cluster):
        assert refused.code == 1
        assert taken in refused.error
        assert "port is in use" in refused.error


@pytest.mark.parametrize("listen", ["8443", "127.0.0.1:", ":8443", "127.0.0.1:99999", "localhost:http"])
def test_an_address_that_is_none_is_a_usage_error(akb: Program, tmp_path: Path, listen: str) -> None:
    for command in (
        ("apic", "--output", str(tmp_path)),
        ("kubernetes", "--kubeconfig", str(tmp_path / "k")),
    ):
        refused = akb.run("simulate", *command, "--listen", listen)
        assert refused.code == 64
        assert listen in refused.error


def test_a_file_is_loaded_instead_of_the_small_fabric(akb: Program, tmp_path: Path) -> None:
    document = tmp_path / "fabric.json"
    document.write_text(json.dumps({"fvTenant": {"attributes": {"name": "TEN_MINE"}}}))
    with akb.start("simulate", "apic", "--output", str(tmp_path), "--load", str(document)) as apic:
        apic.until(APIC_READY)
        ended(apic, signal.SIGTERM)


@pytest.mark.parametrize("text", [None, "{", '{"noSuchClass": {"attributes": {}}}'])
def test_a_file_that_cannot_be_loaded_is_one_sentence(akb: Program, tmp_path: Path, text: str | None) -> None:
    document = tmp_path / "fabric.json"
    if text is not None:
        document.write_text(text)
    refused = akb.run("simulate", "apic", "--output", str(tmp_path), "--load", str(document))
    assert refused.code == 1
    assert str(document) in refused.error


def test_places_that_cannot_be_written_are_one_sentence(akb: Program, tmp_path: Path) -> None:
    plain = tmp_path / "file"
    plain.write_text("")
    apic = akb.run("simulate", "apic", "--output", str(plain / "below"))
    cluster = akb.run("simulate", "kubernetes", "--kubeconfig", str(plain / "below"))
    for refused in (apic, cluster):
        assert refused.code == 1
        assert str(plain) in refused.error


def test_a_cluster_is_saved_at_the_end_and_loaded_again(akb: Program, tmp_path: Path) -> None:
    state, script = tmp_path / "state.json", tmp_path / "faults.yaml"
    script.write_text("faults: [{do: {answer: busy}, match: {class: fvBD}}]")
    options = ("simulate", "apic", "--output", str(tmp_path), "--controllers", "3")
    with akb.start(*options, "--save", str(state), "--faults", str(script), "--leafs", "2") as apic:
        urls = apic.until(APIC_READY).removeprefix(APIC_READY).split(", ")
        assert len(urls) == 3
        assert f"export ACI_APIC={','.join(urls)}" in (tmp_path / "env").read_text().splitlines()
        assert not state.exists()
        ended(apic, signal.SIGTERM)
    assert "TEN_K8_C1" in state.read_text()
    with akb.start(*options, "--load", str(state)) as apic:
        apic.until(APIC_READY)
        ended(apic, signal.SIGINT)


@pytest.mark.parametrize(
    ("option", "content", "sentence"),
    [
        ("--faults", None, "cannot be read"),
        ("--faults", "faults: [{do: explode}]", "line 1, faults[0].do: 'explode' is not known; write one of"),
        ("--save", "below/a/folder/that/is/not/there", "cannot be written: No such file or directory"),
    ],
)
def test_what_cannot_be_used_is_one_sentence_before_anything_is_served(
    akb: Program, tmp_path: Path, option: str, content: str | None, sentence: str
) -> None:
    path = tmp_path / "file"
    if option == "--save":
        path = tmp_path / str(content)
    elif content is not None:
        path.write_text(content)
    refused = akb.run("simulate", "apic", "--output", str(tmp_path / "output"), option, str(path))
    assert refused.code == 1
    assert str(path) in refused.error
    assert sentence in refused.error
    assert refused.out == ""


def test_a_choice_of_behaviour_that_is_none_is_one_sentence(akb: Program, tmp_path: Path) -> None:
    refused = akb.run("simulate", "apic", "--output", str(tmp_path), "--behaviour", "colour=red")
    assert refused.code == 1
    assert "refresh-class" in refused.error


def test_the_kubeconfig_names_a_context_and_holds_the_certificate(akb: Program, tmp_path: Path) -> None:
    path = tmp_path / "kubeconfig"
    with akb.start("simulate", "kubernetes", "--kubeconfig", str(path)) as cluster:
        url = cluster.until(KUBERNETES_READY).removeprefix(KUBERNETES_READY)
        document = yaml.safe_load(path.read_text())
        assert document["current-context"] == "akb-sync-simulator"
        assert document["clusters"][0]["cluster"]["server"] == url
        ended(cluster, signal.SIGTERM)
