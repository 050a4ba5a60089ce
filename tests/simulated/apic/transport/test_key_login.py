"""Signing with a key instead of logging in: reads, writes and, by webtokenSession, subscriptions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from akb_sync.apic.query import class_path, mo_path
from akb_sync.apic.session import ApicSession
from akb_sync.errors import ApicLoginRefused
from akb_sync.simulators.apic import ApicSimulator
from tests.simulated.apic.transport.inbox import FakeClock, Inbox, Losses

Connect = Callable[..., ApicSession]
L3OUT = "uni/tn-TEN_K8_C1/out-L3O_K8_C1"
EPG = {"l3extInstP": {"attributes": {"name": "E"}}}


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate(key: rsa.RSAPrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "akb-sync")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now - timedelta(days=1))
    signed = builder.not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM)


@pytest.fixture
def signing(connect: Connect, key: rsa.RSAPrivateKey) -> Callable[[], ApicSession]:
    """Open a session that signs; the certificate has still to be registered."""
    form = serialization.PrivateFormat.TraditionalOpenSSL
    pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    return lambda: connect(password="", key_pem=pem, certificate_name="akb")


def test_a_key_reads_and_writes_without_any_login(
    apic: ApicSimulator, signing: Callable[[], ApicSession], key: rsa.RSAPrivateKey
) -> None:
    apic.add_certificate("admin", "akb", certificate(key))
    session = signing()
    session.post(L3OUT, EPG)
    found = session.get(class_path("l3extInstP"), {"query-target-filter": 'eq(l3extInstP.name, "E")'})
    assert len(found) == 1
    assert (apic.counts["logins"], apic.journal[0].user) == (0, "admin")


def test_a_key_subscribes_over_a_websocket_of_its_own_token(
    apic: ApicSimulator, signing: Callable[[], ApicSession], key: rsa.RSAPrivateKey
) -> None:
    apic.add_certificate("admin", "akb", certificate(key))
    session, inbox = signing(), Inbox()
    session.subscribe(class_path("l3extInstP"), {}, inbox)[0].ready()
    apic.post(L3OUT, EPG)
    assert inbox.next() == [("l3extInstP", f"{L3OUT}/instP-E", "created")]
    assert (apic.counts["logins"], apic.counts["webtokens"]) == (0, 1)


def test_a_websocket_token_that_ran_out_is_replaced(
    apic: ApicSimulator, signing: Callable[[], ApicSession], key: rsa.RSAPrivateKey
) -> None:
    apic.add_certificate("admin", "akb", certificate(key))
    session, losses, inbox = signing(), Losses(), Inbox()
    session.on_lost = losses
    session.subscribe(class_path("l3extInstP"), {}, Inbox())[0].ready()
    apic.clock.advance(90_000)
    losses.wait()
    session.subscribe(class_path("l3extInstP"), {}, inbox)[0].ready()
    apic.post(L3OUT, EPG)
    assert inbox.next() == [("l3extInstP", f"{L3OUT}/instP-E", "created")]


def test_a_key_whose_certificate_is_not_on_the_apic_is_refused_and_not_tried_again_at_once(
    apic: ApicSimulator, signing: Callable[[], ApicSession], clock: FakeClock, key: rsa.RSAPrivateKey
) -> None:
    session = signing()
    for _ in range(3):
        with pytest.raises(ApicLoginRefused):
            session.get(mo_path(L3OUT))
    assert len(apic.refusals) == 1
    apic.add_certificate("admin", "akb", certificate(key))
    clock.turn(300)
    assert len(session.get(mo_path(L3OUT))) == 1
