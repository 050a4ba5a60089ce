import pytest

from tests.simulated.kubernetes_simulator.client import AS_PARTIAL, AS_PARTIAL_LIST, AS_TABLE, Api
from tests.simulated.kubernetes_simulator.contract.bodies import config_map

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


def test_metadata_alone_can_be_listed(api: Api, five_maps: str) -> None:
    body = api.get(five_maps, accept=AS_PARTIAL_LIST, limit=2).json()
    assert (body["kind"], body["apiVersion"]) == ("PartialObjectMetadataList", "meta.k8s.io/v1")
    assert body["metadata"]["continue"]
    first = body["items"][0]
    assert set(first) == {"kind", "apiVersion", "metadata"}
    assert first["kind"] == "PartialObjectMetadata"
    assert first["metadata"]["labels"] == {"letter": "a"}


def test_metadata_alone_can_be_read(api: Api, five_maps: str) -> None:
    body = api.get(f"{five_maps}/a", accept=AS_PARTIAL).json()
    assert (body["kind"], body["metadata"]["name"]) == ("PartialObjectMetadata", "a")


def test_one_object_is_no_list(api: Api, five_maps: str) -> None:
    response = api.get(f"{five_maps}/a", accept=AS_PARTIAL_LIST)
    assert response.status_code == 406
    assert response.json()["message"].startswith(
        "you requested PartialObjectMetadataList, but the requested object"
    )


def test_a_list_can_be_a_table(api: Api, five_maps: str) -> None:
    body = api.get(five_maps, accept=AS_TABLE, labelSelector="letter=a").json()
    assert (body["kind"], body["apiVersion"]) == ("Table", "meta.k8s.io/v1")
    assert [column["name"] for column in body["columnDefinitions"]] == ["Name", "Data", "Age"]
    row = body["rows"][0]
    assert row["cells"][:2] == ["a", 0]
    assert row["object"]["kind"] == "PartialObjectMetadata"


@pytest.mark.parametrize(
    ("kind", "columns"),
    [
        ("pods", "Name Ready Status Restarts Age IP Node Nominated-Node Readiness-Gates"),
        ("services", "Name Type Cluster-IP External-IP Port(s) Age Selector"),
        ("apps/deployments", "Name Ready Up-to-date Available Age Containers Images Selector"),
        ("apps/replicasets", "Name Desired Current Ready Age Containers Images Selector"),
        ("apps/statefulsets", "Name Ready Age Containers Images"),
        (
            "apps/daemonsets",
            "Name Desired Current Ready Up-to-date Available Node-Selector Age Containers Images Selector",
        ),
        ("namespaces", "Name Status Age"),
    ],
)
def test_tables_have_the_columns_that_people_know(api: Api, kind: str, columns: str) -> None:
    group, _, plural = kind.rpartition("/")
    path = f"/apis/{group}/v1/{plural}" if group else f"/api/v1/{plural}"
    body = api.get(path, accept=AS_TABLE).json()
    assert " ".join(column["name"].replace(" ", "-") for column in body["columnDefinitions"]) == columns


def test_a_table_may_carry_whole_objects_or_none(api: Api, five_maps: str) -> None:
    whole = api.get(f"{five_maps}/a", accept=AS_TABLE, includeObject="Object").json()
    assert whole["rows"][0]["object"]["metadata"]["name"] == "a"
    assert "kind" in whole["rows"][0]["object"]
    none = api.get(f"{five_maps}/a", accept=AS_TABLE, includeObject="None").json()
    assert none["rows"][0].get("object") is None


@pytest.mark.parametrize("accept", ["application/foo", "application/json;as=Foo;g=meta.k8s.io;v=v1"])
def test_an_unknown_representation_is_not_acceptable(api: Api, maps: str, accept: str) -> None:
    response = api.get(maps, accept=accept)
    assert (response.status_code, response.json()["reason"]) == (406, "NotAcceptable")


def test_the_first_representation_that_is_served_is_taken(api: Api, five_maps: str) -> None:
    body = api.get(
        five_maps, accept=f"{AS_TABLE.replace('v=v1', 'v=v9')},{AS_PARTIAL_LIST},application/json"
    ).json()
    assert body["kind"] == "PartialObjectMetadataList"


def test_an_unknown_kind_is_not_found(api: Api) -> None:
    response = api.get("/api/v1/foos")
    assert response.status_code == 404
    assert response.json()["message"] == "the server could not find the requested resource"


@pytest.mark.parametrize("path", ["/apis/foo/v1/bars", "/foo"])
def test_an_unknown_path_is_not_found_in_plain_text(api: Api, path: str) -> None:
    response = api.get(path)
    assert (response.status_code, response.text) == (404, "404 page not found\n")


def test_a_method_that_does_not_belong_is_not_allowed(api: Api, five_maps: str) -> None:
    for response in (api.post(f"{five_maps}/a", config_map("a")), api.put(five_maps, config_map("a"))):
        assert (response.status_code, response.json()["reason"]) == (405, "MethodNotAllowed")


def test_discovery_lists_the_kinds(api: Api) -> None:
    assert api.get("/api").json()["versions"] == ["v1"]
    groups = {
        group["name"]: group["preferredVersion"]["version"] for group in api.get("/apis").json()["groups"]
    }
    assert groups["apps"] == groups["coordination.k8s.io"] == "v1"
    kinds = {entry["name"]: entry for entry in api.get("/apis/apps/v1").json()["resources"]}
    assert kinds["deployments"]["kind"] == "Deployment"
    assert kinds["deployments"]["shortNames"] == ["deploy"]
    assert kinds["deployments"]["namespaced"] is True
    assert set(kinds["deployments"]["verbs"]) >= {"list", "watch", "patch", "deletecollection"}
    assert kinds["deployments/scale"]["kind"] == "Scale"


def test_discovery_can_be_read_in_one_go(api: Api) -> None:
    response = api.get("/apis", accept=AGGREGATED)
    assert response.json()["kind"] == "APIGroupDiscoveryList"
    assert "APIGroupDiscoveryList" in response.headers["Content-Type"]
    apps = next(item for item in response.json()["items"] if item["metadata"]["name"] == "apps")
    rows = {row["resource"]: row for row in apps["versions"][0]["resources"]}
    assert rows["statefulsets"]["scope"] == "Namespaced"
    assert {sub["subresource"] for sub in rows["statefulsets"]["subresources"]} == {"scale", "status"}


def test_the_server_says_that_it_is_well(api: Api) -> None:
    assert api.get("/livez").text == "ok"
    assert api.get("/readyz").text == "ok"
    assert api.get("/version").json()["major"] == "1"
