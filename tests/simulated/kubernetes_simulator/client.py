"""A plain HTTP client for a Kubernetes API: no Kubernetes library between the test and the wire."""

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import requests
import yaml

Json = dict[str, Any]

TIMEOUT = 15
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
JSON_PATCH = "application/json-patch+json"
AS_PARTIAL = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
AS_PARTIAL_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
AS_TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1"


class Api:
    """One API server as one user, from a kubeconfig with a token or a client certificate."""

    def __init__(self, kubeconfig: str, directory: Path) -> None:
        config = yaml.safe_load(kubeconfig)
        cluster = config["clusters"][0]["cluster"]
        user = config["users"][0]["user"]
        self.url: str = cluster["server"]
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = _file(directory, "ca.pem", cluster, "certificate-authority")
        if "token" in user:
            self.session.headers["Authorization"] = f"Bearer {user['token']}"
        else:
            key = _file(directory, "key.pem", user, "client-key")
            self.session.cert = (_file(directory, "client.pem", user, "client-certificate"), key)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()

    def call(
        self, method: str, path: str, body: Any = None, kind: str = "application/json", **query: Any
    ) -> requests.Response:
        data = None if body is None else json.dumps(body)
        accept = query.pop("accept", "application/json")
        headers = {"Accept": accept} | ({"Content-Type": kind} if data is not None else {})
        return self.session.request(
            method, self.url + path, data=data, params=query, headers=headers, timeout=TIMEOUT
        )

    def get(self, path: str, **query: Any) -> requests.Response:
        return self.call("GET", path, **query)

    def post(self, path: str, body: Any, **query: Any) -> requests.Response:
        return self.call("POST", path, body, **query)

    def put(self, path: str, body: Any, **query: Any) -> requests.Response:
        return self.call("PUT", path, body, **query)

    def patch(self, path: str, body: Any, kind: str = MERGE, **query: Any) -> requests.Response:
        return self.call("PATCH", path, body, kind, **query)

    def delete(self, path: str, body: Any = None, **query: Any) -> requests.Response:
        return self.call("DELETE", path, body, **query)

    @contextmanager
    def watch(self, path: str, accept: str = "application/json", **query: Any) -> Iterator["Watch"]:
        parameters = {"watch": "1", "timeoutSeconds": "10"} | query
        with self.session.get(
            self.url + path, params=parameters, headers={"Accept": accept}, stream=True, timeout=TIMEOUT
        ) as response:
            yield Watch(response)


class Watch:
    """An open watch; events are read one by one."""

    def __init__(self, response: requests.Response) -> None:
        self.response = response
        self._lines = response.iter_lines(chunk_size=1)

    def next(self) -> Json:
        """The next event; fails when the stream ends."""
        event: Json = json.loads(next(self._lines))
        return event

    def rest(self) -> list[Json]:
        """All events until the stream ends."""
        return [json.loads(line) for line in self._lines if line]

    def until(self, kind: str) -> list[Json]:
        """Events up to and with the first of this type."""
        events = [self.next()]
        while events[-1]["type"] != kind:
            events.append(self.next())
        return events


def names(items: list[Json]) -> list[str]:
    return [item["metadata"]["name"] for item in items]


def eventually(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Whether a condition holds within the time; looked at often, since another process makes it true."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            return False
        pause.wait(0.02)
    return True


def _file(directory: Path, name: str, section: Json, key: str) -> str:
    if key in section:
        return str(section[key])
    path = directory / name
    path.write_bytes(base64.b64decode(section[f"{key}-data"]))
    path.chmod(0o600)
    return str(path)
