"""Certificates and the background server, which both simulators stand on."""

import socket
import ssl
from pathlib import Path

import pytest
import requests
from aiohttp import web
from cryptography import x509
from cryptography.x509.oid import NameOID

from akb_sync.simulators import SimulatorError
from akb_sync.simulators.apic import ApicSimulator, Behaviour, journal
from akb_sync.simulators.certificates import Authority, ssl_context
from akb_sync.simulators.server import BackgroundServer


def application() -> web.Application:
    async def greet(request: web.Request) -> web.Response:
        peer = request.transport.get_extra_info("peercert") if request.transport else None
        return web.Response(text=str(bool(peer)))

    built = web.Application()
    built.router.add_get("/", greet)
    return built


def test_a_client_that_trusts_the_authority_verifies_the_server(tmp_path: Path) -> None:
    authority = Authority()
    server = BackgroundServer(application, tls=ssl_context(authority))
    server.start()
    try:
        with requests.Session() as session:
            session.trust_env = False
            trusted = str(authority.write(tmp_path))
            for host in ("127.0.0.1", "localhost"):
                url = f"https://{host}:{server.port}/"
                assert session.get(url, verify=trusted, timeout=10).text == "False"
            stranger = str(Authority().write(tmp_path / "other"))
            with pytest.raises(requests.exceptions.SSLError):
                session.get(server.url, verify=stranger, timeout=10)
    finally:
        server.stop()


def test_a_client_certificate_is_taken_where_it_is_asked_for(tmp_path: Path) -> None:
    authority = Authority()
    certificate, key = authority.issue_client("kubernetes-admin", "system:masters")
    (tmp_path / "client.pem").write_bytes(certificate + key)
    subject = x509.load_pem_x509_certificate(certificate).subject
    assert subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value == "system:masters"
    server = BackgroundServer(application, tls=ssl_context(authority, ask_client=True))
    server.start()
    try:
        with requests.Session() as session:
            session.trust_env = False
            session.verify = str(authority.write(tmp_path))
            assert session.get(server.url, timeout=10).text == "False"
            assert session.get(server.url, cert=str(tmp_path / "client.pem"), timeout=10).text == "True"
    finally:
        server.stop()


def test_the_certificates_pass_the_strict_checks_of_newer_pythons() -> None:
    authority = Authority()
    context = ssl.create_default_context(cadata=authority.pem.decode())
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    server = BackgroundServer(application, tls=ssl_context(authority))
    server.start()
    try:
        with (
            socket.create_connection((server.host, server.port)) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as wrapped,
        ):
            assert wrapped.version()
    finally:
        server.stop()


def test_a_server_starts_again_on_the_same_port() -> None:
    server = BackgroundServer(application)
    server.start()
    port = server.port
    server.stop()
    server.start()
    try:
        assert server.port == port
        assert requests.get(server.url, timeout=10).status_code == 200
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("header", "body", "status"),
    [
        (b"Content-Encoding: gzip\r\nContent-Length: 7", b"garbage", b"400"),
        (b"Transfer-Encoding: chunked", b"zz\r\nhello\r\n0\r\n\r\n", b"400"),
        (b"Transfer-Encoding: chunked", b"5\r\nhello\r\nzz\r\n", b"400"),
        (b"Content-Length: nine", b"hello", b"400"),
        (b"Content-Length: 1000", b"hello", b""),
    ],
)
def test_a_request_that_is_no_http_is_no_error_of_the_server(
    caplog: pytest.LogCaptureFixture, header: bytes, body: bytes, status: bytes
) -> None:
    with ApicSimulator(tls=False) as apic, socket.create_connection(("127.0.0.1", port_of(apic))) as plain:
        plain.sendall(b"POST /api/aaaLogin.json HTTP/1.1\r\nHost: x\r\n" + header + b"\r\n\r\n" + body)
        if status:
            assert plain.recv(1_000).split(b" ")[1] == status
        else:
            plain.close()
        assert requests.get(f"{apic.url}/api/aaaListDomains.json", timeout=10).status_code == 200
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []


def test_pages_of_the_web_server_bear_its_name() -> None:
    how = Behaviour(maximal_post_bytes=10)
    with ApicSimulator(tls=False, behaviour=how) as apic:
        chunks = (b"x" * 20 for _ in range(2))
        for answer in (
            requests.get(f"{apic.url}/nothing", timeout=10),
            requests.post(f"{apic.url}/api/aaaLogin.json", data=chunks, timeout=10),
        ):
            assert (answer.headers["Server"], "<center>nginx" in answer.text) == ("Cisco APIC", True)


def port_of(apic: ApicSimulator) -> int:
    return int(apic.url.rpartition(":")[2])


def test_a_host_that_is_none_is_one_sentence() -> None:
    with pytest.raises(SimulatorError, match="The simulator cannot listen on"):
        BackgroundServer(application, host="192.0.2.1").start()


def test_an_error_while_building_reaches_the_caller_of_start() -> None:
    def broken() -> web.Application:
        raise ValueError("no application")

    with pytest.raises(ValueError, match="no application"):
        BackgroundServer(broken).start()


def test_the_journal_keeps_the_newest_and_counts_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "WRITES_KEPT", 2)
    monkeypatch.setattr(journal, "REFUSALS_KEPT", 1)
    book = journal.Journal()
    for number in range(3):
        book.accepted(journal.Write("POST", f"uni/tn-{number}", "admin", None, 1, 0.0))
        book.refused(journal.Refusal("POST", "/api/mo/uni.json", 400, str(number), ""))
    assert [write.dn for write in book.writes] == ["uni/tn-1", "uni/tn-2"]
    assert ([refusal.code for refusal in book.refusals], book.counts["refused"]) == (["2"], 3)


def test_a_simulator_without_tls_speaks_plain_http() -> None:
    with ApicSimulator(tls=False) as apic:
        assert apic.ca_file is None
        body = {"aaaUser": {"attributes": {"name": "admin", "pwd": "secret"}}}
        answer = requests.post(f"{apic.url}/api/aaaLogin.json", json=body, timeout=10)
        assert "secure" not in answer.headers["Set-Cookie"]
