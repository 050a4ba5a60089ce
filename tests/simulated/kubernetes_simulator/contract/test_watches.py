import pytest

from tests.simulated.kubernetes_simulator.client import AS_PARTIAL, AS_TABLE, Api
from tests.simulated.kubernetes_simulator.contract.bodies import config_map

INITIAL_END = {"k8s.io/initial-events-end": "true"}


def revision(api: Api, path: str) -> str:
    return str(api.get(path, limit=1).json()["metadata"]["resourceVersion"])


def kinds(events: list[dict[str, object]]) -> list[object]:
    return [event["type"] for event in events]


def test_a_watch_from_a_revision_sees_what_came_after_it(api: Api, five_maps: str) -> None:
    start = revision(api, five_maps)
    api.post(five_maps, config_map("f")).raise_for_status()
    api.patch(f"{five_maps}/f", {"data": {"k": "v"}}).raise_for_status()
    api.delete(f"{five_maps}/f").raise_for_status()
    with api.watch(five_maps, resourceVersion=start) as watch:
        events = [watch.next() for _ in range(3)]
    assert kinds(events) == ["ADDED", "MODIFIED", "DELETED"]
    assert events[1]["object"]["data"] == {"k": "v"}
    assert (events[0]["object"]["kind"], events[0]["object"]["apiVersion"]) == ("ConfigMap", "v1")


def test_a_delete_carries_the_last_state_and_a_revision_of_its_own(api: Api, maps: str) -> None:
    made = api.post(maps, {**config_map("a"), "data": {"k": "v"}}).json()
    start = made["metadata"]["resourceVersion"]
    api.delete(f"{maps}/a").raise_for_status()
    with api.watch(maps, resourceVersion=start) as watch:
        event = watch.next()
    assert event["type"] == "DELETED"
    assert event["object"]["data"] == {"k": "v"}
    assert event["object"]["metadata"]["uid"] == made["metadata"]["uid"]
    assert int(event["object"]["metadata"]["resourceVersion"]) > int(start)


@pytest.mark.parametrize("query", [{}, {"resourceVersion": "0"}])
def test_a_watch_without_a_revision_begins_with_what_is_there(
    api: Api, five_maps: str, query: dict[str, str]
) -> None:
    with api.watch(five_maps, **query) as watch:
        events = [watch.next() for _ in range(5)]
        api.post(five_maps, config_map("f")).raise_for_status()
        live = watch.next()
    assert kinds(events) == ["ADDED"] * 5
    assert {event["object"]["metadata"]["name"] for event in events} == set("abcde")
    assert (live["type"], live["object"]["metadata"]["name"]) == ("ADDED", "f")


def test_events_come_while_the_watch_is_open(api: Api, maps: str) -> None:
    with api.watch(maps, resourceVersion=revision(api, maps)) as watch:
        api.post(maps, config_map("a")).raise_for_status()
        assert watch.next()["object"]["metadata"]["name"] == "a"
        api.delete(f"{maps}/a").raise_for_status()
        assert watch.next()["type"] == "DELETED"


def test_an_object_that_starts_to_match_is_added_and_one_that_ceases_is_deleted(api: Api, maps: str) -> None:
    start = revision(api, maps)
    api.post(maps, config_map("a", labels={"size": "small"})).raise_for_status()
    api.patch(f"{maps}/a", {"metadata": {"labels": {"size": "big"}}}).raise_for_status()
    api.patch(f"{maps}/a", {"data": {"k": "v"}}).raise_for_status()
    back = api.patch(f"{maps}/a", {"metadata": {"labels": {"size": "small"}}}).json()
    api.delete(f"{maps}/a").raise_for_status()
    with api.watch(maps, resourceVersion=start, labelSelector="size=big", timeoutSeconds="1") as watch:
        events = watch.rest()
    assert kinds(events) == ["ADDED", "MODIFIED", "DELETED"]
    last = events[-1]["object"]["metadata"]
    assert last["labels"] == {"size": "big"}
    assert last["resourceVersion"] == back["metadata"]["resourceVersion"]


