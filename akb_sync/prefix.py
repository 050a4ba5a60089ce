"""One spelling for each address, because the APIC does not have one.

The APIC keeps `l3extSubnet.ip` as it is sent: host bits stay, and `10.0.0.1/8` and `10.0.0.0/8` are two
objects (seen in a Terraform acceptance test on a real APIC). So whatever is compared is canonical:
host bits cleared, IPv6 in RFC 5952 form, and always a length.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


CACHED = 16_384
"""Addresses whose spelling is kept: events of one Pod come close together, and churn has ever new ones."""


@lru_cache(maxsize=CACHED)
def address_of(text: str) -> Address:
    """Parse an address.

    Raises:
        ValueError: `text` is no IPv4 or IPv6 address.
    """
    return ipaddress.ip_address(text)


@lru_cache(maxsize=CACHED)
def host_prefix(address: str) -> str:
    """Give the /32 or /128 of one address, canonical.

    Raises:
        ValueError: `address` is no IPv4 or IPv6 address, or has a scope id (`fe80::1%eth0`).
    """
    parsed = address_of(address)
    if "%" in address:
        raise ValueError(f"{address!r} has a scope id")
    return f"{parsed}/{parsed.max_prefixlen}"


def canonical(text: str) -> str:
    """Give the canonical text of a prefix, or an empty string for what is no prefix.

    The empty string is an answer, not an error: a fabric may hold text that we do not understand,
    and the rest goes on.
    """
    address, _, length = text.rpartition("/")
    try:
        if length == ("128" if ":" in address else "32") and "%" not in address:
            return host_prefix(address)  # as it is known already when we wrote it
        return _network_text(text)
    except ValueError:
        return ""


@lru_cache(maxsize=CACHED)
def _network_text(text: str) -> str:
    return str(ipaddress.ip_network(text, strict=False))


def of_one(prefix: str) -> bool:
    """Whether a canonical prefix is one address: the text tells, and taking it apart is slow."""
    return prefix.endswith("/128" if ":" in prefix else "/32")


def network(text: str) -> Network:
    """Parse a canonical prefix.

    Raises:
        ValueError: `text` is no prefix.
    """
    return ipaddress.ip_network(text)


def never_exposable(address: Address) -> str:
    """Name the class of an address that must never get a subnet, or give an empty string.

    Pod and Service status can be written by others than the cluster's admin; these classes can
    never be a Pod's or a load balancer's address on a fabric.
    """
    for name in ("unspecified", "loopback", "link_local", "multicast"):
        if getattr(address, f"is_{name}"):
            return name.replace("_", "-")
    return ""
