from __future__ import annotations

import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import SimpleNamespace

import pytest
from kubernetes.config import incluster_config

from akb_sync.errors import KubernetesConfigError, KubernetesUnauthorized, KubernetesUnreachable
from akb_sync.kube import KubeConnection
from akb_sync.simulators.certificates import Authority
from tests.simulated.kube.connecting import PODS, Serve, connect, one_sentence
from tests.simulated.kube.scripted import answer_json, write_kubeconfig


def test_a_refused_token_is_loaded_again_once_and_used(tmp_path: Path, serve: Serve) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        if handler.headers["Authorization"] == "Bearer new":
            answer_json({"ok": 1})(handler)
        else:
            answer_json({"message": "Unauthorized"}, 401)(handler)

    server = serve(answer)
    connection = connect(tmp_path, server.url)
    write_kubeconfig(tmp_path / "config", server.url, user={"token": "new"})
    assert connection.get(PODS) == {"ok": 1}
    assert len(server.requests) == 2


def test_a_ca_that_was_rotated_is_loaded_again_once_and_trusted(tmp_path: Path, serve: Serve) -> None:
    authority = Authority()
    server = serve(answer_json({"ok": 1}), authority)
    connection = connect(tmp_path, server.url, ca=Authority("the old one").write(tmp_path / "old"))
    with pytest.raises(KubernetesUnreachable, match="is not trusted"):
        connection.get(PODS)
    connection = connect(tmp_path, server.url, ca=tmp_path / "old" / "ca.pem")
    write_kubeconfig(tmp_path / "config", server.url, ca=authority.write(tmp_path / "new"))
    assert connection.get(PODS) == {"ok": 1}
    connection.close()


def test_a_ca_that_stays_wrong_is_not_loaded_for_each_request(
    tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(answer_json({"ok": 1}), Authority())
    connection = connect(tmp_path, server.url, ca=Authority("another").write(tmp_path))
    loaded: list[object] = []
    monkeypatch.setattr(connection, "_install", loaded.append)
    for _ in range(3):
        with pytest.raises(KubernetesUnreachable, match="is not trusted"):
            connection.get(PODS)
    assert len(loaded) == 1


def test_a_token_that_stays_refused_is_not_loaded_for_each_request(tmp_path: Path, serve: Serve) -> None:
    server = serve(answer_json({"message": "Unauthorized"}, 401))
    connection = connect(tmp_path, server.url)
    for _ in range(3):
        with pytest.raises(KubernetesUnauthorized):
            connection.get(PODS)
    assert len(server.requests) == 4


def test_threads_that_are_refused_together_load_the_token_once(tmp_path: Path, serve: Serve) -> None:
    both = threading.Barrier(2)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if handler.headers["Authorization"] == "Bearer new":
            answer_json({"ok": 1})(handler)
        else:
            both.wait(20)
            answer_json({"message": "Unauthorized"}, 401)(handler)

    server = serve(answer)
    connection = connect(tmp_path, server.url)
    write_kubeconfig(tmp_path / "config", server.url, user={"token": "new"})
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(connection.get, [PODS, PODS]))
    assert answers == [{"ok": 1}, {"ok": 1}]
    assert len(server.requests) == 4
    connection.close()


def test_a_plugin_that_fails_later_is_not_the_end_while_the_old_token_is_good(
    tmp_path: Path, serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve(answer_json({"ok": 1}))
    credential = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "status": {"token": "first", "expirationTimestamp": "2020-01-01T00:00:00Z"},
    }
    once = tmp_path / "credential.json"
    once.write_text(json.dumps(credential))
    plugin = {"apiVersion": credential["apiVersion"], "command": "cat", "args": [str(once)]}
    connection = connect(tmp_path, server.url, user={"exec": plugin})
    once.unlink()
    with caplog.at_level(logging.DEBUG, logger="akb_sync"):
        assert connection.get(PODS) == {"ok": 1}
    assert server.requests[0][1]["authorization"] == "Bearer first"
    assert {record.levelno for record in caplog.records if "process returned" in record.getMessage()} == {
        logging.DEBUG
    }


def test_a_service_account_whose_token_is_gone_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text("abc")
    (tmp_path / "ca.crt").write_bytes(Authority().pem)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "1")
    for name, value in (("SERVICE_TOKEN_FILENAME", "token"), ("SERVICE_CERT_FILENAME", "ca.crt")):
        monkeypatch.setattr(incluster_config, name, str(tmp_path / value))
    at_once = SimpleNamespace(datetime=datetime, timedelta=lambda **_: timedelta(0))
    monkeypatch.setattr(incluster_config, "datetime", at_once)
    connection = KubeConnection.connect()
    assert connection.origin == "the Pod's service account"
    (tmp_path / "token").unlink()
    with pytest.raises(KubernetesConfigError) as caught:
        connection.get(PODS)
    one_sentence(caught.value, "the credentials of the Pod's service account cannot be renewed")


def test_an_exec_plugin_gives_the_token(tmp_path: Path, serve: Serve) -> None:
    server = serve(answer_json({"ok": 1}))
    credential = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "status": {"token": "from-plugin"},
    }
    plugin = {"apiVersion": credential["apiVersion"], "command": "echo", "args": [json.dumps(credential)]}
    connect(tmp_path, server.url, user={"exec": plugin}).get(PODS)
    assert server.requests[0][1]["authorization"] == "Bearer from-plugin"


def test_a_client_certificate_is_shown_to_the_server(tmp_path: Path, serve: Serve) -> None:
    authority = Authority()
    seen: list[object] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        seen.append(handler.headers.get("Authorization"))
        answer_json({"ok": 1})(handler)

    server = serve(answer, authority)
    certificate, key = authority.issue_client("joe")
    (tmp_path / "joe.pem").write_bytes(certificate)
    (tmp_path / "joe.key").write_bytes(key)
    user = {"client-certificate": str(tmp_path / "joe.pem"), "client-key": str(tmp_path / "joe.key")}
    connection = connect(tmp_path, server.url, ca=authority.write(tmp_path), user=user)
    assert connection.get(PODS) == {"ok": 1}
    assert seen == [None]
