"""etcd forgets its history under the engine's watches."""

from tests.e2e.controlplane.cluster import ControlPlane
from tests.e2e.controlplane.polling import eventually
from tests.e2e.faults.ground import AWAY, Ground, until_settled
from tests.e2e.matrix import manifests
from tests.e2e.matrix.cell import Cell
from tests.e2e.matrix.diary import PATHS
from tests.e2e.matrix.fabric import ENGINE
from tests.e2e.matrix.judge import judge
from tests.e2e.matrix.views import Views


def test_watches_that_fell_behind_a_compaction_are_exact_and_make_nothing_anew(ground: Ground) -> None:
    with ground.cell("behind a compaction") as (cell, views):
        _begin(cell, views)
        before = ground.fabric.dump()
        ground.engine.pause()
        versions = _versions(ground.cluster)
        cell.scale("deployment/web", 3)
        cell.kubectl("delete", "service", "web")
        cell.create(manifests.deployment("late", 2, cell.binding("LATE")))
        until_settled(cell)
        ground.cluster.expire_resource_versions()
        _all_are_gone(ground.cluster, versions)
        ground.engine.resume()
        views.until_exact()
        judge(cell, views, before, lagging=True)


def test_a_compaction_and_a_restart_in_which_nothing_changed_write_nothing(ground: Ground) -> None:
    with ground.cell("compaction in quiet") as (cell, views):
        _begin(cell, views)
        before, written = ground.fabric.dump(), len(ground.fabric.writes(ENGINE, cell.roots))
        versions = _versions(ground.cluster)
        ground.cluster.expire_resource_versions()
        _all_are_gone(ground.cluster, versions)
        views.until_exact()
        assert len(ground.fabric.writes(ENGINE, cell.roots)) == written
        cell.annotate("deployment/web", cell.binding("B"))  # what the engine sees is seen by new watches
        views.until_exact()
        judge(cell, views, before)


def _begin(cell: Cell, views: Views) -> None:
    cell.create(manifests.deployment("web", 6, cell.binding("A")))
    cell.create(manifests.service("web"))
    cell.create(manifests.statefulset("db", 2, cell.binding("DB")))
    cell.until_addresses("web", 1)
    views.until_begun()


def _versions(cluster: ControlPlane) -> dict[str, str]:
    """The newest version that anybody can know of each kind."""
    return {path: cluster.api.get(path)["metadata"]["resourceVersion"] for path in PATHS.values()}


def _all_are_gone(cluster: ControlPlane, versions: dict[str, str]) -> None:
    """Nobody can resume a watch from them; so nobody can from older ones either."""

    def gone(path: str, version: str) -> bool:
        query = {"watch": "1", "resourceVersion": version, "timeoutSeconds": "2"}
        with cluster.api.request("GET", path, params=query, stream=True) as answer:
            return answer.status_code == 410 or '"code":410' in answer.text

    for path, version in versions.items():
        eventually(f"410 for {path}", lambda p=path, v=version: gone(p, v), timeout=30, ignoring=AWAY)  # type: ignore[misc]
