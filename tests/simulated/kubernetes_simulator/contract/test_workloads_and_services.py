from tests.simulated.kubernetes_simulator.client import Api
from tests.simulated.kubernetes_simulator.contract.bodies import deployment, service


def test_scale_is_read_patched_and_put(api: Api, deployments: str) -> None:
    api.post(deployments, deployment(replicas=0)).raise_for_status()
    path = f"{deployments}/web/scale"
    scale = api.get(path).json()
    assert (scale["kind"], scale["apiVersion"]) == ("Scale", "autoscaling/v1")
    # Without a controller nobody reports replicas.
    assert (scale["spec"].get("replicas", 0), scale["status"]["selector"]) == (0, "app=web")
    paused = {"spec": {"paused": True}}
    api.patch(f"{deployments}/web", paused).raise_for_status()
    assert api.patch(path, {"spec": {"replicas": 2}}).json()["spec"]["replicas"] == 2
    fresh = api.get(path).json()
    assert api.put(path, {**fresh, "spec": {"replicas": 1}}).json()["spec"]["replicas"] == 1
    stale = api.put(path, {**fresh, "spec": {"replicas": 4}})
    assert (stale.status_code, stale.json()["reason"]) == (409, "Conflict")
    assert api.get(f"{deployments}/web").json()["spec"]["replicas"] == 1


def test_a_scale_below_zero_is_invalid(api: Api, deployments: str) -> None:
    api.post(deployments, deployment()).raise_for_status()
    response = api.patch(f"{deployments}/web/scale", {"spec": {"replicas": -1}})
    assert response.status_code == 422
    assert (
        "spec.replicas: Invalid value: -1: must be greater than or equal to 0" in response.json()["message"]
    )


def test_a_service_gets_an_address_and_its_defaults(api: Api, services: str) -> None:
    spec = api.post(services, service("s")).json()["spec"]
    assert (spec["type"], spec["sessionAffinity"], spec["internalTrafficPolicy"]) == (
        "ClusterIP",
        "None",
        "Cluster",
    )
    assert spec["clusterIPs"] == [spec["clusterIP"]]
    assert (spec["ipFamilies"], spec["ipFamilyPolicy"]) == (["IPv4"], "SingleStack")
    assert spec["ports"] == [{"protocol": "TCP", "port": 80, "targetPort": 80}]


def test_two_services_never_share_an_address(api: Api, services: str) -> None:
    made = [api.post(services, service(f"s{number}")).json() for number in range(5)]
    assert len({body["spec"]["clusterIP"] for body in made}) == 5


def test_a_cluster_ip_cannot_change(api: Api, services: str) -> None:
    api.post(services, service("s")).raise_for_status()
    response = api.patch(
        f"{services}/s", {"spec": {"clusterIP": "10.96.200.200", "clusterIPs": ["10.96.200.200"]}}
    )
    assert response.status_code == 422
    assert "may not change once set" in response.json()["message"]


def test_a_put_without_a_cluster_ip_keeps_it(api: Api, services: str) -> None:
    made = api.post(services, service("s")).json()
    after = api.put(f"{services}/s", service("s", sessionAffinity="ClientIP")).json()
    assert after["spec"]["clusterIP"] == made["spec"]["clusterIP"]
    assert after["spec"]["sessionAffinity"] == "ClientIP"


def test_a_headless_service_has_no_address(api: Api, services: str) -> None:
    spec = api.post(services, service("s", clusterIP="None")).json()["spec"]
    assert (spec["clusterIP"], spec["clusterIPs"]) == ("None", ["None"])


def test_an_external_name_has_neither_address_nor_families(api: Api, services: str) -> None:
    body = {"metadata": {"name": "s"}, "spec": {"type": "ExternalName", "externalName": "example.com"}}
    spec = api.post(services, body).json()["spec"]
    assert not {"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"} & set(spec)


def test_a_service_without_selector_is_fine_and_one_without_ports_is_not(api: Api, services: str) -> None:
    assert (
        api.post(services, {"metadata": {"name": "s"}, "spec": {"ports": [{"port": 1}]}}).status_code == 201
    )
    response = api.post(services, {"metadata": {"name": "t"}, "spec": {}})
    assert response.status_code == 422
    assert "spec.ports: Required value" in response.json()["message"]


def test_a_load_balancer_has_node_ports_and_loses_them_with_its_type(api: Api, services: str) -> None:
    made = api.post(services, service("s", type="LoadBalancer")).json()
    assert made["spec"]["ports"][0]["nodePort"] >= 30000
    assert made["spec"]["externalTrafficPolicy"] == "Cluster"
    assert made["spec"]["allocateLoadBalancerNodePorts"] is True
    after = api.patch(f"{services}/s", {"spec": {"type": "ClusterIP"}}).json()["spec"]
    assert "nodePort" not in after["ports"][0]
    assert not {"externalTrafficPolicy", "allocateLoadBalancerNodePorts"} & set(after)
    assert after["clusterIP"] == made["spec"]["clusterIP"]


def test_an_ingress_address_is_a_vip_by_default(api: Api, services: str) -> None:
    api.post(
        services, service("s", type="LoadBalancer", loadBalancerClass="example.com/none")
    ).raise_for_status()
    status = {"status": {"loadBalancer": {"ingress": [{"ip": "10.0.40.9"}]}}}
    after = api.patch(f"{services}/s/status", status).json()
    assert after["status"]["loadBalancer"]["ingress"] == [{"ip": "10.0.40.9", "ipMode": "VIP"}]


def test_a_hostname_may_stand_in_the_ingress(api: Api, services: str) -> None:
    api.post(
        services, service("s", type="LoadBalancer", loadBalancerClass="example.com/none")
    ).raise_for_status()
    status = {"status": {"loadBalancer": {"ingress": [{"hostname": "lb.example.com"}]}}}
    after = api.patch(f"{services}/s/status", status).json()
    assert after["status"]["loadBalancer"]["ingress"] == [{"hostname": "lb.example.com"}]


def test_an_ingress_address_goes_with_the_type(api: Api, services: str) -> None:
    api.post(services, service("s", type="LoadBalancer")).raise_for_status()
    status = {"status": {"loadBalancer": {"ingress": [{"ip": "10.0.40.9"}]}}}
    api.patch(f"{services}/s/status", status).raise_for_status()
    after = api.patch(f"{services}/s", {"spec": {"type": "ClusterIP"}}).json()
    assert after["status"] == {"loadBalancer": {}}


def test_an_ingress_address_that_is_none_is_invalid(api: Api, services: str) -> None:
    api.post(
        services, service("s", type="LoadBalancer", loadBalancerClass="example.com/none")
    ).raise_for_status()
    status = {"status": {"loadBalancer": {"ingress": [{"ip": "10.0.40"}]}}}
    response = api.patch(f"{services}/s/status", status)
    assert response.status_code == 422
    assert "status.loadBalancer.ingress[0].ip: Invalid value" in response.json()["message"]
