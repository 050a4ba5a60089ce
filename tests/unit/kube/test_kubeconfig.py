from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes.config import incluster_config

from akb_sync.errors import KubernetesConfigError
from akb_sync.kube.kubeconfig import load


@pytest.fixture(autouse=True)
def _no_cluster_around(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    monkeypatch.delenv("KUBECONFIG", raising=False)


def document(**more: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "one",
        "contexts": [
            {"name": name, "context": {"cluster": name, "user": name}} for name in ("two", "one", "three")
        ],
        "clusters": [
            {"name": name, "cluster": {"server": f"https://{name}.example:6443"}} for name in ("one", "two")
        ],
        "users": [{"name": name, "user": {"token": f"token-{name}"}} for name in ("one", "two")],
    } | more


def written(tmp_path: Path, content: Any) -> Path:
    path = tmp_path / "config"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return path


def refused(path: Path | None, context: str | None = None) -> str:
    with pytest.raises(KubernetesConfigError) as caught:
        load(path, context)
    assert str(caught.value).isprintable()
    assert caught.value.next_step
    return str(caught.value)


def test_the_current_context_is_used(tmp_path: Path) -> None:
    path = written(tmp_path, document())
    login = load(path, None)
    assert login.configuration.host == "https://one.example:6443"
    assert login.configuration.retries is False
    assert login.origin == f"context one of {path}"


def test_another_context_can_be_named(tmp_path: Path) -> None:
    assert load(written(tmp_path, document()), "two").configuration.host == "https://two.example:6443"


def test_an_unknown_context_names_those_that_there_are(tmp_path: Path) -> None:
    path = written(tmp_path, document())
    assert refused(path, "four") == f"the kubeconfig {path} has no context four; there are: one, three, two"


def test_a_kubeconfig_without_a_current_context_asks_for_one(tmp_path: Path) -> None:
    path = written(tmp_path, document(**{"current-context": ""}))
    assert "has no current context; give --context; there are: one, three, two" in refused(path)


def test_a_context_whose_cluster_is_missing_is_told(tmp_path: Path) -> None:
    assert "context three of" in refused(written(tmp_path, document()), "three")


def test_a_missing_file_is_told_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "nowhere"
    assert str(path) in refused(path)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "text",
        "contexts: 5",
        "contexts: [5]",
        "a: [b\n  c: }",
        "\x00",
        "{current-context: one, contexts: [{name: one, context: 5}]}",
        "{current-context: one, contexts: [{name: one, context: {cluster: one, user: u}}], clusters: [7]}",
        "{current-context: [one], contexts: [{name: one}]}",
    ],
)
def test_a_file_of_another_shape_is_one_sentence(tmp_path: Path, content: str) -> None:
    assert "config" in refused(written(tmp_path, content))


@pytest.mark.parametrize(
    "cluster",
    [
        {"server": "https://x", "certificate-authority": "/nonexistent/ca.pem"},
        {"server": "https://x", "certificate-authority-data": "a"},
    ],
)
def test_an_authority_that_cannot_be_read_is_one_sentence(tmp_path: Path, cluster: dict[str, str]) -> None:
    broken = document(clusters=[{"name": "one", "cluster": cluster}])
    assert "context one of" in refused(written(tmp_path, broken))


def test_an_exec_plugin_that_fails_is_told_and_not_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    plugin = {"apiVersion": "client.authentication.k8s.io/v1", "command": "false"}
    path = written(tmp_path, document(users=[{"name": "one", "user": {"exec": plugin}}]))
    with caplog.at_level(logging.DEBUG):
        sentence = refused(path)
    assert "the exec plugin of context one" in sentence
    assert "process returned 1" in sentence
    assert caplog.records == []


@pytest.mark.parametrize("users", [[5], [{"name": "one"}], [{"name": "one", "user": 5}], None])
def test_users_of_another_shape_do_not_end_in_a_traceback(tmp_path: Path, users: Any) -> None:
    path = written(tmp_path, document(users=users))
    try:
        login = load(path, None)
    except KubernetesConfigError as error:
        sentence = str(error)
    else:
        sentence = login.origin
    assert "context one" in sentence


def test_the_variable_is_read_now_and_not_at_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, document())
    monkeypatch.setenv("KUBECONFIG", str(path))
    assert load(None, None).configuration.host == "https://one.example:6443"


def test_the_variable_may_name_several_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, document())
    other = tmp_path / "other"
    other.write_text(
        yaml.safe_dump(
            {
                "contexts": [{"name": "more", "context": {"cluster": "more"}}],
                "clusters": [{"name": "more", "cluster": {"server": "https://more"}}],
            }
        )
    )
    monkeypatch.setenv("KUBECONFIG", f"{path}:{other}")
    assert load(None, "more").configuration.host == "https://more"


def test_inside_a_pod_the_service_account_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, document())
    (tmp_path / "token").write_text("abc")
    (tmp_path / "ca.crt").write_text("a certificate")
    monkeypatch.setenv("KUBECONFIG", str(path))
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    for name, value in (("SERVICE_TOKEN_FILENAME", "token"), ("SERVICE_CERT_FILENAME", "ca.crt")):
        monkeypatch.setattr(incluster_config, name, str(tmp_path / value))
    login = load(None, None)
    assert (login.configuration.host, login.origin) == ("https://10.96.0.1:443", "the Pod's service account")
    assert load(path, None).configuration.host == "https://one.example:6443"
    assert load(None, "two").configuration.host == "https://two.example:6443"


def test_an_empty_service_account_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_text("")
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    monkeypatch.setattr(incluster_config, "SERVICE_TOKEN_FILENAME", str(tmp_path / "token"))
    assert "service account cannot be used" in refused(None)
