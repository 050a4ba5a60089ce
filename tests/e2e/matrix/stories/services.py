"""Stories about Services: which load balancer addresses there are."""

from collections.abc import Iterator

from tests.e2e.matrix import manifests
from tests.e2e.matrix.cell import Cell
from tests.e2e.matrix.stories.annotations import with_service
from tests.e2e.matrix.stories.workloads import four_pods
from tests.e2e.matrix.story import Story


def add(cell: Cell) -> Iterator[None]:
    cell.create(manifests.service("web"))
    yield
    cell.until_addresses("web", 1)


def remove(cell: Cell) -> Iterator[None]:
    cell.kubectl("delete", "service/web", "--wait=false")
    yield


def change_type(cell: Cell) -> Iterator[None]:
    cell.kubectl("patch", "service/web", "--patch", '{"spec": {"type": "ClusterIP"}}')
    yield


def change_address(cell: Cell) -> Iterator[None]:
    """MetalLB takes the address back and gives one of the other pool."""
    (before,) = cell.addresses("web")
    cell.kubectl("annotate", "service/web", "metallb.io/address-pool=second")
    yield
    cell.until("another address", lambda: [one for one in cell.addresses("web") if one != before])


STORIES = (
    Story("Service added", four_pods, add, {"A": 5}),
    Story("Service removed", with_service, remove, {"A": 4}),
    Story("Service type changed", with_service, change_type, {"A": 4}),
    Story("Service address changed", with_service, change_address, {"A": 5}),
)
