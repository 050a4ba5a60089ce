"""What stories are told with: things happen in the cluster or on the fabric, by names that stay the same."""

from dataclasses import dataclass
from typing import Any

from akb_sync.simulators.apic import ApicSimulator
from akb_sync.simulators.kubernetes import KubernetesSimulator
from tests.simulated.engine.stage import EPG, L3OUT, TENANT, Json, Stage, binding, epg_dn, subnet_dn

NAMESPACE = "shop"


@dataclass
class Scene:
    """A stage and shorter words for it."""

    stage: Stage

    @property
    def cluster(self) -> KubernetesSimulator:
        return self.stage.cluster

    @property
    def apic(self) -> ApicSimulator:
        return self.stage.apic

    def deploy(self, name: str, epg: str = EPG, *, kind: str = "Deployment", **more: Any) -> Json:
        workload = self.stage.workload(name, kind=kind, epg=epg, **more)
        if kind == "Deployment":
            self.stage._replicaset(workload)
        return workload

    def pod(self, owner: str, name: str, *addresses: str) -> None:
        self.stage.pod(self.workload(owner), *addresses, name=name)

    def pods(self, owner: str, count: int, network: str = "10.244.1", first: int = 1) -> None:
        for index in range(first, first + count):
            self.pod(owner, f"{owner}-{index}", f"{network}.{index}")

    def pod_status(self, name: str, **status: Any) -> None:
        self.cluster.patch("Pod", NAMESPACE, name, {"status": status}, subresource="status")

    def pod_gone(self, *names: str) -> None:
        for name in names:
            self.cluster.delete("Pod", NAMESPACE, name, grace=0)

    def workload(self, name: str) -> Json:
        for kind in ("Deployment", "StatefulSet", "DaemonSet"):
            for one in self.cluster.list(kind, NAMESPACE):
                if one["metadata"]["name"] == name:
                    return {**one, "kind": kind, "apiVersion": "apps/v1"}
        raise AssertionError(f"no workload {name}")

    def annotate(self, name: str, text: str | None) -> None:
        self.stage.annotate(self.workload(name), text)

    def undeploy(self, name: str, *pods: str) -> None:
        """As a person's delete works out: the workload, its ReplicaSet and its Pods."""
        workload = self.workload(name)
        self.stage.remove(workload)
        if workload["kind"] == "Deployment":
            self.cluster.delete("ReplicaSet", NAMESPACE, name, grace=0)
        self.pod_gone(*pods)

    def l3out_gone(self) -> None:
        self.apic.delete(f"uni/tn-{TENANT}/out-{L3OUT}")

    def l3out_back(self) -> None:
        self.apic.small_fabric()


__all__ = ["Scene", "binding", "epg_dn", "subnet_dn"]
