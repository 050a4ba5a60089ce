import pytest

from tests.simulated.kubernetes_simulator.client import Api, names
from tests.simulated.kubernetes_simulator.contract.bodies import config_map, deployment, pod


def test_a_delete_answers_with_a_status_that_names_the_object(api: Api, maps: str) -> None:
    made = api.post(maps, config_map("a")).json()
    response = api.delete(f"{maps}/a")
    assert response.status_code == 200
    body = response.json()
    assert (body["kind"], body["status"]) == ("Status", "Success")
    assert body["details"] == {"name": "a", "kind": "configmaps", "uid": made["metadata"]["uid"]}
    assert api.get(f"{maps}/a").status_code == 404


def test_what_is_not_there_cannot_be_deleted(api: Api, maps: str) -> None:
    response = api.delete(f"{maps}/a")
    assert response.status_code == 404
    assert response.json()["message"] == 'configmaps "a" not found'


@pytest.mark.parametrize("field", ["uid", "resourceVersion"])
def test_a_precondition_that_does_not_hold_keeps_the_object(api: Api, maps: str, field: str) -> None:
    api.post(maps, config_map("a")).raise_for_status()
    response = api.delete(f"{maps}/a", {"preconditions": {field: "1"}})
    assert (response.status_code, response.json()["reason"]) == (409, "Conflict")
    assert "in the precondition (1) does not match the" in response.json()["message"]
    assert api.get(f"{maps}/a").status_code == 200


def test_a_precondition_that_holds_lets_it_go(api: Api, maps: str) -> None:
    meta = api.post(maps, config_map("a")).json()["metadata"]
    conditions = {"uid": meta["uid"], "resourceVersion": meta["resourceVersion"]}
    assert api.delete(f"{maps}/a", {"preconditions": conditions}).status_code == 200


def test_an_unknown_propagation_policy_is_invalid(api: Api, maps: str) -> None:
    api.post(maps, config_map("a")).raise_for_status()
    response = api.delete(f"{maps}/a", {"propagationPolicy": "Foo"})
    assert response.status_code == 422
    assert 'propagationPolicy: Unsupported value: "Foo"' in response.json()["message"]


def test_a_finalizer_holds_the_object_until_it_is_taken_away(api: Api, maps: str) -> None:
    api.post(maps, config_map("a", finalizers=["example.com/hold"])).raise_for_status()
    held = api.delete(f"{maps}/a").json()
    assert held["kind"] == "ConfigMap"
    assert held["metadata"]["deletionTimestamp"]
    assert held["metadata"]["deletionGracePeriodSeconds"] == 0
    assert api.get(f"{maps}/a").status_code == 200
    last = api.patch(f"{maps}/a", {"metadata": {"finalizers": None}})
    assert last.status_code == 200
    assert api.get(f"{maps}/a").status_code == 404


def test_no_finalizer_can_be_added_to_what_is_going(api: Api, maps: str) -> None:
    api.post(maps, config_map("a", finalizers=["example.com/hold"])).raise_for_status()
    api.delete(f"{maps}/a").raise_for_status()
    more = {"metadata": {"finalizers": ["example.com/hold", "example.com/more"]}}
    response = api.patch(f"{maps}/a", more)
    assert response.status_code == 422
    assert "no new finalizers can be added if the object is being deleted" in response.json()["message"]
    api.patch(f"{maps}/a", {"metadata": {"finalizers": None}}).raise_for_status()


@pytest.mark.parametrize(
    ("policy", "finalizer"), [("Foreground", "foregroundDeletion"), ("Orphan", "orphan")]
)
def test_a_propagation_policy_is_a_finalizer(api: Api, deployments: str, policy: str, finalizer: str) -> None:
    body = deployment()
    # Held, so that a garbage collector, where there is one, cannot finish before we look.
    body["metadata"]["finalizers"] = ["example.com/hold"]
    api.post(deployments, body).raise_for_status()
    held = api.delete(f"{deployments}/web", {"propagationPolicy": policy}).json()
    assert finalizer in held["metadata"]["finalizers"]
    assert held["metadata"]["deletionTimestamp"]
    assert held["metadata"]["generation"] == 2
    api.patch(f"{deployments}/web", {"metadata": {"finalizers": None}}).raise_for_status()


