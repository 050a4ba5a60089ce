"""Addresses for Services of type LoadBalancer, given and taken back as MetalLB's controller does."""

from collections.abc import Iterable
from typing import Any

from akb_sync.simulators.kubernetes.addresses import AddressPool, PoolExhaustedError
from akb_sync.simulators.kubernetes.controllers.desk import Desk
from akb_sync.simulators.kubernetes.objects import at_path, object_key
from akb_sync.simulators.kubernetes.storage import Change

Json = dict[str, Any]


class LoadBalancerController:
    """Keeps `status.loadBalancer.ingress` of the Services that want an address."""

    name = "loadbalancers"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._pools = {
            pool.network.version: pool for pool in map(AddressPool, desk.options.load_balancer_pools)
        }
        self.interests = {"services": self._service_changed}

    def reconcile(self, key: str) -> float | None:
        """Give an address where one is wanted and missing."""
        service = self._desk.get("services", key)
        if service is None or not _wants_address(service) or at_path(service, "status.loadBalancer.ingress"):
            return None
        uid = service["metadata"]["uid"]
        remaining = self._desk.remaining(uid, "address", self._desk.options.load_balancer_delay)
        if remaining > 0:
            return remaining
        try:
            addresses = self._take(service)
        except PoolExhaustedError:
            return None
        ingress = [{"ip": address, "ipMode": "VIP"} for address in addresses]
        self._desk.set_status(
            service, "services", {**service["status"], "loadBalancer": {"ingress": ingress}}
        )
        return None

    def _take(self, service: Json) -> list[str]:
        uid = service["metadata"]["uid"]
        wanted = at_path(service, "spec.loadBalancerIP")
        if wanted:
            if not any(pool.claim(wanted, uid) for pool in self._pools.values()):
                raise PoolExhaustedError(wanted)
            return [wanted]
        families = at_path(service, "spec.ipFamilies") or ["IPv4"]
        return [self._pools[4 if family == "IPv4" else 6].take(uid) for family in families]

    def _service_changed(self, change: Change) -> Iterable[str]:
        data = change.record.data
        if change.type != "DELETED" and _wants_address(data):
            return [change.record.key]
        before = change.previous.data if change.previous else {}
        if not at_path(before, "status.loadBalancer.ingress"):
            return [change.record.key]
        self._desk.forget(data["metadata"]["uid"], "address")
        for pool in self._pools.values():
            pool.release(data["metadata"]["uid"])
        # Somebody else may wait for what has just become free.
        return [object_key(service) for service in self._desk.all("services") if _wants_address(service)]


def _wants_address(service: Json) -> bool:
    return at_path(service, "spec.type") == "LoadBalancer" and not at_path(service, "spec.loadBalancerClass")
