"""What is wrong is one sentence on stderr with what, where and the next step; no traceback, no secret."""

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from akb_sync.apic import ApicOptions, courier
from akb_sync.engine import Engine, credential
from akb_sync.errors import ApicBusy, ApicUnreachable, KubernetesUnreachable
from akb_sync.kube import connection
from akb_sync.simulators.apic import ApicSimulator
from akb_sync.simulators.apic.faults import Canned
from akb_sync.simulators.kubernetes import KubernetesSimulator
from cli.main import main
from tests.simulated.engine.stage import ANNOTATION, Json, Stage, binding

from .program import Ended, Program

SECRET = "hunter2-this-is-the-password"
TOKEN = "planted-token-of-the-cluster"


@pytest.fixture
def web(stage: Stage) -> Json:
    web = stage.workload("web")
    stage.pods(web, 2)
    return web


@pytest.fixture
def closed_port() -> str:
    """An address where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"https://127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture
def silent_port() -> Iterator[str]:
    """An address that takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(32)
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"


def failed(ended: Ended, *parts: str, code: int = 1) -> None:
    """One sentence with all of these parts, and nothing else."""
    assert ended.code == code, ended
    for part in parts:
        assert part in ended.error
    assert "Traceback" not in ended.said


def kubeconfig(stage: Stage, **cluster: object) -> str:
    """The kubeconfig with other values in its cluster; gives the path."""
    path = stage.folder / "other-kubeconfig"
    document = yaml.safe_load(stage.cluster.kubeconfig())
    entry = document["clusters"][0]["cluster"]
    entry.update(cluster)
    path.write_text(yaml.safe_dump({**document, "clusters": [{**document["clusters"][0], "cluster": entry}]}))
    return str(path)


@pytest.mark.usefixtures("web")
@pytest.mark.parametrize("command", ["plan", "sync", "status"])
def test_wrong_credentials(stage: Stage, akb: Program, command: str) -> None:
    ended = akb.with_(ACI_PASSWORD="wrong").run(command)
    failed(ended, stage.apic.url, "check the APIC user and its password")
    assert ended.out == ""
    assert stage.apic.counts["logins_refused"] == 1


@pytest.mark.usefixtures("web")
def test_an_apic_that_cannot_be_reached(akb: Program, closed_port: str) -> None:
    failed(akb.run("plan", "--apic", closed_port), closed_port, "connection refused", "check the address")
    failed(akb.run("plan", "--apic", "no-such-host.invalid"), "no-such-host.invalid", "check the address")


@pytest.mark.usefixtures("web")
def test_an_apic_whose_certificate_is_not_trusted(stage: Stage, akb: Program, tmp_path: Path) -> None:
    failed(akb.with_(AKB_SYNC_APIC_CA_FILE=None).run("plan"), stage.apic.url, "not trusted", "--apic-ca-file")
    other = tmp_path / "other"
    other.mkdir()
    stranger = ApicSimulator(output_dir=other)
    ended = akb.run("plan", "--apic-ca-file", str(stranger.ca_file))
    failed(ended, stage.apic.url, "not trusted", "--apic-ca-file")
    insecure = akb.with_(AKB_SYNC_APIC_CA_FILE=None).run("plan", "--apic-insecure")
    assert insecure.code == 2


@pytest.mark.usefixtures("web")
def test_an_apic_that_answers_html(stage: Stage, akb: Program) -> None:
    stage.apic.faults.answer_next(Canned.HTML, count=1000)
    failed(akb.run("plan"), stage.apic.url, "not as an APIC does", "check that --apic names an APIC")


@pytest.mark.usefixtures("web")
def test_an_apic_that_stays_busy_is_given_up(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier, "_PAUSE", 0.001)
    stage.apic.faults.answer_next(Canned.BUSY, count=1000, method="GET")
    with Engine.connect(stage.settings()) as engine, pytest.raises(ApicBusy, match=r"answers 503 to uni/tn-"):
        engine.read()


def test_an_apiserver_that_cannot_be_reached(stage: Stage, akb: Program, closed_port: str) -> None:
    ended = akb.run("plan", "--kubeconfig", kubeconfig(stage, server=closed_port))
    failed(ended, closed_port, "other-kubeconfig", "check that it runs")


def test_an_apiserver_whose_certificate_is_not_trusted(stage: Stage, akb: Program) -> None:
    other = yaml.safe_load(KubernetesSimulator().kubeconfig())
    stranger = other["clusters"][0]["cluster"]["certificate-authority-data"]
    path = kubeconfig(stage, **{"certificate-authority-data": stranger})
    ended = akb.run("plan", "--kubeconfig", path)
    failed(ended, stage.cluster.url, "not trusted", "certificate-authority")


