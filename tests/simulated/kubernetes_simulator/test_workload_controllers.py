"""Workloads become Pods, and their Pods follow them."""

from collections.abc import Iterator
from typing import Any

import pytest

from akb_sync.simulators.kubernetes import KubernetesSimulator, Options
from akb_sync.simulators.kubernetes.storage import Change
from tests.simulated.kubernetes_simulator.workloads import (
    NS,
    Json,
    images,
    new_image,
    pods,
    ready,
    running,
    settle,
    workload,
)


@pytest.fixture
def web(cluster: KubernetesSimulator) -> KubernetesSimulator:
    """A cluster with a Deployment of three Pods."""
    cluster.create(workload("Deployment", replicas=3))
    settle(cluster, 3)
    return cluster


def owner(data: Json) -> Json:
    reference: Json = data["metadata"]["ownerReferences"][0]
    return reference


def deployment(cluster: KubernetesSimulator) -> Json:
    return cluster.get("deployments", NS, "web")


def test_a_deployment_makes_a_replica_set_and_that_makes_pods(web: KubernetesSimulator) -> None:
    (replica_set,) = web.list("replicasets", NS)
    digest = replica_set["metadata"]["labels"]["pod-template-hash"]
    assert replica_set["metadata"]["name"] == f"web-{digest}"
    assert owner(replica_set)["uid"] == deployment(web)["metadata"]["uid"]
    for pod in pods(web):
        assert pod["metadata"]["name"].startswith(f"web-{digest}-")
        assert pod["metadata"]["labels"] == {"app": "web", "pod-template-hash": digest}
        assert owner(pod) == {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "name": f"web-{digest}",
            "uid": replica_set["metadata"]["uid"],
            "controller": True,
            "blockOwnerDeletion": True,
        }


def test_pods_have_a_node_and_an_address_of_its_range(web: KubernetesSimulator) -> None:
    ranges = {node["metadata"]["name"]: node["spec"]["podCIDR"] for node in web.list("nodes")}
    assert ranges == {"node-1": "10.244.0.0/20", "node-2": "10.244.16.0/20"}
    found = pods(web)
    assert {pod["spec"]["nodeName"] for pod in found} == {"node-1", "node-2"}
    addresses = [pod["status"]["podIP"] for pod in found]
    assert len(set(addresses)) == 3
    for pod in found:
        prefix = "10.244.0." if pod["spec"]["nodeName"] == "node-1" else "10.244.16."
        assert pod["status"]["podIP"].startswith(prefix)
        assert pod["status"]["podIPs"] == [{"ip": pod["status"]["podIP"]}]
        assert pod["status"]["phase"] == "Running"


def test_the_status_says_what_is_there(web: KubernetesSimulator) -> None:
    assert web.wait_for(lambda c: deployment(c)["status"].get("availableReplicas") == 3)
    status = deployment(web)["status"]
    assert [status[name] for name in ("replicas", "readyReplicas", "updatedReplicas")] == [3, 3, 3]
    assert status["observedGeneration"] == deployment(web)["metadata"]["generation"] == 1
    reasons = {entry["type"]: entry["reason"] for entry in status["conditions"]}
    assert reasons == {"Available": "MinimumReplicasAvailable", "Progressing": "NewReplicaSetAvailable"}


@pytest.mark.parametrize("count", [1, 5, 0])
def test_a_deployment_is_scaled(web: KubernetesSimulator, count: int) -> None:
    before = {pod["metadata"]["uid"] for pod in pods(web)}
    web.patch("deployments", NS, "web", {"spec": {"replicas": count}})
    settle(web, count)
    after = {pod["metadata"]["uid"] for pod in pods(web)}
    assert after <= before or before <= after


def test_a_pod_that_is_deleted_is_replaced(web: KubernetesSimulator) -> None:
    victim = pods(web)[0]["metadata"]
    web.delete("pods", NS, victim["name"])
    assert web.wait_for(
        lambda c: running(c, 3) and victim["uid"] not in {pod["metadata"]["uid"] for pod in pods(c)}
    )


def test_a_pod_keeps_its_address_until_it_is_gone(web: KubernetesSimulator) -> None:
    victim = pods(web)[0]
    history: list[Json] = []

    def hear(change: Change) -> None:
        if change.record.data["metadata"]["uid"] == victim["metadata"]["uid"]:
            history.append({"type": change.type, **change.record.data})

    web.api.store.listen(hear)
    web.delete("pods", NS, victim["metadata"]["name"])
    assert web.wait_for(lambda _: bool(history) and history[-1]["type"] == "DELETED")
    assert history[0]["metadata"]["deletionGracePeriodSeconds"] == 30
    assert {step["status"]["podIP"] for step in history} == {victim["status"]["podIP"]}


