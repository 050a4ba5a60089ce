"""The addresses that a control plane gives out.

Why: tests compare addresses, two clusters on one fabric must not overlap, and none may exist in the real
world. So nodes and LoadBalancer Services have addresses from the blocks for documentation (RFC 5737, RFC
3849), Pods and ClusterIPs from private space (RFC 1918, RFC 4193).
"""

from dataclasses import dataclass

NODE_LIMIT = 120


@dataclass(frozen=True)
class AddressRanges:
    """All address ranges of cluster number 0 or 1, IPv4 and IPv6.

    LoadBalancer addresses come from `first_pool`; a Service gets one of `second_pool` only when it asks for
    it by the annotation `metallb.io/address-pool: second`.
    """

    number: int = 0

    def __post_init__(self) -> None:
        if self.number not in (0, 1):
            raise ValueError(f"there are ranges for clusters 0 and 1, not for {self.number}")

    @property
    def pods(self) -> tuple[str, str]:
        return f"10.{244 + self.number}.0.0/16", f"fd00:10:{244 + self.number}::/48"

    @property
    def services(self) -> tuple[str, str]:
        return f"10.{96 + self.number}.0.0/16", f"fd00:10:{96 + self.number}::/112"

    @property
    def kubernetes_service_address(self) -> str:
        """The first address of the Services' range is the Service `kubernetes`."""
        return f"10.{96 + self.number}.0.1"

    @property
    def first_pool(self) -> tuple[str, str]:
        return f"{self._load_balancers}.0/25", f"2001:db8:{self.number + 1}:1::/120"

    @property
    def second_pool(self) -> tuple[str, str]:
        return f"{self._load_balancers}.128/25", f"2001:db8:{self.number + 1}:2::/120"

    @property
    def _load_balancers(self) -> str:
        return ("198.51.100", "203.0.113")[self.number]

    def node(self, index: int) -> tuple[str, str]:
        """The addresses of node `index`, which counts from 1 to `NODE_LIMIT`."""
        if not 1 <= index <= NODE_LIMIT:
            raise ValueError(f"a control plane has 1 to {NODE_LIMIT} nodes, not {index}")
        return f"192.0.2.{128 * self.number + index}", f"2001:db8:{self.number + 1}::{index:x}"

    def node_pods(self, index: int) -> tuple[str, str]:
        """The Pod ranges of node `index`; the manifest `kubelet-stages.yaml` relies on the index in both."""
        return f"10.{244 + self.number}.{index}.0/24", f"fd00:10:{244 + self.number}:{index}::/64"
