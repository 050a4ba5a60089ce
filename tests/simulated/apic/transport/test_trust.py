"""TLS: verified on both channels by default, and who is not trusted never sees a password or a token."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from akb_sync.apic.options import ApicOptions
from akb_sync.apic.query import mo_path
from akb_sync.apic.session import ApicSession
from akb_sync.apic.tls import tls_context
from akb_sync.apic.websockets import open_websocket
from akb_sync.errors import ApicCertificateError, ApicUnreachable
from akb_sync.simulators.apic import ApicSimulator
from akb_sync.simulators.certificates import Authority, ssl_context
from tests.simulated.apic.transport.inbox import FakeClock, Inbox

Connect = Callable[..., ApicSession]
PATH = mo_path("uni/tn-TEN_K8_C1")


@contextmanager
def server_for(host: str) -> Iterator[tuple[str, Authority, list[bytes]]]:
    """A TLS server whose certificate is for `host`; gives its URL, its CA, and what it was told in clear."""
    authority, told = Authority(), list[bytes]()
    context = ssl_context(authority, (host,))
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with suppress(OSError), context.wrap_socket(connection, server_side=True) as tls:
                    told.append(tls.recv(4096))

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"https://127.0.0.1:{listener.getsockname()[1]}", authority, told
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def test_the_ca_file_is_what_rest_and_websocket_trust(connect: Connect) -> None:
    session = connect()
    assert len(session.get(PATH)) == 1
    subscription, _ = session.subscribe(PATH, {}, Inbox())
    assert subscription.alive


def test_an_unknown_ca_is_told_with_the_option_that_mends_it(apic: ApicSimulator, connect: Connect) -> None:
    with pytest.raises(ApicCertificateError, match="--apic-ca-file") as caught:
        connect(ca_file=None).get(PATH)
    assert apic.url in caught.value.message
    assert apic.counts["logins"] == 0


def test_the_websocket_verifies_by_itself(apic: ApicSimulator) -> None:
    options = ApicOptions((apic.url,), "admin", password="secret")
    with pytest.raises(ApicCertificateError, match="not trusted") as caught:
        open_websocket(apic.url, "the-token", "", tls_context(options), 5.0)
    assert "the-token" not in repr(caught.value)
    assert apic.counts["sockets"] == 0


def test_a_certificate_for_another_host_is_not_trusted(tmp_path: Path, clock: FakeClock) -> None:
    with server_for("other.example") as (url, authority, told):
        options = ApicOptions((url,), "admin", password="secret", ca_file=authority.write(tmp_path))
        with pytest.raises(ApicCertificateError, match="IP address mismatch"):
            open_websocket(url, "the-token", "", tls_context(options), 5.0)
        with pytest.raises(ApicCertificateError, match="IP address mismatch"):
            ApicSession(options, clock, upkeep=False).get(PATH)
    assert told == []


def test_insecure_is_an_option_that_is_warned_of_once(
    connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    session = connect(ca_file=None, insecure=True)
    assert len(session.get(PATH)) == 1
    subscription, _ = session.subscribe(PATH, {}, Inbox())
    assert subscription.alive
    assert caplog.text.count("not verified") == 1


def test_a_fabric_without_tls_works_and_is_warned_of(
    connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    with ApicSimulator(users={"admin": "secret"}, tls=False) as plain:
        session = connect(plain.url, ca_file=None)
        subscription, _ = session.subscribe(mo_path("uni"), {}, Inbox())
        assert subscription.alive
        session.close()
    assert "not encrypted" in caplog.text


def test_an_untrusted_controller_is_passed_over_for_one_that_is_trusted(
    apic: ApicSimulator, connect: Connect
) -> None:
    with ApicSimulator() as stranger:
        session = connect(stranger.url, apic.url)
        session.get(PATH)
        assert session.controller == apic.url
        assert stranger.counts["logins"] == 0


def test_a_websocket_to_a_port_where_nobody_listens_is_unreachable(apic: ApicSimulator) -> None:
    options = ApicOptions((apic.url,), "admin", password="secret", ca_file=apic.ca_file)
    apic.stop()
    with pytest.raises(ApicUnreachable, match="connection refused"):
        open_websocket(apic.url, "t", "", tls_context(options), 5.0)
