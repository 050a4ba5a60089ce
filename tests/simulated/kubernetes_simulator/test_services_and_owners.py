"""Addresses of load balancers, and what goes when its owner goes."""

from collections.abc import Iterator

import pytest

from akb_sync.simulators.kubernetes import RESOURCES, KubernetesSimulator, Options, Resource
from tests.simulated.kubernetes_simulator.workloads import NS, ingress, pods, service, settle, workload


def exists(cluster: KubernetesSimulator, kind: str, name: str) -> bool:
    return name in [item["metadata"]["name"] for item in cluster.list(kind, NS)]


def test_a_load_balancer_gets_an_address_of_the_pool(cluster: KubernetesSimulator) -> None:
    cluster.create(service())
    assert cluster.wait_for(lambda c: ingress(c) == ["10.0.40.1"])
    cluster.create(service("other"))
    assert cluster.wait_for(lambda c: ingress(c, "other") == ["10.0.40.2"])


def test_other_services_get_none(cluster: KubernetesSimulator) -> None:
    cluster.create(service("plain", type="ClusterIP"))
    cluster.create(service("theirs", loadBalancerClass="example.com/theirs"))
    cluster.create(service())
    assert cluster.wait_for(lambda c: bool(ingress(c)))
    assert ingress(cluster, "plain") == ingress(cluster, "theirs") == []


@pytest.fixture
def two_addresses() -> Iterator[KubernetesSimulator]:
    pool = ("10.0.40.0/30", "fd00:10:40::/112")
    with KubernetesSimulator(options=Options(load_balancer_pools=pool, load_balancer_delay=0)) as cluster:
        yield cluster


@pytest.mark.parametrize("how", ["delete", "type"])
def test_an_address_is_free_again_when_its_service_lets_go(
    two_addresses: KubernetesSimulator, how: str
) -> None:
    for name in ("a", "b"):
        two_addresses.create(service(name))
    assert two_addresses.wait_for(lambda c: all(ingress(c, name) for name in ("a", "b")))
    taken = ingress(two_addresses, "a")
    two_addresses.create(service("c"))
    if how == "delete":
        two_addresses.delete("services", NS, "a")
    else:
        two_addresses.patch("services", NS, "a", {"spec": {"type": "ClusterIP"}})
        assert ingress(two_addresses, "a") == []
    assert two_addresses.wait_for(lambda c: ingress(c, "c") == taken)


def test_a_wanted_address_is_given(cluster: KubernetesSimulator) -> None:
    cluster.create(service(loadBalancerIP="10.0.40.77"))
    assert cluster.wait_for(lambda c: ingress(c) == ["10.0.40.77"])


def test_a_dual_stack_service_has_two_addresses() -> None:
    options = Options(dual_stack=True, load_balancer_delay=0)
    with KubernetesSimulator(options=options) as cluster:
        cluster.create(service(ipFamilyPolicy="RequireDualStack"))
        assert cluster.wait_for(lambda c: ingress(c) == ["10.0.40.1", "fd00:10:40::1"])
        spec = cluster.get("services", NS, "web")["spec"]
        assert spec["ipFamilies"] == ["IPv4", "IPv6"]
        assert len(spec["clusterIPs"]) == 2


def test_a_status_that_somebody_clears_is_filled_again(cluster: KubernetesSimulator) -> None:
    cluster.create(service())
    assert cluster.wait_for(lambda c: bool(ingress(c)))
    cluster.controllers.pause("loadbalancers")
    cluster.patch("services", NS, "web", {"status": {"loadBalancer": {"ingress": None}}}, "status")
    assert ingress(cluster) == []
    cluster.controllers.resume("loadbalancers")
    assert cluster.wait_for(lambda c: bool(ingress(c)))


@pytest.fixture
def web(cluster: KubernetesSimulator) -> KubernetesSimulator:
    cluster.create(workload("Deployment", replicas=2))
    settle(cluster, 2)
    return cluster


def test_in_the_background_the_owner_goes_first(web: KubernetesSimulator) -> None:
    web.delete("deployments", NS, "web", propagation="Background")
    assert not exists(web, "deployments", "web")
    assert web.wait_for(lambda c: not c.list("replicasets", NS) and not pods(c))


def test_in_the_foreground_the_owner_goes_last(web: KubernetesSimulator) -> None:
    alone: list[bool] = []

    def hear(_change: object) -> None:
        if not exists(web, "deployments", "web"):
            alone.append(bool(pods(web) or web.list("replicasets", NS)))

    web.api.store.listen(hear)
    web.delete("deployments", NS, "web", propagation="Foreground")
    assert exists(web, "deployments", "web")
    assert web.wait_for(lambda c: not exists(c, "deployments", "web"))
    assert not any(alone)


