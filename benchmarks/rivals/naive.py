"""The naive loop: for each address one query, one POST and one subscription, one after the other.

With the barest HTTP client on one kept connection, so that only the idea is slow. What it takes grows with
the number of addresses and nothing else, so a few hundred of them tell the rest.
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import websocket

from .task import Task, run
from .wire import apic


def work(task: Task) -> Mapping[str, Any]:
    """Bring some addresses."""
    began = time.monotonic()
    fabric = apic(task.apic)
    token = fabric.headers["Cookie"].partition("=")[2]
    url = task.apic["url"].replace("https", "wss", 1) + f"/socket{token}"
    tls = {"ca_certs": task.apic["ca"], "cert_reqs": ssl.CERT_REQUIRED}
    socket = websocket.create_connection(url, sslopt=tls)
    for number in range(task.addresses):
        epg = f"{task.l3outs[number % len(task.l3outs)]}/instP-NAIVE_{number % task.epgs}"
        prefix = f"198.18.{number >> 8}.{number & 255}/32"
        path = f"/api/mo/{quote(f'{epg}/extsubnet-[{prefix}]')}.json"
        fabric.ask("GET", path)
        subnet = {"l3extSubnet": {"attributes": {"ip": prefix, "scope": "import-security"}}}
        fabric.ask("POST", f"/api/mo/{epg}.json", json.dumps(_in_epg(epg, subnet)).encode())
        fabric.ask("GET", f"{path}?subscription=yes")
    ended = time.monotonic()
    socket.abort()  # type: ignore[no-untyped-call]
    return {"addresses": task.addresses, "seconds": ended - began}


def _in_epg(epg: str, subnet: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"l3extInstP": {"attributes": {"name": epg.rpartition("instP-")[2]}, "children": [subnet]}}


if __name__ == "__main__":
    run(work)
