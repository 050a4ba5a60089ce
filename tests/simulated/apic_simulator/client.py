"""A plain REST and websocket client for the tests: it shares no code with the engine or the simulator."""

import json
import time
from collections.abc import Callable
from typing import Any, Self

import requests
import websocket

from akb_sync.simulators.apic import ApicSimulator

WAIT_SECONDS = 10


class Client:
    """One HTTP session towards a simulator, with at most one websocket."""

    def __init__(self, apic: ApicSimulator) -> None:
        self.apic = apic
        self.http = requests.Session()
        self.http.trust_env = False  # a CA bundle in the environment would win over `verify`
        self.http.verify = str(apic.ca_file) if apic.ca_file else True
        self.token = ""
        self.socket: websocket.WebSocket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.drop_socket()
        self.http.close()

    def login(self, user: str = "admin", password: str = "secret") -> Self:
        answer = self.post("aaaLogin", {"aaaUser": {"attributes": {"name": user, "pwd": password}}})
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["imdata"][0]["aaaLogin"]["attributes"]["token"]
        return self

    def drop_socket(self) -> None:
        if self.socket is not None:
            self.socket.shutdown()  # type: ignore[no-untyped-call]
            self.socket = None

    def open_socket(self, token: str | None = None) -> Self:
        self.drop_socket()
        url = self.apic.url.replace("http", "ws", 1) + "/socket" + (token or self.token)
        options = {"ca_certs": str(self.apic.ca_file)}
        self.socket = websocket.create_connection(url, sslopt=options, timeout=WAIT_SECONDS)
        return self

    def get(self, path: str, **query: str) -> requests.Response:
        return self.http.get(self.url(path), params=query or None, timeout=WAIT_SECONDS)

    def raw_get(self, path_and_query: str, **options: Any) -> requests.Response:
        return self.http.get(f"{self.apic.url}{path_and_query}", timeout=WAIT_SECONDS, **options)

    def post(self, path: str, document: Any, **query: str) -> requests.Response:
        body = document if isinstance(document, str) else json.dumps(document)
        return self.http.post(self.url(path), data=body, params=query or None, timeout=WAIT_SECONDS)

    def raw_post(self, path_and_query: str, body: str | bytes) -> requests.Response:
        return self.http.post(f"{self.apic.url}{path_and_query}", data=body, timeout=WAIT_SECONDS)

    def delete(self, path: str) -> requests.Response:
        return self.http.delete(self.url(path), timeout=WAIT_SECONDS)

    def url(self, path: str) -> str:
        return f"{self.apic.url}/api/{path}.json"

    def imdata(self, path: str, **query: str) -> list[dict[str, Any]]:
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["imdata"]
        return found

    def dns(self, path: str, **query: str) -> list[str]:
        return [attributes(item)["dn"] for item in self.imdata(path, **query)]

    def subscribe(self, path: str, **query: str) -> str:
        answer = self.get(path, subscription="yes", **query)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["subscriptionId"])

    def frame(self) -> dict[str, Any]:
        """The next event frame; fails after some seconds without one."""
        assert self.socket is not None
        frame: dict[str, Any] = json.loads(self.socket.recv())
        return frame

    def event(self) -> tuple[str, str, dict[str, str]]:
        """Class, status and attributes of the next event."""
        (item,) = self.frame()["imdata"]
        ((name, body),) = item.items()
        return name, body["attributes"]["status"], body["attributes"]

    def events_until(self, dn: str) -> list[tuple[str, str]]:
        """(status, dn) of the events up to the one that creates a dn, that one left out."""
        seen: list[tuple[str, str]] = []
        while True:
            _name, status, found = self.event()
            if (status, found["dn"]) == ("created", dn):
                return seen
            seen.append((status, found["dn"]))


def attributes(item: dict[str, Any]) -> dict[str, str]:
    """The attributes of an object in an answer, whatever its class."""
    ((_name, body),) = item.items()
    found: dict[str, str] = body["attributes"]
    return found


def error_of(answer: requests.Response) -> tuple[int, str, str]:
    """HTTP status, code and text of a refusal."""
    (item,) = answer.json()["imdata"]
    found = attributes(item)
    return answer.status_code, found["code"], found["text"]


def mo(cls: str, children: list[dict[str, Any]] | None = None, /, **given: Any) -> dict[str, Any]:
    """An object of a POST."""
    body: dict[str, Any] = {"attributes": given}
    if children is not None:
        body["children"] = children
    return {cls: body}


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that another thread does; fails when it does not come true in time."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.01)
