"""Which L3Outs carry given nodes: those whose BGP peers, or else whose external subnets, are or hold them.

The nodes of a cluster peer BGP with the leafs, so the L3Out that lists them as peers is where the cluster
hangs; a fabric whose peers are configured elsewhere may still name the nodes' range as an external subnet.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping

from akb_sync.model import L3Out
from akb_sync.prefix import Network

from .ports import ImData, Reader
from .query import class_path

_EVIDENCE = (("bgpPeerP", "addr", "BGP peer"), ("l3extSubnet", "ip", "external subnet"))


def l3outs_with(session: Reader, addresses: Iterable[str]) -> Mapping[L3Out, str]:
    """Give each L3Out that carries one of the addresses, with what shows it; one or two class queries.

    Raises:
        ApicError: a query failed; then nothing is known.
    """
    wanted = tuple(ipaddress.ip_address(text) for text in addresses)
    for cls, prop, words in _EVIDENCE:
        found: dict[L3Out, str] = {}
        for l3out, network in _networks(session.get(class_path(cls)), prop):
            if any(address in network for address in wanted):
                found.setdefault(l3out, f"{words} {_shown(network)}")
        if found:
            return dict(sorted(found.items()))
    return {}


def _networks(answer: ImData, prop: str) -> Iterator[tuple[L3Out, Network]]:
    """A default route holds every node of every cluster, so it shows nothing."""
    for item in answer:
        for body in item.values():
            attributes = body.get("attributes", {})
            l3out = L3Out.of_dn(attributes.get("dn", ""))
            try:
                network = ipaddress.ip_network(attributes.get(prop, ""), strict=False)
            except ValueError:
                continue
            if l3out is not None and network.prefixlen:
                yield l3out, network


def _shown(network: Network) -> str:
    return str(network.network_address if network.num_addresses == 1 else network)
