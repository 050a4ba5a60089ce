"""Misbehaviour to order, each kind seen from a client."""

import threading
import time
from typing import Any

import pytest
import requests

from akb_sync.simulators.kubernetes import KubernetesSimulator
from tests.simulated.kubernetes_simulator.client import Api, eventually, names

MAPS = "/api/v1/namespaces/default/configmaps"


def config_map(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}


@pytest.fixture
def filled(still_cluster: KubernetesSimulator) -> KubernetesSimulator:
    for name in "abc":
        still_cluster.create(config_map(name))
    return still_cluster


def seen(client: Api, start: int, **query: str) -> list[str]:
    """`type name` of every event of a one-second watch."""
    with client.watch(MAPS, resourceVersion=str(start), **({"timeoutSeconds": "1"} | query)) as watch:
        return [f"{event['type']} {event['object']['metadata'].get('name', '')}" for event in watch.rest()]


def test_an_error_strikes_one_kind_and_not_the_others(filled: KubernetesSimulator, still_client: Api) -> None:
    with filled.faults.error(503, "configmaps") as fault:
        response = still_client.get(MAPS)
        assert (response.status_code, response.json()["reason"]) == (503, "ServiceUnavailable")
        assert response.headers["Retry-After"] == "1"
        assert still_client.get("/api/v1/pods").status_code == 200
        assert fault.hits == 1
    assert still_client.get(MAPS).status_code == 200


def test_an_error_may_be_the_page_of_a_proxy(filled: KubernetesSimulator, still_client: Api) -> None:
    filled.faults.error(503, html=True, times=1)
    response = still_client.get(MAPS)
    assert response.headers["Content-Type"].startswith("text/html")
    assert still_client.get(MAPS).status_code == 200


def test_an_error_may_strike_one_verb(filled: KubernetesSimulator, still_client: Api) -> None:
    with filled.faults.forbid("configmaps", "watch"):
        assert still_client.get(MAPS).status_code == 200
        assert still_client.get(MAPS, watch="1").status_code == 403


def test_latency_comes_before_the_answer(filled: KubernetesSimulator, still_client: Api) -> None:
    with filled.faults.latency(0.3, "configmaps"):
        start = time.monotonic()
        still_client.get(MAPS)
        assert time.monotonic() - start >= 0.3


def test_a_hanging_request_gets_its_answer_when_the_fault_goes(
    filled: KubernetesSimulator, still_client: Api
) -> None:
    fault = filled.faults.hang("configmaps")
    with pytest.raises(requests.ReadTimeout):
        still_client.session.get(still_client.url + MAPS, timeout=(5, 0.3))
    removal = threading.Timer(0.2, fault.remove)
    removal.start()
    assert still_client.get(MAPS).status_code == 200
    removal.join()


def test_a_list_is_cut_in_its_middle(filled: KubernetesSimulator, still_client: Api) -> None:
    filled.faults.cut_list("configmaps")
    with pytest.raises(requests.RequestException):
        still_client.get(MAPS)
    assert len(still_client.get(MAPS).json()["items"]) == 3


def test_a_list_is_empty_and_fine(filled: KubernetesSimulator, still_client: Api) -> None:
    with filled.faults.empty_list("configmaps"):
        response = still_client.get(MAPS)
        assert (response.status_code, response.json()["items"]) == (200, [])
        assert response.json()["metadata"]["resourceVersion"] == str(filled.revision)
    assert len(still_client.get(MAPS).json()["items"]) == 3


def test_an_old_view_lists_the_past(filled: KubernetesSimulator, still_client: Api) -> None:
    old = filled.revision
    filled.create(config_map("d"))
    filled.delete("configmaps", "default", "a")
    with filled.faults.old_view(old, "configmaps"):
        body = still_client.get(MAPS, resourceVersion="0").json()
        assert names(body["items"]) == ["a", "b", "c"]
        assert body["metadata"]["resourceVersion"] == str(old)
        assert still_client.get(MAPS, resourceVersion=str(old + 1)).status_code == 504
    assert names(still_client.get(MAPS).json()["items"]) == ["b", "c", "d"]


def test_an_old_view_holds_watches_back_until_it_ends(filled: KubernetesSimulator, still_client: Api) -> None:
    old = filled.revision
    fault = filled.faults.old_view(old, "configmaps")
    with still_client.watch(MAPS, resourceVersion=str(old), allowWatchBookmarks="true") as watch:
        filled.create(config_map("d"))
        bookmark = watch.next()
        assert (bookmark["type"], bookmark["object"]["metadata"]["resourceVersion"]) == ("BOOKMARK", str(old))
        fault.remove()
        assert watch.until("ADDED")[-1]["object"]["metadata"]["name"] == "d"


