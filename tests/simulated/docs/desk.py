"""Both simulators, and between them the program as a process of its own, as people run it."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from akb_sync.simulators.apic import ApicSimulator
from akb_sync.simulators.kubernetes import KubernetesSimulator

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parents[3]
PROGRAM = Path(sys.executable).with_name("akb-sync")
NAMESPACE = "shop"
L3OUT = "uni/tn-TEN_K8_C1/out-L3O_K8_C1"
ANNOTATION = "aci.haystacknetworks.com/l3o"
SCHEMAS = {"plan": "plan", "status": "status", "sync": "outcome"}


def validator(command: str) -> Draft202012Validator:
    """Give what checks the documents of a command."""
    path = ROOT / "docs" / "schemas" / f"{SCHEMAS[command]}.schema.json"
    return Draft202012Validator(json.loads(path.read_text()))


@dataclass
class Desk:
    """The cluster runs without controllers: tests write Pods by themselves, so what is there is known."""

    cluster: KubernetesSimulator
    apic: ApicSimulator
    folder: Path
    _addresses: Any = field(default_factory=lambda: itertools.count(1))

    @property
    def environment(self) -> Mapping[str, str]:
        kept = {name: text for name, text in os.environ.items() if not name.startswith(("ACI_", "AKB_SYNC_"))}
        kubeconfig = self.cluster.write_kubeconfig(self.folder / "kubeconfig")
        return {
            **kept,
            "ACI_APIC": self.apic.url,
            "ACI_USERNAME": "admin",
            "ACI_PASSWORD": "secret",
            "AKB_SYNC_APIC_CA_FILE": str(self.apic.ca_file),
            "KUBECONFIG": str(kubeconfig),
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(PROGRAM), *arguments],
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=45,
            check=False,
        )

    def document(self, command: str, *arguments: str, code: int) -> Json:
        """Run a command with `-o json`; it has to end with `code` and print what its schema says."""
        done = self.run(command, *arguments, "-o", "json")
        assert done.returncode == code, f"{done.returncode}: {done.stderr}{done.stdout}"
        document: Json = json.loads(done.stdout)
        problems = [
            f"{error.json_path}: {error.message}" for error in validator(command).iter_errors(document)
        ]
        assert problems == []
        return document

    def workload(self, name: str, epg: str, pods: int = 1, *, annotation: str | None = None) -> list[str]:
        """Make a StatefulSet with running Pods; give their prefixes."""
        labels = {"app": name}
        body: Json = {
            "apiVersion": "apps/v1",
            "kind": "StatefulSet",
            "metadata": {
                "name": name,
                "namespace": NAMESPACE,
                "annotations": {ANNOTATION: annotation or binding(epg)},
            },
            "spec": {
                "replicas": pods,
                "serviceName": name,
                "selector": {"matchLabels": labels},
                "template": {
                    "metadata": {"labels": labels},
                    "spec": {"containers": [{"name": "main", "image": "registry.example/main:1"}]},
                },
            },
        }
        owner = self.cluster.create(body)
        return [f"{self._pod(owner, number)}/32" for number in range(pods)]

    def annotate(self, name: str, **annotations: str | None) -> None:
        """Change annotations by the last part of their key; None takes one off."""
        domain = ANNOTATION.partition("/")[0]
        patch = {f"{domain}/{key}": text for key, text in annotations.items()}
        self.cluster.patch("StatefulSet", NAMESPACE, name, {"metadata": {"annotations": patch}})

    def remove_pods(self, name: str, *, keep: int = 0) -> None:
        pods = self.cluster.list("Pod", NAMESPACE, f"app={name}")
        for pod in pods[keep:]:
            self.cluster.delete("Pod", NAMESPACE, pod["metadata"]["name"], grace=0)

    def subnet(self, epg: str, prefix: str, **attributes: str) -> None:
        """Write a subnet by hand, and its EPG where there is none."""
        child = {"l3extSubnet": {"attributes": {"ip": prefix, **attributes}}}
        self.apic.post(L3OUT, {"l3extInstP": {"attributes": {"name": epg}, "children": [child]}})

    def _pod(self, owner: Json, number: int) -> str:
        meta = owner["metadata"]
        address = f"10.244.0.{next(self._addresses)}"
        name = f"{meta['name']}-{number}"
        self.cluster.create(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {
                    "name": name,
                    "namespace": NAMESPACE,
                    "labels": {"app": meta["name"]},
                    "ownerReferences": [
                        {
                            "apiVersion": "apps/v1",
                            "kind": owner["kind"],
                            "name": meta["name"],
                            "uid": meta["uid"],
                            "controller": True,
                        }
                    ],
                },
                "spec": {"containers": [{"name": "main", "image": "registry.example/main:1"}]},
            }
        )
        status = {"phase": "Running", "podIP": address, "podIPs": [{"ip": address}]}
        self.cluster.patch("Pod", NAMESPACE, name, {"status": status}, subresource="status")
        return address


@contextmanager
def opened(folder: Path) -> Iterator[Desk]:
    """Start both simulators, with a small fabric and a namespace."""
    with (
        ApicSimulator(users={"admin": "secret"}, output_dir=folder) as apic,
        KubernetesSimulator(controllers=False) as cluster,
    ):
        apic.small_fabric()
        cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
        yield Desk(cluster, apic, folder)


def binding(epg: str, tenant: str = "TEN_K8_C1", l3out: str = "L3O_K8_C1") -> str:
    return json.dumps({"tenant": tenant, "l3out": l3out, "epg": epg})


def word(item: Json) -> tuple[str, str]:
    """State and what explains it: the hold's reason where there is one."""
    return item["state"], item["hold"]["reason"] if item["hold"] else item["reason"]


def words(document: Json) -> dict[str, tuple[str, str]]:
    """State and what explains it, by prefix or EPG name."""
    return {item["prefix"] or item["epg"]: word(item) for item in document["items"]}
