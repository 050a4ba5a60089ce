"""The control plane behaves as a cluster does, so that what other tests find on it counts."""

import datetime as dt
import ipaddress
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.e2e.controlplane.cluster import ControlPlane
from tests.e2e.controlplane.kubectl import KubectlError
from tests.e2e.controlplane.polling import eventually
from tests.e2e.controlplane.processes import ProcessDiedError

Objects = list[dict[str, Any]]

ROOT = Path(__file__).resolve().parents[2]
PROCESSES = (
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kwok",
    "metallb-controller",
)

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: example.com/web}]
"""
SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: LoadBalancer
  selector: {app: web}
  ports: [{port: 80}]
"""


def pods(cluster: ControlPlane, namespace: str) -> Objects:
    found: Objects = cluster.api.get(f"/api/v1/namespaces/{namespace}/pods")["items"]
    return found


def running_pods(cluster: ControlPlane, namespace: str, count: int) -> Objects:
    """The Pods of a namespace once exactly `count` are there, each Running and none being deleted."""

    def look() -> Objects:
        found = pods(cluster, namespace)
        settled = all(
            pod["status"]["phase"] == "Running" and "deletionTimestamp" not in pod["metadata"]
            for pod in found
        )
        return found if settled and len(found) == count else []

    return eventually(f"{count} Pods running in {namespace}", look, nudge=lambda: cluster.nudge(namespace))


def load_balancer_addresses(cluster: ControlPlane, namespace: str, name: str) -> list[str]:
    def look() -> list[str]:
        status = cluster.api.get(f"/api/v1/namespaces/{namespace}/services/{name}")["status"]
        return [ingress["ip"] for ingress in status["loadBalancer"].get("ingress", [])]

    return eventually(f"an address for Service {name}", look)


def is_within(address: str, network: str) -> bool:
    return ipaddress.ip_address(address) in ipaddress.ip_network(network)


def is_gone(pid: int) -> bool:
    """Whether no such process is left, or only what its parent has not yet collected."""
    try:
        return "State:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return True


def test_three_nodes_are_ready_and_their_kubelets_renew_leases(control_plane: ControlPlane) -> None:
    nodes = control_plane.api.get("/api/v1/nodes")["items"]
    assert {"node-1", "node-2", "node-3"} <= {node["metadata"]["name"] for node in nodes}
    leases = control_plane.api.get("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases")["items"]
    assert {"node-1", "node-2", "node-3"} <= {lease["metadata"]["name"] for lease in leases}
    assert nodes[0]["status"]["addresses"][0] == {"type": "InternalIP", "address": "192.0.2.1"}


def test_a_node_that_is_added_gets_pods(control_plane: ControlPlane, namespace: str) -> None:
    (name,) = control_plane.add_nodes(1)
    control_plane.kubectl("cordon", "node-1", "node-2", "node-3")
    try:
        control_plane.apply(DEPLOYMENT, namespace)
        assert {pod["spec"]["nodeName"] for pod in running_pods(control_plane, namespace, 3)} == {name}
    finally:
        control_plane.kubectl("uncordon", "node-1", "node-2", "node-3")
        control_plane.kubectl("delete", "node", name)


def test_the_pods_of_a_deployment_run_with_addresses_of_their_nodes(
    control_plane: ControlPlane, namespace: str
) -> None:
    control_plane.apply(DEPLOYMENT, namespace)
    found = running_pods(control_plane, namespace, 3)
    ranges = {
        node["metadata"]["name"]: node["spec"]["podCIDR"]
        for node in control_plane.api.get("/api/v1/nodes")["items"]
    }
    for pod in found:
        assert is_within(pod["status"]["podIP"], ranges[pod["spec"]["nodeName"]])
        assert pod["status"]["podIPs"] == [{"ip": pod["status"]["podIP"]}]
    assert len({pod["status"]["podIP"] for pod in found}) == 3


def test_a_load_balancer_service_gets_its_address_from_metallb(
    control_plane: ControlPlane, namespace: str
) -> None:
    control_plane.apply(SERVICE, namespace)
    (address,) = load_balancer_addresses(control_plane, namespace, "web")
    assert is_within(address, control_plane.ranges.first_pool[0])


def test_a_service_that_asks_for_another_pool_gets_another_address(
    control_plane: ControlPlane, namespace: str
) -> None:
    control_plane.apply(SERVICE, namespace)
    (before,) = load_balancer_addresses(control_plane, namespace, "web")
    control_plane.kubectl("-n", namespace, "annotate", "service", "web", "metallb.io/address-pool=second")

    def moved() -> bool:
        (address,) = load_balancer_addresses(control_plane, namespace, "web")
        return address != before and is_within(address, control_plane.ranges.second_pool[0])

    eventually("an address from the second pool", moved)


