"""What the engine of a cluster shares with other processes: its state, the freeze, and who leads.

Commands read it from here, beside a running engine or without one.
"""

from __future__ import annotations

from dataclasses import replace

from akb_sync.errors import AkbSyncError
from akb_sync.kube import KubeConnection
from akb_sync.kube.api import WritableApi
from akb_sync.kube.lease import Leader, read_leader
from akb_sync.kube.state_map import StateMap
from akb_sync.kube.whereabouts import LEASE, STATE, of_instance, own_namespace
from akb_sync.settings import Settings
from akb_sync.state import Pause, State, StateStore
from akb_sync.state_file import StateFile


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


def refuse_beside_leader(settings: Settings, api: WritableApi) -> None:
    """Do nothing, unless an engine leads in this cluster now: two that write would undo each other's work.

    Raises:
        AkbSyncError: One does; says which.
        KubernetesError: The Lease cannot be read.
    """
    leader = live_leader(settings, api)
    if leader is not None:
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