def test_an_apiserver_that_answers_html(stage: Stage, akb: Program) -> None:
    with stage.cluster.faults.error(502, html=True):
        failed(akb.run("plan"), stage.cluster.url, "HTML", "no proxy or login page stands before it")


def test_a_token_that_the_apiserver_does_not_know(stage: Stage, akb: Program) -> None:
    stage.cluster.write_kubeconfig(stage.folder / "kubeconfig", token="stale")
    failed(akb.run("plan"), stage.cluster.url, "401", "log in again")


def test_a_kubeconfig_without_the_context(akb: Program) -> None:
    failed(akb.run("plan", "--context", "production"), "production", "kubeconfig", "akb-sync-simulator")


def test_no_kubeconfig_at_all(akb: Program, tmp_path: Path) -> None:
    failed(akb.with_(KUBECONFIG=None).run("plan"), "kubeconfig")
    failed(akb.run("plan", "--kubeconfig", str(tmp_path / "none")), str(tmp_path / "none"))


@pytest.mark.parametrize("kind", ["pods", "deployments", "services"])
def test_a_list_verb_that_is_missing_is_named_and_nothing_is_taken_for_empty(
    stage: Stage, akb: Program, web: Json, kind: str
) -> None:
    stage.sync()
    before = stage.dump()
    stage.remove({"kind": "Pod", **stage.cluster.list("Pod", "shop")[0]})
    stage.cluster.deny("list", kind)
    for command in ("plan", "sync", "status"):
        ended = akb.run(command)
        failed(ended, f"{kind}: ", stage.cluster.url, f"list {kind}", "ClusterRole")
        assert "NotFresh" in ended.out or not ended.out
    assert stage.dump() == before
    assert web["kind"] == "Deployment"


def test_no_verb_at_all_is_one_sentence(stage: Stage, akb: Program) -> None:
    stage.cluster.deny("*", "*")
    failed(akb.run("plan"), stage.cluster.url, "ClusterRole")