def test_kubectl_scale_makes_and_removes_pods(control_plane: ControlPlane, namespace: str) -> None:
    control_plane.apply(DEPLOYMENT, namespace)
    for replicas in (3, 8, 1):
        control_plane.kubectl("-n", namespace, "scale", "deployment/web", f"--replicas={replicas}")
        running_pods(control_plane, namespace, replicas)


def test_a_rollout_restart_replaces_every_pod(control_plane: ControlPlane, namespace: str) -> None:
    control_plane.apply(DEPLOYMENT, namespace)
    before = {pod["metadata"]["uid"] for pod in running_pods(control_plane, namespace, 3)}
    control_plane.kubectl("-n", namespace, "rollout", "restart", "deployment/web")
    control_plane.kubectl("-n", namespace, "rollout", "status", "deployment/web", "--timeout=150s")
    after = {pod["metadata"]["uid"] for pod in running_pods(control_plane, namespace, 3)}
    assert not before & after


def test_a_deleted_deployment_takes_its_pods_with_it(control_plane: ControlPlane, namespace: str) -> None:
    control_plane.apply(DEPLOYMENT, namespace)
    running_pods(control_plane, namespace, 3)
    control_plane.kubectl("-n", namespace, "delete", "deployment", "web")
    eventually("no Pods", lambda: not pods(control_plane, namespace))


def test_a_deleted_pod_may_run_on_and_ends_in_a_terminal_phase(
    control_plane: ControlPlane, namespace: str
) -> None:
    annotations = {"e2e.akb-sync.test/stop-after": "1s"}
    path = f"/api/v1/namespaces/{namespace}/pods"
    control_plane.api.create(
        path,
        {
            "metadata": {"name": "slow", "annotations": annotations},
            "spec": {"containers": [{"name": "slow", "image": "example.com/slow"}]},
        },
    )
    (pod,) = running_pods(control_plane, namespace, 1)
    version = pod["metadata"]["resourceVersion"]
    control_plane.api.delete(f"{path}/slow")
    seen = [
        (event["type"], event["object"]["status"]["phase"])
        for event in events_until_deleted(control_plane, path, version)
    ]
    assert list(dict.fromkeys(seen)) == [
        ("MODIFIED", "Running"),
        ("MODIFIED", "Succeeded"),
        ("DELETED", "Succeeded"),
    ]


def events_until_deleted(cluster: ControlPlane, path: str, version: str) -> Iterator[dict[str, Any]]:
    query = {"watch": "1", "resourceVersion": version, "timeoutSeconds": "20"}
    with cluster.api.request("GET", path, params=query, stream=True, timeout=30) as answer:
        for line in answer.iter_lines():
            event = json.loads(line)
            yield event
            if event["type"] == "DELETED":
                return


def test_annotations_change_the_course_of_a_pod(control_plane: ControlPlane, namespace: str) -> None:
    annotations = {"e2e.akb-sync.test/start-after": "2s", "e2e.akb-sync.test/ready": "false"}
    container = {"name": "late", "image": "example.com/late"}
    pod = {"metadata": {"name": "late", "annotations": annotations}, "spec": {"containers": [container]}}
    control_plane.api.create(f"/api/v1/namespaces/{namespace}/pods", pod)
    (late,) = running_pods(control_plane, namespace, 1)
    created, started = (
        dt.datetime.fromisoformat(moment)
        for moment in (late["metadata"]["creationTimestamp"], late["status"]["startTime"])
    )
    assert started - created >= dt.timedelta(seconds=2)
    conditions = {each["type"]: each["status"] for each in late["status"]["conditions"]}
    assert (conditions["PodScheduled"], conditions["Ready"]) == ("True", "False")


def test_a_pod_on_the_host_network_has_the_address_of_its_node(
    control_plane: ControlPlane, namespace: str
) -> None:
    control_plane.apply(
        DEPLOYMENT.replace("      containers", "      hostNetwork: true\n      containers"), namespace
    )
    nodes = {
        node["metadata"]["name"]: node["status"]["addresses"][0]["address"]
        for node in control_plane.api.get("/api/v1/nodes")["items"]
    }
    for pod in running_pods(control_plane, namespace, 3):
        assert pod["status"]["podIP"] == pod["status"]["hostIP"] == nodes[pod["spec"]["nodeName"]]


