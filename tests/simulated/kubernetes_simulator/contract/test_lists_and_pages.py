import base64
import json

import pytest

from tests.simulated.kubernetes_simulator.client import Api, names
from tests.simulated.kubernetes_simulator.contract.bodies import config_map, pod


def revision(api: Api, path: str) -> int:
    return int(api.get(path, limit=1).json()["metadata"]["resourceVersion"])


def test_a_list_names_its_kind_and_its_items_do_not(api: Api, five_maps: str) -> None:
    body = api.get(five_maps).json()
    assert (body["kind"], body["apiVersion"]) == ("ConfigMapList", "v1")
    assert not any("kind" in item or "apiVersion" in item for item in body["items"])


def test_pages_go_on_where_the_last_one_ended(api: Api, five_maps: str) -> None:
    first = api.get(five_maps, limit=2).json()
    assert names(first["items"]) == ["a", "b"]
    assert first["metadata"]["remainingItemCount"] == 3
    second = api.get(five_maps, limit=2, **{"continue": first["metadata"]["continue"]}).json()
    assert names(second["items"]) == ["c", "d"]
    last = api.get(five_maps, limit=2, **{"continue": second["metadata"]["continue"]}).json()
    assert names(last["items"]) == ["e"]
    assert "continue" not in last["metadata"]
    assert "remainingItemCount" not in last["metadata"]


def test_later_pages_show_the_moment_of_the_first(api: Api, five_maps: str) -> None:
    first = api.get(five_maps, limit=2).json()
    api.delete(f"{five_maps}/d").raise_for_status()
    api.post(five_maps, config_map("bb")).raise_for_status()
    token = first["metadata"]["continue"]
    rest = api.get(five_maps, **{"continue": token}).json()
    assert names(rest["items"]) == ["c", "d", "e"]
    assert rest["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]


def test_with_a_selector_the_rest_is_not_counted(api: Api, five_maps: str) -> None:
    body = api.get(five_maps, limit=1, labelSelector="letter in (a,c,e)").json()
    assert names(body["items"]) == ["a"]
    assert body["metadata"]["continue"]
    assert "remainingItemCount" not in body["metadata"]
    rest = api.get(five_maps, labelSelector="letter in (a,c,e)", **{"continue": body["metadata"]["continue"]})
    assert names(rest.json()["items"]) == ["c", "e"]


def test_resource_version_zero_has_no_pages(api: Api, five_maps: str) -> None:
    body = api.get(five_maps, limit=2, resourceVersion="0").json()
    assert len(body["items"]) == 5
    assert "continue" not in body["metadata"]


def test_an_exact_resource_version_shows_the_past(api: Api, five_maps: str) -> None:
    then = revision(api, five_maps)
    api.delete(f"{five_maps}/a").raise_for_status()
    body = api.get(five_maps, resourceVersion=str(then), resourceVersionMatch="Exact").json()
    assert names(body["items"]) == ["a", "b", "c", "d", "e"]
    assert body["metadata"]["resourceVersion"] == str(then)


def test_not_older_than_shows_the_present(api: Api, five_maps: str) -> None:
    then = revision(api, five_maps)
    api.delete(f"{five_maps}/a").raise_for_status()
    now = revision(api, five_maps)
    body = api.get(five_maps, resourceVersion=str(now), resourceVersionMatch="NotOlderThan").json()
    assert names(body["items"]) == ["b", "c", "d", "e"]
    assert int(body["metadata"]["resourceVersion"]) >= now > then


@pytest.mark.parametrize("extra", [{}, {"limit": 1}, {"resourceVersionMatch": "Exact"}])
def test_a_future_resource_version_is_a_timeout(api: Api, maps: str, extra: dict[str, object]) -> None:
    response = api.get(maps, resourceVersion="999999999", **extra)
    assert response.status_code == 504
    body = response.json()
    assert body["reason"] == "Timeout"
    assert body["message"].startswith("Timeout: Too large resource version: 999999999, current: ")
    assert body["details"]["causes"][0]["reason"] == "ResourceVersionTooLarge"


@pytest.mark.parametrize(
    ("query", "code", "text"),
    [
        ({"resourceVersion": "abc"}, 400, "invalid resource version: resourceVersion: Invalid value"),
        ({"limit": "abc"}, 400, "strconv.ParseInt"),
        ({"continue": "abc"}, 400, "invalid continue token: continue key is not valid"),
        ({"resourceVersionMatch": "Exact"}, 422, "is forbidden unless resourceVersion is provided"),
        (
            {"resourceVersionMatch": "Exact", "resourceVersion": "0"},
            422,
            'is forbidden for resourceVersion "0"',
        ),
        ({"resourceVersionMatch": "Foo", "resourceVersion": "1"}, 422, 'Unsupported value: "Foo"'),
        (
            {"resourceVersionMatch": "Exact", "resourceVersion": "1", "continue": "x"},
            422,
            "when continue is provided",
        ),
        ({"sendInitialEvents": "true"}, 422, "sendInitialEvents is forbidden for list"),
        ({"labelSelector": "a b c"}, 400, "unable to parse requirement: found 'b'"),
        ({"fieldSelector": "foo=bar"}, 400, '"foo" is not a known field selector: only "metadata.name"'),
    ],
)
def test_a_list_that_makes_no_sense_is_refused(
    api: Api, maps: str, query: dict[str, str], code: int, text: str
) -> None:
    response = api.get(maps, **query)
    assert response.status_code == code
    assert text in response.json()["message"]


def test_an_unknown_field_of_pods_is_refused_in_other_words(api: Api, pods: str) -> None:
    response = api.get(pods, fieldSelector="spec.foo=bar")
    assert (response.status_code, response.json()["message"]) == (400, "field label not supported: spec.foo")


def test_a_continue_token_is_bound_to_its_revision(api: Api, five_maps: str) -> None:
    token = api.get(five_maps, limit=2).json()["metadata"]["continue"]
    content = json.loads(base64.urlsafe_b64decode(token + "=="))
    assert content["v"] == "meta.k8s.io/v1"
    assert content["rv"] > 0


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ("letter=a", "a"),
        ("letter==a", "a"),
        ("letter!=a", "bcde"),
        ("letter in (a, b)", "ab"),
        ("letter notin (a,b)", "cde"),
        ("letter", "abcde"),
        ("!letter", ""),
        ("!other,letter!=c", "abde"),
        ("letter=a,letter=b", ""),
        ("other notin (x)", "abcde"),
        ("letter=", ""),
    ],
)
def test_label_selectors(api: Api, five_maps: str, selector: str, found: str) -> None:
    assert "".join(names(api.get(five_maps, labelSelector=selector).json()["items"])) == found