def test_a_pod_without_a_node_goes_at_once(api: Api, pods: str) -> None:
    api.post(pods, pod("one")).raise_for_status()
    gone = api.delete(f"{pods}/one").json()
    assert gone["kind"] == "Pod"
    assert api.get(f"{pods}/one").status_code == 404


def test_a_pod_on_a_node_gets_a_grace_period(api: Api, pods: str) -> None:
    api.post(pods, pod("one")).raise_for_status()
    binding = {"metadata": {"name": "one"}, "target": {"kind": "Node", "name": "no-such-node"}}
    api.post(f"{pods}/one/binding", binding).raise_for_status()
    going = api.delete(f"{pods}/one").json()["metadata"]
    assert going["deletionGracePeriodSeconds"] == 30
    assert going["deletionTimestamp"]
    shorter = api.delete(f"{pods}/one", gracePeriodSeconds="5").json()["metadata"]
    assert shorter["deletionGracePeriodSeconds"] == 5
    api.delete(f"{pods}/one", {"gracePeriodSeconds": 0}).raise_for_status()
    assert api.get(f"{pods}/one").status_code == 404


def test_an_eviction_deletes_the_pod(api: Api, pods: str) -> None:
    api.post(pods, pod("one")).raise_for_status()
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "one"}}
    response = api.post(f"{pods}/one/eviction", eviction)
    assert (response.status_code, response.json()["status"]) == (201, "Success")
    assert api.get(f"{pods}/one").status_code == 404


def test_a_collection_is_deleted_by_selector(api: Api, five_maps: str) -> None:
    response = api.delete(five_maps, labelSelector="letter in (a,b)")
    assert response.status_code == 200
    assert names(response.json()["items"]) == ["a", "b"]
    assert names(api.get(five_maps, labelSelector="letter").json()["items"]) == ["c", "d", "e"]


def test_a_collection_cannot_be_deleted_in_all_namespaces(api: Api) -> None:
    response = api.delete("/api/v1/configmaps")
    assert (response.status_code, response.json()["reason"]) == (405, "MethodNotAllowed")


def test_a_dry_delete_deletes_nothing(api: Api, maps: str) -> None:
    api.post(maps, config_map("a")).raise_for_status()
    assert api.delete(f"{maps}/a", dryRun="All").status_code == 200
    assert api.get(f"{maps}/a").status_code == 200


def test_the_default_namespace_cannot_be_deleted(api: Api) -> None:
    response = api.delete("/api/v1/namespaces/default")
    assert response.status_code == 403
    assert (
        response.json()["message"] == 'namespaces "default" is forbidden: this namespace may not be deleted'
    )


def test_a_namespace_that_goes_takes_nothing_in(api: Api) -> None:
    name = "contract-going"
    made = api.post("/api/v1/namespaces", {"metadata": {"name": name, "finalizers": ["example.com/hold"]}})
    assert made.json()["metadata"]["labels"] == {"kubernetes.io/metadata.name": name}
    assert made.json()["spec"]["finalizers"] == ["kubernetes"]
    assert made.json()["status"] == {"phase": "Active"}
    going = api.delete(f"/api/v1/namespaces/{name}").json()
    assert going["status"]["phase"] == "Terminating"
    response = api.post(f"/api/v1/namespaces/{name}/configmaps", config_map("a"))
    assert response.status_code == 403
    body = response.json()
    assert body["message"] == (
        f'configmaps "a" is forbidden: unable to create new content in namespace {name} '
        "because it is being terminated"
    )
    assert body["details"]["causes"][0]["reason"] == "NamespaceTerminating"
    # Without a namespace controller nobody else would finish it.
    present = api.get(f"/api/v1/namespaces/{name}").json()
    present["metadata"].pop("finalizers", None)
    present["metadata"].pop("resourceVersion")
    api.put(f"/api/v1/namespaces/{name}", present).raise_for_status()
    finalized = {**present, "spec": {"finalizers": []}}
    api.put(f"/api/v1/namespaces/{name}/finalize", finalized).raise_for_status()
    assert api.get(f"/api/v1/namespaces/{name}").status_code == 404
