"""Who may ask for what: the operator's limits on what an annotation can bring about.

Whoever can annotate a Deployment chooses its security zone, and whoever can write a Pod's or a
Service's status chooses an address. Neither has to be the cluster's admin.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache

from akb_sync.errors import SettingsError
from akb_sync.model import Binding
from akb_sync.prefix import CACHED, Network, address_of, never_exposable

from .annotation import EXPOSABLE

RESERVED_TENANTS = frozenset({"infra", "mgmt"})
"""The fabric's own tenants: an external EPG there is never an application's."""


@dataclass(frozen=True)
class Limits:
    """What may be exposed, by whom, in which EPG.

    Raises:
        SettingsError: a pattern or a range cannot be read.
    """

    allow: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Namespace pattern to `tenant/l3out/epg` patterns (`*`, `?`, `[…]`, each within its part). Empty:
    every namespace may name every EPG, but for those of the reserved tenants."""
    pod_cidrs: tuple[str, ...] = ()
    """Ranges that Pod addresses have to be in; empty: any."""
    service_cidrs: tuple[str, ...] = ()
    """Ranges that load balancer addresses have to be in; empty: any."""
    expose: frozenset[str] = EXPOSABLE
    """The ceiling of what workloads may expose, out of `pods` and `services`."""

    def __post_init__(self) -> None:
        """Check now what would otherwise fail in the middle of a run."""
        for pattern in (pattern for patterns in self.allow.values() for pattern in patterns):
            if len(pattern.split("/")) != 3:
                raise SettingsError(
                    f"`{pattern}` in the setting allow is no tenant/l3out/epg pattern",
                    "write it with two slashes, for example TENANT/L3OUT/*",
                )
        for name, ranges in (("pod-cidrs", self.pod_cidrs), ("service-cidrs", self.service_cidrs)):
            _check_ranges(name, ranges)
        if unknown := sorted(self.expose - EXPOSABLE):
            raise SettingsError(f"`{unknown[0]}` cannot be exposed", "use pods and services")

    def refusal(self, namespace: str, binding: Binding) -> str:
        """Say why a workload in `namespace` must not name `binding`; empty when it may."""
        if binding.tenant in RESERVED_TENANTS:
            return f"the tenant {binding.tenant} belongs to the fabric itself and is never used"
        if self.allow and not self._allowed(namespace, binding):
            return f"the setting allow does not let the namespace {namespace} name the EPG {binding}"
        return ""

    def _allowed(self, namespace: str, binding: Binding) -> bool:
        parts = (binding.tenant, binding.l3out, binding.epg)
        return any(
            all(map(fnmatchcase, parts, pattern.split("/")))
            for namespaces, patterns in self.allow.items()
            if fnmatchcase(namespace, namespaces)
            for pattern in patterns
        )

    def pod_out_of_range(self, prefix: str) -> str:
        """Say why a Pod's address must not be exposed; empty when it may."""
        return _out_of_range(prefix, self.pod_cidrs, "--pod-cidrs")

    def service_out_of_range(self, prefix: str) -> str:
        """Say why a load balancer's address must not be exposed; empty when it may."""
        return _out_of_range(prefix, self.service_cidrs, "--service-cidrs")


def _check_ranges(name: str, ranges: Iterable[str]) -> None:
    for text in ranges:
        try:
            ipaddress.ip_network(text)
        except ValueError as error:
            raise SettingsError(f"`{text}` in --{name} is no range: {error}", "write 10.0.0.0/16") from None
        if "/" not in text:
            # It would be read as one address, and everything else would be out of range.
            raise SettingsError(f"`{text}` in --{name} has no length", f"write {text}/LENGTH")


@lru_cache(maxsize=CACHED)
def _out_of_range(prefix: str, ranges: tuple[str, ...], setting: str) -> str:
    address = address_of(prefix.partition("/")[0])
    if kind := never_exposable(address):
        return f"{kind} address"
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        # Its canonical text differs between Python versions, and it would pass the checks for IPv4.
        return "IPv4-mapped address"
    if ranges and not any(address in _network(text) for text in ranges):
        return f"outside {setting}"
    return ""


@lru_cache(maxsize=256)
def _network(text: str) -> Network:
    return ipaddress.ip_network(text)
