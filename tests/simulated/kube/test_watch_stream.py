from __future__ import annotations

import socket
import threading
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from akb_sync.errors import KubernetesAnswerError, KubernetesForbidden, KubernetesUnreachable
from akb_sync.simulators.certificates import Authority
from tests.simulated.kube.connecting import PODS, Serve, connect, one_sentence
from tests.simulated.kube.scripted import answer_bytes, answer_json, begin_chunked, chunk


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
