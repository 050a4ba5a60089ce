"""What a fresh cluster already holds: its own namespaces, its nodes, and the Service of its API server."""

from typing import Any

from akb_sync.simulators.kubernetes.addresses import pools
from akb_sync.simulators.kubernetes.api import Api
from akb_sync.simulators.kubernetes.controllers.nodes import new_node
from akb_sync.simulators.kubernetes.objects import timestamp

Json = dict[str, Any]

NAMESPACES = ("kube-system", "default", "kube-public", "kube-node-lease")
FIRST_NODE_HOST = 11
API_SERVICE: Json = {
    "metadata": {"name": "kubernetes", "labels": {"component": "apiserver", "provider": "kubernetes"}},
    "spec": {"ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443}]},
}
"""Every API server keeps it; it is the first Service, so it has the first address."""


def fill_cluster(api: Api) -> None:
    """Create them; the nodes' addresses begin with the eleventh of their range."""
    for name in NAMESPACES:
        api.create(api.table.find("namespaces"), "", {"metadata": {"name": name}})
    api.create(api.table.find("services"), "default", API_SERVICE)
    ranges = pools(api.options.node_cidrs, api.options.families, skip=FIRST_NODE_HOST)
    for number in range(1, api.options.nodes + 1):
        name = f"node-{number}"
        addresses = [pool.take(name) for pool in ranges]
        version = api.options.git_version
        api.create(api.table.find("nodes"), "", new_node(name, addresses, timestamp(api.clock()), version))
