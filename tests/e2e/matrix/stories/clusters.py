"""Stories that need another cluster: one with two address families, and two on one fabric."""

from collections.abc import Iterator

from tests.e2e.matrix import manifests
from tests.e2e.matrix.cell import Cell
from tests.e2e.matrix.story import Story


def dual_stack(cell: Cell) -> None:
    cell.create(manifests.deployment("web", 3, cell.binding("A")))
    cell.create(manifests.service("web", ipFamilyPolicy="RequireDualStack"))
    cell.until_addresses("web", 2)


def scale_dual_stack(cell: Cell) -> Iterator[None]:
    cell.scale("deployment/web", 6)
    yield
    cell.until_pods(6)
    cell.scale("deployment/web", 4)


def on_two_clusters(cell: Cell) -> None:
    """Each cluster has its own L3Out; the VRF is the same, and so is the name of the cluster."""
    first, second = cell.sites
    cell.create(manifests.deployment("web", 3, cell.binding("A")), first)
    cell.create(manifests.deployment("web", 2, cell.binding("B", l3out="L3O_OTHER")), second)


def scale_on_both(cell: Cell) -> Iterator[None]:
    first, second = cell.sites
    cell.kubectl("scale", "deployment/web", "--replicas=1", site=first)
    cell.kubectl("scale", "deployment/web", "--replicas=5", site=second)
    yield


STORIES = (
    # 4 Pods and 1 Service, each with two addresses.
    Story("dual stack", dual_stack, scale_dual_stack, {"A": 10}, sites=(1,)),
    # The second cluster is dual stack: 5 Pods with two addresses.
    Story(
        "two clusters on one VRF", on_two_clusters, scale_on_both, {"A": 1, "B@L3O_OTHER": 10}, sites=(0, 1)
    ),
)