def test_a_watch_that_starts_may_be_told_410_in_two_ways(
    filled: KubernetesSimulator, still_client: Api
) -> None:
    filled.faults.expire_watch("configmaps")
    with still_client.watch(MAPS, resourceVersion=str(filled.revision)) as watch:
        assert [event["object"]["code"] for event in watch.rest()] == [410]
    filled.faults.expire_watch("configmaps", http=True)
    response = still_client.get(MAPS, watch="1", resourceVersion=str(filled.revision))
    assert (response.status_code, response.json()["reason"]) == (410, "Expired")


def test_an_open_watch_may_be_told_410(filled: KubernetesSimulator, still_client: Api) -> None:
    with still_client.watch(MAPS, resourceVersion=str(filled.revision)) as watch:
        assert eventually(lambda: filled.watches("configmaps") == 1)
        assert filled.faults.expire_watches("configmaps") == 1
        assert [event["object"]["code"] for event in watch.rest()] == [410]
    assert eventually(lambda: filled.watches("configmaps") == 0)


def test_an_open_watch_may_be_closed(filled: KubernetesSimulator, still_client: Api) -> None:
    with still_client.watch(MAPS, resourceVersion=str(filled.revision)) as watch:
        assert eventually(lambda: filled.watches() == 1)
        filled.faults.close_watches()
        assert watch.rest() == []


def test_an_open_watch_may_be_broken_off(filled: KubernetesSimulator, still_client: Api) -> None:
    with still_client.watch(MAPS, resourceVersion=str(filled.revision)) as watch:
        assert eventually(lambda: filled.watches() == 1)
        filled.faults.close_watches(abrupt=True)
        with pytest.raises(requests.exceptions.RequestException):
            watch.rest()


def test_a_half_open_watch_is_silent_and_does_not_end(filled: KubernetesSimulator, still_client: Api) -> None:
    start = str(filled.revision)
    with filled.faults.half_open_watch("configmaps") as fault:
        response = still_client.session.get(
            still_client.url + MAPS,
            params={
                "watch": "1",
                "resourceVersion": start,
                "timeoutSeconds": "1",
                "allowWatchBookmarks": "true",
            },
            stream=True,
            timeout=(5, 1.5),
        )
        filled.create(config_map("d"))
        with response, pytest.raises(requests.RequestException):
            next(response.iter_lines(chunk_size=1))
        assert fault.hits == 1
    assert seen(still_client, int(start)) == ["ADDED d"]


def test_an_event_may_come_twice(filled: KubernetesSimulator, still_client: Api) -> None:
    start = filled.revision
    filled.create(config_map("d"))
    with filled.faults.duplicate_events("configmaps"):
        assert seen(still_client, start) == ["ADDED d", "ADDED d"]


def test_two_events_may_change_places(filled: KubernetesSimulator, still_client: Api) -> None:
    start = filled.revision
    filled.create(config_map("d"))
    filled.create(config_map("e"))
    with filled.faults.reorder_events("configmaps", times=1):
        assert seen(still_client, start) == ["ADDED e", "ADDED d"]


def test_a_lone_event_that_waits_to_be_overtaken_comes_late(
    filled: KubernetesSimulator, still_client: Api
) -> None:
    start = filled.revision
    filled.create(config_map("d"))
    with filled.faults.reorder_events("configmaps", times=1):
        assert seen(still_client, start) == ["ADDED d"]


def test_one_event_may_never_come(filled: KubernetesSimulator, still_client: Api) -> None:
    start = filled.revision
    filled.delete("configmaps", "default", "a")
    filled.delete("configmaps", "default", "b")
    filled.create(config_map("d"))
    fault = filled.faults.suppress_event("configmaps", "DELETED", "b")
    assert seen(still_client, start) == ["DELETED a", "ADDED d"]
    assert fault.hits == 1
    # The bookmark goes past the lost event, as it would from a broken cache.
    assert seen(still_client, start) == ["DELETED a", "DELETED b", "ADDED d"]


def test_all_faults_can_be_removed_at_once(filled: KubernetesSimulator, still_client: Api) -> None:
    filled.faults.error(500)
    filled.faults.empty_list()
    filled.faults.clear()
    assert len(still_client.get(MAPS).json()["items"]) == 3