def test_the_pod_of_a_job_completes_and_keeps_its_address(
    control_plane: ControlPlane, namespace: str
) -> None:
    control_plane.kubectl("-n", namespace, "create", "job", "once", "--image=example.com/once")
    control_plane.kubectl("-n", namespace, "wait", "--for=condition=Complete", "job/once", "--timeout=150s")
    (pod,) = pods(control_plane, namespace)
    assert pod["status"]["phase"] == "Succeeded"
    assert pod["status"]["podIPs"]


def test_a_service_account_without_rights_is_refused_and_with_them_is_not(
    control_plane: ControlPlane, namespace: str
) -> None:
    control_plane.kubectl("-n", namespace, "create", "serviceaccount", "reader")
    kubeconfig = control_plane.kubeconfig_for("reader", namespace)
    with pytest.raises(KubectlError, match=r"cannot list resource \"pods\""):
        control_plane.kubectl("-n", namespace, "get", "pods", kubeconfig=kubeconfig)
    subject = f"--serviceaccount={namespace}:reader"
    control_plane.kubectl("-n", namespace, "create", "rolebinding", "reads", "--clusterrole=view", subject)

    def allowed() -> bool:
        return control_plane.kubectl("-n", namespace, "get", "pods", kubeconfig=kubeconfig) == ""

    eventually("the right to list Pods", allowed, ignoring=(KubectlError,))
    with pytest.raises(KubectlError, match=r"cannot delete resource \"pods\""):
        control_plane.kubectl("-n", namespace, "delete", "pod", "any", kubeconfig=kubeconfig)


def first_watch_event(cluster: ControlPlane, path: str, version: str) -> dict[str, Any]:
    query = {"watch": "1", "resourceVersion": version, "timeoutSeconds": "5"}
    with cluster.api.request("GET", path, params=query, stream=True) as answer:
        event: dict[str, Any] = json.loads(next(answer.iter_lines(), "{}"))
        return event


def list_version(cluster: ControlPlane, path: str) -> str:
    version: str = cluster.api.get(path, limit=1)["metadata"]["resourceVersion"]
    return version


def test_an_etcd_compaction_expires_old_watches_and_half_read_lists(
    control_plane: ControlPlane, namespace: str
) -> None:
    maps, events = (f"/api/v1/namespaces/{namespace}/{kind}" for kind in ("configmaps", "events"))
    for number in range(4):
        control_plane.api.create(maps, {"metadata": {"name": f"map-{number}"}})
    page = control_plane.api.get(maps, limit=2)["metadata"]
    control_plane.compact_etcd()
    event = first_watch_event(control_plane, events, page["resourceVersion"])
    assert (event["type"], event["object"]["code"], event["object"]["reason"]) == ("ERROR", 410, "Expired")

    def next_page_code() -> bool:
        query = {"limit": "2", "continue": page["continue"]}
        return control_plane.api.request("GET", maps, params=query).status_code == 410

    eventually("410 for the second page", next_page_code)


def test_expired_resource_versions_are_a_410_for_every_kind_and_a_new_list_helps(
    control_plane: ControlPlane, namespace: str
) -> None:
    paths = [f"/api/v1/namespaces/{namespace}/{kind}" for kind in ("pods", "services", "configmaps")]
    paths.append(f"/apis/apps/v1/namespaces/{namespace}/deployments")
    old = {path: list_version(control_plane, path) for path in paths}
    control_plane.apply(DEPLOYMENT, namespace)
    running_pods(control_plane, namespace, 3)
    control_plane.expire_resource_versions()
    for path in paths:
        event = first_watch_event(control_plane, path, old[path])
        assert (event["type"], event["object"]["code"]) == ("ERROR", 410), path
    version = list_version(control_plane, paths[0])
    control_plane.kubectl("-n", namespace, "label", "pods", "--all", "seen=again")
    assert first_watch_event(control_plane, paths[0], version)["type"] == "MODIFIED"


def test_a_paused_apiserver_accepts_connections_and_answers_only_when_resumed(
    control_plane: ControlPlane,
) -> None:
    apiserver = control_plane.process("kube-apiserver")
    apiserver.pause()
    try:
        with pytest.raises(requests.ReadTimeout):
            control_plane.api.request("GET", "/readyz", timeout=(1, 1))
        with pytest.raises(KubectlError):
            control_plane.kubectl("get", "nodes", "--request-timeout=1s")
    finally:
        apiserver.resume()
    eventually("an answer", lambda: control_plane.api.answers("/readyz"))


