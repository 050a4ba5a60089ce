"""What the demo believes: plain REST answers of the APIC, read by code that the engine does not share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests


@dataclass(frozen=True, slots=True)
class Subnet:
    """An `l3extSubnet` as the APIC tells it."""

    dn: str
    ip: str
    scope: str
    annotation: str


class FabricWitness:
    """A fabric admin with a REST client: looks, and edits by hand."""

    def __init__(self, url: str, ca_file: Path, user: str, password: str) -> None:
        """Log in as `user`."""
        self._url = url
        self._http = requests.Session()
        self._http.trust_env = False  # else $REQUESTS_CA_BUNDLE would win over the next line
        self._http.verify = str(ca_file)
        login = {"aaaUser": {"attributes": {"name": user, "pwd": password}}}
        self._http.post(f"{url}/api/aaaLogin.json", json=login, timeout=10).raise_for_status()

    def query(self, path: str) -> list[dict[str, Any]]:
        """Give the `imdata` of a GET."""
        answer = self._http.get(f"{self._url}/api/{path}", timeout=10)
        answer.raise_for_status()
        imdata: list[dict[str, Any]] = answer.json()["imdata"]
        return imdata

    def attributes(self, dn: str) -> dict[str, str] | None:
        """Give the attributes of one object, or None when it is absent."""
        found = self.query(f"mo/{dn}.json")
        attributes: dict[str, str] | None = next(iter(found[0].values()))["attributes"] if found else None
        return attributes

    def subnets(self, epg_dn: str) -> dict[str, Subnet]:
        """Give the subnets of an EPG by `ip`."""
        found = self.query(f"mo/{epg_dn}.json?query-target=subtree&target-subtree-class=l3extSubnet")
        rows = [one["l3extSubnet"]["attributes"] for one in found]
        return {row["ip"]: Subnet(row["dn"], row["ip"], row["scope"], row["annotation"]) for row in rows}

    def post(self, dn: str, cls: str, **attributes: str) -> None:
        """Write an object by hand."""
        body = {cls: {"attributes": attributes}}
        self._http.post(f"{self._url}/api/mo/{dn}.json", json=body, timeout=10).raise_for_status()

    def delete(self, dn: str) -> None:
        """Delete an object by hand."""
        self._http.delete(f"{self._url}/api/mo/{dn}.json", timeout=10).raise_for_status()
