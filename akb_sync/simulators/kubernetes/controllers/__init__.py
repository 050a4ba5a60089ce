"""The small controllers that make a store of objects behave like a cluster.

Each is level-triggered: it is told only which object to look at, reads what is there now and takes one step
towards what is wanted. They write through the same API as every client, so what they do is seen by watches.
"""

from collections.abc import Collection

from akb_sync.simulators.kubernetes.api import Api
from akb_sync.simulators.kubernetes.controllers.daemonsets import DaemonSetController
from akb_sync.simulators.kubernetes.controllers.deployments import DeploymentController
from akb_sync.simulators.kubernetes.controllers.desk import Desk
from akb_sync.simulators.kubernetes.controllers.garbage import GarbageCollector
from akb_sync.simulators.kubernetes.controllers.jobs import JobController
from akb_sync.simulators.kubernetes.controllers.loop import ControllerLoop
from akb_sync.simulators.kubernetes.controllers.namespaces import NamespaceController
from akb_sync.simulators.kubernetes.controllers.nodes import NodeController
from akb_sync.simulators.kubernetes.controllers.pods import PodController
from akb_sync.simulators.kubernetes.controllers.replicasets import ReplicaSetController
from akb_sync.simulators.kubernetes.controllers.services import LoadBalancerController
from akb_sync.simulators.kubernetes.controllers.statefulsets import StatefulSetController

KINDS = (
    NamespaceController,
    NodeController,
    DeploymentController,
    ReplicaSetController,
    StatefulSetController,
    DaemonSetController,
    JobController,
    PodController,
    LoadBalancerController,
    GarbageCollector,
)
NAMES = tuple(kind.name for kind in KINDS)

__all__ = ["NAMES", "ControllerLoop", "controller_loop"]


def controller_loop(api: Api, wanted: bool | Collection[str]) -> ControllerLoop:  # noqa: FBT001 - the public switch
    """The loop with all controllers, none, or the named ones.

    Raises:
        KeyError: for a name that is no controller.
    """
    names = (NAMES if wanted else ()) if isinstance(wanted, bool) else wanted
    for name in names:
        if name not in NAMES:
            raise KeyError(name)
    desk = Desk(api)
    controllers = [kind(desk) for kind in KINDS if kind.name in names]
    return ControllerLoop(api.store, controllers)
