"""The command line of each program of a control plane.

Why: which flags make a control plane small, quick and still the real thing is knowledge of its own.
The sources are each program's `--help` and the Kubernetes reference ("Component tools").
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.controlplane.certificates import CertificateFiles
from tests.e2e.controlplane.ports import LOOPBACK, free_port
from tests.e2e.controlplane.ranges import AddressRanges

NODE_LEASE_SECONDS = 10
METALLB_NAMESPACE = "metallb-system"


@dataclass(frozen=True)
class Ports:
    """A loopback port for each server."""

    etcd: int = field(default_factory=free_port)
    etcd_peer: int = field(default_factory=free_port)
    apiserver: int = field(default_factory=free_port)
    controller_manager: int = field(default_factory=free_port)
    scheduler: int = field(default_factory=free_port)
    kwok: int = field(default_factory=free_port)


@dataclass(frozen=True)
class Layout:
    """Where everything of one control plane is.

    Attributes:
        folder: holds every file that the control plane writes.
        ports: the servers' ports.
        certificates: the CA and the keys.
        ranges: the addresses that it gives out.
        dual_stack: whether Services and Pods can have IPv6 addresses too.
    """

    folder: Path
    ports: Ports
    certificates: CertificateFiles
    ranges: AddressRanges
    dual_stack: bool

    @property
    def etcd_url(self) -> str:
        return f"http://{LOOPBACK}:{self.ports.etcd}"

    @property
    def url(self) -> str:
        return f"https://{LOOPBACK}:{self.ports.apiserver}"

    @property
    def etcd_data(self) -> Path:
        return self.folder / "etcd"

    @property
    def token_file(self) -> Path:
        return self.folder / "tokens.csv"

    @property
    def stages_file(self) -> Path:
        return self.folder / "kubelet-stages.yaml"

    def kubeconfig(self, user: str) -> Path:
        return self.folder / "kubeconfigs" / user

    def of_stack(self, ranges: tuple[str, str]) -> str:
        """The IPv4 range, or both with a comma when dual stack."""
        return ",".join(ranges if self.dual_stack else ranges[:1])


def etcd(layout: Layout) -> Sequence[str]:
    """No fsync: the data lives no longer than the tests. A short election: nobody else stands in it."""
    peer = f"http://{LOOPBACK}:{layout.ports.etcd_peer}"
    return (
        "--name=default",
        f"--data-dir={layout.etcd_data}",
        "--unsafe-no-fsync",
        "--heartbeat-interval=20",
        "--election-timeout=200",
        f"--listen-client-urls={layout.etcd_url}",
        f"--advertise-client-urls={layout.etcd_url}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        "--log-level=warn",
    )


def kube_apiserver(layout: Layout) -> Sequence[str]:
    """RBAC alone decides. The Service `kubernetes` has no endpoints: a loopback address is refused there.

    Without a watch termination period, an apiserver that is asked to end waits up to 60 s for watches to end
    by themselves.
    """
    files = layout.certificates
    return (
        f"--etcd-servers={layout.etcd_url}",
        f"--bind-address={LOOPBACK}",
        f"--advertise-address={LOOPBACK}",
        f"--secure-port={layout.ports.apiserver}",
        "--endpoint-reconciler-type=none",
        *_serving(layout),
        f"--client-ca-file={files.ca}",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        f"--service-account-key-file={files.service_account_public_key}",
        f"--service-account-signing-key-file={files.service_account_key}",
        f"--service-cluster-ip-range={layout.of_stack(layout.ranges.services)}",
        f"--token-auth-file={layout.token_file}",
        "--authorization-mode=RBAC",
        "--allow-privileged",
        "--shutdown-watch-termination-grace-period=1s",
    )


def kube_controller_manager(layout: Layout) -> Sequence[str]:
    """Each controller has its own ServiceAccount, as in production, and may ask often enough for scale."""
    files = layout.certificates
    return (
        f"--kubeconfig={layout.kubeconfig('kube-controller-manager')}",
        "--leader-elect=false",
        "--use-service-account-credentials",
        f"--service-account-private-key-file={files.service_account_key}",
        f"--root-ca-file={files.ca}",
        f"--bind-address={LOOPBACK}",
        f"--secure-port={layout.ports.controller_manager}",
        *_serving(layout),
        *_ENOUGH_REQUESTS,
    )


def kube_scheduler(layout: Layout) -> Sequence[str]:
    return (
        f"--kubeconfig={layout.kubeconfig('kube-scheduler')}",
        "--leader-elect=false",
        f"--bind-address={LOOPBACK}",
        f"--secure-port={layout.ports.scheduler}",
        *_serving(layout),
        *_ENOUGH_REQUESTS,
    )


def kwok(layout: Layout) -> Sequence[str]:
    """The lease is shorter than a kubelet's 40 s: another kwok takes a node up only when it has run out."""
    return (
        f"--kubeconfig={layout.kubeconfig('kwok')}",
        "--manage-all-nodes",
        f"--cidr={layout.ranges.pods[0]}",
        f"--config={layout.stages_file}",
        f"--node-lease-duration-seconds={NODE_LEASE_SECONDS}",
        f"--server-address={LOOPBACK}:{layout.ports.kwok}",
    )


def metallb_controller(layout: Layout) -> Sequence[str]:
    """Without webhooks, which would need the apiserver to reach it.

    Its metrics server would listen on all interfaces. It cannot on port -1, says so in its log, and works on.
    """
    return (
        f"--kubeconfig={layout.kubeconfig('metallb-controller')}",
        f"--namespace={METALLB_NAMESPACE}",
        "--webhook-mode=disabled",
        "--disable-cert-rotation=true",
        "--port=-1",
    )


_ENOUGH_REQUESTS = ("--kube-api-qps=500", "--kube-api-burst=1000")


def _serving(layout: Layout) -> tuple[str, ...]:
    """`--cert-dir` is where self-made certificates would go; the default is under /var/run."""
    files = layout.certificates
    return (
        f"--cert-dir={files.server.parent}",
        f"--tls-cert-file={files.server}",
        f"--tls-private-key-file={files.server_key}",
    )
