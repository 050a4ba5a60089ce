"""What stands in a cluster all the while, so that no kind that the engine reads ever lists empty.

Why: a kind that lists empty and was not is never believed; the engine holds its removals for a person. In a
cluster of people there is always one of each. In a test the only StatefulSet can be one of the test before,
and its end can fall into an outage.
"""

from tests.e2e.controlplane.cluster import ControlPlane
from tests.e2e.matrix import manifests

NAMESPACE = "residents"
_NOWHERE = {"residents": "none"}


def settle(cluster: ControlPlane) -> None:
    """Make one workload of each kind, without a Pod, unless they are there."""
    if cluster.api.answers(f"/api/v1/namespaces/{NAMESPACE}"):
        return
    cluster.create_namespace(NAMESPACE)
    daemonset = manifests.daemonset("resident")
    daemonset["spec"]["template"]["spec"]["nodeSelector"] = _NOWHERE
    for one in (manifests.deployment("resident", 0), manifests.statefulset("resident", 0), daemonset):
        cluster.api.create(manifests.collection(one, NAMESPACE), one)
