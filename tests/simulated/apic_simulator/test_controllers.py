"""Three controllers with one state; a socket is served by the node that it is connected to (facts, 4.4)."""

import socket
from collections.abc import Iterator

import pytest
import requests
import websocket

from akb_sync.simulators import SimulatorError
from akb_sync.simulators.apic import ApicSimulator
from tests.simulated.apic_simulator.client import Client, attributes, error_of, mo, until

LOGIN = mo("aaaUser", name="admin", pwd="secret")


class At(Client):
    """A client of one of the controllers."""

    def __init__(self, apic: ApicSimulator, number: int) -> None:
        super().__init__(apic)
        self.number = number

    @property
    def base(self) -> str:
        return self.apic.urls[self.number - 1]

    def url(self, path: str) -> str:
        return f"{self.base}/api/{path}.json"

    def open_socket(self, token: str | None = None) -> "At":
        self.drop_socket()
        url = self.base.replace("http", "ws", 1) + "/socket" + (token or self.token)
        options = {"ca_certs": str(self.apic.ca_file)}
        self.socket = websocket.create_connection(url, sslopt=options, timeout=10)
        return self

    def take_over(self, other: Client) -> "At":
        self.token = other.token
        self.http.headers["Cookie"] = f"APIC-cookie={other.token}"
        return self


@pytest.fixture
def cluster() -> Iterator[ApicSimulator]:
    with ApicSimulator(controllers=3) as simulator:
        simulator.small_fabric()
        yield simulator


@pytest.fixture
def clients(cluster: ApicSimulator) -> Iterator[list[At]]:
    clients = [At(cluster, number) for number in (1, 2, 3)]
    yield clients
    for client in clients:
        client.__exit__()


def test_three_controllers_listen_on_three_ports(cluster: ApicSimulator) -> None:
    assert len(set(cluster.urls)) == 3
    assert cluster.url == cluster.urls[0]
    assert cluster.running_controllers == [1, 2, 3]


def test_what_is_written_at_one_is_read_at_the_others(clients: list[At]) -> None:
    first, second, third = (client.login() for client in clients)
    assert first.post("mo/uni", mo("fvTenant", name="new")).status_code == 200
    assert "uni/tn-new" in second.dns("class/fvTenant")
    assert third.delete("mo/uni/tn-new").status_code == 200
    assert first.imdata("mo/uni/tn-new") == []


def test_each_says_which_node_it_is(clients: list[At]) -> None:
    nodes = [
        attributes(client.post("aaaLogin", LOGIN).json()["imdata"][0])["node"].rpartition("-")[2]
        for client in clients
    ]
    assert nodes == ["1", "2", "3"]


def test_a_token_of_one_is_good_at_the_others(clients: list[At]) -> None:
    first, second, third = clients
    first.login()
    assert second.take_over(first).get("class/fvTenant").status_code == 200
    assert second.post("aaaLogout", LOGIN).status_code == 200
    assert third.take_over(first).get("class/fvTenant").status_code == 403


def test_a_websocket_belongs_to_the_controller_that_it_was_opened_at(clients: list[At]) -> None:
    first, second, _third = clients
    first.login().open_socket()
    second.take_over(first)
    assert error_of(second.get("class/fvTenant", subscription="yes"))[:2] == (405, "405")
    first.subscribe("class/fvTenant")
    second.post("mo/uni", mo("fvTenant", name="new"))
    assert first.event()[:2] == ("fvTenant", "created")


def test_one_that_stops_takes_its_websockets_along_and_the_others_go_on(
    cluster: ApicSimulator, clients: list[At]
) -> None:
    first, second, _third = clients
    first.login().open_socket().subscribe("class/fvTenant")
    second.login().open_socket().subscribe("class/fvTenant")
    cluster.stop_controller(1)
    assert cluster.running_controllers == [2, 3]
    with pytest.raises(requests.ConnectionError):
        first.get("class/fvTenant")
    until(lambda: cluster.subscriptions == 1)
    cluster.post("uni", mo("fvTenant", name="new"))
    assert second.event()[:2] == ("fvTenant", "created")
    cluster.start_controller(1)
    assert first.get("class/fvTenant").status_code == 200, "the session is the cluster's"


def test_the_whole_cluster_stops_and_comes_back_on_its_ports(
    cluster: ApicSimulator, clients: list[At]
) -> None:
    urls = cluster.urls
    clients[1].login()
    cluster.stop()
    assert not cluster.running
    cluster.start()
    assert cluster.urls == urls
    assert clients[1].get("class/fvTenant").status_code == 200


@pytest.mark.parametrize("number", [0, 4])
def test_a_controller_that_does_not_exist_is_one_sentence(cluster: ApicSimulator, number: int) -> None:
    with pytest.raises(SimulatorError, match=rf"no controller {number}; they are numbered 1 to 3"):
        cluster.stop_controller(number)


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on, and the one before it is free."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            try:
                socket.create_server(("127.0.0.1", port - 1)).close()
            except OSError:
                continue
            yield port
            return


def test_ports_follow_each_other_and_one_in_use_frees_those_before_it(taken: int) -> None:
    simulator = ApicSimulator(port=taken - 1, controllers=2)
    with pytest.raises(SimulatorError, match=rf"controller 2 cannot listen on 127\.0\.0\.1:{taken}"):
        simulator.start()
    assert not simulator.running
    with socket.create_server(("127.0.0.1", taken - 1)):
        pass  # it is free again


def test_controllers_without_ports_enough_are_refused() -> None:
    with pytest.raises(SimulatorError, match="not 3 ports from 65534 on"):
        ApicSimulator(port=65534, controllers=3)
    with pytest.raises(SimulatorError):
        ApicSimulator(controllers=0)
