"""The addresses of the cluster's nodes: the fabric knows the cluster by them, its BGP peers."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

from .api import KubeApi
from .lister import PAGE_SIZE

_KINDS = frozenset({"InternalIP", "ExternalIP"})


def node_addresses(api: KubeApi) -> tuple[str, ...]:
    """Give the addresses of all nodes, in order, each once.

    Raises:
        KubernetesError: they cannot be listed.
    """
    found: set[str] = set()
    token = ""
    while True:
        params = {"limit": str(PAGE_SIZE)} | ({"continue": token} if token else {})
        page = api.get("/api/v1/nodes", params)
        for node in page.get("items") or ():
            found.update(_addresses(node))
        following = (page.get("metadata") or {}).get("continue") or ""
        if not following or following == token:
            return tuple(sorted(found))
        token = following


def _addresses(node: Any) -> Iterator[str]:
    status = node.get("status") if isinstance(node, dict) else None
    for entry in (status or {}).get("addresses") or ():
        if entry.get("type") in _KINDS:
            try:
                yield str(ipaddress.ip_address(entry.get("address", "")))
            except ValueError:
                continue  # a name in place of an address says nothing about routes
