"""ClusterIPs, node ports and the fields that come and go with a Service's type.

In Kubernetes the API server itself does this while it stores a Service, so it is not a controller's work
here either. Source: pkg/registry/core/service of Kubernetes v1.34, seen from outside.
"""

from typing import Any

from akb_sync.simulators.kubernetes.addresses import AddressPool, pools
from akb_sync.simulators.kubernetes.errors import Cause, invalid
from akb_sync.simulators.kubernetes.names import bad_value
from akb_sync.simulators.kubernetes.options import Options
from akb_sync.simulators.kubernetes.resources import Resource

Json = dict[str, Any]

NODE_PORTS = range(30000, 32768)
_FAMILY = {4: "IPv4", 6: "IPv6"}


class ServiceAllocator:
    """Hands out what a Service gets from the server; keyed by uid, so that asking twice is harmless."""

    def __init__(self, options: Options) -> None:
        # In most clusters the first ten belong to the Service "kubernetes" and to DNS.
        self._pools = pools(options.service_cidrs, options.families, skip=10)
        self._ports: dict[int, str] = {}

    def prepare(self, resource: Resource, uid: str, new: Json, old: Json | None) -> None:
        """Fill in or take away what the type asks for, in place.

        Raises ApiError 422 for what cannot be had.
        """
        spec = new["spec"]
        self._keep_cluster_ips(resource, new, old)
        if spec["type"] == "ExternalName" or spec.get("clusterIP") == "None":
            self._release_addresses(uid)
            self._set_unaddressed(spec)
        else:
            self._assign_addresses(resource, uid, new)
        if spec["type"] in ("NodePort", "LoadBalancer"):
            self._assign_ports(uid, spec, old)
        else:
            self._drop_ports(uid, spec)
        if old and old["spec"]["type"] == "LoadBalancer" and spec["type"] != "LoadBalancer":
            new["status"] = {"loadBalancer": {}}

    def release(self, uid: str) -> None:
        """Give everything of a deleted Service back."""
        self._release_addresses(uid)
        self._release_ports(uid)

    def _keep_cluster_ips(self, resource: Resource, new: Json, old: Json | None) -> None:
        if old is None or new["spec"]["type"] == "ExternalName":
            return
        before = old["spec"].get("clusterIP")
        if not before:
            return
        if new["spec"].setdefault("clusterIP", before) != before:
            value = [new["spec"]["clusterIP"]]
            cause = bad_value("spec.clusterIPs[0]", value, "may not change once set")
            raise invalid(resource, new["metadata"]["name"], [cause])
        for field in ("clusterIPs", "ipFamilies", "ipFamilyPolicy"):
            if field in old["spec"]:
                new["spec"].setdefault(field, old["spec"][field])

    def _assign_addresses(self, resource: Resource, uid: str, new: Json) -> None:
        spec = new["spec"]
        policy = spec.setdefault("ipFamilyPolicy", "SingleStack")
        wanted = self._families(spec, policy)
        if policy == "RequireDualStack" and len(wanted) < 2:
            cause = Cause(
                "FieldValueInvalid",
                "spec.ipFamilyPolicy",
                "this cluster is not configured for dual-stack services",
            )
            raise invalid(resource, new["metadata"]["name"], [cause])
        if spec.get("clusterIP"):
            self._claim(resource, uid, new)
        spec["clusterIPs"] = [pool.take(uid) for pool in wanted]
        spec["clusterIP"] = spec["clusterIPs"][0]
        spec["ipFamilies"] = [_FAMILY[pool.network.version] for pool in wanted]

    def _families(self, spec: Json, policy: str) -> list[AddressPool]:
        order = spec.get("ipFamilies") or [_FAMILY[self._pools[0].network.version]]
        ranked = sorted(self._pools, key=lambda pool: _FAMILY[pool.network.version] not in order[:1])
        return ranked if policy != "SingleStack" else ranked[:1]

    def _claim(self, resource: Resource, uid: str, new: Json) -> None:
        address = new["spec"]["clusterIP"]
        if not any(pool.claim(address, uid) for pool in self._pools):
            cause = bad_value(
                "spec.clusterIPs", [address], "failed to allocate IP: not in the range or already taken"
            )
            raise invalid(resource, new["metadata"]["name"], [cause])

    def _set_unaddressed(self, spec: Json) -> None:
        if spec["type"] == "ExternalName":
            for field in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"):
                spec.pop(field, None)
        else:
            families = [_FAMILY[pool.network.version] for pool in self._pools[:1]]
            spec |= {"clusterIPs": ["None"], "ipFamilies": spec.get("ipFamilies") or families}
            spec.setdefault("ipFamilyPolicy", "SingleStack")

    def _assign_ports(self, uid: str, spec: Json, old: Json | None) -> None:
        if spec["type"] == "LoadBalancer" and not spec.get("allocateLoadBalancerNodePorts", True):
            return
        before = {
            port["port"]: port.get("nodePort") for port in (old or {"spec": {}})["spec"].get("ports") or []
        }
        for port in spec.get("ports") or []:
            wanted = port.get("nodePort") or before.get(port["port"])
            port["nodePort"] = wanted or next(number for number in NODE_PORTS if number not in self._ports)
            self._ports[port["nodePort"]] = uid

    def _drop_ports(self, uid: str, spec: Json) -> None:
        self._release_ports(uid)
        for port in spec.get("ports") or []:
            port.pop("nodePort", None)
        for field in (
            "externalTrafficPolicy",
            "allocateLoadBalancerNodePorts",
            "loadBalancerClass",
            "healthCheckNodePort",
        ):
            spec.pop(field, None)

    def _release_addresses(self, uid: str) -> None:
        for pool in self._pools:
            pool.release(uid)

    def _release_ports(self, uid: str) -> None:
        self._ports = {port: holder for port, holder in self._ports.items() if holder != uid}
