"""A whole Kubernetes control plane on loopback ports, in one temporary folder.

Why: the engine's other side in production is the real apiserver with its real controllers. Here they are,
started for a test session and gone after it; only the kubelets are played (by kwok, with stages of our own).
"""

import contextlib
import shutil
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import requests

from tests.e2e.controlplane import bootstrap, programs
from tests.e2e.controlplane.apiclient import ApiClient
from tests.e2e.controlplane.certificates import renew_authority, renew_server, write_certificates
from tests.e2e.controlplane.etcd import EtcdClient
from tests.e2e.controlplane.identities import new_identities, write_kubeconfig, write_token_file
from tests.e2e.controlplane.kubectl import Kubectl, KubectlError
from tests.e2e.controlplane.polling import NUDGE_PAUSE, eventually
from tests.e2e.controlplane.ports import LOOPBACK
from tests.e2e.controlplane.processes import READY_SECONDS, Guard, Process
from tests.e2e.controlplane.ranges import AddressRanges


class ControlPlane:
    """etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kwok and the MetalLB controller.

    Used as a context manager, or by `start()` and `stop()`.

    Args:
        binaries: the path of each program, from `build.ensure_programs()`.
        folder: an empty folder for everything that is written; the logs in it outlive the control plane.
        nodes: how many nodes there are at the start.
        dual_stack: Pods get an IPv6 address beside the IPv4 one, and Services may ask for both.
        number: 0 or 1, for two clusters whose addresses do not overlap.
        arguments: more command-line arguments by program name; a later one overrides an earlier one.
    """

    def __init__(
        self,
        binaries: Mapping[str, Path],
        folder: Path,
        *,
        nodes: int = 3,
        dual_stack: bool = False,
        number: int = 0,
        arguments: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._binaries = binaries
        self._first_nodes = nodes
        self._node_count = 0
        self.ranges = AddressRanges(number)
        self._identities = new_identities()
        certificates = write_certificates(folder / "certificates", self.ranges.kubernetes_service_address)
        self._layout = programs.Layout(folder, programs.Ports(), certificates, self.ranges, dual_stack)
        self._etcd = EtcdClient(self._layout.etcd_url)
        self.api = ApiClient(self.url, self.ca_file, self._identities["admin"].token)
        self._kubectl = Kubectl(binaries["kubectl"], folder / "kubectl-cache")
        self._arguments = arguments or {}
        self._guard: Guard | None = None
        self._processes: dict[str, Process] = {}
        self._nudged_at = float("-inf")

    @property
    def url(self) -> str:
        """The apiserver's `https://127.0.0.1:PORT`."""
        return self._layout.url

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig, with one context called `admin`."""
        return self._layout.kubeconfig("admin")

    @property
    def ca_file(self) -> Path:
        """The CA certificate (PEM) that the apiserver is verified with."""
        return self._layout.certificates.ca

    @property
    def folder(self) -> Path:
        """Where the logs are: `<program>.log`."""
        return self._layout.folder

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Starts everything; returns when nodes are ready, Pods can be made and Services get addresses.

        Raises:
            ProcessDiedError: a program ended by itself.
            NotInTimeError: something was not ready in time.
        """
        self._write_files()
        self._guard = Guard()
        self._processes = self._new_processes(self._guard)
        try:
            self._start_in_order()
        except BaseException:
            self.stop()
            raise

    def _write_files(self) -> None:
        write_token_file(self._layout.token_file, self._identities.values())
        bootstrap.write_kubelet_stages(self._layout)
        for user, identity in self._identities.items():
            self._write_kubeconfig(user, identity.token)

    def _write_kubeconfig(self, name: str, token: str) -> Path:
        path = self._layout.kubeconfig(name)
        return write_kubeconfig(path, url=self.url, ca_file=self.ca_file, token=token, name=name)

    def _new_processes(self, guard: Guard) -> dict[str, Process]:
        ports = self._layout.ports
        table = {
            "etcd": (programs.etcd, self._etcd.is_healthy),
            "kube-apiserver": (programs.kube_apiserver, lambda: self.api.answers("/readyz")),
            "kube-controller-manager": (
                programs.kube_controller_manager,
                lambda: self._serves(f"https://{LOOPBACK}:{ports.controller_manager}"),
            ),
            "kube-scheduler": (
                programs.kube_scheduler,
                lambda: self._serves(f"https://{LOOPBACK}:{ports.scheduler}"),
            ),
            "kwok": (programs.kwok, self._kwok_is_ready),
            "metallb-controller": (programs.metallb_controller, self._metallb_is_ready),
        }
        return {
            name: Process(
                name,
                [str(self._binaries[name]), *arguments(self._layout), *self._arguments.get(name, ())],
                log=self.folder / f"{name}.log",
                guard=guard,
                is_ready=is_ready,
            )
            for name, (arguments, is_ready) in table.items()
        }

    def _serves(self, url: str) -> bool:
        with ApiClient(url, self.ca_file, self._identities["admin"].token) as client:
            return client.answers("/healthz")

    def _kwok_is_ready(self) -> bool:
        """A kwok that was started again takes up each node when the lease of the one before has run out."""
        started = self.process("kwok").started_at
        serves = self._serves(f"http://{LOOPBACK}:{self._layout.ports.kwok}")
        return serves and started is not None and bootstrap.leases_are_renewed(self.api, started)

    def _metallb_is_ready(self) -> bool:
        """It serves nothing to ask; it logs its first pass over all Services and counts in each pool."""
        passed = '"end reconcile":"metallbreload/reload"' in self.process("metallb-controller").log()
        return passed and bootstrap.metallb_counts_addresses(self.api)

    def _start_in_order(self) -> None:
        """The apiserver's clients start after it: a first attempt that fails is not soon repeated."""
        self.process("etcd").start()
        self.process("kube-apiserver").start()
        self._until("MetalLB's kinds", lambda: bootstrap.define_metallb_kinds(self.api))
        self.process("kube-apiserver").wait_until_ready()
        for name in ("kwok", "kube-controller-manager", "kube-scheduler"):
            self.process(name).start()
        nodes = self._create_nodes(self._first_nodes)
        self._until("MetalLB's kinds served", lambda: bootstrap.kinds_are_settled(self.api))
        self.process("metallb-controller").start()
        bootstrap.create_address_pools(self.api, self.ranges)
        self._wait_for_nodes(nodes)
        self.wait_until_ready()

    def nudge(self, *namespaces: str) -> None:
        """Give everything in some namespaces a change that means nothing.

        After an apiserver is killed, a controller's cache can miss a change that fell between its list and
        its watch, and keep to what it knew for good (seen with the controller manager of Kubernetes 1.34: a
        Pod that was ready, and that the StatefulSet controller waited for). The next change of the object
        mends it, unless the watch itself is dead: then a second nudge restarts the controllers, as a
        kubelet's probe would.
        """
        kinds = "deployments,statefulsets,daemonsets,replicasets,pods,services"
        for namespace in namespaces:
            with contextlib.suppress(KubectlError):
                words = ("-n", namespace, "annotate", "--overwrite", kinds, "--all")
                self.kubectl(*words, f"nudged={time.time_ns()}")
        before, self._nudged_at = self._nudged_at, time.monotonic()
        if self._nudged_at - before < 2 * NUDGE_PAUSE:
            self._nudged_at = float("-inf")
            for name in ("kube-controller-manager", "metallb-controller"):
                self.process(name).restart()

    def wait_until_ready(self, timeout: float = READY_SECONDS) -> None:
        """Waits until each program does its work, for example after an outage that a test made.

        Raises:
            ProcessDiedError: one of them does not run.
            NotInTimeError: one was not ready within `timeout` seconds.
        """
        for process in self._processes.values():
            process.wait_until_ready(timeout)
        self._wait_for_service_account("default")

    def _wait_for_service_account(self, namespace: str) -> None:
        """The controller manager makes it; before that no Pod can be created in the namespace."""
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/default"
        self._until(f"ServiceAccount default in {namespace}", lambda: self.api.answers(path))

    def _until(self, what: str, look: Callable[[], object], timeout: float = READY_SECONDS) -> None:
        def look_while_all_run() -> object:
            for process in self._processes.values():
                if process.started_at:
                    process.must_run()
            return look()

        eventually(what, look_while_all_run, timeout=timeout, ignoring=(requests.RequestException,))

    def stop(self) -> None:
        """Ends every process of this control plane and no other; logs stay, etcd's data goes."""
        running = [process for process in self._processes.values() if process.running]
        for process in running:
            process.ask_to_end()
        for process in running:
            process.wait_until_gone()
        if self._guard is not None:
            self._guard.dismiss()
            self._guard = None
        self.api.close()
        shutil.rmtree(self._layout.etcd_data, ignore_errors=True)

    def process(self, name: str) -> Process:
        """The handle of `etcd`, `kube-apiserver`, `kube-controller-manager`, `kube-scheduler`, `kwok` or
        `metallb-controller`.
        """
        return self._processes[name]

    def logs(self, name: str) -> str:
        """Everything that a program has written, over all its restarts."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def kubectl(
        self,
        *arguments: str,
        input: str | None = None,  # noqa: A002 - the name that subprocess.run gives it
        kubeconfig: Path | None = None,
    ) -> str:
        """Runs kubectl and returns what it printed.

        Args:
            arguments: as typed after `kubectl`.
            input: what it reads from stdin.
            kubeconfig: another user's than the administrator's, from `kubeconfig_for()`.

        Raises:
            KubectlError: it ended with an error.
            subprocess.TimeoutExpired: it did not end within a minute.
        """
        return self._kubectl.run(*arguments, kubeconfig=kubeconfig or self.kubeconfig, stdin=input)

    def apply(self, manifest: Path | str, namespace: str = "default") -> str:
        """`kubectl apply` of a file (a Path) or of YAML text; `namespace` is for objects that name none."""
        if isinstance(manifest, Path):
            return self.kubectl("apply", "--namespace", namespace, "--filename", str(manifest))
        return self.kubectl("apply", "--namespace", namespace, "--filename", "-", input=manifest)

    def create_namespace(self, name: str) -> None:
        """A new namespace in which Pods can be made at once."""
        self.api.create("/api/v1/namespaces", {"metadata": {"name": name}})
        self._wait_for_service_account(name)

    def add_nodes(self, count: int) -> list[str]:
        """Adds nodes named `node-<index>` and returns their names when Pods can be scheduled to them."""
        names = self._create_nodes(count)
        self._wait_for_nodes(names)
        return names

    def _create_nodes(self, count: int) -> list[str]:
        first = self._node_count + 1
        self._node_count += count
        indexes = range(first, first + count)
        nodes = [bootstrap.node(self.ranges, index, dual_stack=self._layout.dual_stack) for index in indexes]
        return [self.api.create("/api/v1/nodes", node)["metadata"]["name"] for node in nodes]

    def _wait_for_nodes(self, names: Collection[str]) -> None:
        def all_ready() -> bool:
            nodes = {node["metadata"]["name"]: node for node in self.api.get("/api/v1/nodes")["items"]}
            return all(bootstrap.is_ready(nodes[name]) for name in names)

        self._until(f"nodes ready: {', '.join(names)}", all_ready)

    def token_for(self, service_account: str, namespace: str = "default") -> str:
        """A bearer token of a ServiceAccount, good for one hour."""
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{service_account}/token"
        token: str = self.api.create(path, {"spec": {"expirationSeconds": 3600}})["status"]["token"]
        return token

    def kubeconfig_for(self, service_account: str, namespace: str = "default") -> Path:
        """A kubeconfig of a ServiceAccount; its one context is called `<namespace>.<service account>`."""
        token = self.token_for(service_account, namespace)
        return self._write_kubeconfig(f"{namespace}.{service_account}", token)

    def compact_etcd(self) -> int:
        """Makes etcd forget every revision until now; returns the oldest that is left.

        A watch of a kind that has no watch cache (Events) is then 410 at once, the `continue` of a list
        within 15 s. Watches of all other kinds are served from the apiserver's cache while it lives.
        """
        return self._etcd.compact()

    def expire_resource_versions(self) -> None:
        """Makes every resource version until now a 410, for all kinds, by an apiserver that restarts."""
        self.compact_etcd()
        self.process("kube-apiserver").restart()
        self.wait_until_ready()

    def rotate_certificates(self, *, authority: bool = False) -> None:
        """Gives the servers a new certificate and restarts the apiserver with it.

        Args:
            authority: the CA is a new one, too. The kubeconfigs here are written anew and the controllers
                restarted with them; a kubeconfig that somebody copied before trusts the old CA only.
        """
        files = self._layout.certificates
        if authority:
            renew_authority(files)
        renew_server(files, self.ranges.kubernetes_service_address)
        self.process("kube-apiserver").restart()
        if authority:
            self._write_files()
            for name in ("kube-controller-manager", "kube-scheduler", "kwok", "metallb-controller"):
                self.process(name).restart()
        self.wait_until_ready()
