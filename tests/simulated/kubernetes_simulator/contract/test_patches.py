from typing import Any

import pytest

from tests.simulated.kubernetes_simulator.client import JSON_PATCH, MERGE, STRATEGIC, Api
from tests.simulated.kubernetes_simulator.contract.bodies import config_map, deployment, service

REJECTED = "the server rejected our request due to an error in our request"


@pytest.fixture
def web(api: Api, deployments: str) -> str:
    """The path of a stored Deployment with the container `main`."""
    api.post(deployments, deployment()).raise_for_status()
    return f"{deployments}/web"


def template(answer: Any) -> Any:
    return answer.json()["spec"]["template"]["spec"]


def test_a_merge_patch_merges_objects_and_removes_by_null(api: Api, maps: str) -> None:
    api.post(maps, {**config_map("a", labels={"x": "1", "y": "2"}), "data": {"k": "v"}}).raise_for_status()
    after = api.patch(
        f"{maps}/a", {"metadata": {"labels": {"x": None, "z": "3"}}, "data": None}, MERGE
    ).json()
    assert after["metadata"]["labels"] == {"y": "2", "z": "3"}
    assert "data" not in after


def test_a_merge_patch_replaces_lists(api: Api, web: str) -> None:
    containers = [{"name": "other", "image": "busybox:1"}]
    patch = {"spec": {"template": {"spec": {"containers": containers}}}}
    assert [c["name"] for c in template(api.patch(web, patch, MERGE))["containers"]] == ["other"]


def test_a_strategic_patch_merges_containers_by_name(api: Api, web: str) -> None:
    containers = [{"name": "main", "image": "nginx:2"}, {"name": "side", "image": "busybox:1"}]
    patch = {"spec": {"template": {"spec": {"containers": containers}}}}
    after = template(api.patch(web, patch, STRATEGIC))["containers"]
    assert {c["name"]: c["image"] for c in after} == {"main": "nginx:2", "side": "busybox:1"}
    assert next(c for c in after if c["name"] == "main")["ports"] == [
        {"containerPort": 80, "protocol": "TCP"}
    ]


def test_a_strategic_patch_deletes_a_container_by_directive(api: Api, web: str) -> None:
    add = {"spec": {"template": {"spec": {"containers": [{"name": "side", "image": "busybox:1"}]}}}}
    api.patch(web, add, STRATEGIC).raise_for_status()
    drop = {"spec": {"template": {"spec": {"containers": [{"name": "main", "$patch": "delete"}]}}}}
    assert [c["name"] for c in template(api.patch(web, drop, STRATEGIC))["containers"]] == ["side"]


def test_a_strategic_patch_merges_variables_and_ports_by_their_keys(api: Api, web: str) -> None:
    def patch(**container: Any) -> Any:
        containers = [{"name": "main", **container}]
        answer = api.patch(web, {"spec": {"template": {"spec": {"containers": containers}}}}, STRATEGIC)
        return template(answer)["containers"][0]

    patch(env=[{"name": "A", "value": "1"}, {"name": "B", "value": "2"}])
    after = patch(env=[{"name": "B", "value": "3"}], ports=[{"containerPort": 81}])
    assert {e["name"]: e["value"] for e in after["env"]} == {"A": "1", "B": "3"}
    assert sorted(p["containerPort"] for p in after["ports"]) == [80, 81]


def test_a_strategic_patch_replaces_lists_without_a_key(api: Api, web: str) -> None:
    def patch(args: list[str]) -> Any:
        containers = [{"name": "main", "args": args}]
        answer = api.patch(web, {"spec": {"template": {"spec": {"containers": containers}}}}, STRATEGIC)
        return template(answer)["containers"][0]["args"]

    assert patch(["a", "b"]) == ["a", "b"]
    assert patch(["c"]) == ["c"]


def test_a_strategic_patch_merges_finalizers_as_a_set(api: Api, maps: str) -> None:
    api.post(maps, config_map("a", finalizers=["example.com/a"])).raise_for_status()
    path = f"{maps}/a"
    added = api.patch(path, {"metadata": {"finalizers": ["example.com/b"]}}, STRATEGIC).json()
    assert sorted(added["metadata"]["finalizers"]) == ["example.com/a", "example.com/b"]
    dropping = {"metadata": {"$deleteFromPrimitiveList/finalizers": ["example.com/a", "example.com/b"]}}
    assert "finalizers" not in api.patch(path, dropping, STRATEGIC).json()["metadata"]


def test_a_strategic_patch_keeps_only_the_keys_that_it_retains(api: Api, web: str) -> None:
    strategy = {"$retainKeys": ["type"], "type": "Recreate"}
    after = api.patch(web, {"spec": {"strategy": strategy}}, STRATEGIC).json()
    assert after["spec"]["strategy"] == {"type": "Recreate"}


