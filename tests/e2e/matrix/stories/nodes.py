"""Stories about where Pods are: they leave a node, a node goes, everything goes."""

from collections.abc import Iterator

from tests.e2e.matrix import manifests
from tests.e2e.matrix.cell import Cell
from tests.e2e.matrix.stories.annotations import with_service
from tests.e2e.matrix.stories.workloads import four_pods
from tests.e2e.matrix.story import Story


def evict(cell: Cell) -> Iterator[None]:
    site = cell.sites[0]
    pod = site.pods(cell.namespace)[0]["metadata"]["name"]
    path = f"/api/v1/namespaces/{cell.namespace}/pods/{pod}/eviction"
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod}}
    site.cluster.api.create(path, eviction)
    yield
    cell.until_pods(4)


def spread(cell: Cell) -> None:
    """Four Pods, two on each of two nodes that are this story's alone."""
    cluster = cell.sites[0].cluster
    nodes = cluster.add_nodes(2)
    for node in nodes:
        cell.cleanup.callback(cluster.api.request, "DELETE", f"/api/v1/nodes/{node}")
        cell.kubectl("taint", "node", node, f"story={cell.namespace}:NoSchedule")
    web = manifests.deployment("web", 4, cell.binding("A"))
    web["spec"]["template"]["spec"] |= {
        "tolerations": [{"key": "story", "value": cell.namespace}],
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": {"app": "web"}},
            }
        ],
    }
    cell.create(web)


def _a_node_of(cell: Cell) -> str:
    """A node that is this story's alone and has Pods of it."""
    named: set[str] = {pod["spec"]["nodeName"] for pod in cell.sites[0].pods(cell.namespace)}
    return max(named, key=lambda name: int(name.removeprefix("node-")))


def drain(cell: Cell) -> Iterator[None]:
    node = _a_node_of(cell)
    cell.kubectl("cordon", node)
    yield
    cell.kubectl("drain", node, "--force", "--timeout=50s")


def lose_a_node(cell: Cell) -> Iterator[None]:
    """A machine is taken away for good; the garbage collector removes its Pods after 40 s at least."""
    cell.kubectl("delete", "node", _a_node_of(cell))
    yield
    cell.until_pods(4)


def delete_the_namespace(cell: Cell) -> Iterator[None]:
    cell.kubectl("delete", "namespace", cell.namespace, "--wait=false")
    yield


STORIES = (
    Story("Pod evicted", four_pods, evict, {"A": 4}),
    Story("node drained", spread, drain, {"A": 4}),
    Story("node gone", spread, lose_a_node, {"A": 4}),
    Story("namespace deleted", with_service, delete_the_namespace, {}),
)
