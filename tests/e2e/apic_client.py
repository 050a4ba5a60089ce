"""A person's plain REST client for an APIC: it shares no code with the engine.

Why: what the tests believe of the fabric is what somebody with `curl` would read there.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests

REQUEST_SECONDS = 30.0

Attributes = dict[str, str]


class ApicClient:
    """One user's session. A token that ran out is renewed by one more login.

    Args:
        url: the controller, such as `https://127.0.0.1:8443`.
        user: the user's name.
        password: the user's password.
        ca_file: the CA certificate (PEM) of the controller.

    Attributes:
        sent: how many requests it has sent, logins among them.
    """

    def __init__(self, url: str, user: str, password: str, ca_file: Path) -> None:
        self._url = url
        self._login = {"aaaUser": {"attributes": {"name": user, "pwd": password}}}
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.verify = str(ca_file)
        self._logged_in = False
        self.sent = 0

    def close(self) -> None:
        self._http.close()

    def query(self, path: str) -> list[dict[str, Any]]:
        """The `imdata` of `GET /api/<path>`."""
        imdata: list[dict[str, Any]] = self._request("GET", path).json()["imdata"]
        return imdata

    def objects(self, path: str) -> dict[str, tuple[str, Attributes]]:
        """The same, flat: class and attributes by DN."""
        found = ((cls, body["attributes"]) for item in self.query(path) for cls, body in item.items())
        return {attributes["dn"]: (cls, attributes) for cls, attributes in found}

    def post(self, dn: str, document: Mapping[str, Any]) -> None:
        self._request("POST", f"mo/{dn}.json", document)

    def delete(self, dn: str) -> None:
        self._request("DELETE", f"mo/{dn}.json")

    def _request(
        self, method: str, path: str, document: Mapping[str, Any] | None = None
    ) -> requests.Response:
        if not self._logged_in:
            self._log_in()
        answer = self._send(method, path, document)
        if answer.status_code == 403:
            self._log_in()
            answer = self._send(method, path, document)
        if not answer.ok:
            raise requests.HTTPError(
                f"{method} {path}: {answer.status_code} {answer.text[:500]}", response=answer
            )
        return answer

    def _send(self, method: str, path: str, document: Mapping[str, Any] | None) -> requests.Response:
        url = f"{self._url}/api/{path}"
        self.sent += 1
        return self._http.request(method, url, json=document, timeout=REQUEST_SECONDS)

    def _log_in(self) -> None:
        self._http.cookies.clear()
        self._send("POST", "aaaLogin.json", self._login).raise_for_status()
        self._logged_in = True