def test_a_strategic_patch_merges_service_ports_by_port(api: Api, services: str) -> None:
    body = service("s", ports=[{"name": "a", "port": 80}, {"name": "b", "port": 81}])
    api.post(services, body).raise_for_status()
    patch = {"spec": {"ports": [{"port": 81, "targetPort": 8081}]}}
    ports = api.patch(f"{services}/s", patch, STRATEGIC).json()["spec"]["ports"]
    assert {port["name"]: port["targetPort"] for port in ports} == {"a": 80, "b": 8081}


def test_a_json_patch_applies_in_order(api: Api, maps: str) -> None:
    body = {**config_map("a", annotations={"y/z": "2", "other": "3"}), "data": {"x": "1"}}
    api.post(maps, body).raise_for_status()
    steps = [
        {"op": "test", "path": "/data/x", "value": "1"},
        {"op": "replace", "path": "/data/x", "value": "9"},
        {"op": "remove", "path": "/metadata/annotations/y~1z"},
        {"op": "copy", "from": "/data/x", "path": "/data/copy"},
        {"op": "move", "from": "/data/x", "path": "/data/moved"},
        {"op": "add", "path": "/metadata/labels", "value": {"l": "m"}},
    ]
    after = api.patch(f"{maps}/a", steps, JSON_PATCH).json()
    assert after["data"] == {"copy": "9", "moved": "9"}
    assert after["metadata"]["labels"] == {"l": "m"}
    assert after["metadata"]["annotations"] == {"other": "3"}


@pytest.mark.parametrize(
    "step",
    [
        {"op": "test", "path": "/metadata/name", "value": "b"},
        {"op": "replace", "path": "/none/none", "value": "b"},
        {"op": "remove", "path": "/data/none"},
    ],
)
def test_a_json_patch_that_does_not_apply_is_rejected_whole(
    api: Api, maps: str, step: dict[str, str]
) -> None:
    made = api.post(maps, {**config_map("a"), "data": {"x": "1"}}).json()
    steps = [{"op": "add", "path": "/data/y", "value": "2"}, step]
    response = api.patch(f"{maps}/a", steps, JSON_PATCH)
    assert (response.status_code, response.json()["message"]) == (422, REJECTED)
    assert api.get(f"{maps}/a").json() == made


def test_a_json_patch_may_replace_a_key_that_is_not_there(api: Api, maps: str) -> None:
    # Against RFC 6902, but what the server's library does.
    api.post(maps, {**config_map("a"), "data": {"x": "1"}}).raise_for_status()
    after = api.patch(f"{maps}/a", [{"op": "replace", "path": "/data/y", "value": "2"}], JSON_PATCH)
    assert after.json()["data"] == {"x": "1", "y": "2"}


def test_a_json_patch_that_is_no_list_is_a_bad_request(api: Api, maps: str) -> None:
    api.post(maps, config_map("a")).raise_for_status()
    response = api.patch(f"{maps}/a", {"op": "add"}, JSON_PATCH)
    assert response.status_code == 400
    assert response.json()["message"].startswith(
        "error decoding patch: json: cannot unmarshal object into Go value"
    )


def test_a_patch_with_an_old_resource_version_is_a_conflict(api: Api, maps: str) -> None:
    made = api.post(maps, config_map("a")).json()
    api.patch(f"{maps}/a", {"data": {"k": "v"}}).raise_for_status()
    version = made["metadata"]["resourceVersion"]
    response = api.patch(f"{maps}/a", {"metadata": {"resourceVersion": version}, "data": {"k": "w"}})
    assert (response.status_code, response.json()["reason"]) == (409, "Conflict")


def test_a_patch_cannot_rename(api: Api, maps: str) -> None:
    api.post(maps, config_map("a")).raise_for_status()
    response = api.patch(f"{maps}/a", {"metadata": {"name": "b"}})
    assert response.status_code == 400
    assert response.json()["message"] == "the name of the object (b) does not match the name on the URL (a)"


def test_a_patch_of_what_is_not_there_is_not_found(api: Api, maps: str) -> None:
    assert api.patch(f"{maps}/a", {"data": {}}).status_code == 404


def test_an_unknown_kind_of_patch_is_unsupported(api: Api, maps: str) -> None:
    api.post(maps, config_map("a")).raise_for_status()
    response = api.patch(f"{maps}/a", {"data": {}}, "application/json")
    assert (response.status_code, response.json()["reason"]) == (415, "UnsupportedMediaType")


def test_a_patch_that_changes_nothing_is_no_change(api: Api, maps: str) -> None:
    made = api.post(maps, config_map("a", labels={"x": "y"})).json()
    after = api.patch(f"{maps}/a", {"metadata": {"labels": {"x": "y"}}}).json()
    assert after["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]


def test_a_patch_with_an_unknown_field_is_refused_when_strict(api: Api, maps: str) -> None:
    api.post(maps, config_map("a")).raise_for_status()
    response = api.patch(f"{maps}/a", {"foo": 1}, fieldValidation="Strict")
    assert response.status_code == 422
    assert 'strict decoding error: unknown field "foo"' in response.json()["message"]
