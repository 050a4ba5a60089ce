"""The barest HTTP client: one kept connection, verified TLS, bytes in and bytes out."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Iterator, Mapping
from typing import Any

WAIT_SECONDS = 120.0


class Wire:
    """One connection to a server."""

    def __init__(self, url: str, *, ca_file: str | None = None, ca_pem: str | None = None) -> None:
        tls = ssl.create_default_context(cafile=ca_file, cadata=ca_pem)
        host, port = url.rpartition("/")[2].split(":")
        self.headers: dict[str, str] = {}
        self._http = http.client.HTTPSConnection(host, int(port), context=tls, timeout=WAIT_SECONDS)

    def ask(self, method: str, path: str, body: bytes = b"", accept: str = "application/json") -> bytes:
        """The body of the answer; raises RuntimeError for a refusal."""
        self._http.request(method, path, body, {**self.headers, "Accept": accept})
        answer = self._http.getresponse()
        content = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:500]!r}")
        return content

    def lines(self, path: str) -> Iterator[bytes]:
        """The lines of an answer as they come, until the server ends it or `close` is called."""
        try:
            self._http.request("GET", path, headers=self.headers)
            answer = self._http.getresponse()
            if answer.status < 300:
                yield from answer
        except (OSError, http.client.HTTPException, ValueError, AttributeError):
            return  # cut off, or closed under the reader

    def close(self) -> None:
        """Close the connection, from any thread."""
        if self._http.sock is not None:
            self._http.sock.close()


def cluster(access: Mapping[str, str]) -> Wire:
    """A connection to an API server."""
    wire = Wire(access["url"], ca_pem=access["ca"])
    wire.headers["Authorization"] = f"Bearer {access['token']}"
    return wire


def apic(access: Mapping[str, str]) -> Wire:
    """A connection to an APIC, logged in."""
    wire = Wire(access["url"], ca_file=access["ca"])
    who: dict[str, Any] = {"aaaUser": {"attributes": {"name": access["user"], "pwd": access["password"]}}}
    answer = json.loads(wire.ask("POST", "/api/aaaLogin.json", json.dumps(who).encode()))
    token = answer["imdata"][0]["aaaLogin"]["attributes"]["token"]
    wire.headers["Cookie"] = f"APIC-cookie={token}"
    return wire
