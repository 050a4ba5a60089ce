"""A command that would write beside an engine that leads refuses, whichever way that engine is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from akb_sync.engine.shared import refuse_beside_leader
from akb_sync.errors import AkbSyncError
from akb_sync.kube.lease import Lease, lease_path
from akb_sync.settings import Settings
from akb_sync.state import State
from akb_sync.state_file import StateFile
from tests.unit.kube.memory_api import MemoryApi

SETTINGS = Settings(engine_namespace="ns")


def _cluster(renewed: datetime) -> MemoryApi:
    api = MemoryApi()
    api.post(lease_path("ns"), Lease("pod-1", 15.0, renewed, renewed).document("ns", "akb-sync"))
    return api


def test_a_living_leader_of_the_cluster_is_named() -> None:
    with pytest.raises(AkbSyncError, match="pod-1"):
        refuse_beside_leader(SETTINGS, _cluster(datetime.now(UTC)))


def test_a_living_engine_outside_of_the_cluster_is_named(tmp_path: Path) -> None:
    file = tmp_path / "state"
    StateFile(file).write(State(leader="laptop", written_at=datetime.now(UTC)))
    with pytest.raises(AkbSyncError, match="laptop"):
        refuse_beside_leader(Settings(engine_namespace="ns", state_file=file), MemoryApi())


def test_nobody_and_one_that_ended_are_in_nobodys_way(tmp_path: Path) -> None:
    file = tmp_path / "state"
    StateFile(file).write(State(leader="laptop", written_at=datetime.now(UTC) - timedelta(hours=1)))
    refuse_beside_leader(Settings(engine_namespace="ns", state_file=file), MemoryApi())
    refuse_beside_leader(SETTINGS, MemoryApi())
