from __future__ import annotations

import logging
import socket
import threading
import urllib.parse
from pathlib import Path

import pytest

from akb_sync.errors import (
    KubernetesAnswerError,
    KubernetesConfigError,
    KubernetesConflict,
    KubernetesError,
    KubernetesForbidden,
    KubernetesGone,
    KubernetesNotFound,
    KubernetesUnauthorized,
    KubernetesUnreachable,
)
from tests.simulated.kube.connecting import PODS, Serve, connect, one_sentence
from tests.simulated.kube.scripted import answer_bytes, answer_json


def test_a_get_sends_the_credentials_the_parameters_and_who_asks(tmp_path: Path, serve: Serve) -> None:
    server = serve(answer_json({"kind": "PodList"}))
    connection = connect(tmp_path, server.url)
    assert connection.get(PODS, {"limit": "5", "continue": "a/b=="}, "application/x") == {"kind": "PodList"}
    ((path, headers),) = server.requests
    parsed = urllib.parse.urlsplit(path)
    assert parsed.path == PODS
    assert urllib.parse.parse_qs(parsed.query) == {"limit": ["5"], "continue": ["a/b=="]}
    lowered = {key.lower(): value for key, value in headers.items()}
    assert lowered["authorization"] == "Bearer secret-token"
    assert lowered["accept"] == "application/x"
    assert lowered["user-agent"].startswith("akb-sync/")


def test_nobody_listening_is_one_sentence_and_no_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    with caplog.at_level(logging.DEBUG), pytest.raises(KubernetesUnreachable) as caught:
        connect(tmp_path, url).get(PODS)
    one_sentence(caught.value, "no connection to", url, "context here", "Connection refused")
    assert {record.name for record in caplog.records if record.levelno >= logging.WARNING} <= {
        "akb_sync.trust"
    }


def test_a_host_without_an_address_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(KubernetesUnreachable) as caught:
        connect(tmp_path, "https://no-such-host.invalid:6443").get(PODS)
    one_sentence(caught.value, "no connection to", "no-such-host.invalid")


def test_a_url_that_is_none_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(KubernetesConfigError) as caught:
        connect(tmp_path, "https://[::1").get(PODS)
    one_sentence(caught.value, "Invalid IPv6 URL", "context here", "mend the kubeconfig")


def test_a_url_of_another_scheme_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(KubernetesConfigError) as caught:
        connect(tmp_path, "ftp://127.0.0.1").get(PODS)
    one_sentence(caught.value, "ftp://127.0.0.1", "context here", "mend the server")


def test_a_server_that_does_not_answer_is_a_timeout(
    tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("akb_sync.kube.connection.READ_TIMEOUT", 0.2)
    done = threading.Event()
    server = serve(lambda _: done.wait(30) and None)
    with pytest.raises(KubernetesUnreachable) as caught:
        connect(tmp_path, server.url).get(PODS)
    done.set()
    one_sentence(caught.value, "does not answer in time", "list pods")


def test_a_body_cut_in_the_middle_is_no_answer(tmp_path: Path, serve: Serve) -> None:
    server = serve(answer_bytes(b'{"kind": "PodList", "items": [', length=5000))
    with pytest.raises(KubernetesUnreachable) as caught:
        connect(tmp_path, server.url).get(PODS)
    one_sentence(caught.value, "cut the connection", "list pods")


@pytest.mark.parametrize("code", [200, 503])
def test_html_is_told_as_html(tmp_path: Path, serve: Serve, code: int) -> None:
    server = serve(answer_bytes(b"\n<html><body>Please log in</body></html>", code))
    with pytest.raises(KubernetesAnswerError) as caught:
        connect(tmp_path, server.url).get(PODS)
    one_sentence(caught.value, "answers HTML", f"HTTP {code}", "login page")


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff\xfe", b"no\nJSON", b"[" * 100_000])
def test_what_is_no_json_object_is_an_answer_error(tmp_path: Path, serve: Serve, body: bytes) -> None:
    server = serve(answer_bytes(body))
    with pytest.raises(KubernetesAnswerError) as caught:
        connect(tmp_path, server.url).get(PODS)
    one_sentence(caught.value, "no JSON object")


@pytest.mark.parametrize(
    ("path", "params", "verb", "resource"),
    [
        (PODS, {}, "list", "pods"),
        (PODS, {"watch": "1"}, "watch", "pods"),
        ("/apis/apps/v1/deployments", {}, "list", "deployments.apps"),
        ("/api/v1/namespaces/kube-system", {}, "get", "namespaces"),
        ("/apis/coordination.k8s.io/v1/namespaces/x/leases/y", {}, "get", "leases.coordination.k8s.io"),
        ("/api/v1/namespaces/x/pods", {}, "list", "pods"),
    ],
)
def test_a_missing_right_names_verb_resource_and_role(  # noqa: PLR0917 (a table)
    tmp_path: Path, serve: Serve, path: str, params: dict[str, str], verb: str, resource: str
) -> None:
    status = {"kind": "Status", "code": 403, "message": 'is forbidden: User "joe"\n cannot do it'}
    server = serve(answer_json(status, 403))
    with pytest.raises(KubernetesForbidden) as caught:
        connect(tmp_path, server.url).get(path, params)
    one_sentence(
        caught.value,
        f"does not let us {verb} {resource}",
        'User "joe" cannot do it',
        f"add the verb {verb} on {resource} to the ClusterRole",
    )


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (401, KubernetesUnauthorized),
        (403, KubernetesForbidden),
        (410, KubernetesGone),
        (404, KubernetesNotFound),
        (409, KubernetesConflict),
        (429, KubernetesAnswerError),
        (500, KubernetesAnswerError),
        (302, KubernetesAnswerError),
    ],
)
def test_each_status_has_its_class(
    tmp_path: Path, serve: Serve, code: int, kind: type[KubernetesError]
) -> None:
    server = serve(answer_json({"kind": "Status", "message": "the reason"}, code))
    with pytest.raises(kind) as caught:
        connect(tmp_path, server.url).get(PODS)
    one_sentence(caught.value, "the reason", server.url)
