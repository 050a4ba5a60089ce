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
from akb_sync.simulators.apic import ApicSimulator
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


def test_a_host_that_is_none_is_one_sentence() -> None:
    with pytest.raises(SimulatorError, match="The simulator cannot listen on"):
        BackgroundServer(application, host="192.0.2.1").start()


def test_an_error_while_building_reaches_the_caller_of_start() -> None:
    def broken() -> web.Application:
        raise ValueError("no application")

    with pytest.raises(ValueError, match="no application"):
        BackgroundServer(broken).start()


def test_a_simulator_without_tls_speaks_plain_http() -> None:
    with ApicSimulator(tls=False) as apic:
        assert apic.ca_file is None
        body = {"aaaUser": {"attributes": {"name": "admin", "pwd": "secret"}}}
        answer = requests.post(f"{apic.url}/api/aaaLogin.json", json=body, timeout=10)
        assert "secure" not in answer.headers["Set-Cookie"]
