"""Secrets are planted, the program lives good and bad days at `--debug`, and everything is searched."""

import base64
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml

from akb_sync.simulators.apic import ApicSimulator
from akb_sync.simulators.kubernetes import KubernetesSimulator
from akb_sync.simulators.kubernetes.options import ADMIN, Options
from tests.conformance.key_pairs import self_signed
from tests.planted import APIC_TOKEN, KUBERNETES_TOKEN, PASSWORD, leaks
from tests.simulated.cli.program import Process, Program
from tests.simulated.engine.stage import Stage, eventually, hosts
from tests.simulated.service.test_what_people_see import free_port

PLANTED = (PASSWORD, KUBERNETES_TOKEN, APIC_TOKEN)


class Haul:
    """Everything that was said, by where."""

    def __init__(self, *more: str) -> None:
        self.texts: dict[str, str] = {}
        self._secrets = [form for secret in (*PLANTED, *more) for form in _forms(secret)]

    def add(self, where: str, text: str) -> None:
        assert text.strip(), f"nothing was said: {where}"
        self.texts[where] = text

    def found(self) -> list[str]:
        return [
            f"{where}: {line}"
            for where, text in self.texts.items()
            for line in text.splitlines()
            if any(secret in line for secret in self._secrets)
        ]


def _forms(secret: str) -> list[str]:
    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")
    return [secret, quote(secret, safe=""), json.dumps(secret)[1:-1], encoded[:-2]]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with (
        ApicSimulator(users={"admin": PASSWORD}, output_dir=tmp_path) as apic,
        KubernetesSimulator(controllers=False, options=Options(tokens={KUBERNETES_TOKEN: ADMIN})) as cluster,
    ):
        apic.small_fabric()
        for name in ("shop", "akb-sync"):
            cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        stage = Stage(cluster, apic, tmp_path)
        stage.pods(stage.workload("web"), 2)
        stage.workload("torn", annotation='{"epg": "E')
        yield stage


@pytest.fixture
def akb(stage: Stage) -> Program:
    program = Program.on(stage).with_(ACI_PASSWORD=PASSWORD)
    path = stage.cluster.write_kubeconfig(stage.folder / "kubeconfig", KUBERNETES_TOKEN)
    return program.with_(KUBECONFIG=str(path))


def cmdline(process: Process) -> str:
    return Path(f"/proc/{process._process.pid}/cmdline").read_text().replace("\0", " ")


def kept(stage: Stage) -> str:
    """What is left in the cluster: Events, the Lease and the state."""
    kinds = [("Event", "shop"), ("Event", "akb-sync"), ("ConfigMap", "akb-sync"), ("Lease", "akb-sync")]
    return json.dumps([stage.cluster.list(kind, namespace) for kind, namespace in kinds], indent=1)


def test_a_running_engine_shows_none_on_a_good_and_on_a_bad_day(stage: Stage, akb: Program) -> None:
    haul, port = Haul(), free_port()
    journal = stage.folder / "deleted.jsonl"
    asked = ("--debug", "--listen", f"127.0.0.1:{port}", "--journal", str(journal), "--resync", "1")
    with akb.with_(AKB_SYNC_LEADER_ELECT="always").start("watch", *asked) as running:
        eventually("it converged", lambda: stage.prefixes() == hosts("10.244.1", 2), 20.0)
        haul.add("ps", cmdline(running))
        for page in ("metrics", "livez", "readyz"):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{page}", timeout=5) as answer:
                haul.add(page, answer.read().decode())
        _end_a_pod(stage)
        eventually("a deletion is in the journal", lambda: journal.is_file() and journal.read_text(), 20.0)
        haul.add("journal", journal.read_text())
        eventually("Events were written", lambda: stage.cluster.list("Event", "shop"), 20.0)
        stage.apic.faults.expire_sessions()
        stage.apic.faults.refuse_logins = True
        running.until("ERROR", timeout=20.0)
        stage.apic.faults.refuse_logins = False
        stage.cluster.stop()
        running.until("ERROR", stage.cluster.url, timeout=20.0)
        stage.cluster.start()
        assert running.stop() == 0
        haul.add("log", "\n".join(running.lines))
    haul.add("cluster", kept(stage))
    assert "DEBUG" in haul.texts["log"]
    assert "InvalidAnnotation" in haul.texts["cluster"]
    assert haul.found() == []


def _end_a_pod(stage: Stage) -> None:
    (pod, *_) = stage.cluster.list("Pod", "shop")
    stage.remove({**pod, "kind": "Pod"})


