"""What the API server fills in when an object comes without it, kind by kind.

Source: the objects that a kube-apiserver v1.34 returns for minimal requests. Left out: what nobody who reads
addresses and owners looks at (projected token volumes, managedFields).
"""

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]


def fill(data: Json, defaults: Json) -> None:
    """Set what is absent, going down into objects that both sides have."""
    for key, value in defaults.items():
        if key not in data:
            data[key] = value
        elif isinstance(value, dict) and isinstance(data[key], dict):
            fill(data[key], value)


def pod_spec(spec: Json) -> None:
    """Defaults of a Pod spec, in a Pod as in a template."""
    for container in [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]:
        for port in container.get("ports") or []:
            port.setdefault("protocol", "TCP")
        latest = ":" not in container.get("image", "").rsplit("/", 1)[-1] or container["image"].endswith(
            ":latest"
        )
        fill(container, {
            "resources": {},
            "terminationMessagePath": "/dev/termination-log",
            "terminationMessagePolicy": "File",
            "imagePullPolicy": "Always" if latest else "IfNotPresent",
        })  # fmt: skip
    fill(spec, {
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "securityContext": {},
        "schedulerName": "default-scheduler",
    })  # fmt: skip


def _pod(data: Json) -> None:
    spec = data.setdefault("spec", {})
    pod_spec(spec)
    fill(spec, {"serviceAccountName": "default", "enableServiceLinks": True})


def _workload(data: Json, defaults: Json) -> None:
    spec = data.setdefault("spec", {})
    fill(spec, defaults)
    if "template" in spec:
        pod_spec(spec["template"].setdefault("spec", {}))


def _deployment(data: Json) -> None:
    spec = data.setdefault("spec", {})
    _workload(data, {
        "replicas": 1,
        "strategy": {"type": "RollingUpdate"},
        "revisionHistoryLimit": 10,
        "progressDeadlineSeconds": 600,
    })  # fmt: skip
    if spec["strategy"]["type"] == "RollingUpdate":
        fill(spec["strategy"], {"rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}})


def _replica_set(data: Json) -> None:
    _workload(data, {"replicas": 1})


def _stateful_set(data: Json) -> None:
    _workload(data, {
        "replicas": 1,
        "podManagementPolicy": "OrderedReady",
        "updateStrategy": {"type": "RollingUpdate"},
        "revisionHistoryLimit": 10,
        "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
    })  # fmt: skip
    if data["spec"]["updateStrategy"]["type"] == "RollingUpdate":
        fill(data["spec"]["updateStrategy"], {"rollingUpdate": {"partition": 0}})


def _daemon_set(data: Json) -> None:
    _workload(data, {"updateStrategy": {"type": "RollingUpdate"}, "revisionHistoryLimit": 10})
    if data["spec"]["updateStrategy"]["type"] == "RollingUpdate":
        fill(data["spec"]["updateStrategy"], {"rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}})


def _job(data: Json) -> None:
    spec = data.setdefault("spec", {})
    if "completions" not in spec and "parallelism" not in spec:
        spec["completions"] = 1
    _workload(data, {"parallelism": 1, "backoffLimit": 6, "completionMode": "NonIndexed", "suspend": False})
    uid, name = data["metadata"].get("uid"), data["metadata"].get("name")
    if uid and not spec.get("manualSelector"):
        spec["manualSelector"] = False
        spec.setdefault("selector", {"matchLabels": {"batch.kubernetes.io/controller-uid": uid}})
        labels = spec.setdefault("template", {}).setdefault("metadata", {}).setdefault("labels", {})
        fill(labels, {"batch.kubernetes.io/controller-uid": uid, "batch.kubernetes.io/job-name": name})


def _service(data: Json) -> None:
    spec = data.setdefault("spec", {})
    for port in spec.get("ports") or []:
        fill(port, {"protocol": "TCP", "targetPort": port.get("port")})
    fill(spec, {"type": "ClusterIP", "sessionAffinity": "None"})
    if spec["type"] != "ExternalName":
        fill(spec, {"internalTrafficPolicy": "Cluster"})
    if spec["type"] in ("NodePort", "LoadBalancer"):
        fill(spec, {"externalTrafficPolicy": "Cluster"})
    if spec["type"] == "LoadBalancer":
        fill(spec, {"allocateLoadBalancerNodePorts": True})
        for entry in data.get("status", {}).get("loadBalancer", {}).get("ingress") or []:
            if entry.get("ip"):
                entry.setdefault("ipMode", "VIP")


def _namespace(data: Json) -> None:
    labels = data["metadata"].setdefault("labels", {})
    if "name" in data["metadata"]:
        labels["kubernetes.io/metadata.name"] = data["metadata"]["name"]
    if not data["metadata"].get("deletionTimestamp"):
        fill(data, {"spec": {"finalizers": ["kubernetes"]}})


def _event(data: Json) -> None:
    fill(data, {
        "source": {},
        "firstTimestamp": None,
        "lastTimestamp": None,
        "eventTime": None,
        "reportingComponent": "",
        "reportingInstance": "",
    })  # fmt: skip


def _secret(data: Json) -> None:
    fill(data, {"type": "Opaque"})


DEFAULTS: dict[str, Callable[[Json], None]] = {
    "pods": _pod,
    "deployments": _deployment,
    "replicasets": _replica_set,
    "statefulsets": _stateful_set,
    "daemonsets": _daemon_set,
    "jobs": _job,
    "services": _service,
    "namespaces": _namespace,
    "events": _event,
    "secrets": _secret,
}

FIRST_STATUS: dict[str, Json] = {
    "pods": {"phase": "Pending", "qosClass": "BestEffort"},
    "deployments": {},
    "replicasets": {"replicas": 0},
    "statefulsets": {"replicas": 0, "availableReplicas": 0},
    "daemonsets": {
        "currentNumberScheduled": 0,
        "numberMisscheduled": 0,
        "desiredNumberScheduled": 0,
        "numberReady": 0,
    },
    "jobs": {},
    "services": {"loadBalancer": {}},
    "namespaces": {"phase": "Active"},
}
"""The status of a fresh object; what the client sent as status is dropped (Nodes keep theirs)."""


def apply_defaults(plural: str, data: Json) -> None:
    """Fill in the defaults of a kind, in place; nothing happens for kinds without any."""
    if plural in DEFAULTS:
        DEFAULTS[plural](data)
