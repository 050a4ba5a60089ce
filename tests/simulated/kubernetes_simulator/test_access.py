"""Who may come in and what they may do."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from akb_sync.simulators.kubernetes import Attributes, KubernetesSimulator, Options, User
from tests.simulated.kubernetes_simulator.client import Api

REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


@pytest.fixture
def guarded() -> Iterator[KubernetesSimulator]:
    """A cluster with an administrator and a user `x`."""
    tokens = {"admin": User("admin", ("system:masters",)), "x": User("x")}
    with KubernetesSimulator(controllers=False, options=Options(tokens=tokens)) as cluster:
        yield cluster


@pytest.fixture
def somebody(guarded: KubernetesSimulator, tmp_path: Path) -> Iterator[Api]:
    with Api(guarded.kubeconfig("x"), tmp_path) as api:
        yield api


def review(api: Api, **attributes: str) -> bool:
    answer = api.post(REVIEWS, {"spec": {"resourceAttributes": attributes}}).json()
    allowed: bool = answer["status"]["allowed"]
    return allowed


@pytest.mark.parametrize(
    ("verb", "path", "text"),
    [
        ("list", "/api/v1/pods", 'pods is forbidden: {} list resource "pods" in {} "" {}'),
        (
            "list",
            "/api/v1/namespaces/default/pods",
            'pods is forbidden: {} list resource "pods" in {} "" in the namespace "default"',
        ),
        (
            "watch",
            "/apis/apps/v1/deployments?watch=1",
            'deployments.apps is forbidden: {} watch resource "deployments" in {} "apps" {}',
        ),
        (
            "get",
            "/api/v1/namespaces/default/pods/p/status",
            'pods "p" is forbidden: {} get resource "pods/status" in {} "" in the namespace "default"',
        ),
    ],
)
def test_a_refusal_has_the_words_of_rbac(
    guarded: KubernetesSimulator, somebody: Api, verb: str, path: str, text: str
) -> None:
    guarded.deny(verb, "*")
    response = somebody.get(path)
    assert (response.status_code, response.json()["reason"]) == (403, "Forbidden")
    assert response.json()["message"] == text.format('User "x" cannot', "API group", "at the cluster scope")


def test_a_refusal_is_for_one_verb_only(guarded: KubernetesSimulator, somebody: Api) -> None:
    guarded.deny("watch", "pods")
    assert somebody.get("/api/v1/pods").status_code == 200


def test_a_refusal_may_be_for_one_namespace_or_one_user(
    guarded: KubernetesSimulator, somebody: Api, tmp_path: Path
) -> None:
    guarded.deny("list", "pods", namespace="kube-system", user="x")
    assert somebody.get("/api/v1/namespaces/kube-system/pods").status_code == 403
    assert somebody.get("/api/v1/namespaces/default/pods").status_code == 200
    (tmp_path / "admin").mkdir()
    with Api(guarded.kubeconfig("admin"), tmp_path / "admin") as admin:
        assert admin.get("/api/v1/namespaces/kube-system/pods").status_code == 200


def test_a_review_says_what_a_request_would_hear(guarded: KubernetesSimulator, somebody: Api) -> None:
    assert review(somebody, verb="list", resource="pods")
    guarded.deny("list", "pods")
    guarded.deny("patch", "pods/status")
    assert not review(somebody, verb="list", resource="pods")
    assert not review(somebody, verb="patch", resource="pods", subresource="status")
    assert review(somebody, verb="patch", resource="pods")
    guarded.allow()
    assert review(somebody, verb="list", resource="pods")


def test_a_policy_can_be_a_function(guarded: KubernetesSimulator, somebody: Api) -> None:
    def read_only(asked: Attributes) -> bool:
        return asked.verb in ("get", "list", "watch")

    guarded.authorizer.policy = read_only
    assert somebody.get("/api/v1/pods").status_code == 200
    body = {"metadata": {"name": "a"}}
    assert somebody.post("/api/v1/namespaces/default/configmaps", body).status_code == 403


def call(cluster: KubernetesSimulator, **arguments: Any) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(f"{cluster.url}/api/v1/pods", verify=str(cluster.ca_file), timeout=5, **arguments)


def test_nobody_is_unauthorized(guarded: KubernetesSimulator) -> None:
    assert call(guarded).status_code == 401
    assert call(guarded, headers={"Authorization": "Basic eDp5"}).status_code == 401


def test_a_client_certificate_is_a_user(guarded: KubernetesSimulator, tmp_path: Path) -> None:
    certificate, key = guarded.client_certificate("alice", "devs")
    (tmp_path / "cert.pem").write_bytes(certificate)
    (tmp_path / "key.pem").write_bytes(key)
    pair = (str(tmp_path / "cert.pem"), str(tmp_path / "key.pem"))
    assert call(guarded, cert=pair).status_code == 200
    guarded.deny("list", "pods", user="alice")
    assert 'User "alice" cannot list resource "pods"' in call(guarded, cert=pair).json()["message"]


def test_a_certificate_of_another_authority_opens_nothing(
    guarded: KubernetesSimulator, still_cluster: KubernetesSimulator, tmp_path: Path
) -> None:
    certificate, key = still_cluster.client_certificate("alice")
    (tmp_path / "cert.pem").write_bytes(certificate)
    (tmp_path / "key.pem").write_bytes(key)
    with pytest.raises(requests.ConnectionError):
        call(guarded, cert=(str(tmp_path / "cert.pem"), str(tmp_path / "key.pem")))


def test_the_server_is_not_trusted_without_its_authority(guarded: KubernetesSimulator) -> None:
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"{guarded.url}/version", timeout=5)


def test_the_version_is_for_everybody(guarded: KubernetesSimulator) -> None:
    answer = requests.get(f"{guarded.url}/version", verify=str(guarded.ca_file), timeout=5)
    assert answer.json()["gitVersion"].startswith("v1.")
