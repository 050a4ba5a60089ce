"""Stories about the annotation: who asks for which EPG."""

from collections.abc import Iterator

from tests.e2e.matrix import manifests
from tests.e2e.matrix.cell import Cell
from tests.e2e.matrix.stories.workloads import four_pods
from tests.e2e.matrix.story import Story

WEB = "deployment/web"
MALFORMED = "{ 'tenant': no json }"


def without_annotation(cell: Cell) -> None:
    cell.create(manifests.deployment("web", 4))
    cell.create(manifests.service("web"))
    cell.until_addresses("web", 1)


def with_service(cell: Cell) -> None:
    cell.create(manifests.deployment("web", 4, cell.binding("A")))
    cell.create(manifests.service("web"))
    cell.until_addresses("web", 1)


def add(cell: Cell) -> Iterator[None]:
    cell.annotate(WEB, cell.binding("A"))
    yield


def edit(cell: Cell) -> Iterator[None]:
    cell.annotate(WEB, cell.binding("B"))
    yield


def move_to_another_l3out(cell: Cell) -> Iterator[None]:
    cell.annotate(WEB, cell.binding("A", l3out="L3O_OTHER"))
    yield
    cell.scale(WEB, 5)


def move_to_another_tenant(cell: Cell) -> Iterator[None]:
    cell.annotate(WEB, cell.binding("A", tenant=1))
    yield
    cell.scale(WEB, 5)


def remove(cell: Cell) -> Iterator[None]:
    cell.annotate(WEB, None)
    yield


def spoil(cell: Cell) -> Iterator[None]:
    """What is there stays; the Pod that comes afterwards waits.

    While any annotation is malformed no EPG goes, so it is taken away before the next story begins.
    """
    cell.cleanup.callback(cell.annotate, WEB, None)
    cell.annotate(WEB, MALFORMED)
    yield
    cell.scale(WEB, 5)
    cell.until_pods(5)


def spoil_and_mend(cell: Cell) -> Iterator[None]:
    cell.annotate(WEB, MALFORMED)
    yield
    cell.scale(WEB, 6)
    cell.until_pods(6)
    cell.annotate(WEB, cell.binding("A"))
    yield


def two_in_one_epg(cell: Cell) -> None:
    cell.create(manifests.deployment("web", 3, cell.binding("A")))
    cell.create(manifests.deployment("api", 2, cell.binding("A")))


def delete_one_of_two(cell: Cell) -> Iterator[None]:
    cell.kubectl("delete", "deployment/api", "--wait=false")
    yield


def two_in_two_epgs(cell: Cell) -> None:
    cell.create(manifests.deployment("web", 3, cell.binding("A")))
    cell.create(manifests.deployment("api", 2, cell.binding("B")))


def swap(cell: Cell) -> Iterator[None]:
    cell.annotate(WEB, cell.binding("B"))
    yield
    cell.annotate("deployment/api", cell.binding("A"))
    yield


STORIES = (
    Story("annotation added", without_annotation, add, {"A": 5}),
    Story("annotation edited", with_service, edit, {"B": 5}),
    Story("annotation moved to another L3Out", four_pods, move_to_another_l3out, {"A@L3O_OTHER": 5}),
    Story("annotation moved to another tenant", four_pods, move_to_another_tenant, {"A@2": 5}),
    Story("annotation removed", with_service, remove, {}),
    Story(
        "annotation malformed",
        four_pods,
        spoil,
        {"A": 4},
        open=True,
        not_at={"people at work": "protected addresses stay as people leave them"},
    ),
    Story("annotation malformed and mended", four_pods, spoil_and_mend, {"A": 6}),
    Story("two workloads in one EPG", two_in_one_epg, delete_one_of_two, {"A": 3}),
    Story("two workloads swap EPGs", two_in_two_epgs, swap, {"A": 2, "B": 3}),
)
