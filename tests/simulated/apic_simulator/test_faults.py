"""What the simulator does wrong on purpose, and that it does so exactly as often as it was told to."""

import time

import pytest
import requests
import websocket

from akb_sync.simulators.apic import ApicSimulator
from tests.simulated.apic_simulator.client import Client, error_of, mo, until

TENANT = "uni/tn-TEN_K8_C1"
EPG = f"{TENANT}/out-L3O_K8_C1/instP-web"
SUBNET = f"{EPG}/extsubnet-[10.0.0.0/8]"
WEB = mo("l3extInstP", [mo("l3extSubnet", ip="10.0.0.0/8")], name="web")


@pytest.mark.parametrize(
    ("kind", "status", "part"),
    [
        ("busy", 503, "<center>nginx</center>"),
        ("queue-full", 202, "APIC queue is full, slow down"),
        ("not-allowed", 405, "405 Not Allowed"),
        ("html", 200, "<html>"),
    ],
)
def test_the_next_answers_are_canned_and_nothing_is_done(
    apic: ApicSimulator, client: Client, kind: str, status: int, part: str
) -> None:
    apic.faults.answer_next(kind, count=2, method="POST")
    assert client.get("class/fvTenant").status_code == 200
    for _ in range(2):
        answer = client.post(f"mo/{EPG}", WEB)
        assert (answer.status_code, part in answer.text) == (status, True)
    assert apic.get(EPG) is None
    assert client.post(f"mo/{EPG}", WEB).status_code == 200
    assert (apic.counts["canned"], apic.counts["posts"], apic.get(EPG) is not None) == (2, 1, True)


def test_a_canned_answer_may_wait_for_a_path(apic: ApicSimulator, client: Client) -> None:
    apic.faults.answer_next("busy", path="l3extSubnet")
    assert client.get("class/fvTenant").status_code == 200
    assert client.get("class/l3extSubnet").status_code == 503


def test_latency_holds_every_answer_back(apic: ApicSimulator, client: Client) -> None:
    apic.faults.latency = 0.3
    start = time.monotonic()
    client.get("class/fvTenant")
    assert time.monotonic() - start >= 0.3


@pytest.mark.parametrize(("how", "error"), [("close", requests.ConnectionError), ("hang", requests.Timeout)])
def test_a_lost_answer_is_a_write_that_happened(
    apic: ApicSimulator, client: Client, how: str, error: type[Exception]
) -> None:
    apic.faults.lose_answers(how=how)
    with pytest.raises(error):
        client.http.post(client.url(f"mo/{EPG}"), json=WEB, timeout=1)
    assert apic.get(SUBNET) is not None
    assert client.post(f"mo/{EPG}", WEB).status_code == 200
    assert [write.changes for write in apic.journal] == [3, 0]


def test_a_hanging_request_does_nothing(apic: ApicSimulator, client: Client) -> None:
    apic.faults.hang(method="POST")
    with pytest.raises(requests.Timeout):
        client.http.post(client.url(f"mo/{EPG}"), json=WEB, timeout=0.5)
    assert apic.get(EPG) is None
    assert client.post(f"mo/{EPG}", WEB).status_code == 200


def test_a_child_is_rejected_by_its_dn(apic: ApicSimulator, client: Client) -> None:
    apic.faults.reject(r"extsubnet-\[10\.", code="100", text="Validation failed: no", count=1)
    assert error_of(client.post(f"mo/{EPG}", WEB)) == (400, "100", "Validation failed: no")
    assert apic.get(EPG) is None
    assert client.post(f"mo/{EPG}", WEB).status_code == 200


def test_dropped_and_duplicated_events(apic: ApicSimulator, client: Client) -> None:
    client.open_socket().subscribe("class/l3extSubnet")
    apic.faults.drop_events(1)
    apic.post(EPG, WEB)
    apic.faults.duplicate_events(1)
    apic.post(EPG, mo("l3extInstP", [mo("l3extSubnet", ip="11.0.0.0/8")]))
    assert [client.event()[2]["ip"] for _ in range(2)] == ["11.0.0.0/8"] * 2


def test_a_silent_websocket_stays_open_and_answers_no_ping(apic: ApicSimulator, client: Client) -> None:
    client.open_socket().subscribe("class/l3extSubnet")
    apic.faults.silent_sockets = True
    apic.post(EPG, WEB)
    assert client.socket is not None
    client.socket.ping("x")
    client.socket.settimeout(0.5)
    with pytest.raises(websocket.WebSocketTimeoutException):
        client.socket.recv_data(control_frame=True)
    assert apic.subscriptions == 1


def test_closed_websockets_lose_their_subscriptions_and_the_session_goes_on(
    apic: ApicSimulator, client: Client
) -> None:
    client.open_socket().subscribe("class/l3extSubnet")
    apic.faults.close_sockets()
    until(lambda: apic.subscriptions == 0)
    assert client.socket is not None
    assert client.socket.recv() == ""
    client.open_socket().subscribe("class/l3extSubnet")


def test_expired_sessions_have_to_log_in_again(apic: ApicSimulator, client: Client) -> None:
    apic.faults.expire_sessions()
    assert client.get("class/fvTenant").status_code == 403
    assert client.login().get("class/fvTenant").status_code == 200


def test_refused_logins(apic: ApicSimulator) -> None:
    apic.faults.refuse_logins = True
    with Client(apic) as client:
        assert client.post("aaaLogin", mo("aaaUser", name="admin", pwd="secret")).status_code == 401
        apic.faults.clear()
        client.login()


def test_a_stopped_simulator_keeps_its_tree_and_comes_back_on_its_port(
    apic: ApicSimulator, client: Client
) -> None:
    client.open_socket().subscribe("class/l3extSubnet")
    client.post(f"mo/{EPG}", WEB)
    before, url = apic.subtree(), apic.url
    apic.stop()
    with pytest.raises(requests.ConnectionError):
        client.get("class/fvTenant")
    apic.post(EPG, mo("l3extInstP", descr="while it was away"))
    assert apic.subscriptions == 0
    apic.start()
    assert apic.url == url
    assert client.get("class/fvTenant").status_code == 200
    assert set(apic.subtree()) == set(before)


def test_a_stop_ends_requests_that_hang(apic: ApicSimulator, client: Client) -> None:
    apic.faults.hang()
    with pytest.raises(requests.Timeout):
        client.http.get(client.url("class/fvTenant"), timeout=0.2)
    start = time.monotonic()
    apic.stop()
    assert time.monotonic() - start < 5
