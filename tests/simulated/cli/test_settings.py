"""Where a setting comes from, and how a login is made of it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from tests.simulated.engine.stage import EPG, Stage, epg_dn

from .program import Program


@pytest.fixture
def named(stage: Stage) -> Stage:
    """A stage with one wanted subnet, whose mark will tell which cluster name was used."""
    stage.pod(stage.workload("web"), "10.244.1.1")
    return stage


def name_in_mark(stage: Stage) -> str:
    """The cluster name in the mark of what was written; what was written goes."""
    epg = stage.apic.get(epg_dn())
    assert epg is not None
    stage.apic.delete(epg_dn())
    return epg["annotation"].split(":")[2].split(".")[0]


def config(stage: Stage, text: str) -> str:
    path = stage.folder / "settings.yaml"
    path.write_text(text)
    return str(path)


def test_a_flag_goes_before_the_environment_that_before_the_file_and_that_before_the_default(
    named: Stage, akb: Program
) -> None:
    path = config(named, "cluster-name: from-file\n")
    environment = akb.with_(AKB_SYNC_CLUSTER_NAME="from-env")
    for program, arguments, expected in (
        (environment, ("--config", path, "--cluster-name", "from-flag"), "from-flag"),
        (environment, ("--config", path), "from-env"),
        (akb, ("--config", path), "from-file"),
        (akb.with_(AKB_SYNC_CONFIG=path), (), "from-file"),
        (akb, (), "k8s"),
    ):
        assert program.run("sync", *arguments).code == 0
        assert name_in_mark(named) == expected


def test_a_settings_file_holds_numbers_switches_and_lists(named: Stage, akb: Program) -> None:
    named.pod(named.workload("api", epg="EPG_API"), "203.0.113.1")
    text = """
        pod-cidrs: [10.244.0.0/16, 10.245.0.0/16]
        allow:
          - "shop=TEN_K8_C1/*/EPG_*"
        hold-down: 0.5
        require-contract: true
        max_prefixes: 7
        """
    ended = akb.run("plan", "--config", config(named, text), "-o", "json")
    reasons = {notice["reason"] for notice in ended.document["notices"]}
    held = {item["hold"]["reason"] for item in ended.document["items"] if item["hold"]}
    assert reasons == {"OutOfRange"}
    assert held == {"NoContract"}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("nonsense: 1\n", ("unknown setting 'nonsense'", "cluster-name")),
        ("apic: [\n", ("is no YAML", "line 2")),
        ("just text\n", ("no mapping",)),
        ("apic-password: secret-in-a-file\n", ("secret", "ACI_PASSWORD")),
        ("hold-down: soon\n", ("settings.yaml: hold-down is 'soon'",)),
        ("resync: -3\n", ("--resync",)),
        ("pod-cidrs: 10.244.0.0/99\n", ("pod", "10.244.0.0/99")),
    ],
)
def test_a_settings_file_that_makes_no_sense_is_a_usage_error(
    stage: Stage, akb: Program, text: str, parts: tuple[str, ...]
) -> None:
    ended = akb.run("plan", "--config", config(stage, text))
    assert ended.code == 64
    for part in parts:
        assert part in ended.error
    assert "secret-in-a-file" not in ended.said


def test_a_settings_file_that_is_not_there_is_a_usage_error(akb: Program) -> None:
    ended = akb.run("plan", "--config", "no-such.yaml")
    assert ended.code == 64
    assert "no-such.yaml" in ended.error


@pytest.mark.usefixtures("named")
def test_the_password_may_come_from_a_file(akb: Program, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("secret\n")
    program = akb.with_(ACI_PASSWORD=None)
    assert program.run("plan", "--apic-password-file", str(secret)).code == 2
    assert program.with_(AKB_SYNC_APIC_PASSWORD_FILE=str(secret)).run("plan").code == 2
    secret.write_text("wrong")
    assert program.run("plan", "--apic-password-file", str(secret)).code == 1


def test_a_key_signs_instead_of_a_password(named: Stage, akb: Program, tmp_path: Path) -> None:
    key, certificate = key_pair()
    named.apic.add_certificate("admin", "akb", certificate)
    path = tmp_path / "key.pem"
    path.write_bytes(key)
    arguments = ("--apic-key-file", str(path), "--apic-certificate-name", "akb")
    ended = akb.with_(ACI_PASSWORD=None).run("sync", *arguments)
    assert ended.code == 0
    assert named.prefixes(EPG) == {"10.244.1.1/32"}
    assert named.apic.counts["logins"] == 0
    both = akb.run("plan", *arguments)
    assert both.code == 64
    assert "both a password and a key" in both.error
    nameless = akb.with_(ACI_PASSWORD=None).run("plan", "--apic-key-file", str(path))
    assert nameless.code == 64


def test_a_key_that_the_apic_does_not_know_is_refused_in_one_sentence(
    named: Stage, akb: Program, tmp_path: Path
) -> None:
    key, _ = key_pair()
    path = tmp_path / "key.pem"
    path.write_bytes(key)
    ended = akb.with_(ACI_PASSWORD=None).run(
        "plan", "--apic-key-file", str(path), "--apic-certificate-name", "akb"
    )
    assert ended.code == 1
    assert "check the APIC user and its password or key" in ended.error
    assert named.posts == 0


def test_a_key_that_is_no_key_is_a_usage_error_and_is_not_shown(akb: Program, tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_text("-----BEGIN PRIVATE KEY-----\nplanted-key-material\n-----END PRIVATE KEY-----\n")
    for debug in ((), ("--debug",)):
        ended = akb.with_(ACI_PASSWORD=None).run(
            "plan", "--apic-key-file", str(path), "--apic-certificate-name", "akb", *debug
        )
        assert ended.code == 64
        assert "planted-key-material" not in ended.said


def key_pair() -> tuple[bytes, bytes]:
    """A private key and its self-signed certificate, both PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "akb")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private, certificate.public_bytes(serialization.Encoding.PEM)


@pytest.mark.parametrize(
    ("arguments", "flag"), [(("--apic-rate", "-1"), "--apic-rate"), (("--apic-burst", "0"), "--apic-burst")]
)
def test_a_pace_that_makes_no_sense_is_a_usage_error(
    akb: Program, arguments: tuple[str, ...], flag: str
) -> None:
    ended = akb.run("plan", *arguments)
    assert ended.code == 64
    assert flag in ended.error


@pytest.mark.usefixtures("named")
def test_a_variable_that_begins_as_ours_do_and_is_no_setting_is_told_and_ignored(akb: Program) -> None:
    ended = akb.with_(AKB_SYNC_IMAGE="\x1b[31m", AKB_SYNC_SERVICE_HOST="10.96.0.7").run("plan")
    assert ended.code == 2
    assert ended.err == "warning: $AKB_SYNC_IMAGE is no setting of akb-sync, and is ignored\n"


@pytest.mark.parametrize("command", ["plan", "watch"])
def test_a_variable_that_is_nearly_a_setting_is_a_usage_error(
    named: Stage, akb: Program, command: str
) -> None:
    ended = akb.with_(AKB_SYNC_POLCY="create-only").run(command)
    assert ended.code == 64
    assert ended.error == "$AKB_SYNC_POLCY is no setting; did you mean AKB_SYNC_POLICY?"
    assert named.posts == 0