COMMANDS = (
    ("plan", "-o", "json"),
    ("sync", "--yes", "--no-wait"),
    ("status", "-o", "wide"),
    ("status", "-o", "yaml"),
    ("explain", "10.244.1.1"),
    ("doctor", "-o", "json"),
    ("adopt", "EPG_WEB", "--yes"),
    ("release", "EPG_WEB", "--yes"),
    ("config", "show"),
    ("config", "show", "-o", "json"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_shows_one(stage: Stage, akb: Program, command: tuple[str, ...]) -> None:
    haul = Haul()
    if command[0] in ("adopt", "release", "explain"):
        stage.epg("EPG_WEB", "10.244.1.1/32")
    ended = akb.run(*command, "--debug")
    haul.add(" ".join(command), ended.said)
    assert ended.code in (0, 1, 2, 3), ended.said
    assert haul.found() == []


def bad_days(stage: Stage, akb: Program) -> dict[str, Program]:
    return {
        "refused password": akb.with_(ACI_PASSWORD=f"{PASSWORD}-old"),
        "refused token": akb.with_(KUBECONFIG=str(_another_token(stage))),
        "untrusted": akb.with_(AKB_SYNC_APIC_CA_FILE=None),
        "two credentials": akb.with_(AKB_SYNC_APIC_KEY_FILE=str(_key(stage)[0])),
        "password in the URL": akb.with_(ACI_APIC=f"https://admin:{PASSWORD}@127.0.0.1:1"),
        "and with a comma": akb.with_(ACI_APIC=f"https://admin:{PASSWORD},x@127.0.0.1:1,apic2"),
    }


@pytest.mark.parametrize("command", [("plan",), ("doctor", "-o", "json"), ("config", "show")], ids=" ".join)
def test_no_command_shows_one_on_a_bad_day(stage: Stage, akb: Program, command: tuple[str, ...]) -> None:
    haul = Haul()
    for day, program in bad_days(stage, akb).items():
        haul.add(day, program.run(*command, "--debug").said)
    assert haul.found() == []


def test_a_broken_answer_and_its_traceback_show_none(stage: Stage, akb: Program) -> None:
    haul = Haul()
    for answer in ("html", "not-allowed", "queue-full"):
        stage.apic.faults.answer_next(answer, count=1000, path="/api/(class|mo)")
        haul.add(answer, akb.run("plan", "--debug").said)
        stage.apic.faults.clear()
    assert "Traceback" in "".join(haul.texts.values())
    assert haul.found() == []


def _another_token(stage: Stage) -> Path:
    return stage.cluster.write_kubeconfig(stage.folder / "stale", f"{KUBERNETES_TOKEN}-stale")


def _key(stage: Stage) -> tuple[Path, str]:
    """A private key in a file, and a line of it."""
    pem, certificate = self_signed("akb-sync")
    stage.apic.add_certificate("admin", "akb", certificate)
    path = stage.folder / "private.key"
    path.write_text(pem)
    return path, pem.splitlines()[5]


def test_a_key_is_not_shown_either(stage: Stage, akb: Program) -> None:
    path, line = _key(stage)
    haul = Haul(line, "APIC-Request-Signature")
    signing = akb.with_(ACI_PASSWORD=None, AKB_SYNC_APIC_KEY_FILE=str(path))
    named = signing.with_(AKB_SYNC_APIC_CERTIFICATE_NAME="akb")
    for command in (("sync", "--yes"), ("doctor", "-o", "json"), ("config", "show")):
        haul.add(" ".join(command), named.run(*command, "--debug").said)
    haul.add("unnamed", signing.run("plan", "--debug").said)
    unknown = signing.with_(AKB_SYNC_APIC_CERTIFICATE_NAME="nobody")
    haul.add("unknown", unknown.run("plan", "--debug").said)
    torn = stage.folder / "torn.key"
    torn.write_text(path.read_text().replace("-----END", line))
    haul.add("torn", named.with_(AKB_SYNC_APIC_KEY_FILE=str(torn)).run("plan", "--debug").said)
    assert stage.prefixes() == hosts("10.244.1", 2)
    assert haul.found() == []


def test_an_exec_plugin_that_says_nonsense_does_not_spread_its_token(stage: Stage, akb: Program) -> None:
    plugin = stage.folder / "plugin"
    plugin.write_text(f'#!/bin/sh\necho \'{{"status": {{"token": "{KUBERNETES_TOKEN}"}}\'\n')
    plugin.chmod(0o755)
    path = Path(akb.environment["KUBECONFIG"])
    document = yaml.safe_load(path.read_text())
    document["users"][0]["user"] = {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": str(plugin),
            "interactiveMode": "Never",
        }
    }
    path.write_text(json.dumps(document))
    haul = Haul()
    ended = akb.run("plan", "--debug")
    assert ended.code == 1
    haul.add("plugin", ended.said)
    assert haul.found() == []


def test_a_secret_would_be_found() -> None:
    haul = Haul()
    haul.add("here", f"x\n{quote(PASSWORD)} y")
    assert haul.found() == [f"here: {PASSWORD} y"]
    assert leaks(f"a\nb {APIC_TOKEN}/+= c") == [f"b {APIC_TOKEN}/+= c"]