def test_a_watch_of_one_name_sees_no_other(api: Api, five_maps: str) -> None:
    start = revision(api, five_maps)
    for name in "bca":
        api.patch(f"{five_maps}/{name}", {"data": {"k": "v"}}).raise_for_status()
    with api.watch(
        five_maps, resourceVersion=start, fieldSelector="metadata.name=a", timeoutSeconds="1"
    ) as watch:
        assert [event["object"]["metadata"]["name"] for event in watch.rest()] == ["a"]


def test_a_watch_in_one_namespace_sees_no_other(api: Api, maps: str, namespace: str) -> None:
    start = revision(api, maps)
    with api.watch("/api/v1/configmaps", resourceVersion=start, timeoutSeconds="1") as everywhere:
        api.post(maps, config_map("a")).raise_for_status()
        seen = [event["object"]["metadata"] for event in everywhere.rest()]
    assert ("a", namespace) in [(meta["name"], meta["namespace"]) for meta in seen]
    with api.watch(
        "/api/v1/namespaces/default/configmaps", resourceVersion=start, timeoutSeconds="1"
    ) as other:
        assert namespace not in [event["object"]["metadata"]["namespace"] for event in other.rest()]


def test_the_time_asked_for_ends_the_watch_in_order(api: Api, maps: str) -> None:
    with api.watch(maps, resourceVersion=revision(api, maps), timeoutSeconds="1") as watch:
        assert watch.rest() == []
    assert watch.response.status_code == 200


def test_a_watch_with_a_revision_that_is_none_is_an_error(api: Api, maps: str) -> None:
    response = api.get(maps, watch="1", resourceVersion="foo")
    assert response.status_code == 500
    assert 'Invalid value: "foo"' in response.json()["message"]


def test_metadata_alone_can_be_watched(api: Api, maps: str) -> None:
    start = revision(api, maps)
    api.post(maps, {**config_map("a", labels={"x": "y"}), "data": {"k": "v"}}).raise_for_status()
    with api.watch(maps, accept=AS_PARTIAL, resourceVersion=start) as watch:
        found = watch.next()["object"]
    assert (found["kind"], found["apiVersion"]) == ("PartialObjectMetadata", "meta.k8s.io/v1")
    assert found["metadata"]["labels"] == {"x": "y"}
    assert "data" not in found


def test_rows_can_be_watched_and_only_the_first_event_has_columns(api: Api, five_maps: str) -> None:
    with api.watch(five_maps, accept=AS_TABLE, resourceVersion="0") as watch:
        first, second = watch.next()["object"], watch.next()["object"]
    assert first["kind"] == second["kind"] == "Table"
    assert [column["name"] for column in first["columnDefinitions"]] == ["Name", "Data", "Age"]
    assert second["columnDefinitions"] is None
    assert first["rows"][0]["cells"][:2] == ["a", 0]


def test_initial_events_end_with_a_marked_bookmark(api: Api, five_maps: str) -> None:
    query = {
        "sendInitialEvents": "true",
        "resourceVersionMatch": "NotOlderThan",
        "allowWatchBookmarks": "true",
    }
    with api.watch(five_maps, **query) as watch:
        events = watch.until("BOOKMARK")
    assert kinds(events) == [*["ADDED"] * 5, "BOOKMARK"]
    assert events[-1]["object"]["metadata"]["annotations"] == INITIAL_END
    assert int(events[-1]["object"]["metadata"]["resourceVersion"]) > 0


def test_initial_events_need_a_match(api: Api, maps: str) -> None:
    response = api.get(maps, watch="1", sendInitialEvents="true", allowWatchBookmarks="true")
    assert response.status_code == 422
    assert "requires setting resourceVersionMatch to NotOlderThan" in response.json()["message"]
