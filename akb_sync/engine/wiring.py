"""The parts of an engine, made of the settings: the one place that knows both sides' options."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from akb_sync.apic import ApicSession, FabricView, Writer
from akb_sync.apic.journal import FileJournal, LogJournal
from akb_sync.apic.ports import ReadOnlySession
from akb_sync.clock import Clock
from akb_sync.errors import SettingsError
from akb_sync.kube import ClusterOptions, ClusterView, KubeConnection, Limits
from akb_sync.mark import Identity
from akb_sync.settings import Settings

from .credential import Credential
from .freeze import Freeze
from .home import Homing
from .shared import connect, state_store

_ANNOTATION_KEY = re.compile(
    r"([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
)


@dataclass(frozen=True, slots=True)
class Parts:
    """What an engine joins."""

    identity: Identity
    kube: KubeConnection
    freeze: Freeze
    cluster: ClusterView
    fabric: FabricView
    session: ApicSession
    credential: Credential
    writer: Writer
    homing: Homing
    read_only: bool


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides, connected, and who we are."""

    identity: Identity
    kube: KubeConnection
    cluster: ClusterView
    session: ApicSession
    credential: Credential


def wire(
    settings: Settings,
    clock: Clock,
    on_change: Callable[[], None],
    *,
    read_only: bool,
    may_write: Callable[[], bool],
    sleep: Callable[[float], object],
) -> Parts:
    """Make the parts and learn the cluster's identity. Nothing else is read yet.

    Raises:
        SettingsError: A setting is missing or malformed.
        KubernetesError: The cluster's identity cannot be read.
    """
    check_numbers(settings)
    credential, options = Credential(settings), cluster_options(settings)
    connection = connect(settings)
    cluster = ClusterView(connection, options, clock, on_change)
    identity = identity_of(settings, cluster.kube_system_uid())
    session = ApicSession(credential.options, clock)
    sides = Sides(identity, connection, cluster, session, credential)
    return assemble(settings, sides, clock, on_change, read_only=read_only, may_write=may_write, sleep=sleep)


def assemble(
    settings: Settings,
    sides: Sides,
    clock: Clock,
    on_change: Callable[[], None],
    *,
    read_only: bool,
    may_write: Callable[[], bool] = lambda: True,
    sleep: Callable[[float], object] = time.sleep,
) -> Parts:
    """Make the parts of two sides that are connected already."""
    identity, cluster, session = sides.identity, sides.cluster, sides.session
    fabric = FabricView(session, identity, clock, on_change)
    journal = FileJournal(settings.journal, clock) if settings.journal else LogJournal(clock)
    poster = ReadOnlySession(session) if read_only else session
    freeze = Freeze(state_store(settings, sides.kube), on_change)
    freeze.look()

    def unfrozen() -> bool:
        return may_write() and not freeze.why

    writer = Writer(
        poster,
        identity,
        journal,
        clock,
        nodes=fabric.nodes,
        may_write=unfrozen,
        turn=session.turn,
        sleep=sleep,
    )
    homing = Homing(settings.default_l3out, cluster, session, clock)
    return Parts(
        identity, sides.kube, freeze, cluster, fabric, session, sides.credential, writer, homing, read_only
    )


def check_numbers(settings: Settings) -> None:
    """Refuse numbers that make no sense; a comparison with `nan` is never true."""
    if not settings.resync > 0:
        raise SettingsError(f"--resync {settings.resync:g} is not more than 0", "give seconds, such as 300")
    if not settings.hold_down >= 0:
        raise SettingsError(f"--hold-down {settings.hold_down:g} is less than 0", "give seconds, such as 30")
    if settings.max_prefixes < 0:
        raise SettingsError(f"--max-prefixes {settings.max_prefixes} is less than 0", "give 0 for no limit")


def check_annotation_key(key: str) -> None:
    """Refuse what no annotation can have as its key; no workload would ever bear it.

    The form is that of Kubernetes' own names: `[DNS subdomain/]name`, the name of at most 63 characters.

    Raises:
        SettingsError: It is none.
    """
    if not _ANNOTATION_KEY.fullmatch(key):
        raise SettingsError(
            f"--annotation-key {key!r} is no key of an annotation", "write it as example.com/l3o"
        )


def cluster_options(settings: Settings) -> ClusterOptions:
    """Read how the cluster is read, and the operator's limits.

    Raises:
        SettingsError: A pattern, a range or the annotation's key cannot be read.
    """
    check_annotation_key(settings.annotation_key)
    limits = Limits(
        allow=_allow(settings.allow),
        pod_cidrs=settings.pod_cidrs,
        service_cidrs=settings.service_cidrs,
        expose=frozenset(part.strip() for part in settings.expose.split(",") if part.strip()),
    )
    return ClusterOptions(annotation_key=settings.annotation_key, limits=limits)


def _allow(lines: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    """Read `NAMESPACE=TENANT/L3OUT/EPG` lines: namespace pattern to the patterns that it may name."""
    allowed: dict[str, tuple[str, ...]] = {}
    for line in lines:
        namespace, equals, pattern = line.partition("=")
        if not (equals and namespace and pattern.count("/") == 2):
            raise SettingsError(
                f"--allow {line!r} is not understood", "write NAMESPACE=TENANT/L3OUT/EPG, with * as wildcard"
            )
        allowed[namespace] = (*allowed.get(namespace, ()), pattern)
    return allowed


def identity_of(settings: Settings, kube_system_uid: str) -> Identity:
    """Say who we are on the fabric.

    Raises:
        SettingsError: The cluster's name is none.
    """
    try:
        return Identity.of(settings.cluster_name, kube_system_uid, settings.instance)
    except ValueError as error:
        raise SettingsError(str(error), "mend --cluster-name") from error
