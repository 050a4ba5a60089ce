"""Every option once: its name, flag, environment variable, default, and a sentence that says what it is for.

The command line makes its flags of this table, the documentation its reference, and a program that uses
the library fills in `Settings` itself. Precedence on the command line: flag, environment, file, default.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, get_type_hints

from .errors import SettingsError


class Policy(StrEnum):
    """How far the engine may go; for the first weeks in production."""

    SYNC = "sync"
    """Create, repair, move and delete."""
    UPSERT_ONLY = "upsert-only"
    """Create and repair; nothing is ever removed."""
    CREATE_ONLY = "create-only"
    """Create; what is there stays as it is."""


class MassDelete(StrEnum):
    """What happens when many prefixes would go at once."""

    VERIFY = "verify"
    """Both sides are read again from scratch after the hold-down; if they agree, it is done."""
    BLOCK = "block"
    """It waits for a person."""


class LeaderElection(StrEnum):
    """Whether an engine writes only while it holds the Lease."""

    AUTO = "auto"
    """In a Pod yes, elsewhere no."""
    ALWAYS = "always"
    NEVER = "never"


class LogFormat(StrEnum):
    """How log lines look."""

    TEXT = "text"
    JSON = "json"
    LOGFMT = "logfmt"


APIC: Final = "APIC"
KUBERNETES: Final = "Kubernetes"
CONTRACT: Final = "What is exposed, and by whom"
ENGINE: Final = "Engine"
OPERATION: Final = "Operation"


def _about(panel: str, prose: str, *, env: str = "", secret: bool = False) -> dict[str, Any]:
    """What a setting is for. Its flag and environment variable follow from its name, unless given.

    A secret has no flag, since flags show in the process list.
    """
    return {"panel": panel, "prose": prose, "env": env, "secret": secret}


@dataclass(frozen=True, slots=True)
class Settings:
    """The options of one engine. Times are seconds."""

    apic: str = field(
        default="",
        metadata=_about(
            APIC,
            "The APIC controllers, a comma list of names or URLs; they are tried in turn.",
            env="ACI_APIC",
        ),
    )
    apic_username: str = field(
        default="",
        metadata=_about(APIC, "The APIC user.", env="ACI_USERNAME"),
    )
    apic_password: str = field(
        default="",
        repr=False,
        metadata=_about(
            APIC,
            "The password; no flag, since flags show in the process list.",
            env="ACI_PASSWORD",
            secret=True,
        ),
    )
    apic_password_file: Path | None = field(
        default=None,
        metadata=_about(APIC, "A file that holds the password."),
    )
    apic_key_file: Path | None = field(
        default=None,
        metadata=_about(APIC, "The private key (PEM) to sign requests with, instead of a password."),
    )
    apic_certificate_name: str = field(
        default="",
        metadata=_about(
            APIC,
            "The name under which the user's X.509 certificate is stored on the APIC; goes with the key.",
        ),
    )
    apic_ca_file: Path | None = field(
        default=None,
        metadata=_about(
            APIC,
            "The CA certificates (PEM) that the APIC's certificate is verified with, on REST and websocket.",
        ),
    )
    apic_insecure: bool = field(
        default=False,
        metadata=_about(
            APIC, "Do not verify the APIC's certificate. Whoever is on the path can then read the password."
        ),
    )
    apic_rate: int = field(
        default=10,
        metadata=_about(
            APIC,
            "How many requests a second the APIC gets from us in the long run; 0 is no limit.",
        ),
    )
    apic_burst: int = field(
        default=30,
        metadata=_about(APIC, "How many requests may leave at once, after a while without any."),
    )
    kubeconfig: Path | None = field(
        default=None,
        metadata=_about(
            KUBERNETES, "The kubeconfig file. Without it: in-cluster, $KUBECONFIG, ~/.kube/config."
        ),
    )
    context: str = field(
        default="",
        metadata=_about(KUBERNETES, "The kubeconfig's context."),
    )
    cluster_name: str = field(
        default="k8s",
        metadata=_about(
            KUBERNETES,
            "The cluster's name in our marks, for people; ownership compares the cluster's UID, not this.",
        ),
    )
    instance: str = field(
        default="",
        metadata=_about(
            KUBERNETES, "Tells several engines of one cluster apart; each owns its own objects only."
        ),
    )
    annotation_key: str = field(
        default="aci.haystacknetworks.com/l3o",
        metadata=_about(CONTRACT, "The annotation that names a workload's external EPG."),
    )
    default_l3out: str = field(
        default="auto",
        metadata=_about(
            CONTRACT,
            "The L3Out, as TENANT/L3OUT, of annotations that name an EPG only; auto finds the one whose BGP "
            "peers or external subnets carry the cluster's nodes.",
        ),
    )
    expose: str = field(
        default="pods,services",
        metadata=_about(
            CONTRACT, "Which addresses may become subnets: a comma list out of pods and services."
        ),
    )
    allow: tuple[str, ...] = field(
        default=(),
        metadata=_about(
            CONTRACT,
            "Who may name what: NAMESPACE=TENANT/L3OUT/EPG with * as wildcard; repeatable. Unset: all.",
        ),
    )
    pod_cidrs: tuple[str, ...] = field(
        default=(),
        metadata=_about(CONTRACT, "The ranges that Pod addresses must be in; repeatable. Unset: any."),
    )
    service_cidrs: tuple[str, ...] = field(
        default=(),
        metadata=_about(
            CONTRACT, "The ranges that LoadBalancer addresses must be in; repeatable. Unset: any."
        ),
    )
    max_prefixes: int = field(
        default=0,
        metadata=_about(CONTRACT, "How many prefixes one L3Out may hold for us; 0 is no limit."),
    )
    require_contract: bool = field(
        default=False,
        metadata=_about(CONTRACT, "Make the EPG, but let its subnets wait until it has a contract."),
    )
    policy: Policy = field(
        default=Policy.SYNC,
        metadata=_about(
            ENGINE, "How far the engine may go: sync, upsert-only (never removes) or create-only."
        ),
    )
    mass_delete: MassDelete = field(
        default=MassDelete.VERIFY,
        metadata=_about(
            ENGINE,
            "When many prefixes would go at once: verify by a second look, or block for a person.",
        ),
    )
    hold_down: float = field(
        default=30.0,
        metadata=_about(
            ENGINE,
            "How long an EPG is not wanted before it goes, and a mass delete waits for its second look.",
        ),
    )
    resync: float = field(
        default=300.0,
        metadata=_about(
            ENGINE, "How often both sides are read from scratch, whatever was or was not seen (jittered)."
        ),
    )
    journal: Path | None = field(
        default=None,
        metadata=_about(
            ENGINE,
            "A file to which each deleted object is written first, as a JSON line. Without it: the log.",
        ),
    )
    leader_elect: LeaderElection = field(
        default=LeaderElection.AUTO,
        metadata=_about(
            OPERATION,
            "Write only while holding the Lease, so replicas are safe: auto (in a Pod), always, never.",
        ),
    )
    lease_duration: float = field(
        default=15.0,
        metadata=_about(
            OPERATION,
            "How long a Lease outlives its leader; who cannot renew it stops writing after two thirds.",
        ),
    )
    engine_namespace: str = field(
        default="",
        metadata=_about(
            OPERATION,
            "The namespace of the Lease and of the state. Unset: the Pod's own, elsewhere akb-sync.",
        ),
    )
    state_file: Path | None = field(
        default=None,
        metadata=_about(
            OPERATION,
            "A file for state and pause, outside of a cluster. Without it: the ConfigMap akb-sync-status.",
        ),
    )
    listen: str = field(
        default="auto",
        metadata=_about(
            OPERATION,
            "ADDRESS:PORT for /livez, /readyz and /metrics; auto (in a Pod on port 9090) or none.",
        ),
    )
    log_format: LogFormat = field(
        default=LogFormat.TEXT,
        metadata=_about(OPERATION, "How the log lines of watch look: text, json or logfmt."),
    )

    def __post_init__(self) -> None:
        """Let a program name a policy by its text."""
        enumerations = (
            ("policy", Policy),
            ("mass_delete", MassDelete),
            ("leader_elect", LeaderElection),
            ("log_format", LogFormat),
        )
        for name, kind in enumerations:
            value = getattr(self, name)
            try:
                object.__setattr__(self, name, kind(value))
            except ValueError as error:
                known = ", ".join(kind)
                raise SettingsError(f"{name} cannot be {value!r}", f"it is one of {known}") from error

    def password(self) -> str:
        """Give the password, from its file where one is named.

        Raises:
            SettingsError: The file cannot be read.
        """
        if self.apic_password_file:
            return read(self.apic_password_file, "--apic-password-file").decode().strip()
        return self.apic_password

    def key(self) -> bytes | None:
        """Give the private key's PEM text, or None when there is none.

        Raises:
            SettingsError: The file cannot be read.
        """
        return read(self.apic_key_file, "--apic-key-file") if self.apic_key_file else None


def read(path: Path, flag: str) -> bytes:
    """Read a file that a setting names.

    Raises:
        SettingsError: The file cannot be read; says which setting named it.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"{flag} names {path}, which cannot be read: {error.strerror}", "name a readable file"
        ) from error


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table."""

    name: str
    type: Any
    default: Any
    panel: str
    prose: str
    env: str
    flag: str
    """Empty for a secret."""

    @property
    def repeatable(self) -> bool:
        """Whether it takes several values."""
        return bool(self.type == tuple[str, ...])


def table() -> Iterator[Setting]:
    """Go through the settings, in the order in which people read them."""
    types = get_type_hints(Settings)
    for one in fields(Settings):
        about = one.metadata
        yield Setting(
            name=one.name,
            type=types[one.name],
            default=one.default,
            panel=about["panel"],
            prose=about["prose"],
            env=about["env"] or f"AKB_SYNC_{one.name.upper()}",
            flag="" if about["secret"] else f"--{one.name.replace('_', '-')}",
        )
