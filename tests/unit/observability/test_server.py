"""The port: what is answered where, and that a port that cannot be had is said at once."""

import http.client
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from akb_sync.errors import SettingsError
from akb_sync.observability import Health, Metrics, Server
from akb_sync.observability.server import parse
from akb_sync.service import elects_leader, listen_address
from akb_sync.settings import LeaderElection, Settings
from tests.unit.engine.looks import look
from tests.unit.engine.scripted import HandClock


@contextmanager
def serving(health: Health, metrics: Metrics) -> Iterator[Server]:
    server = Server("127.0.0.1:0", health, metrics)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def get(server: Server, path: str, method: str = "GET") -> tuple[int, str]:
    host, port = parse(server.address)
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_probes_and_metrics_are_answered_and_nothing_else_is() -> None:
    clock = HandClock()
    health, metrics = Health(clock, lambda: 1000.0), Metrics(clock)
    with serving(health, metrics) as server:
        assert get(server, "/livez") == (200, "ok: the last sign of life was 0 s ago\n")
        assert get(server, "/readyz") == (503, "failed: not every kind was read yet\n")
        health.looked(look())
        assert get(server, "/readyz?verbose=1")[0] == 200
        assert "akb_sync_leader" in get(server, "/metrics")[1]
        assert get(server, "/")[0] == 404
        assert get(server, "/metrics", "POST")[0] == 501


def test_a_port_that_is_taken_is_said() -> None:
    clock = HandClock()
    health, metrics = Health(clock, clock.monotonic), Metrics(clock)
    with serving(health, metrics) as server, pytest.raises(SettingsError, match="the port cannot be had"):
        Server(server.address, health, metrics)


def test_the_port_can_be_had_again_after_a_stop() -> None:
    clock = HandClock()
    health, metrics = Health(clock, clock.monotonic), Metrics(clock)
    with serving(health, metrics) as server:
        address = server.address
    again = Server(address, health, metrics)
    again.stop()


@pytest.mark.parametrize("text", ["9090", ":9090", "host:", "host:x", "host:70000", "a:-1", "on"])
def test_an_address_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="ADDRESS:PORT"):
        parse(text)


def test_an_address_of_ipv6_stands_in_brackets() -> None:
    assert parse("[::1]:9090") == ("::1", 9090)


@pytest.mark.parametrize(
    ("listen", "address"), [("auto", ""), ("none", ""), ("", ""), ("127.0.0.1:1", "127.0.0.1:1")]
)
def test_outside_of_a_cluster_nothing_is_served_unless_it_is_asked_for(listen: str, address: str) -> None:
    assert listen_address(Settings(listen=listen)) == address


def test_outside_of_a_cluster_no_lease_is_taken_unless_it_is_asked_for() -> None:
    assert not elects_leader(Settings())
    assert elects_leader(Settings(leader_elect=LeaderElection.ALWAYS))
    with pytest.raises(SettingsError, match="--lease-duration 1 is less than 3"):
        elects_leader(Settings(lease_duration=1))
