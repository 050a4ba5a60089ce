"""The rules that an object must keep before it is stored, kind by kind.

Not all of Kubernetes' rules, but those that a client of addresses and owners can break.
"""

import re
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

from akb_sync.simulators.kubernetes.errors import Cause
from akb_sync.simulators.kubernetes.names import bad_value, check_labels, check_metadata, required
from akb_sync.simulators.kubernetes.objects import at_path
from akb_sync.simulators.kubernetes.resources import Resource
from akb_sync.simulators.kubernetes.selectors import from_label_selector, matches

Json = dict[str, Any]

KEY_RE = r"[-._a-zA-Z0-9]+"


def validate(resource: Resource, data: Json) -> list[Cause]:
    """Everything that is wrong with an object, in the order of its fields."""
    causes = check_metadata(resource, data["metadata"])
    rule = _KINDS.get(resource.plural)
    return causes + (rule(data) if rule else [])


def validate_update(resource: Resource, old: Json, new: Json) -> list[Cause]:
    """What may not change once an object is there."""
    causes = [
        bad_value(path, at_path(new, path), "field is immutable")
        for path in _IMMUTABLE.get(resource.plural, ())
        if at_path(old, path) != at_path(new, path)
    ]
    if resource.plural == "pods":
        causes += _pod_update(old, new)
    if old["metadata"].get("deletionTimestamp"):
        causes += _finalizers_while_deleting(old, new)
    return causes


_IMMUTABLE = {
    "deployments": ("spec.selector",),
    "replicasets": ("spec.selector",),
    "daemonsets": ("spec.selector",),
    "statefulsets": ("spec.selector", "spec.serviceName", "spec.podManagementPolicy"),
    "jobs": ("spec.selector", "spec.template", "spec.completionMode"),
}
_POD_MAY_CHANGE = ("containers", "initContainers", "activeDeadlineSeconds", "tolerations")


def _pod(data: Json) -> list[Cause]:
    return _containers(data.get("spec") or {}, "spec")


def _containers(spec: Json, field: str) -> list[Cause]:
    if not spec.get("containers"):
        return [required(f"{field}.containers")]
    causes: list[Cause] = []
    seen: set[str] = set()
    for index, container in enumerate(spec["containers"]):
        name = container.get("name", "")
        if not name:
            causes.append(required(f"{field}.containers[{index}].name"))
        elif name in seen:
            text = f'Duplicate value: "{name}"'
            causes.append(Cause("FieldValueDuplicate", f"{field}.containers[{index}].name", text))
        if not container.get("image"):
            causes.append(required(f"{field}.containers[{index}].image"))
        seen.add(name)
    return causes


def _workload(data: Json) -> list[Cause]:
    spec = data.get("spec") or {}
    causes: list[Cause] = []
    replicas = spec.get("replicas", 0)
    if replicas < 0:
        causes.append(bad_value("spec.replicas", replicas, "must be greater than or equal to 0"))
    selector = spec.get("selector")
    labels = at_path(spec, "template.metadata.labels") or {}
    if not selector:
        causes.append(required("spec.selector"))
    if not selector or not matches(from_label_selector(selector), labels):
        causes.append(
            bad_value(
                "spec.template.metadata.labels", labels or None, "`selector` does not match template `labels`"
            )
        )
    causes += check_labels(labels, "spec.template.labels")
    return causes + _containers(at_path(spec, "template.spec") or {}, "spec.template.spec")


def _job(data: Json) -> list[Cause]:
    return _containers(at_path(data, "spec.template.spec") or {}, "spec.template.spec")


def _service(data: Json) -> list[Cause]:
    spec = data.get("spec") or {}
    kind = spec.get("type")
    causes: list[Cause] = []
    if kind not in ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName"):
        known = '"ClusterIP", "ExternalName", "LoadBalancer", "NodePort"'
        causes.append(
            Cause(
                "FieldValueNotSupported",
                "spec.type",
                f'Unsupported value: "{kind}": supported values: {known}',
            )
        )
    if kind == "ExternalName" and not spec.get("externalName"):
        causes.append(required("spec.externalName"))
    if kind != "ExternalName" and not spec.get("ports") and spec.get("clusterIP") != "None":
        causes.append(required("spec.ports"))
    ingress = at_path(data, "status.loadBalancer.ingress") or []
    for index, entry in enumerate(ingress):
        if entry.get("ip") and kind == "LoadBalancer" and not _is_address(entry["ip"]):
            field = f"status.loadBalancer.ingress[{index}].ip"
            causes.append(
                bad_value(field, entry["ip"], "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")
            )
    return causes


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _event(data: Json) -> list[Cause]:
    involved = at_path(data, "involvedObject.namespace", "")
    namespace = data["metadata"].get("namespace", "")
    if (involved or "default") != namespace:
        return [bad_value("involvedObject.namespace", involved, "does not match event.namespace")]
    return []


def _pod_update(old: Json, new: Json) -> list[Cause]:
    def fixed(data: Json) -> Json:
        return {key: value for key, value in data["spec"].items() if key not in _POD_MAY_CHANGE}

    if fixed(old) == fixed(new) and len(old["spec"]["containers"]) == len(
        new["spec"].get("containers") or []
    ):
        return []
    text = (
        "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"
        "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` "
        "(only additions to existing tolerations)"
    )
    return [Cause("FieldValueForbidden", "spec", text)]


def _finalizers_while_deleting(old: Json, new: Json) -> list[Cause]:
    before = set(old["metadata"].get("finalizers") or [])
    added = [name for name in new["metadata"].get("finalizers") or [] if name not in before]
    if not added:
        return []
    shown = ", ".join(f'"{name}"' for name in added)
    text = (
        "no new finalizers can be added if the object is being deleted, "
        f"found new finalizers []string{{{shown}}}"
    )
    return [Cause("FieldValueForbidden", "metadata.finalizers", f"Forbidden: {text}")]


def _lease(data: Json) -> list[Cause]:
    spec = data.get("spec") or {}
    causes: list[Cause] = []
    if spec.get("leaseDurationSeconds", 1) <= 0:
        causes.append(
            bad_value("spec.leaseDurationSeconds", spec["leaseDurationSeconds"], "must be greater than 0")
        )
    if spec.get("leaseTransitions", 0) < 0:
        text = "must be greater than or equal to 0"
        causes.append(bad_value("spec.leaseTransitions", spec["leaseTransitions"], text))
    return causes


def _keys(data: Json) -> list[Cause]:
    text = (
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' "
        f"(e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '{KEY_RE}')"
    )
    wrong = [key for key in data.get("data") or {} if not re.fullmatch(KEY_RE, key)]
    return [bad_value(f"data[{key}]", key, text) for key in wrong]


_KINDS: dict[str, Callable[[Json], list[Cause]]] = {
    "pods": _pod,
    "deployments": _workload,
    "replicasets": _workload,
    "statefulsets": _workload,
    "daemonsets": _workload,
    "jobs": _job,
    "services": _service,
    "events": _event,
    "leases": _lease,
    "configmaps": _keys,
    "secrets": _keys,
}