@pytest.mark.parametrize(
    ("selector", "found"),
    [("metadata.name=c", "c"), ("metadata.name!=c", "abde"), ("metadata.name=zz", "")],
)
def test_field_selectors(api: Api, five_maps: str, selector: str, found: str) -> None:
    assert "".join(names(api.get(five_maps, fieldSelector=selector).json()["items"])) == found


@pytest.mark.usefixtures("five_maps")
def test_all_namespaces_and_one_of_them_by_field(api: Api, namespace: str) -> None:
    everywhere = api.get("/api/v1/configmaps", labelSelector="letter").json()["items"]
    here = [item for item in everywhere if item["metadata"]["namespace"] == namespace]
    assert names(here) == ["a", "b", "c", "d", "e"]
    selected = api.get("/api/v1/configmaps", fieldSelector=f"metadata.namespace={namespace}").json()["items"]
    assert set(names(selected)) >= set("abcde")
    assert {item["metadata"]["namespace"] for item in selected} == {namespace}


def test_a_list_in_an_absent_namespace_is_empty(api: Api) -> None:
    response = api.get("/api/v1/namespaces/no-such-namespace/configmaps")
    assert (response.status_code, response.json()["items"]) == (200, [])


def test_pods_can_be_selected_by_phase_and_node(api: Api, pods: str) -> None:
    api.post(pods, pod("one")).raise_for_status()
    assert names(api.get(pods, fieldSelector="status.phase=Pending").json()["items"]) == ["one"]
    assert names(api.get(pods, fieldSelector="status.phase!=Pending").json()["items"]) == []
    assert names(api.get(pods, fieldSelector="spec.nodeName=").json()["items"]) == ["one"]
    assert names(api.get(pods, fieldSelector="spec.nodeName=n1").json()["items"]) == []
