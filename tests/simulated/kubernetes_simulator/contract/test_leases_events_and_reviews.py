from typing import Any

import pytest

from tests.simulated.kubernetes_simulator.client import Api, names

NOW = "2026-01-02T03:04:05.000006Z"


@pytest.fixture
def leases(namespace: str) -> str:
    return f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases"


@pytest.fixture
def events(namespace: str) -> str:
    return f"/api/v1/namespaces/{namespace}/events"


def lease(name: str, **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": {"leaseDurationSeconds": 15, **spec}}


def event(name: str, namespace: str, **fields: Any) -> dict[str, Any]:
    involved = {"kind": "Deployment", "name": "web", "namespace": namespace, "apiVersion": "apps/v1"}
    return {
        "metadata": {"name": name},
        "involvedObject": involved,
        "reason": "Synced",
        "type": "Normal",
        **fields,
    }


def test_a_lease_is_taken_renewed_and_lost(api: Api, leases: str) -> None:
    made = api.post(leases, lease("leader", holderIdentity="a", renewTime=NOW)).json()
    assert made["spec"]["renewTime"] == NOW
    renewed = api.put(f"{leases}/leader", {**made, "spec": {**made["spec"], "leaseTransitions": 1}})
    assert renewed.status_code == 200
    loser = api.put(f"{leases}/leader", {**made, "spec": {**made["spec"], "holderIdentity": "b"}})
    assert (loser.status_code, loser.json()["reason"]) == (409, "Conflict")
    assert loser.json()["message"].startswith(
        'Operation cannot be fulfilled on leases.coordination.k8s.io "leader": the object has been modified'
    )


def test_a_lease_cannot_be_put_blindly(api: Api, leases: str) -> None:
    api.post(leases, lease("leader", holderIdentity="a")).raise_for_status()
    response = api.put(f"{leases}/leader", lease("leader", holderIdentity="b"))
    assert response.status_code == 422
    assert response.json()["message"] == (
        'leases.coordination.k8s.io "leader" is invalid: metadata.resourceVersion: Invalid value: 0: '
        "must be specified for an update"
    )


def test_a_put_creates_an_absent_lease(api: Api, leases: str) -> None:
    assert api.put(f"{leases}/new", lease("new", holderIdentity="a")).status_code == 201


def test_a_lease_duration_has_to_be_positive(api: Api, leases: str) -> None:
    response = api.post(leases, lease("leader", leaseDurationSeconds=0))
    assert response.status_code == 422
    assert "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0" in response.json()["message"]


def test_a_renew_time_needs_its_format(api: Api, leases: str) -> None:
    assert api.post(leases, lease("leader", renewTime="yesterday")).status_code == 400


def test_an_event_is_found_by_what_it_is_about(api: Api, events: str, namespace: str) -> None:
    api.post(events, event("one", namespace)).raise_for_status()
    other = event("two", namespace, reason="Conflict", type="Warning")
    other["involvedObject"]["name"] = "api"
    api.post(events, other).raise_for_status()
    by_name = api.get(events, fieldSelector="involvedObject.name=web,involvedObject.kind=Deployment").json()
    assert names(by_name["items"]) == ["one"]
    assert names(api.get(events, fieldSelector="type=Warning").json()["items"]) == ["two"]
    assert names(api.get(events, fieldSelector="reason=Synced").json()["items"]) == ["one"]


def test_an_event_has_both_faces(api: Api, events: str, namespace: str) -> None:
    api.post(events, event("one", namespace, message="hello", count=3)).raise_for_status()
    path = f"/apis/events.k8s.io/v1/namespaces/{namespace}/events"
    found = api.get(f"{path}/one").json()
    assert found["apiVersion"] == "events.k8s.io/v1"
    assert (found["note"], found["deprecatedCount"]) == ("hello", 3)
    assert found["regarding"]["name"] == "web"
    assert not {"message", "involvedObject", "count", "source"} & set(found)


def test_an_event_of_the_new_face_is_seen_by_the_old(api: Api, events: str, namespace: str) -> None:
    body = {
        "metadata": {"name": "one"},
        "eventTime": NOW,
        "reportingController": "example.com/me",
        "reportingInstance": "me-1",
        "action": "Sync",
        "reason": "Synced",
        "type": "Normal",
        "note": "hello",
        "regarding": {"kind": "Deployment", "name": "web", "namespace": namespace},
    }
    api.post(f"/apis/events.k8s.io/v1/namespaces/{namespace}/events", body).raise_for_status()
    found = api.get(f"{events}/one").json()
    assert (found["apiVersion"], found["message"]) == ("v1", "hello")
    assert found["involvedObject"]["name"] == "web"
    assert found["reportingComponent"] == "example.com/me"


def test_an_event_of_the_new_face_is_checked(api: Api, namespace: str) -> None:
    body = {"metadata": {"name": "one"}, "regarding": {"kind": "Pod", "name": "p", "namespace": namespace}}
    response = api.post(f"/apis/events.k8s.io/v1/namespaces/{namespace}/events", body)
    assert response.status_code == 422
    assert "eventTime: Required value" in response.json()["message"]


def test_an_event_stays_in_the_namespace_of_its_object(api: Api, events: str) -> None:
    response = api.post(events, event("one", "elsewhere"))
    assert response.status_code == 422
    assert "involvedObject.namespace: Invalid value" in response.json()["message"]
    assert "does not match event.namespace" in response.json()["message"]


def test_an_access_review_says_yes_to_an_administrator(api: Api) -> None:
    spec = {"resourceAttributes": {"verb": "list", "resource": "pods"}}
    response = api.post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {"spec": spec})
    assert response.status_code == 201
    assert response.json()["status"]["allowed"] is True
    assert response.json()["spec"] == spec


def test_somebody_unknown_is_unauthorized(api: Api) -> None:
    response = api.session.get(
        f"{api.url}/api/v1/pods", headers={"Authorization": "Bearer nonsense"}, timeout=5
    )
    assert response.status_code == 401
    assert response.json() == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": "Unauthorized",
        "reason": "Unauthorized",
        "code": 401,
    }
