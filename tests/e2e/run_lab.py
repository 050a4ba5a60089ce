"""`make lab`: a real control plane, MetalLB, an APIC and the engine, left running for a person to try things.

Why: whoever works on the project sees in a minute what a change does to a cluster, by hand.

Run as `python -m tests.e2e.run_lab`. Ctrl-C ends everything.
"""

import argparse
import os
import shlex
import signal
import sys
import tempfile
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from tests.e2e.controlplane.build import (
    EXIT_FAILED,
    EXIT_NO_GO,
    BuildError,
    GoMissingError,
    ensure_programs,
    report_to_stderr,
)
from tests.e2e.controlplane.cluster import ControlPlane
from tests.e2e.controlplane.processes import ProcessDiedError
from tests.e2e.lab import HOLD_DOWN, L3OUT, PROGRAM, Lab

LOOK_SECONDS = 0.5
EXAMPLE = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: mcast
  annotations:
    aci.haystacknetworks.com/l3o: '{"tenant": "TEN_K8_C1", "l3out": "L3O_K8_C1", "epg": "EPG_K8_APP_MCAST"}'
spec:
  replicas: 3
  selector: {matchLabels: {app: mcast}}
  template:
    metadata: {labels: {app: mcast}}
    spec:
      containers: [{name: mcast, image: registry.example/mcast:1}]
---
apiVersion: v1
kind: Service
metadata: {name: mcast}
spec:
  type: LoadBalancer
  selector: {app: mcast}
  ports: [{port: 5000}]
"""
GUIDE = """
The lab is ready: %(url)s is a real Kubernetes API server, with controllers and MetalLB; kwok plays its
nodes; $ACI_APIC is a simulated APIC; `akb-sync watch` runs between them. In another terminal:

  . %(env)s

  kubectl apply -f %(example)s                           # a Deployment and a Service with an EPG
  kubectl scale deployment/mcast --replicas=8
  akb-sync status
  kubectl rollout restart deployment/mcast
  kubectl delete deployment/mcast service/mcast          # the EPG goes %(hold_down)s s later

  curl -sS --cacert "$AKB_SYNC_APIC_CA_FILE" -c %(cookies)s "$ACI_APIC/api/aaaLogin.json" \\
    -d '{"aaaUser": {"attributes": {"name": "'"$ACI_USERNAME"'", "pwd": "'"$ACI_PASSWORD"'"}}}' >/dev/null
  curl -sS --cacert "$AKB_SYNC_APIC_CA_FILE" -b %(cookies)s \\
    "$ACI_APIC/api/mo/%(l3out)s.json?query-target=subtree&target-subtree-class=l3extSubnet"

  tail -f %(log)s                                        # what the engine says

Ctrl-C here ends everything. Logs stay in %(folder)s.
"""


def main(arguments: list[str] | None = None) -> int:
    """Runs the lab until SIGINT or SIGTERM; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.run_lab", description="A lab for people.")
    parser.add_argument("--folder", type=Path, help="where everything is written; a new folder if not given")
    parser.add_argument("--nodes", type=int, default=3, help="how many nodes the cluster has")
    parser.add_argument("--dual-stack", action="store_true", help="Pods and Services have IPv6 addresses too")
    chosen = parser.parse_args(arguments)
    try:
        programs = ensure_programs(report_to_stderr)
    except GoMissingError as error:
        sys.stderr.write(f"the lab needs a control plane: {error}\n")
        return EXIT_NO_GO
    except BuildError as error:
        sys.stderr.write(f"the control plane cannot be built: {error}\n")
        return EXIT_FAILED
    folder = chosen.folder or Path(tempfile.mkdtemp(prefix="akb-sync-lab-"))
    folder.mkdir(parents=True, exist_ok=True)
    cluster = ControlPlane(
        programs, _made(folder / "control-plane"), nodes=chosen.nodes, dual_stack=chosen.dual_stack
    )
    return _run(cluster, folder, programs["kubectl"].parent)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _run(cluster: ControlPlane, folder: Path, kubectl: Path) -> int:
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stopped.set())
    with ExitStack() as stack:
        sys.stderr.write("starting the control plane\n")
        stack.enter_context(cluster)
        lab = stack.enter_context(Lab(cluster, folder))
        lab.start_watch()
        sys.stdout.write(_guide(lab, folder, kubectl))
        sys.stdout.flush()
        try:
            while not stopped.wait(LOOK_SECONDS):
                lab.watch.must_run()
        except ProcessDiedError as error:
            sys.stderr.write(f"{error}\n")
            return EXIT_FAILED
        sys.stderr.write("\nending everything\n")
    return 0


def _guide(lab: Lab, folder: Path, kubectl: Path) -> str:
    example, env = folder / "example.yaml", folder / "env"
    example.write_text(EXAMPLE)
    env.touch(mode=0o600)
    env.write_text("".join(f"export {name}={value}\n" for name, value in _variables(lab, kubectl).items()))
    texts = {"example": example, "env": env, "cookies": folder / "cookies", "log": folder / "watch.log"}
    quoted = {name: shlex.quote(str(path)) for name, path in texts.items()}
    plain = {"url": lab.cluster.url, "l3out": L3OUT, "folder": folder, "hold_down": HOLD_DOWN}
    return GUIDE % {**quoted, **plain}


def _variables(lab: Lab, kubectl: Path) -> Mapping[str, str]:
    """What a person's shell needs; the programs of the control plane and of this project come first."""
    path = f"{shlex.quote(f'{kubectl}{os.pathsep}{PROGRAM.parent}')}{os.pathsep}$PATH"
    known = {name: shlex.quote(value) for name, value in lab.apic.environment.items()}
    return {**known, "KUBECONFIG": shlex.quote(str(lab.cluster.kubeconfig)), "PATH": path}


if __name__ == "__main__":
    sys.exit(main())
