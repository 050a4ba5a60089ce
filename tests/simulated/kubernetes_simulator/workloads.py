"""Workloads for the tests of the controllers, and ways to look at what became of them."""

from typing import Any

from akb_sync.simulators.kubernetes import KubernetesSimulator

Json = dict[str, Any]

NS = "default"


def workload(kind: str, name: str = "web", **spec: Any) -> Json:
    template = {
        "metadata": {"labels": {"app": name}},
        "spec": {"containers": [{"name": "main", "image": "nginx:1"}]},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": NS},
        "spec": {"selector": {"matchLabels": {"app": name}}, "template": template, **spec},
    }


def service(name: str = "web", **spec: Any) -> Json:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": NS},
        "spec": {"type": "LoadBalancer", "selector": {"app": "web"}, "ports": [{"port": 80}], **spec},
    }


def new_image(image: str) -> Json:
    return {"spec": {"template": {"spec": {"containers": [{"name": "main", "image": image}]}}}}


def pods(cluster: KubernetesSimulator, app: str = "web") -> list[Json]:
    return cluster.list("pods", NS, f"app={app}")


def ready(pod: Json) -> bool:
    conditions = pod["status"].get("conditions", [])
    return any(entry["type"] == "Ready" and entry["status"] == "True" for entry in conditions)


def running(cluster: KubernetesSimulator, count: int, app: str = "web") -> bool:
    """Whether there are exactly so many Pods, all Ready and none on its way out."""
    found = pods(cluster, app)
    going = any("deletionTimestamp" in pod["metadata"] for pod in found)
    return len(found) == count and all(ready(pod) for pod in found) and not going


def images(cluster: KubernetesSimulator) -> set[str]:
    return {pod["spec"]["containers"][0]["image"] for pod in pods(cluster)}


def ingress(cluster: KubernetesSimulator, name: str = "web") -> list[str]:
    status = cluster.get("services", NS, name)["status"]
    return [entry["ip"] for entry in status["loadBalancer"].get("ingress", [])]


def settle(cluster: KubernetesSimulator, count: int) -> None:
    assert cluster.wait_for(lambda c: running(c, count)), [pod["metadata"] for pod in pods(cluster)]
