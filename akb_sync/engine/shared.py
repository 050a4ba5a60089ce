"""What the engine of a cluster shares with other processes: its state, the freeze, and who leads.

Commands read it from here, beside a running engine or without one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from akb_sync.errors import AkbSyncError
from akb_sync.kube import KubeConnection
from akb_sync.kube.api import WritableApi
from akb_sync.kube.lease import Leader, read_leader
from akb_sync.kube.state_map import StateMap
from akb_sync.kube.whereabouts import LEASE, STATE, of_instance, own_namespace
from akb_sync.settings import Settings
from akb_sync.state import Pause, State, StateStore
from akb_sync.state_file import StateFile

RECENT = timedelta(minutes=3)
"""How old a record may be for its writer to be taken to live: it writes at least once a minute."""


def state_store(settings: Settings, api: WritableApi | None = None) -> StateStore:
    """Give the place of the state: the file of `--state-file`, else the cluster's ConfigMap.

    Args:
        settings: Every option.
        api: The cluster's API; connected as the settings say when it is needed and not given.

    Raises:
        KubernetesConfigError: There is no cluster to connect to.
    """
    if settings.state_file:
        return StateFile(settings.state_file)
    namespace = own_namespace(settings.engine_namespace)
    return StateMap(api or connect(settings), namespace, of_instance(STATE, settings.instance))


def read_state(settings: Settings, api: WritableApi | None = None) -> State | None:
    """Give what the leader left, with the freeze that is asked for now; None when there is neither.

    Raises:
        AkbSyncError: It cannot be read.
    """
    state, pause = state_store(settings, api).read()
    return seen(state, pause)


def seen(state: State | None, pause: Pause | None) -> State | None:
    """Join what the leader left with the freeze that is asked for now."""
    if state is None:
        return State(paused=pause) if pause else None
    return replace(state, paused=pause, obeyed=state.paused == pause)


def live_leader(settings: Settings, api: WritableApi) -> Leader | None:
    """Name the engine that leads in this cluster now; None when none does.

    Raises:
        KubernetesError: The Lease cannot be read.
    """
    namespace = own_namespace(settings.engine_namespace)
    return read_leader(api, namespace, of_instance(LEASE, settings.instance))


def lives(state: State | None, now: datetime) -> bool:
    """Whether the engine that left this state can be taken to run still."""
    if state is None or not state.leader or state.written_at is None:
        return False
    return now - state.written_at < RECENT


def who_leads(settings: Settings, api: WritableApi) -> str:
    """Name the engine that leads now, by the Lease or by the record of `--state-file`; empty: none is known.

    Raises:
        AkbSyncError: The Lease, or the record, cannot be read.
    """
    leader = live_leader(settings, api)
    if leader is not None:
        return str(leader)
    state = read_state(settings, api) if settings.state_file else None
    return f"{state.leader} ({settings.state_file})" if state and lives(state, datetime.now(UTC)) else ""


def refuse_beside_leader(settings: Settings, api: WritableApi) -> None:
    """Do nothing, unless an engine leads in this cluster now: two that write would undo each other's work.

    Raises:
        AkbSyncError: One does, says which; or the Lease, or the record, cannot be read.
    """
    leader = who_leads(settings, api)
    if leader:
        raise AkbSyncError(
            f"an engine writes to the fabric for this cluster already: {leader}",
            "let it do the work, stop it first, or give --force",
        )


def connect(settings: Settings) -> KubeConnection:
    """Connect to the cluster that the settings name.

    Raises:
        KubernetesConfigError: There is none, or it cannot be used.
    """
    return KubeConnection.connect(settings.kubeconfig, settings.context or None)
