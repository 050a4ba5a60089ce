"""The columns that `kubectl get` shows, kind by kind, as the server's printers make them.

A column is a name, a type and a function from the object to the cell; priority 1 is shown with `-o wide`
only.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from akb_sync.simulators.kubernetes.objects import (
    at_path,
    condition,
    containers_of,
    is_deleting,
    parse_timestamp,
)
from akb_sync.simulators.kubernetes.resources import Resource

Json = dict[str, Any]
Cell = Callable[[Json, datetime], Any]
NONE = "<none>"


@dataclass(frozen=True)
class Column:
    """One column."""

    name: str
    cell: Cell
    type: str = "string"
    priority: int = 0
    format: str = ""


def columns_of(resource: Resource) -> list[Json]:
    """The `columnDefinitions` of a kind."""
    return [
        {
            "name": column.name,
            "type": column.type,
            "format": column.format,
            "description": f"{column.name} of the {resource.kind}.",
            "priority": column.priority,
        }
        for column in _table(resource)
    ]


def row_of(resource: Resource, data: Json, now: datetime) -> list[Any]:
    """The cells of one object."""
    return [column.cell(data, now) for column in _table(resource)]


def age(text: str | None, now: datetime) -> str:
    """A duration as kubectl writes it: `5s`, `3m10s`, `4h`, `2d`."""
    if not text:
        return "<unknown>"
    seconds = max(int((now - parse_timestamp(text)).total_seconds()), 0)
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if seconds < 120:
        return f"{seconds}s"
    if minutes < 10:
        return f"{minutes}m{seconds % 60}s" if seconds % 60 else f"{minutes}m"
    if hours < 3:
        return f"{minutes}m"
    if days < 2:
        return f"{hours}h"
    return f"{days}d"


def _path(path: str, default: Any = NONE) -> Cell:
    return lambda data, _now: at_path(data, path, default)


def _number(path: str) -> Cell:
    return lambda data, _now: at_path(data, path, 0) or 0


def _size(path: str) -> Cell:
    return lambda data, _now: len(at_path(data, path) or [])


def _labels_text(labels: Json | None) -> str:
    return ",".join(f"{key}={value}" for key, value in sorted((labels or {}).items())) or NONE


def _selector(path: str) -> Cell:
    return lambda data, _now: _labels_text(at_path(data, path))


def _containers(path: str, field: str) -> Cell:
    return lambda data, _now: ",".join(item.get(field, "") for item in at_path(data, path) or [])


def _created(data: Json, now: datetime) -> str:
    return age(data["metadata"].get("creationTimestamp"), now)


def _pod_ready(data: Json, _now: datetime) -> str:
    statuses = at_path(data, "status.containerStatuses") or []
    ready = sum(bool(status.get("ready")) for status in statuses)
    return f"{ready}/{len(at_path(data, 'spec.containers') or [])}"


def _pod_status(data: Json, _now: datetime) -> str:
    if is_deleting(data):
        return "Terminating"
    phase = at_path(data, "status.phase", "Unknown")
    if phase == "Succeeded":
        return "Completed"
    if phase == "Pending" and at_path(data, "spec.nodeName"):
        return "ContainerCreating"
    return str(at_path(data, "status.reason") or phase)


def _pod_restarts(data: Json, _now: datetime) -> str:
    return str(
        sum(status.get("restartCount", 0) for status in at_path(data, "status.containerStatuses") or [])
    )


def _pod_gates(data: Json, _now: datetime) -> str:
    return NONE if not at_path(data, "spec.readinessGates") else "0/1"


def _ready_of(path: str) -> Cell:
    return lambda data, _now: f"{at_path(data, 'status.readyReplicas', 0)}/{at_path(data, path, 0)}"


def _external_ip(data: Json, _now: datetime) -> str:
    ingress = at_path(data, "status.loadBalancer.ingress") or []
    shown = [entry.get("ip") or entry.get("hostname", "") for entry in ingress] + (
        at_path(data, "spec.externalIPs") or []
    )
    kind = at_path(data, "spec.type")
    if kind == "ExternalName":
        return str(at_path(data, "spec.externalName"))
    return ",".join(shown) or ("<pending>" if kind == "LoadBalancer" else NONE)


def _ports(data: Json, _now: datetime) -> str:
    shown = []
    for port in at_path(data, "spec.ports") or []:
        node = f":{port['nodePort']}" if port.get("nodePort") else ""
        shown.append(f"{port['port']}{node}/{port.get('protocol', 'TCP')}")
    return ",".join(shown) or NONE


def _node_status(data: Json, _now: datetime) -> str:
    ready = condition(data, "Ready")
    status = "Unknown" if ready is None else ("Ready" if ready["status"] == "True" else "NotReady")
    return status + (",SchedulingDisabled" if at_path(data, "spec.unschedulable") else "")


def _node_roles(data: Json, _now: datetime) -> str:
    prefix = "node-role.kubernetes.io/"
    roles = [
        key.removeprefix(prefix) for key in data["metadata"].get("labels") or {} if key.startswith(prefix)
    ]
    return ",".join(sorted(roles)) or NONE


def _node_address(kind: str) -> Cell:
    def cell(data: Json, _now: datetime) -> str:
        found = [
            entry["address"] for entry in at_path(data, "status.addresses") or [] if entry["type"] == kind
        ]
        return found[0] if found else NONE

    return cell


def _event_seen(data: Json, now: datetime) -> str:
    last = at_path(data, "series.lastObservedTime") or data.get("lastTimestamp") or data.get("eventTime")
    return age(last or data.get("firstTimestamp"), now)


def _event_object(data: Json, _now: datetime) -> str:
    involved = data.get("involvedObject") or data.get("regarding") or {}
    return f"{involved.get('kind', '').lower()}/{involved.get('name', '')}"


def _event_text(data: Json, _now: datetime) -> str:
    return str(data.get("message") or data.get("note") or "").strip()


def _event_source(data: Json, _now: datetime) -> str:
    return str(at_path(data, "source.component") or data.get("reportingComponent") or "")


def _job_completions(data: Json, _now: datetime) -> str:
    return f"{at_path(data, 'status.succeeded', 0)}/{at_path(data, 'spec.completions', 1)}"


def _job_status(data: Json, _now: datetime) -> str:
    done = condition(data, "Complete")
    return "Complete" if done is not None and done["status"] == "True" else "Running"


def _images(data: Json, _now: datetime) -> str:
    return ",".join(
        item.get("image", "") for item in containers_of(at_path(data, "spec.template.spec") or {})
    )


NAME = Column("Name", _path("metadata.name"), format="name")
AGE = Column("Age", _created)
_WORKLOAD_WIDE = (
    Column("Containers", _containers("spec.template.spec.containers", "name"), priority=1),
    Column("Images", _images, priority=1),
)
_SELECTOR = Column("Selector", _selector("spec.selector.matchLabels"), priority=1)
GENERIC = (NAME, AGE)

TABLES: dict[str, tuple[Column, ...]] = {
    "pods": (
        NAME,
        Column("Ready", _pod_ready),
        Column("Status", _pod_status),
        Column("Restarts", _pod_restarts),
        AGE,
        Column("IP", _path("status.podIP"), priority=1),
        Column("Node", _path("spec.nodeName"), priority=1),
        Column("Nominated Node", _path("status.nominatedNodeName"), priority=1),
        Column("Readiness Gates", _pod_gates, priority=1),
    ),
    "deployments": (
        NAME,
        Column("Ready", _ready_of("spec.replicas")),
        Column("Up-to-date", _number("status.updatedReplicas"), "integer"),
        Column("Available", _number("status.availableReplicas"), "integer"),
        AGE,
        *_WORKLOAD_WIDE,
        _SELECTOR,
    ),
    "replicasets": (
        NAME,
        Column("Desired", _number("spec.replicas"), "integer"),
        Column("Current", _number("status.replicas"), "integer"),
        Column("Ready", _number("status.readyReplicas"), "integer"),
        AGE,
        *_WORKLOAD_WIDE,
        _SELECTOR,
    ),
    "statefulsets": (NAME, Column("Ready", _ready_of("spec.replicas")), AGE, *_WORKLOAD_WIDE),
    "daemonsets": (
        NAME,
        Column("Desired", _number("status.desiredNumberScheduled"), "integer"),
        Column("Current", _number("status.currentNumberScheduled"), "integer"),
        Column("Ready", _number("status.numberReady"), "integer"),
        Column("Up-to-date", _number("status.updatedNumberScheduled"), "integer"),
        Column("Available", _number("status.numberAvailable"), "integer"),
        Column("Node Selector", _selector("spec.template.spec.nodeSelector")),
        AGE,
        *_WORKLOAD_WIDE,
        _SELECTOR,
    ),
    "jobs": (
        NAME,
        Column("Status", _job_status),
        Column("Completions", _job_completions),
        AGE,
        *_WORKLOAD_WIDE,
    ),
    "services": (
        NAME,
        Column("Type", _path("spec.type")),
        Column("Cluster-IP", _path("spec.clusterIP")),
        Column("External-IP", _external_ip),
        Column("Port(s)", _ports),
        AGE,
        Column("Selector", _selector("spec.selector"), priority=1),
    ),
    "nodes": (
        NAME,
        Column("Status", _node_status),
        Column("Roles", _node_roles),
        AGE,
        Column("Version", _path("status.nodeInfo.kubeletVersion", "")),
        Column("Internal-IP", _node_address("InternalIP"), priority=1),
        Column("External-IP", _node_address("ExternalIP"), priority=1),
        Column("OS-Image", _path("status.nodeInfo.osImage", "<unknown>"), priority=1),
        Column("Kernel-Version", _path("status.nodeInfo.kernelVersion", "<unknown>"), priority=1),
        Column(
            "Container-Runtime", _path("status.nodeInfo.containerRuntimeVersion", "<unknown>"), priority=1
        ),
    ),
    "namespaces": (NAME, Column("Status", _path("status.phase")), AGE),
    "configmaps": (NAME, Column("Data", _size("data"), "integer"), AGE),
    "secrets": (NAME, Column("Type", _path("type")), Column("Data", _size("data"), "integer"), AGE),
    "serviceaccounts": (NAME, Column("Secrets", _size("secrets"), "integer"), AGE),
    "leases": (NAME, Column("Holder", _path("spec.holderIdentity", "")), AGE),
    "events": (
        Column("Last Seen", _event_seen),
        Column("Type", _path("type", "")),
        Column("Reason", _path("reason", "")),
        Column("Object", _event_object),
        Column("Source", _event_source, priority=1),
        Column("Message", _event_text),
        Column("Count", _number("count"), "integer", priority=1),
        Column("Name", _path("metadata.name"), priority=1, format="name"),
    ),
}


def _table(resource: Resource) -> tuple[Column, ...]:
    return TABLES.get(resource.plural, GENERIC)
