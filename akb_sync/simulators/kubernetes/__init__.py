"""A Kubernetes API server on a port of this machine, with controllers that make Pods and hand out addresses.

It serves the demo on a machine that has Python only, and the tests that need thousands of fast runs or a
server that misbehaves to order. It is a server, not a mock inside a client: kubectl and every client
library talk to it over TLS. What it does is held against a real kube-apiserver by one suite of contract
tests.

kmock is not used: it is a mock for scripted answers, whose emulator keeps objects without resourceVersions,
paging, bookmarks, conflicts or the rules of kinds, which are just what a client that lists and watches has
to be tested against.

    with KubernetesSimulator() as cluster:
        cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
        cluster.write_kubeconfig("kubeconfig.yaml")
"""

from akb_sync.simulators.errors import SimulatorError
from akb_sync.simulators.kubernetes.access import Attributes
from akb_sync.simulators.kubernetes.errors import ApiError
from akb_sync.simulators.kubernetes.options import Options, User
from akb_sync.simulators.kubernetes.resources import RESOURCES, Resource
from akb_sync.simulators.kubernetes.running import serve_forever
from akb_sync.simulators.kubernetes.simulator import KubernetesSimulator

__all__ = [
    "RESOURCES",
    "ApiError",
    "Attributes",
    "KubernetesSimulator",
    "Options",
    "Resource",
    "SimulatorError",
    "User",
    "serve_forever",
]
