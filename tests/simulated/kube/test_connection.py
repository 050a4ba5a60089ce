from __future__ import annotations

import json
import logging
import socket
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import SimpleNamespace

import pytest
from kubernetes.config import incluster_config

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
from akb_sync.kube import KubeConnection
from akb_sync.simulators.certificates import Authority
from tests.simulated.kube.scripted import (
    Answer,
    ScriptedServer,
    answer_bytes,
    answer_json,
    begin_chunked,
    chunk,
    write_kubeconfig,
)

PODS = "/api/v1/pods"
Serve = Callable[..., ScriptedServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[ScriptedServer] = []

    def begin(answer: Answer, authority: Authority | None = None) -> ScriptedServer:
        servers.append(ScriptedServer(answer, authority))
        return servers[-1]

    yield begin
    for server in servers:
        server.close()


def connect(tmp_path: Path, url: str, **more: object) -> KubeConnection:
    return KubeConnection.connect(write_kubeconfig(tmp_path / "config", url, **more))  # type: ignore[arg-type]


def one_sentence(error: KubernetesError, *words: str) -> None:
    """What and where and the next step, on one line, without the token."""
    text = str(error)
    assert text.isprintable(), text
    assert "secret-token" not in text
    assert error.next_step
    for word in words:
        assert word in text, text


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


def test_a_certificate_of_the_configured_authority_is_trusted(tmp_path: Path, serve: Serve) -> None:
    authority = Authority()
    server = serve(answer_json({"ok": 1}), authority)
    ca = authority.write(tmp_path)
    assert connect(tmp_path, server.url, ca=ca).get("/version") == {"ok": 1}


def test_a_certificate_of_another_authority_is_one_sentence(tmp_path: Path, serve: Serve) -> None:
    server = serve(answer_json({}), Authority())
    ca = Authority("somebody else").write(tmp_path)
    with pytest.raises(KubernetesUnreachable) as caught:
        connect(tmp_path, server.url, ca=ca).get("/version")
    one_sentence(
        caught.value, "is not trusted", server.url, "context here", str(tmp_path), "certificate-authority"
    )


def test_a_certificate_for_another_host_is_not_trusted_either(tmp_path: Path, serve: Serve) -> None:
    authority = Authority()
    server = serve(answer_json({}), authority)
    options = {"tls-server-name": "kubernetes.example"}
    with pytest.raises(KubernetesUnreachable) as caught:
        connect(tmp_path, server.url, ca=authority.write(tmp_path), cluster=options).get("/version")
    one_sentence(caught.value, "is not trusted", "kubernetes.example")


def test_a_server_that_speaks_no_tls_is_told(tmp_path: Path, serve: Serve) -> None:
    server = serve(answer_json({}))
    with pytest.raises(KubernetesUnreachable) as caught:
        connect(tmp_path, server.url.replace("http:", "https:")).get("/version")
    one_sentence(caught.value, "no TLS connection")


def test_verification_that_somebody_switched_off_gives_no_warning(
    tmp_path: Path, serve: Serve, recwarn: pytest.WarningsRecorder
) -> None:
    server = serve(answer_json({"ok": 1}), Authority())
    options = {"insecure-skip-tls-verify": True}
    assert connect(tmp_path, server.url, cluster=options).get("/version") == {"ok": 1}
    assert len(recwarn) == 0


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


def test_an_authority_that_is_no_certificate_is_one_sentence(tmp_path: Path, serve: Serve) -> None:
    server = serve(answer_json({}), Authority())
    ca = tmp_path / "ca.pem"
    ca.write_text("no certificate")
    with pytest.raises(KubernetesError) as caught:
        connect(tmp_path, server.url, ca=ca).get(PODS)
    one_sentence(caught.value, server.url)


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


def test_a_watch_gives_each_event_as_it_comes_however_it_is_cut(tmp_path: Path, serve: Serve) -> None:
    more = threading.Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        begin_chunked(handler)
        chunk(handler, b'{"type": "ADDED", "object": {}}\n{"type": "MODI')
        assert more.wait(30)
        chunk(handler, b'FIED"}\n\n{"type":')
        chunk(handler, b' "DELETED"}\n')
        chunk(handler, b"")

    server = serve(answer)
    events = iter(connect(tmp_path, server.url).stream(PODS, {"watch": "1"}, None, 30))
    assert next(events)["type"] == "ADDED"
    more.set()
    assert [event["type"] for event in events] == ["MODIFIED", "DELETED"]


def test_a_watch_whose_body_is_not_chunked_is_not_held_back(tmp_path: Path, serve: Serve) -> None:
    more = threading.Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(b'{"type": "ADDED"}\n')
        handler.wfile.flush()
        assert more.wait(30)
        handler.wfile.write(b'{"type": "DELETED"}\n')

    server = serve(answer)
    events = iter(connect(tmp_path, server.url).stream(PODS, {"watch": "1"}, None, 30))
    assert next(events)["type"] == "ADDED"
    more.set()
    assert [event["type"] for event in events] == ["DELETED"]


def test_a_silent_watch_ends_without_an_error(tmp_path: Path, serve: Serve) -> None:
    done = threading.Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        begin_chunked(handler)
        chunk(handler, b'{"type": "ADDED"}\n')
        done.wait(30)

    server = serve(answer)
    stream = connect(tmp_path, server.url).stream(PODS, {"watch": "1"}, None, 0.3)
    assert len(list(stream)) == 1
    done.set()


@pytest.mark.parametrize("tls", [False, True])
def test_a_watch_is_ended_from_another_thread_at_once(tmp_path: Path, serve: Serve, tls: bool) -> None:
    done = threading.Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        begin_chunked(handler)
        chunk(handler, b'{"type": "ADDED"}\n')
        done.wait(30)

    authority = Authority() if tls else None
    server = serve(answer, authority)
    ca = authority.write(tmp_path) if authority else None
    stream = connect(tmp_path, server.url, ca=ca).stream(PODS, {"watch": "1"}, None, 30)
    got: list[object] = []
    first = threading.Event()

    def read() -> None:
        for event in stream:
            got.append(event)
            first.set()

    reader = threading.Thread(target=read)
    reader.start()
    assert first.wait(20)
    began = time.monotonic()
    stream.close()
    reader.join(20)
    assert not reader.is_alive()
    assert time.monotonic() - began < 5
    assert got == [{"type": "ADDED"}]
    done.set()


def test_a_watch_that_is_closed_before_it_is_read_gives_nothing(tmp_path: Path, serve: Serve) -> None:
    done = threading.Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        begin_chunked(handler)
        done.wait(30)

    stream = connect(tmp_path, serve(answer).url).stream(PODS, {"watch": "1"}, None, 30)
    stream.close()
    stream.close()
    assert list(stream) == []
    done.set()


def test_a_watch_that_breaks_off_is_unreachable(tmp_path: Path, serve: Serve) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        begin_chunked(handler)
        chunk(handler, b'{"type": "ADDED"}\n')
        handler.connection.shutdown(socket.SHUT_RDWR)

    server = serve(answer)
    events = iter(connect(tmp_path, server.url).stream(PODS, {"watch": "1"}, None, 30))
    assert next(events) == {"type": "ADDED"}
    with pytest.raises(KubernetesUnreachable) as caught:
        next(events)
    one_sentence(caught.value, "cut the connection", "watch pods")


@pytest.mark.parametrize("line", [b"<html>\n", b"[]\n", b"{\n"])
def test_a_watch_event_that_is_no_object_is_an_answer_error(
    tmp_path: Path, serve: Serve, line: bytes
) -> None:
    server = serve(answer_bytes(line))
    stream = connect(tmp_path, server.url).stream(PODS, {"watch": "1"}, None, 30)
    with pytest.raises(KubernetesAnswerError) as caught:
        list(stream)
    one_sentence(caught.value, "watch event of pods")


def test_a_refused_watch_is_told_when_it_is_opened(tmp_path: Path, serve: Serve) -> None:
    server = serve(answer_json({"message": "no"}, 403))
    with pytest.raises(KubernetesForbidden, match="does not let us watch pods"):
        connect(tmp_path, server.url).stream(PODS, {"watch": "1"}, None, 30)
