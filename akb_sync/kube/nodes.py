"""The addresses of the cluster's nodes: the fabric knows the cluster by them, its BGP peers."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

from .api import KubeApi
from .lister import pages

_KINDS = frozenset({"InternalIP", "ExternalIP"})


def node_addresses(api: KubeApi) -> tuple[str, ...]:
    """Give the addresses of all nodes, in order, each once.

    Raises:
        KubernetesError: they cannot be listed.
    """
    listed = pages(api, "/api/v1/nodes", "nodes")
    nodes = (node for page in listed for node in page.get("items") or ())
    return tuple(sorted({address for node in nodes for address in _addresses(node)}))


def _addresses(node: Any) -> Iterator[str]:
    status = node.get("status") if isinstance(node, dict) else None
    for entry in (status or {}).get("addresses") or ():
        if entry.get("type") in _KINDS:
            try:
                yield str(ipaddress.ip_address(entry.get("address", "")))
            except ValueError:
                continue  # a name in place of an address says nothing about routes