@pytest.mark.usefixtures("web")
@pytest.mark.parametrize(
    ("missing", "named"),
    [("ACI_APIC", "ACI_APIC"), ("ACI_USERNAME", "ACI_USERNAME"), ("ACI_PASSWORD", "ACI_PASSWORD")],
)
def test_a_setting_that_is_missing_is_a_usage_error(akb: Program, missing: str, named: str) -> None:
    failed(akb.with_(**{missing: None}).run("plan"), named, code=64)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("plan", "--bogus"), "--bogus"),
        (("plan", "stray"), "stray"),
        (("plan", "-o", "xml"), "'-o': 'xml' is not one of"),
        (("plan", "--hold-down", "soon"), "'AKB_SYNC_HOLD_DOWN'): it has to be a number; see"),
        (("plan", "--max-prefixes", "1.5"), "it has to be a whole number; see"),
        (("plan", "--resync", "60", "--resync=70"), "--resync stands there twice; keep one"),
        (("plan", "--annotation-key", "x y"), "--annotation-key 'x y' is no key of an annotation"),
        (("plan", "--hold-down", "-1"), "--hold-down"),
        (("plan", "--resync", "0"), "--resync"),
        (("watch", "--resync", "nan"), "--resync"),
        (("plan", "--max-prefixes", "-5"), "--max-prefixes"),
        (("plan", "--allow", "everything"), "--allow"),
        (("plan", "--expose", "nodes"), "expose"),
        (("plan", "--pod-cidrs", "10.0.0.0/99"), "10.0.0.0/99"),
        (("plan", "--cluster-name", "a:b"), "--cluster-name"),
        (("plan", "--policy", "yolo"), "yolo"),
        (("plan", "--apic-ca-file", "no-such-file"), "no-such-file"),
        (("plan", "--apic-password-file", "no-such-file"), "--apic-password-file"),
        (("plan", "--apic-key-file", "no-such-file"), "--apic-key-file"),
        (("plan", "--apic", "http//x y"), "is not an APIC"),
        (("nonsense",), "nonsense"),
        (("simulate", "kubernetes"), "--kubeconfig"),
    ],
)
def test_a_command_line_that_makes_no_sense_is_a_usage_error(
    akb: Program,
    arguments: tuple[str, ...],
    named: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, text in akb.environment.items():
        monkeypatch.setenv(name, text)
    monkeypatch.setattr(sys, "argv", ["akb-sync", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    code = ended.value.code
    assert isinstance(code, int)
    failed(Ended(code, *capsys.readouterr()), named, code=64)


@pytest.mark.usefixtures("web")
def test_debug_shows_the_traceback_and_no_secret(
    stage: Stage, akb: Program, tmp_path: Path, closed_port: str
) -> None:
    stage.apic.users["spy"] = SECRET
    cluster_token = {"users": [{"name": "u", "user": {"token": TOKEN}}]}
    document = {**yaml.safe_load(stage.cluster.kubeconfig()), **cluster_token}
    document["contexts"][0]["context"]["user"] = "u"
    path = tmp_path / "planted"
    path.write_text(yaml.safe_dump(document))
    planted = akb.with_(ACI_PASSWORD=SECRET)
    for ended in (
        planted.run("plan", "--debug"),
        planted.run("sync", "--debug"),
        planted.run("plan", "--debug", "--apic", closed_port),
        planted.run("plan", "--debug", "--kubeconfig", str(path)),
        planted.run("plan", "--apic", f"https://admin:{SECRET}@{closed_port.removeprefix('https://')}"),
        planted.run("status", "-o", "json"),
    ):
        assert ended.code in {1, 64}, ended
        assert SECRET not in ended.said
        assert TOKEN not in ended.said
    assert "Traceback" in planted.run("plan", "--debug").err


@pytest.mark.usefixtures("web")
def test_a_login_that_works_shows_neither_password_nor_token(stage: Stage, akb: Program) -> None:
    ended = akb.run("sync", "--debug")
    assert ended.code == 0
    assert "secret" not in ended.err.replace("kube-secret", "")
    assert stage.cluster.token not in ended.err.replace("akb-sync-simulator of", "")
    assert "APIC-cookie" not in ended.err


def test_text_from_the_cluster_never_reaches_the_terminal_raw(stage: Stage, akb: Program) -> None:
    stage.workload("evil", annotation='{"tenant": "\\u001b[31mRED\\u0007", "l3out": "\u202ex", "epg": "y"}')
    stage.workload("torn", annotation='{"tenant": "\x1b[31mRED\x07"')
    key = '{"tenant": "TEN_K8_C1", "l3out": "L3O_K8_C1", "epg": "E", "\\u001b]0;owned\\u0007": 1}'
    stage.pod(stage.workload("odd", annotation=key), "10.244.1.1")
    for command in (("plan",), ("plan", "-o", "wide"), ("plan", "-o", "json"), ("plan", "-o", "yaml")):
        ended = akb.run(*command)
        assert ended.code == 2
        assert not [char for char in ended.said if not char.isprintable() and char != "\n"], command
    with akb.start("watch") as running:
        running.until("InvalidAnnotation")
        running.until("UnknownKey")
        assert running.stop() == 0
        raw = [char for line in running.lines for char in line if not char.isprintable()]
        assert raw == []


def test_what_somebody_wrote_on_the_fabric_never_reaches_the_terminal_raw(stage: Stage, akb: Program) -> None:
    stage.pod(stage.workload("web"), "10.244.1.1")
    stage.apic.faults.reject("extsubnet", "100", "bad \x1b[2J\r\x00 words")
    ended = akb.run("sync")
    assert ended.code == 3
    assert "bad" in ended.out
    assert not [char for char in ended.said if not char.isprintable() and char != "\n"]


def test_an_annotation_key_of_ones_own(stage: Stage, akb: Program) -> None:
    stage.annotate(stage.workload("web", annotation="no JSON"), binding("EPG_OWN"), key="example.com/epg")
    ended = akb.run("plan", "--annotation-key", "example.com/epg", "-o", "json")
    assert [item["epg"] for item in ended.document["items"]] == ["EPG_OWN"]
    assert ANNOTATION not in ended.out


@pytest.mark.usefixtures("web")
def test_a_half_dead_apiserver_is_given_up(
    stage: Stage, akb: Program, silent_port: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "READ_TIMEOUT", 0.3)
    monkeypatch.setattr(connection, "CONNECT_TIMEOUT", 0.3)
    settings = stage.settings(kubeconfig=Path(kubeconfig(stage, server=silent_port)))
    with pytest.raises(KubernetesUnreachable, match=r"check that it runs"):
        Engine.connect(settings)
    assert akb.environment


@pytest.mark.usefixtures("web")
def test_a_half_dead_apic_is_given_up(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def impatient(**options: object) -> ApicOptions:
        return ApicOptions(**options, read_timeout=0.3)  # type: ignore[arg-type]

    monkeypatch.setattr(credential, "ApicOptions", impatient)
    stage.apic.faults.hang(count=1000)
    with Engine.connect(stage.settings()) as engine, pytest.raises(ApicUnreachable, match=r"timed out"):
        engine.read()
