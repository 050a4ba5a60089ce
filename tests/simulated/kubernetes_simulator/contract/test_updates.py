from typing import Any

import pytest

from tests.simulated.kubernetes_simulator.client import Api
from tests.simulated.kubernetes_simulator.contract.bodies import config_map, deployment, pod

MODIFIED = "the object has been modified; please apply your changes to the latest version and try again"


@pytest.fixture
def web(api: Api, deployments: str) -> dict[str, Any]:
    """A stored Deployment."""
    made: dict[str, Any] = api.post(deployments, deployment()).json()
    return made


def test_an_update_gets_a_new_resource_version(api: Api, maps: str) -> None:
    made = api.post(maps, config_map("a")).json()
    changed = api.put(f"{maps}/a", {**made, "data": {"k": "v"}})
    assert changed.status_code == 200
    meta = changed.json()["metadata"]
    assert int(meta["resourceVersion"]) > int(made["metadata"]["resourceVersion"])
    assert (meta["uid"], meta["creationTimestamp"]) == (
        made["metadata"]["uid"],
        made["metadata"]["creationTimestamp"],
    )


def test_an_update_that_changes_nothing_is_no_update(api: Api, maps: str) -> None:
    made = api.post(maps, config_map("a")).json()
    again = api.put(f"{maps}/a", made)
    assert again.status_code == 200
    assert again.json()["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]


def test_an_update_of_an_old_version_is_a_conflict(api: Api, maps: str) -> None:
    made = api.post(maps, config_map("a")).json()
    api.put(f"{maps}/a", {**made, "data": {"k": "v"}}).raise_for_status()
    late = api.put(f"{maps}/a", {**made, "data": {"k": "w"}})
    assert late.status_code == 409
    body = late.json()
    assert body["reason"] == "Conflict"
    assert body["message"] == f'Operation cannot be fulfilled on configmaps "a": {MODIFIED}'
    assert body["details"] == {"name": "a", "kind": "configmaps"}


def test_without_a_resource_version_the_last_one_wins(api: Api, maps: str) -> None:
    api.post(maps, config_map("a")).raise_for_status()
    assert api.put(f"{maps}/a", {**config_map("a"), "data": {"k": "v"}}).json()["data"] == {"k": "v"}


def test_an_update_of_another_uid_is_a_conflict(api: Api, maps: str) -> None:
    api.post(maps, config_map("a")).raise_for_status()
    response = api.put(f"{maps}/a", config_map("a", uid="other"))
    assert response.status_code == 409
    assert (
        "Precondition failed: UID in precondition: other, UID in object meta: " in response.json()["message"]
    )


def test_an_update_of_what_is_not_there_is_not_found(api: Api, maps: str) -> None:
    response = api.put(f"{maps}/a", config_map("a"))
    assert (response.status_code, response.json()["reason"]) == (404, "NotFound")
    assert response.json()["message"] == 'configmaps "a" not found'


def test_the_name_has_to_be_that_of_the_url(api: Api, maps: str) -> None:
    api.post(maps, config_map("a")).raise_for_status()
    response = api.put(f"{maps}/a", config_map("b"))
    assert (response.status_code, response.json()["message"]) == (
        400,
        "the name of the object (b) does not match the name on the URL (a)",
    )


def test_the_generation_counts_changes_of_the_spec_only(
    api: Api, deployments: str, web: dict[str, Any]
) -> None:
    path = f"{deployments}/web"
    labelled = api.patch(path, {"metadata": {"labels": {"x": "y"}}}).json()
    assert labelled["metadata"]["generation"] == web["metadata"]["generation"] == 1
    scaled = api.patch(path, {"spec": {"paused": True}}).json()
    assert scaled["metadata"]["generation"] == 2
    reported = api.patch(f"{path}/status", {"status": {"replicas": 1, "observedGeneration": 2}}).json()
    assert reported["metadata"]["generation"] == 2


def test_the_main_resource_leaves_the_status_alone(api: Api, deployments: str, web: dict[str, Any]) -> None:
    api.patch(f"{deployments}/web/status", {"status": {"replicas": 3}}).raise_for_status()
    present = api.get(f"{deployments}/web").json()
    updated = api.put(f"{deployments}/web", {**present, "status": {"replicas": 9}}).json()
    assert updated["status"] == {"replicas": 3}
    assert web["status"] == {}


def test_the_status_resource_leaves_spec_and_labels_alone(
    api: Api, deployments: str, web: dict[str, Any]
) -> None:
    body = {
        "metadata": {"labels": {"x": "y"}, "annotations": {"x": "y"}},
        "spec": {"replicas": 5},
        "status": {"replicas": 3},
    }
    after = api.patch(f"{deployments}/web/status", body).json()
    assert after["status"] == {"replicas": 3}
    assert after["spec"] == web["spec"]
    assert "labels" not in after["metadata"]
    # A quirk of Deployments in the real server, and therefore here.
    assert after["metadata"]["annotations"] == {"x": "y"}


def test_a_pod_gets_its_addresses_by_its_status(api: Api, pods: str) -> None:
    made = api.post(pods, pod("one")).json()
    addresses = {"podIP": "10.1.2.3", "podIPs": [{"ip": "10.1.2.3"}, {"ip": "fd00::3"}]}
    after = api.patch(f"{pods}/one/status", {"spec": {"nodeName": "x"}, "status": addresses}).json()
    assert after["status"]["podIPs"] == addresses["podIPs"]
    assert after["spec"] == made["spec"]


def test_a_selector_cannot_change(api: Api, deployments: str, web: dict[str, Any]) -> None:
    web["spec"]["selector"] = {"matchLabels": {"app": "other"}}
    web["spec"]["template"]["metadata"]["labels"] = {"app": "other"}
    response = api.put(f"{deployments}/web", web)
    assert response.status_code == 422
    assert (
        'spec.selector: Invalid value: {"matchLabels":{"app":"other"}}: field is immutable'
        in (response.json()["message"])
    )


def test_a_pod_cannot_be_moved(api: Api, pods: str) -> None:
    api.post(pods, pod("one")).raise_for_status()
    response = api.patch(f"{pods}/one", {"spec": {"nodeName": "elsewhere"}})
    assert response.status_code == 422
    assert "spec: Forbidden: pod updates may not change fields other than" in response.json()["message"]


def test_a_binding_puts_a_pod_on_a_node_once(api: Api, pods: str) -> None:
    api.post(pods, pod("one")).raise_for_status()
    binding = {"metadata": {"name": "one"}, "target": {"kind": "Node", "name": "n1"}}
    assert api.post(f"{pods}/one/binding", binding).status_code == 201
    bound = api.get(f"{pods}/one").json()
    assert bound["spec"]["nodeName"] == "n1"
    scheduled = [entry for entry in bound["status"]["conditions"] if entry["type"] == "PodScheduled"]
    assert [entry["status"] for entry in scheduled] == ["True"]
    assert api.post(f"{pods}/one/binding", binding).status_code == 409


def test_a_dry_update_changes_nothing(api: Api, maps: str) -> None:
    made = api.post(maps, config_map("a")).json()
    assert api.put(f"{maps}/a", {**made, "data": {"k": "v"}}, dryRun="All").json()["data"] == {"k": "v"}
    assert api.get(f"{maps}/a").json() == made
