"""What a simulated cluster looks like and how fast it moves: every choice, its default, its meaning."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from akb_sync.simulators.kubernetes.resources import RESOURCES, Resource


@dataclass(frozen=True)
class User:
    """Somebody who may call the API. `system:masters` in the groups means an administrator."""

    name: str
    groups: tuple[str, ...] = ()


ADMIN = User("kubernetes-admin", ("system:masters", "system:authenticated"))
DEFAULT_TOKEN = "akb-sync-simulator"  # noqa: S105 - the door key of a test server, printed on purpose


@dataclass(frozen=True)
class Options:
    """The choices of one simulated cluster. All durations are seconds.

    Attributes:
        nodes: how many Nodes there are at start, `node-1`, `node-2`...
        dual_stack: whether Pods and Nodes get an IPv6 address beside the IPv4 one.
        pod_cidrs: ranges of the Pods, IPv4 first; each Node gets a part of them as `podCIDR`.
        service_cidrs: ranges of the ClusterIPs, IPv4 first.
        load_balancer_pools: ranges from which Services of type LoadBalancer get their address, IPv4 first.
        node_cidrs: ranges of the Nodes' own addresses, IPv4 first.
        start_delay: from a Pod's node to its addresses and phase Running.
        ready_delay: from Running to Ready.
        stop_delay: from a Pod's deletionTimestamp to its end; never longer than its grace period.
        job_duration: how long a Job's Pod runs.
        load_balancer_delay: until a LoadBalancer Service has its address.
        bookmark_interval: between two bookmarks of a watch (a real apiserver: about a minute).
        watch_timeout: end of a watch that names no `timeoutSeconds`.
        too_large_wait: how long a list for a future resourceVersion waits before its 504 (real: 3 s).
        history: how many changes are kept before the oldest are compacted.
        default_limit: page size when a client names none; 0 is no limit, as in the real thing.
        watch_list: whether `sendInitialEvents` is served (a real apiserver: 1.32, 1.34 and later) or refused.
        tokens: bearer tokens and who they are.
        seed: makes names, uids and all else the same in each run; without it uids are random, so that
            two simulated clusters can be told apart by the uid of kube-system.
        git_version: what `/version` says; 1.33 is within one minor version of the kubectls of today.
        resources: the rows of the resource table; add one for a custom resource.
    """

    nodes: int = 2
    dual_stack: bool = False
    pod_cidrs: tuple[str, ...] = ("10.244.0.0/16", "fd00:10:244::/64")
    service_cidrs: tuple[str, ...] = ("10.96.0.0/16", "fd00:10:96::/112")
    load_balancer_pools: tuple[str, ...] = ("10.0.40.0/24", "fd00:10:40::/112")
    node_cidrs: tuple[str, ...] = ("192.0.2.0/24", "2001:db8:2::/64")
    start_delay: float = 0.05
    ready_delay: float = 0.1
    stop_delay: float = 0.2
    job_duration: float = 1.0
    load_balancer_delay: float = 0.1
    bookmark_interval: float = 30.0
    watch_timeout: float = 1800.0
    too_large_wait: float = 3.0
    history: int = 50_000
    default_limit: int = 0
    watch_list: bool = False
    tokens: Mapping[str, User] = field(default_factory=lambda: {DEFAULT_TOKEN: ADMIN})
    seed: int | None = None
    git_version: str = "v1.33.0+simulator"
    resources: tuple[Resource, ...] = RESOURCES

    @property
    def families(self) -> int:
        """How many IP families Pods and Services get: 1 or 2."""
        return 2 if self.dual_stack else 1
