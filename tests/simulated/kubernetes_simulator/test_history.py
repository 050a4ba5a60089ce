"""Compaction, 410 in all its forms, bookmarks: what a client has to live with when it was away for long."""

import pytest

from akb_sync.simulators.kubernetes import KubernetesSimulator, Options
from tests.simulated.kubernetes_simulator.client import Api, names

MAPS = "/api/v1/namespaces/default/configmaps"
TOO_OLD = "The provided continue parameter is too old to display a consistent list result."


@pytest.fixture
def filled(still_cluster: KubernetesSimulator) -> KubernetesSimulator:
    for name in "abcde":
        still_cluster.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}})
    return still_cluster


def change(cluster: KubernetesSimulator, name: str = "a") -> None:
    value = str(cluster.revision)
    cluster.patch("configmaps", "default", name, {"data": {"changed": value}})


def test_a_continue_token_expires_with_its_revision(filled: KubernetesSimulator, still_client: Api) -> None:
    token = still_client.get(MAPS, limit=2).json()["metadata"]["continue"]
    change(filled)
    filled.compact()
    response = still_client.get(MAPS, limit=2, **{"continue": token})
    assert response.status_code == 410
    body = response.json()
    assert body["reason"] == "Expired"
    assert body["message"].startswith(TOO_OLD)


def test_the_token_of_the_410_goes_on_inconsistently(filled: KubernetesSimulator, still_client: Api) -> None:
    token = still_client.get(MAPS, limit=2).json()["metadata"]["continue"]
    filled.delete("configmaps", "default", "d")
    filled.compact()
    fresh = still_client.get(MAPS, limit=2, **{"continue": token}).json()["metadata"]["continue"]
    rest = still_client.get(MAPS, limit=9, **{"continue": fresh}).json()
    assert names(rest["items"]) == ["c", "e"]
    assert rest["metadata"]["resourceVersion"] == str(filled.revision)


def test_an_exact_list_of_a_compacted_revision_is_expired(
    filled: KubernetesSimulator, still_client: Api
) -> None:
    old = filled.revision
    change(filled)
    filled.compact()
    response = still_client.get(MAPS, resourceVersion=str(old), resourceVersionMatch="Exact")
    assert (response.status_code, response.json()["reason"]) == (410, "Expired")


def test_a_watch_from_a_compacted_revision_is_an_error_event(
    filled: KubernetesSimulator, still_client: Api
) -> None:
    old = filled.revision
    change(filled)
    bound = filled.compact()
    with still_client.watch(MAPS, resourceVersion=str(old)) as watch:
        events = watch.rest()
    assert watch.response.status_code == 200
    assert [event["type"] for event in events] == ["ERROR"]
    status = events[0]["object"]
    assert (status["kind"], status["code"], status["reason"]) == ("Status", 410, "Expired")
    assert status["message"] == f"too old resource version: {old} ({bound})"


def test_a_watch_from_the_bound_itself_goes_on(filled: KubernetesSimulator, still_client: Api) -> None:
    bound = filled.compact()
    change(filled)
    with still_client.watch(MAPS, resourceVersion=str(bound)) as watch:
        assert watch.next()["type"] == "MODIFIED"


def test_an_open_watch_survives_a_compaction(filled: KubernetesSimulator, still_client: Api) -> None:
    with still_client.watch(MAPS, resourceVersion=str(filled.revision)) as watch:
        change(filled)
        filled.compact()
        change(filled, "b")
        seen = [watch.next()["object"]["metadata"]["name"] for _ in range(2)]
    assert seen == ["a", "b"]


def test_what_is_left_after_a_compaction_is_complete(filled: KubernetesSimulator) -> None:
    filled.delete("configmaps", "default", "c")
    filled.compact()
    then = filled.revision
    change(filled)
    filled.delete("configmaps", "default", "b")
    records = filled.api.store.records("configmaps", then)
    assert [record.key for record in records] == ["default/a", "default/b", "default/d", "default/e"]


def test_history_is_bounded_by_itself() -> None:
    cluster = KubernetesSimulator(controllers=False, options=Options(history=20))
    cluster.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}})
    start = cluster.revision
    for _ in range(50):
        change(cluster)
    assert cluster.api.store.compacted > start
    assert len(cluster.api.store.changes_since("configmaps", cluster.api.store.compacted)) <= 20


def test_bookmarks_come_when_they_are_asked_for(filled: KubernetesSimulator, still_client: Api) -> None:
    start = str(filled.revision)
    # Something else moves the revision on; the watch has nothing to say about it.
    filled.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}})
    with still_client.watch(MAPS, resourceVersion=start, allowWatchBookmarks="true") as watch:
        event = watch.next()
    assert event["type"] == "BOOKMARK"
    assert event["object"] == {
        "kind": "ConfigMap",
        "apiVersion": "v1",
        "metadata": {"resourceVersion": str(filled.revision)},
    }


def test_no_bookmark_comes_uninvited(filled: KubernetesSimulator, still_client: Api) -> None:
    with still_client.watch(MAPS, resourceVersion=str(filled.revision), timeoutSeconds="1") as watch:
        assert watch.rest() == []


def test_a_list_waits_a_little_for_a_revision_to_come(filled: KubernetesSimulator, still_client: Api) -> None:
    response = still_client.get(MAPS, resourceVersion=str(filled.revision + 1))
    assert response.status_code == 504


def test_an_older_server_refuses_initial_events(still_client: Api) -> None:
    query = {
        "sendInitialEvents": "true",
        "resourceVersionMatch": "NotOlderThan",
        "allowWatchBookmarks": "true",
    }
    response = still_client.get(MAPS, watch="1", **query)
    assert response.status_code == 422
    assert "unless the WatchList feature gate is enabled" in response.json()["message"]
