"""A control plane with an account for the engine, and what the engine costs: requests and memory.

Why: figures of scale count only when both sides tell them: the apiserver in its audit log, the APIC in its
journal, the kernel by the process.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.e2e.controlplane.cluster import ControlPlane
from tests.e2e.controlplane.polling import eventually
from tests.e2e.controlplane.processes import Guard, Process
from tests.e2e.lab import PROGRAM
from tests.e2e.matrix.diary import PATHS, Diary, namespaced
from tests.e2e.matrix.fabric import ENGINE, Fabric
from tests.e2e.matrix.oracle import Objects, Wishes, wanted
from tests.e2e.matrix.views import difference

NODES = 8
NAMESPACE, TENANT, L3OUT = "scale", "TEN_K8_C1", "L3O_K8_C1"
KINDS = ("pods", "services", "deployments", "statefulsets", "daemonsets", "replicasets")
ACCOUNT = "akb-sync"
AUDIT_POLICY = f"""
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: Metadata
    users: ["system:serviceaccount:{NAMESPACE}:{ACCOUNT}"]
  - level: None
"""
ROLE: dict[str, Any] = {
    "rules": [
        {"apiGroups": [""], "resources": KINDS[:2], "verbs": ["list", "watch"]},
        {"apiGroups": ["apps"], "resources": KINDS[2:], "verbs": ["list", "watch"]},
        {
            "apiGroups": [""],
            "resources": ["namespaces"],
            "resourceNames": ["kube-system"],
            "verbs": ["get"],
        },
    ]
}


@dataclass
class Bench:
    """A control plane, a fabric, and the engine with an account of its own between them."""

    cluster: ControlPlane
    fabric: Fabric
    engine: Process
    diary: Diary
    audit: Path

    @property
    def uid8(self) -> str:
        uid: str = self.cluster.api.get("/api/v1/namespaces/kube-system")["metadata"]["uid"]
        return uid[:8]

    def objects(self) -> Objects:
        found = Objects()
        for kind, path in PATHS.items():
            for item in self.cluster.api.get(namespaced(path, NAMESPACE))["items"]:
                found.add(kind, item)
        return found

    def until_settled(self, pods: int) -> Wishes:
        """Wait for so many Pods, all with addresses and none on its way out; gives what is wanted then."""

        def settled() -> Objects | None:
            found = self.objects()
            fine = [
                pod
                for pod in found.pods
                if pod["status"].get("podIPs") and "deletionTimestamp" not in pod["metadata"]
            ]
            return found if len(fine) == len(found.pods) == pods else None

        ignoring = (requests.RequestException,)
        found = eventually(f"{pods} Pods with addresses", settled, timeout=300, pause=0.5, ignoring=ignoring)
        assert found is not None
        return wanted(found)

    def until_exact(self, wishes: Wishes) -> None:
        """Wait until the fabric has exactly that, by REST."""

        def exact() -> bool:
            return not list(difference(wishes, self.fabric.managed([TENANT], self.uid8)))

        eventually("the fabric exact", exact, timeout=120, pause=0.1)

    def rss(self) -> float:
        """The engine's resident memory, MiB."""
        status = Path(f"/proc/{self.engine.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found
        return int(found.group(1)) / 1024

    def kubernetes_requests(self) -> Counter[str]:
        """What the engine asked of the apiserver, by verb; the apiserver's audit log tells."""
        lines = self.audit.read_text().splitlines(keepends=True) if self.audit.exists() else []
        entries = [json.loads(line) for line in lines if line.endswith("\n")]
        # A watch is told of when it begins and when it ends, everything else once.
        return Counter(
            one["verb"] for one in entries if (one["verb"] == "watch") == (one["stage"] == "ResponseStarted")
        )

    def apic_requests(self) -> dict[str, int]:
        """What the engine asked of the APIC; the tests' own queries are taken off."""
        counts = self.fabric.simulator.counts
        own = self.fabric.reader.sent - 1  # its login
        return {
            "queries": counts["queries"] - own,
            "subscriptions": counts["subscriptions"],
            "posts": len(self.fabric.writes(ENGINE, ["uni"])),
        }

    def patch(self, path: str, patch: dict[str, Any]) -> None:
        headers = {"Content-Type": "application/merge-patch+json"}
        answer = self.cluster.api.request("PATCH", path, json=patch, headers=headers)
        assert answer.ok, answer.text[:500]


@contextmanager
def started(programs: Mapping[str, Path], folder: Path) -> Iterator[Bench]:
    """Everything started, in an empty folder; the engine is at work and there is nothing for it to do."""
    policy, audit = folder / "audit-policy.yaml", folder / "audit.log"
    policy.write_text(AUDIT_POLICY)
    flags = {"kube-apiserver": [f"--audit-policy-file={policy}", f"--audit-log-path={audit}"]}
    guard = Guard()
    with (
        ControlPlane(programs, _made(folder / "control-plane"), nodes=NODES, arguments=flags) as cluster,
        Fabric(folder / "apic") as fabric,
    ):
        fabric.simulator.small_fabric()
        _make_account(cluster)
        engine = Process(
            "watch",
            [str(PROGRAM), "watch", "--hold-down", "2"],
            log=folder / "watch.log",
            guard=guard,
            is_ready=lambda: True,
            environment={
                **fabric.environment,
                "AKB_SYNC_KUBECONFIG": str(cluster.kubeconfig_for(ACCOUNT, NAMESPACE)),
            },
        )
        diary = Diary(cluster)
        diary.start()
        engine.start()
        try:
            yield Bench(cluster, fabric, engine, diary, audit)
        finally:
            engine.terminate()
            diary.stop()
    guard.dismiss()


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _make_account(cluster: ControlPlane) -> None:
    """What the engine may do is what it needs to read, and nothing else."""
    cluster.create_namespace(NAMESPACE)
    cluster.api.create(f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts", {"metadata": {"name": ACCOUNT}})
    rbac = "/apis/rbac.authorization.k8s.io/v1"
    cluster.api.create(f"{rbac}/clusterroles", {"metadata": {"name": ACCOUNT}, **ROLE})
    subject = {"kind": "ServiceAccount", "name": ACCOUNT, "namespace": NAMESPACE}
    role = {"kind": "ClusterRole", "name": ACCOUNT, "apiGroup": "rbac.authorization.k8s.io"}
    binding = {"metadata": {"name": ACCOUNT}, "subjects": [subject], "roleRef": role}
    cluster.api.create(f"{rbac}/clusterrolebindings", binding)