@pytest.mark.parametrize("name", ["etcd", "kube-apiserver", "kwok", "metallb-controller"])
def test_a_program_that_crashes_is_started_again_and_nothing_is_lost(
    control_plane: ControlPlane, namespace: str, name: str
) -> None:
    control_plane.apply(DEPLOYMENT, namespace)
    control_plane.apply(SERVICE, namespace)
    before = {
        pod["metadata"]["uid"]: pod["status"]["podIP"] for pod in running_pods(control_plane, namespace, 3)
    }
    address = load_balancer_addresses(control_plane, namespace, "web")
    process = control_plane.process(name)
    old = process.pid
    process.kill()
    assert is_gone(old)
    process.start()
    control_plane.wait_until_ready()
    control_plane.kubectl("-n", namespace, "scale", "deployment/web", "--replicas=5")
    after = {
        pod["metadata"]["uid"]: pod["status"]["podIP"] for pod in running_pods(control_plane, namespace, 5)
    }
    assert after.items() >= before.items()
    assert len(set(after.values())) == 5
    assert load_balancer_addresses(control_plane, namespace, "web") == address


def test_a_program_that_cannot_start_is_named_with_the_end_of_its_log(
    programs: Mapping[str, Path], tmp_path: Path
) -> None:
    broken = ControlPlane(programs, tmp_path, arguments={"kube-apiserver": ["--no-such-flag"]})
    with pytest.raises(
        ProcessDiedError, match=r"kube-apiserver has ended; .*(.|\n)*unknown flag: --no-such-flag"
    ):
        broken.start()
    assert is_gone(broken.process("etcd").pid)


@pytest.fixture(scope="module")
def second_cluster(
    programs: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ControlPlane]:
    folder = tmp_path_factory.mktemp("second-control-plane")
    with ControlPlane(programs, folder, nodes=2, dual_stack=True, number=1) as running:
        yield running


def test_a_dual_stack_cluster_gives_pods_and_services_two_addresses(second_cluster: ControlPlane) -> None:
    second_cluster.create_namespace("dual")
    second_cluster.apply(DEPLOYMENT, "dual")
    second_cluster.apply(SERVICE + "  ipFamilyPolicy: RequireDualStack\n", "dual")
    for pod in running_pods(second_cluster, "dual", 3):
        addresses = [each["ip"] for each in pod["status"]["podIPs"]]
        assert [is_within(*pair) for pair in zip(addresses, second_cluster.ranges.pods, strict=True)] == [
            True
        ] * 2
        assert addresses[1] == str(ipaddress.ip_address(addresses[1]))
    given = load_balancer_addresses(second_cluster, "dual", "web")
    pools = second_cluster.ranges.first_pool
    assert [is_within(*pair) for pair in zip(given, pools, strict=True)] == [True] * 2


def test_two_clusters_are_two_and_share_no_address(
    control_plane: ControlPlane, second_cluster: ControlPlane
) -> None:
    path = "/api/v1/namespaces/kube-system"
    uids = {cluster.api.get(path)["metadata"]["uid"] for cluster in (control_plane, second_cluster)}
    assert len(uids) == 2
    for kind in ("pods", "services", "first_pool", "second_pool"):
        for first, second in zip(
            getattr(control_plane.ranges, kind), getattr(second_cluster.ranges, kind), strict=True
        ):
            one, other = ipaddress.ip_network(first), ipaddress.ip_network(second)
            assert not one.overlaps(other)


def test_a_stopped_control_plane_leaves_no_process_and_keeps_its_logs(
    programs: Mapping[str, Path], tmp_path: Path
) -> None:
    with ControlPlane(programs, tmp_path, nodes=1) as cluster:
        cluster.process("kube-scheduler").pause()
        pids = [cluster.process(name).pid for name in PROCESSES]
    assert all(map(is_gone, pids))
    assert "kube-scheduler" in {path.stem for path in tmp_path.glob("*.log")}
    assert "Starting Manager" in cluster.logs("metallb-controller")
    assert not (tmp_path / "etcd").exists()


ORPHAN = """
import sys, time
from pathlib import Path
from tests.e2e.controlplane.processes import Guard, Process

sleeper = Process("sleeper", ["sleep", "600"], log=Path(sys.argv[1]), guard=Guard(), is_ready=lambda: True)
sleeper.start()
print(sleeper.pid, flush=True)
time.sleep(600)
"""


def test_processes_do_not_outlive_a_test_run_that_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", ORPHAN, str(tmp_path / "log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as runner:
        assert runner.stdout is not None
        pid = int(runner.stdout.readline())
        assert not is_gone(pid)
        runner.kill()
    eventually("the orphan's end", lambda: is_gone(pid))
