"""kubectl, as people use it, finds nothing strange."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from akb_sync.simulators.kubernetes import KubernetesSimulator
from tests.simulated.kubernetes_simulator.client import names
from tests.simulated.kubernetes_simulator.workloads import ingress, pods, running, service, settle, workload

KUBECTL = os.environ.get("KUBECTL") or shutil.which("kubectl")

pytestmark = pytest.mark.skipif(KUBECTL is None, reason="kubectl is not installed")

Kubectl = Callable[..., str]


@pytest.fixture
def kubectl(cluster: KubernetesSimulator, tmp_path: Path) -> Kubectl:
    """Runs kubectl against the cluster; fails when it fails."""
    path = cluster.write_kubeconfig(tmp_path / "kubeconfig")
    environment = {**os.environ, "KUBECONFIG": str(path), "HOME": str(tmp_path)}

    def run(*arguments: str, text: str | None = None) -> str:
        command = [str(KUBECTL), *arguments]
        done = subprocess.run(
            command, input=text, env=environment, capture_output=True, text=True, timeout=30, check=False
        )
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
        return done.stdout

    return run


def test_a_deployment_from_its_making_to_its_end(cluster: KubernetesSimulator, kubectl: Kubectl) -> None:
    assert kubectl("create", "deployment", "web", "--image=nginx:1", "--replicas=2") == (
        "deployment.apps/web created\n"
    )
    assert "successfully rolled out" in kubectl("rollout", "status", "deploy/web", "--timeout=10s")
    kubectl("scale", "deploy/web", "--replicas=3")
    settle(cluster, 3)
    kubectl("annotate", "deploy/web", "example.com/a={}")
    kubectl("label", "deploy/web", "tier=front")
    stored = cluster.get("deployments", "default", "web")["metadata"]
    assert stored["annotations"]["example.com/a"] == "{}"
    assert stored["labels"]["tier"] == "front"
    kubectl("annotate", "deploy/web", "example.com/a-")
    assert "example.com/a" not in cluster.get("deployments", "default", "web")["metadata"]["annotations"]
    before = {pod["metadata"]["uid"] for pod in pods(cluster)}
    kubectl("rollout", "restart", "deploy/web")
    kubectl("rollout", "status", "deploy/web", "--timeout=10s")
    assert cluster.wait_for(lambda c: running(c, 3))
    assert not before & {pod["metadata"]["uid"] for pod in pods(cluster)}
    assert kubectl("delete", "deployment", "web").startswith('deployment.apps "web" deleted')
    assert cluster.wait_for(lambda c: not pods(c))


def test_a_service_is_exposed_and_shown(cluster: KubernetesSimulator, kubectl: Kubectl) -> None:
    cluster.create(workload("Deployment", replicas=1))
    kubectl("expose", "deploy/web", "--port=80", "--type=LoadBalancer")
    assert cluster.wait_for(lambda c: bool(ingress(c)))
    header, row = kubectl("get", "service", "web").splitlines()
    assert header.split() == ["NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE"]
    assert row.split()[:2] == ["web", "LoadBalancer"]
    assert row.split()[3] == "10.0.40.1"


def test_pods_are_shown_as_a_table(cluster: KubernetesSimulator, kubectl: Kubectl) -> None:
    cluster.create(workload("Deployment", replicas=1))
    settle(cluster, 1)
    (pod,) = pods(cluster)
    header, row = kubectl("get", "pods", "-o", "wide").splitlines()
    assert header.split()[:5] == ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    cells = row.split()
    assert (cells[0], cells[1], cells[2]) == (pod["metadata"]["name"], "1/1", "Running")
    assert pod["status"]["podIP"] in cells


def test_files_are_applied_changed_and_deleted(
    cluster: KubernetesSimulator, kubectl: Kubectl, tmp_path: Path
) -> None:
    path = tmp_path / "web.json"

    def write(replicas: int) -> None:
        items = [workload("Deployment", replicas=replicas), service()]
        path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))

    write(2)
    assert kubectl("apply", "-f", str(path)) == "deployment.apps/web created\nservice/web created\n"
    settle(cluster, 2)
    assert kubectl("apply", "-f", str(path)) == "deployment.apps/web unchanged\nservice/web unchanged\n"
    write(1)
    assert kubectl("apply", "-f", str(path)) == "deployment.apps/web configured\nservice/web unchanged\n"
    settle(cluster, 1)
    kubectl("delete", "-f", str(path), "--timeout=10s")
    assert cluster.wait_for(lambda c: not pods(c) and names(c.list("services", "default")) == ["kubernetes"])


@pytest.mark.parametrize(
    "arguments",
    [
        ("namespace", "shop"),
        ("configmap", "a", "--from-literal=k=v"),
        ("secret", "generic", "a", "--from-literal=k=v"),
        ("serviceaccount", "a"),
        ("service", "clusterip", "a", "--tcp=80:8080"),
        ("job", "a", "--image=busybox"),
    ],
)
def test_other_kinds_are_created(kubectl: Kubectl, arguments: tuple[str, ...]) -> None:
    assert kubectl("create", *arguments).endswith(" created\n")


@pytest.mark.parametrize(
    "kind", ["deployment/web", "pods", "service/web", "node/node-1", "namespace/default"]
)
def test_things_are_described(cluster: KubernetesSimulator, kubectl: Kubectl, kind: str) -> None:
    cluster.create(workload("Deployment", replicas=1))
    cluster.create(service())
    settle(cluster, 1)
    assert "Name:" in kubectl("describe", *kind.split("/"))


def test_a_node_is_drained(cluster: KubernetesSimulator, kubectl: Kubectl) -> None:
    cluster.create(workload("Deployment", replicas=4))
    settle(cluster, 4)
    kubectl("drain", "node-1", "--timeout=20s")
    assert cluster.wait_for(
        lambda c: running(c, 4) and {pod["spec"]["nodeName"] for pod in pods(c)} == {"node-2"}
    )
    assert "SchedulingDisabled" in kubectl("get", "node", "node-1")


def test_a_namespace_is_deleted_and_waited_for(kubectl: Kubectl) -> None:
    kubectl("create", "namespace", "shop")
    kubectl("run", "one", "--image=nginx", "-n", "shop")
    assert kubectl("delete", "namespace", "shop", "--timeout=10s").startswith('namespace "shop" deleted')


def test_a_misspelt_field_is_refused_by_the_server(
    cluster: KubernetesSimulator, kubectl: Kubectl, tmp_path: Path
) -> None:
    body = workload("Deployment", replicas=1)
    body["spec"]["replica"] = 1
    path = tmp_path / "web.json"
    path.write_text(json.dumps(body))
    with pytest.raises(AssertionError, match=r'unknown field "spec\.replica"'):
        kubectl("create", "-f", str(path))
    assert cluster.list("deployments") == []


def test_kubectl_sees_who_it_is_and_what_it_may(cluster: KubernetesSimulator, kubectl: Kubectl) -> None:
    assert "kubernetes-admin" in kubectl("auth", "whoami")
    assert kubectl("auth", "can-i", "list", "pods") == "yes\n"
    cluster.deny("list", "pods")
    with pytest.raises(AssertionError):
        kubectl("auth", "can-i", "list", "pods")