def test_a_rolling_update_stays_within_surge_and_unavailable(web: KubernetesSimulator) -> None:
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    web.patch("deployments", NS, "web", {"spec": {"replicas": 4, "strategy": rolling}})
    settle(web, 4)
    totals: list[int] = []
    readies: list[int] = []

    def hear(change: Change) -> None:
        if change.storage == "replicasets.apps":
            sets = [record.data for record in web.api.store.records("replicasets.apps")]
            totals.append(sum(item["spec"]["replicas"] for item in sets))
        if change.storage == "pods":
            records = web.api.store.records("pods")
            alive = [r.data for r in records if "deletionTimestamp" not in r.data["metadata"]]
            readies.append(sum(ready(pod) for pod in alive))

    web.api.store.listen(hear)
    web.patch("deployments", NS, "web", new_image("nginx:2"))
    assert web.wait_for(lambda c: images(c) == {"nginx:2"} and running(c, 4))
    web.api.store.unlisten(hear)
    assert max(totals) <= 5
    assert min(readies) >= 4
    old, new = sorted(web.list("replicasets", NS), key=lambda item: int(item["spec"]["replicas"]))
    assert (old["spec"]["replicas"], new["spec"]["replicas"]) == (0, 4)
    assert new["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "2"
    assert deployment(web)["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "2"


def test_going_back_uses_the_old_replica_set(web: KubernetesSimulator) -> None:
    first = web.list("replicasets", NS)[0]["metadata"]["uid"]
    web.patch("deployments", NS, "web", new_image("nginx:2"))
    assert web.wait_for(lambda c: images(c) == {"nginx:2"} and running(c, 3))
    web.patch("deployments", NS, "web", new_image("nginx:1"))
    assert web.wait_for(lambda c: images(c) == {"nginx:1"} and running(c, 3))
    sets = {item["metadata"]["uid"]: item["spec"]["replicas"] for item in web.list("replicasets", NS)}
    assert len(sets) == 2
    assert sets[first] == 3


def test_recreate_stops_the_old_before_it_starts_the_new(web: KubernetesSimulator) -> None:
    web.patch("deployments", NS, "web", {"spec": {"strategy": {"type": "Recreate", "rollingUpdate": None}}})
    together: list[set[str]] = []
    web.api.store.listen(lambda change: together.append(images(web)) if change.storage == "pods" else None)
    web.patch("deployments", NS, "web", new_image("nginx:2"))
    assert web.wait_for(lambda c: images(c) == {"nginx:2"} and running(c, 3))
    assert {"nginx:1", "nginx:2"} not in together


def test_a_paused_deployment_scales_but_does_not_roll(web: KubernetesSimulator) -> None:
    web.patch("deployments", NS, "web", {"spec": {"paused": True, "replicas": 4}})
    settle(web, 4)
    web.patch("deployments", NS, "web", new_image("nginx:2"))
    assert web.wait_for(lambda c: deployment(c)["status"].get("observedGeneration") == 3)
    assert images(web) == {"nginx:1"}
    assert len(web.list("replicasets", NS)) == 1


def test_a_stateful_set_counts_up_and_down_in_order(cluster: KubernetesSimulator) -> None:
    order: list[str] = []

    def hear(change: Change) -> None:
        if change.storage == "pods" and change.type in ("ADDED", "DELETED"):
            order.append(f"{change.type[0]}{change.record.data['metadata']['name']}")

    cluster.api.store.listen(hear)
    cluster.create(workload("StatefulSet", replicas=3, serviceName="web"))
    settle(cluster, 3)
    assert order == ["Aweb-0", "Aweb-1", "Aweb-2"]
    assert cluster.get("pods", NS, "web-1")["spec"]["hostname"] == "web-1"
    cluster.patch("statefulsets", NS, "web", {"spec": {"replicas": 1}})
    settle(cluster, 1)
    assert order[3:] == ["Dweb-2", "Dweb-1"]


def test_a_stateful_set_is_updated_from_the_top(cluster: KubernetesSimulator) -> None:
    cluster.create(workload("StatefulSet", replicas=3, serviceName="web"))
    settle(cluster, 3)
    deleted: list[str] = []

    def hear(change: Change) -> None:
        if change.storage == "pods" and change.type == "DELETED":
            deleted.append(change.record.data["metadata"]["name"])

    cluster.api.store.listen(hear)
    cluster.patch("statefulsets", NS, "web", new_image("nginx:2"))
    assert cluster.wait_for(lambda c: images(c) == {"nginx:2"} and running(c, 3))
    assert deleted == ["web-2", "web-1", "web-0"]
    assert cluster.wait_for(
        lambda c: (status := c.get("sts", NS, "web")["status"])["currentRevision"] == status["updateRevision"]
    )


def test_a_daemon_set_is_on_every_node_also_on_new_ones(cluster: KubernetesSimulator) -> None:
    cluster.create(workload("DaemonSet"))
    settle(cluster, 2)
    node = cluster.get("nodes", "", "node-1")
    cluster.create({**node, "metadata": {"name": "node-3"}, "spec": {}})
    settle(cluster, 3)
    assert {pod["spec"]["nodeName"] for pod in pods(cluster)} == {"node-1", "node-2", "node-3"}
    assert cluster.wait_for(lambda c: c.get("ds", NS, "web")["status"]["numberReady"] == 3)


def test_the_pods_of_a_lost_node_move(web: KubernetesSimulator) -> None:
    web.delete("nodes", "", "node-2")
    assert web.wait_for(
        lambda c: running(c, 3) and {pod["spec"]["nodeName"] for pod in pods(c)} == {"node-1"}
    )


def test_a_cordoned_node_gets_nothing_new(web: KubernetesSimulator) -> None:
    web.patch("nodes", "", "node-2", {"spec": {"unschedulable": True}})
    before = {pod["metadata"]["uid"] for pod in pods(web)}
    web.patch("deployments", NS, "web", {"spec": {"replicas": 6}})
    settle(web, 6)
    fresh = [pod for pod in pods(web) if pod["metadata"]["uid"] not in before]
    assert {pod["spec"]["nodeName"] for pod in fresh} == {"node-1"}


def test_a_pod_waits_for_a_node(cluster: KubernetesSimulator) -> None:
    for name in ("node-1", "node-2"):
        cluster.patch("nodes", "", name, {"spec": {"unschedulable": True}})
    cluster.create(workload("Deployment", replicas=1))

    def is_unschedulable(c: KubernetesSimulator) -> bool:
        conditions: list[Any] = [entry for pod in pods(c) for entry in pod["status"].get("conditions", [])]
        return any(entry.get("reason") == "Unschedulable" for entry in conditions)

    assert cluster.wait_for(is_unschedulable)
    cluster.patch("nodes", "", "node-1", {"spec": {"unschedulable": False}})
    settle(cluster, 1)


def test_a_job_runs_to_its_end(cluster: KubernetesSimulator) -> None:
    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": "busybox:1"}]}}
    job = {"metadata": {"name": "j"}, "spec": {"completions": 3, "parallelism": 2, "template": template}}
    cluster.create({"apiVersion": "batch/v1", "kind": "Job", **job})
    assert cluster.wait_for(lambda c: c.get("jobs", NS, "j")["status"].get("succeeded") == 3)
    found = cluster.list("pods", NS)
    assert [pod["status"]["phase"] for pod in found] == ["Succeeded"] * 3
    assert all(pod["status"]["podIP"] for pod in found)


def test_a_host_network_pod_has_its_nodes_address(cluster: KubernetesSimulator) -> None:
    body = workload("Deployment", replicas=1)
    body["spec"]["template"]["spec"]["hostNetwork"] = True
    cluster.create(body)
    settle(cluster, 1)
    (pod,) = pods(cluster)
    assert pod["status"]["podIP"] == pod["status"]["hostIP"]
    assert pod["status"]["podIP"].startswith("192.0.2.")


@pytest.fixture
def dual_stack() -> Iterator[KubernetesSimulator]:
    options = Options(dual_stack=True, start_delay=0, ready_delay=0, load_balancer_delay=0)
    with KubernetesSimulator(options=options) as cluster:
        yield cluster


def test_a_dual_stack_pod_has_two_addresses(dual_stack: KubernetesSimulator) -> None:
    dual_stack.create(workload("Deployment", replicas=1))
    settle(dual_stack, 1)
    (pod,) = pods(dual_stack)
    four, six = (entry["ip"] for entry in pod["status"]["podIPs"])
    assert four.startswith("10.244.")
    assert six.startswith("fd00:10:244:")
    assert pod["status"]["podIP"] == four


def test_a_controller_can_rest(cluster: KubernetesSimulator) -> None:
    cluster.controllers.pause("pods")
    cluster.create(workload("Deployment", replicas=1))
    assert cluster.wait_for(lambda c: len(pods(c)) == 1)
    assert pods(cluster)[0]["status"]["phase"] == "Pending"
    cluster.controllers.resume("pods")
    settle(cluster, 1)


def test_only_the_wanted_controllers_work() -> None:
    with KubernetesSimulator(controllers={"deployments"}) as cluster:
        cluster.create(workload("Deployment", replicas=1))
        assert cluster.wait_for(lambda c: len(c.list("replicasets", NS)) == 1)
        assert cluster.controllers.names == ["deployments"]
        assert pods(cluster) == []


def test_with_a_seed_two_runs_are_the_same() -> None:
    def run() -> list[tuple[str, str]]:
        with KubernetesSimulator(options=Options(seed=3, start_delay=0, ready_delay=0)) as cluster:
            cluster.create(workload("Deployment", replicas=4))
            settle(cluster, 4)
            return [(pod["metadata"]["name"], pod["status"]["podIP"]) for pod in pods(cluster)]

    assert run() == run()
