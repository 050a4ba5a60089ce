"""The admin endpoint: its token, its paths, and what it says about mistakes."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from akb_sync.simulators.apic import ApicSimulator
from akb_sync.simulators.apic.admin import Admin
from tests.simulated.apic_simulator.client import Client, mo


class Caller:
    """Somebody with the token."""

    def __init__(self, apic: ApicSimulator, admin: Admin) -> None:
        self.admin = admin
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.verify = str(apic.ca_file)
        self.http.headers["Authorization"] = f"Bearer {admin.token}"

    def send(self, method: str, path: str, body: Any = None) -> requests.Response:
        data = body if body is None or isinstance(body, str) else json.dumps(body)
        return self.http.request(method, f"{self.admin.url}{path}", data=data, timeout=10)

    def done(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.send(method, path, body)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def caller(cluster: ApicSimulator) -> Iterator[Caller]:
    with Admin(cluster) as admin:
        caller = Caller(cluster, admin)
        yield caller
        caller.http.close()


@pytest.fixture
def cluster() -> Iterator[ApicSimulator]:
    with ApicSimulator(controllers=2) as simulator:
        simulator.small_fabric()
        yield simulator


@pytest.mark.parametrize("header", [None, "Bearer ", "Bearer wrong", "Basic x"])
def test_without_the_token_there_is_nothing_but_401(caller: Caller, header: str | None) -> None:
    caller.http.headers.pop("Authorization")
    if header is not None:
        caller.http.headers["Authorization"] = header
    answer = caller.send("POST", "/reset")
    assert (answer.status_code, list(answer.json())) == (401, ["error"])
    assert caller.send("GET", "/nothing").status_code == 401


def test_it_listens_on_the_loopback_address_with_the_certificate_of_the_simulator(caller: Caller) -> None:
    assert caller.admin.url.startswith("https://127.0.0.1:")
    assert caller.send("GET", "/controllers").status_code == 200


def test_the_token_is_no_token_of_the_apic_and_the_other_way_round(
    cluster: ApicSimulator, caller: Caller
) -> None:
    with Client(cluster) as client:
        client.login()
        caller.http.headers["Authorization"] = f"Bearer {client.token}"
        assert caller.send("GET", "/snapshot").status_code == 401
        cookies = {"APIC-cookie": caller.admin.token}
        assert (
            requests.get(
                f"{cluster.url}/api/class/fvTenant.json",
                cookies=cookies,
                verify=str(cluster.ca_file),
                timeout=10,
            ).status_code
            == 403
        )


def test_a_snapshot_is_put_back(cluster: ApicSimulator, caller: Caller) -> None:
    saved = caller.done("GET", "/snapshot")
    cluster.delete("uni/tn-TEN_K8_C1")
    assert caller.done("POST", "/restore", saved)["changes"] > 0
    assert cluster.get("uni/tn-TEN_K8_C1")
    assert caller.done("POST", "/restore", saved)["changes"] == 0


def test_a_reset_goes_back_to_the_beginning_with_faults_and_journal(
    cluster: ApicSimulator, caller: Caller
) -> None:
    caller.done("PUT", "/faults", "faults: [{do: {answer: busy}, match: {class: fvBD}}]")
    with Client(cluster) as client:
        client.login().post("mo/uni", mo("fvTenant", name="new"))
        assert client.get("class/fvBD").status_code == 503
        assert caller.done("POST", "/reset")["changes"] > 0
        assert client.get("class/fvBD").status_code == 200
    assert (cluster.get("uni/tn-new"), cluster.journal) == (None, [])


def test_a_fault_script_is_loaded_counted_and_taken_away(cluster: ApicSimulator, caller: Caller) -> None:
    script = "faults: [{name: tired, do: {answer: busy}, match: {controller: 2}}]"
    assert caller.done("PUT", "/faults", script) == {"faults": [{"name": "tired", "seen": 0, "struck": 0}]}
    with Client(cluster) as client:
        client.login()
        url = f"{cluster.urls[1]}/api/class/fvTenant.json"
        assert client.http.get(url, timeout=10).status_code == 503
        assert caller.done("GET", "/faults")["faults"][0]["struck"] == 1
        assert caller.done("DELETE", "/faults") == {"faults": []}
        assert client.http.get(url, timeout=10).status_code == 200


def test_time_passes(cluster: ApicSimulator, caller: Caller) -> None:
    with Client(cluster) as client:
        client.login()
        assert "T" in caller.done("POST", "/clock", {"advance": 601})["time"]
        assert client.get("class/fvTenant").status_code == 403


def test_a_leaf_comes_and_goes(cluster: ApicSimulator, caller: Caller) -> None:
    before = set(cluster.of_class("fabricNode"))
    dn = caller.done("POST", "/leafs")["dn"]
    assert set(cluster.of_class("fabricNode")) == before | {dn}
    assert caller.done("POST", "/leafs", {"pod": 1, "id": 150})["dn"] == "topology/pod-1/node-150"
    assert caller.done("DELETE", "/leafs/150")["dn"] == "topology/pod-1/node-150"
    assert set(cluster.of_class("fabricNode")) == before | {dn}


def test_a_controller_is_stopped_and_started(cluster: ApicSimulator, caller: Caller) -> None:
    assert [each["url"] for each in caller.done("GET", "/controllers")["controllers"]] == cluster.urls
    stopped = caller.done("POST", "/controllers/1/stop")["controllers"]
    assert [each["running"] for each in stopped] == [False, True]
    assert cluster.running_controllers == [2]
    started = caller.done("POST", "/controllers/1/start")["controllers"]
    assert [each["running"] for each in started] == [True, True]


def test_the_journal_tells_what_clients_did(cluster: ApicSimulator, caller: Caller) -> None:
    with Client(cluster) as client:
        client.login().post("mo/uni", mo("fvTenant", name="new"))
        client.get("class/fvNoSuch")
    journal = caller.done("GET", "/journal")
    assert journal["writes"][0]["dn"] == "uni"
    assert journal["refusals"][0]["status"] == 400
    assert journal["counts"]["logins"] == 1
    assert caller.done("DELETE", "/journal") == {"writes": [], "refusals": [], "counts": {}}


@pytest.mark.parametrize(
    ("request_", "body", "status", "part"),
    [
        ("POST /restore", "{", 400, "The request's body is not JSON"),
        ("POST /restore", {"imdata": []}, 400, "is no saved state"),
        (
            "PUT /faults",
            "faults: [{do: x}]",
            400,
            "the request's body line 1, faults[0].do: 'x' is not known",
        ),
        ("PUT /faults", "faults: [{do: hang, match: {controller: 3}}]", 400, "there is no controller 3"),
        ("POST /clock", {"advance": "1"}, 400, '{"advance": 61}'),
        ("POST /clock", {"advance": -1}, 400, '{"advance": 61}'),
        ("POST /clock", {"back": 1}, 400, "nothing but advance"),
        ("POST /leafs", {"id": 101}, 400, "101"),
        ("POST /leafs", {"id": "x"}, 400, "whole numbers"),
        ("DELETE /leafs/999", None, 400, "999"),
        ("POST /controllers/3/stop", None, 400, "There is no controller 3"),
        ("GET /nothing", None, 404, "GET /nothing is not one of the admin paths."),
        ("GET /reset", None, 405, "GET /reset is not one of the admin paths."),
    ],
)
def test_a_mistake_is_one_sentence(
    caller: Caller, request_: str, body: object, status: int, part: str
) -> None:
    method, path = request_.split()
    answer = caller.send(method, path, body)
    assert answer.status_code == status
    assert part in answer.json()["error"]