def test_orphans_stay(web: KubernetesSimulator) -> None:
    web.delete("deployments", NS, "web", propagation="Orphan")
    assert web.wait_for(lambda c: not exists(c, "deployments", "web"))
    (replica_set,) = web.list("replicasets", NS)
    assert "ownerReferences" not in replica_set["metadata"]
    settle(web, 2)


def test_a_dependent_of_two_owners_loses_one(cluster: KubernetesSimulator) -> None:
    made = [
        cluster.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}) for name in "ab"
    ]
    owners = [
        {"apiVersion": "v1", "kind": "ConfigMap", "name": m["metadata"]["name"], "uid": m["metadata"]["uid"]}
        for m in made
    ]
    child = {"metadata": {"name": "child", "ownerReferences": owners}}
    cluster.create({"apiVersion": "v1", "kind": "Secret", **child})
    cluster.delete("configmaps", NS, "a")
    assert cluster.wait_for(
        lambda c: [o["name"] for o in c.get("secrets", NS, "child")["metadata"]["ownerReferences"]] == ["b"]
    )
    cluster.delete("configmaps", NS, "b")
    assert cluster.wait_for(lambda c: not exists(c, "secrets", "child"))


def test_a_dependent_of_what_never_was_goes(cluster: KubernetesSimulator) -> None:
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "gone", "uid": "no-such-uid"}
    child = {"metadata": {"name": "child", "ownerReferences": [owner]}}
    cluster.create({"apiVersion": "v1", "kind": "Secret", **child})
    assert cluster.wait_for(lambda c: not exists(c, "secrets", "child"))


def test_an_owner_of_an_unknown_kind_is_believed(cluster: KubernetesSimulator) -> None:
    owner = {
        "apiVersion": "example.com/v1",
        "kind": "App",
        "name": "app",
        "uid": "some-uid",
        "controller": True,
    }
    body = workload("Deployment", replicas=1)
    body["metadata"]["ownerReferences"] = [owner]
    cluster.create(body)
    settle(cluster, 1)
    assert exists(cluster, "deployments", "web")


def test_a_custom_resource_is_one_more_row() -> None:
    rows = (*RESOURCES, Resource("example.com", "v1", "apps", "App", subresources=("status",)))
    with KubernetesSimulator(options=Options(resources=rows, start_delay=0, ready_delay=0)) as cluster:
        app = cluster.create(
            {"apiVersion": "example.com/v1", "kind": "App", "metadata": {"name": "app"}, "spec": {"any": [1]}}
        )
        body = workload("Deployment", replicas=1)
        reference = {
            "apiVersion": "example.com/v1",
            "kind": "App",
            "name": "app",
            "uid": app["metadata"]["uid"],
        }
        body["metadata"]["ownerReferences"] = [reference]
        cluster.create(body)
        settle(cluster, 1)
        cluster.delete("apps", NS, "app")
        assert cluster.wait_for(lambda c: not pods(c) and not exists(c, "deployments", "web"))


def test_a_namespace_takes_its_content_along(cluster: KubernetesSimulator) -> None:
    cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    assert cluster.wait_for(lambda c: len(c.list("serviceaccounts", "shop")) == 1)
    body = workload("Deployment", replicas=2)
    body["metadata"]["namespace"] = "shop"
    cluster.create(body)
    assert cluster.wait_for(lambda c: len(c.list("pods", "shop")) == 2)
    cluster.delete("namespaces", "", "shop")
    assert cluster.get("namespaces", "", "shop")["status"]["phase"] == "Terminating"

    def is_gone(c: KubernetesSimulator) -> bool:
        return "shop" not in [item["metadata"]["name"] for item in c.list("namespaces")]

    assert cluster.wait_for(is_gone)
    for kind in ("deployments", "replicasets", "pods", "serviceaccounts"):
        assert cluster.list(kind, "shop") == []


def test_a_namespace_waits_for_what_holds_its_content(cluster: KubernetesSimulator) -> None:
    cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    held = {"name": "held", "namespace": "shop", "finalizers": ["example.com/hold"]}
    cluster.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": held})
    cluster.delete("namespaces", "", "shop")
    assert cluster.wait_for(lambda c: "deletionTimestamp" in c.get("configmaps", "shop", "held")["metadata"])
    assert cluster.get("namespaces", "", "shop")["status"]["phase"] == "Terminating"
    cluster.patch("configmaps", "shop", "held", {"metadata": {"finalizers": None}})
    assert cluster.wait_for(lambda c: "shop" not in [n["metadata"]["name"] for n in c.list("ns")])
