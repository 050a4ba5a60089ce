"""Stories about workloads: how many Pods there are, and which."""

from collections.abc import Iterator

from tests.e2e.matrix import manifests
from tests.e2e.matrix.cell import Cell
from tests.e2e.matrix.story import Story

_NEW_NODE = "e2e.akb-sync.test/cell"


def one_pod(cell: Cell) -> None:
    cell.create(manifests.deployment("web", 1, cell.binding("A")))


def four_pods(cell: Cell) -> None:
    cell.create(manifests.deployment("web", 4, cell.binding("A")))


def scale_up_and_down(cell: Cell) -> Iterator[None]:
    cell.scale("deployment/web", 30)
    yield
    cell.until_pods(30)
    cell.scale("deployment/web", 2)
    yield


def restart(cell: Cell) -> Iterator[None]:
    cell.kubectl("rollout", "restart", "deployment/web")
    yield
    cell.kubectl("rollout", "status", "deployment/web", "--timeout=50s")


def surging(cell: Cell) -> None:
    """New Pods take a second to start, so that old and new ones are there together."""
    web = manifests.deployment("web", 6, cell.binding("A"))
    web["spec"]["strategy"] = {"rollingUpdate": {"maxSurge": "50%", "maxUnavailable": 0}}
    web["spec"]["template"]["metadata"]["annotations"] = {"e2e.akb-sync.test/start-after": "1s"}
    cell.create(web)


def update(cell: Cell) -> Iterator[None]:
    cell.kubectl("set", "image", "deployment/web", "web=registry.example/web:2")
    yield
    cell.kubectl("rollout", "status", "deployment/web", "--timeout=50s")


def stateful(cell: Cell) -> None:
    cell.create(manifests.statefulset("db", 1, cell.binding("A")))


def scale_in_order(cell: Cell) -> Iterator[None]:
    """Each Pod starts when the one before is ready, and the same names come back."""
    cell.scale("statefulset/db", 4)
    yield
    cell.until_pods(4)
    cell.scale("statefulset/db", 1)
    yield
    cell.until_pods(1)
    cell.scale("statefulset/db", 3)


def agent_on_one_node(cell: Cell) -> None:
    """A DaemonSet for nodes that bear a label of this cell, so that nodes of other stories do not count."""
    agent = manifests.daemonset("agent", cell.binding("A"))
    agent["spec"]["template"]["spec"]["nodeSelector"] = {_NEW_NODE: cell.namespace}
    cell.create(agent)
    _label(cell, "node-1")


def add_a_node(cell: Cell) -> Iterator[None]:
    cluster = cell.sites[0].cluster
    (node,) = cluster.add_nodes(1)
    cell.cleanup.callback(cluster.api.request, "DELETE", f"/api/v1/nodes/{node}")
    _label(cell, node)
    yield


def _label(cell: Cell, node: str) -> None:
    """The label goes with the next cell's, or with the node."""
    cell.kubectl("label", "--overwrite", "node", node, f"{_NEW_NODE}={cell.namespace}")


def run_a_job(cell: Cell) -> Iterator[None]:
    """Its Pods bear the labels of the Deployment and are not its own."""
    cell.create(manifests.job("batch", label="web", parallelism=3, run_for="4s"))
    yield
    cell.kubectl("wait", "--for=condition=Complete", "job/batch", "--timeout=50s")


def of_an_operator(cell: Cell) -> None:
    """A kind made on the fly, an object of it, and the Deployment that its operator would have made."""
    group = f"{cell.namespace}.example"
    crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    cluster = cell.sites[0].cluster
    cluster.api.create(crds, _crd(group))
    cell.cleanup.callback(cluster.api.request, "DELETE", f"{crds}/shops.{group}")
    path = f"/apis/{group}/v1/namespaces/{cell.namespace}/shops"
    cell.until("the kind is served", lambda: cluster.api.get(path) is not None)
    shop = {"apiVersion": f"{group}/v1", "kind": "Shop", "metadata": {"name": "shop"}}
    uid = cluster.api.create(path, shop)["metadata"]["uid"]
    web = manifests.deployment("web", 3, cell.binding("A"))
    owner = {"apiVersion": f"{group}/v1", "kind": "Shop", "name": "shop", "uid": uid, "controller": True}
    web["metadata"]["ownerReferences"] = [owner]
    cell.create(web)


def delete_the_custom_resource(cell: Cell) -> Iterator[None]:
    """The Deployment is scaled, as by its operator, and then goes with its owner."""
    cell.scale("deployment/web", 5)
    yield
    cell.until_pods(5)
    cell.kubectl("delete", f"shops.{cell.namespace}.example", "shop", "--wait=false")
    yield


def _crd(group: str) -> manifests.Document:
    return {
        "metadata": {"name": f"shops.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"kind": "Shop", "plural": "shops", "singular": "shop", "listKind": "ShopList"},
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": {"type": "object"}},
                }
            ],
        },
    }


STORIES = (
    Story("scale 1 to 30 to 2", one_pod, scale_up_and_down, {"A": 2}),
    Story("rollout restart", four_pods, restart, {"A": 4}),
    Story("rolling update with surge", surging, update, {"A": 6}),
    Story("StatefulSet ordered scale", stateful, scale_in_order, {"A": 3}),
    Story("DaemonSet on a new node", agent_on_one_node, add_a_node, {"A": 2}),
    Story("Job with our labels", four_pods, run_a_job, {"A": 4}),
    Story("owned by a custom resource", of_an_operator, delete_the_custom_resource, {}),
)
