"""The rules that an object must keep before it is stored, and the sentences for those that do not.

Not all of Kubernetes' rules: names, labels, annotations, and of the kinds what a client of addresses and
owners can get wrong. Regular expressions and texts are those of apimachinery's validation.
"""

import json
import re
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

from akb_sync.simulators.kubernetes.errors import Cause
from akb_sync.simulators.kubernetes.objects import at_path
from akb_sync.simulators.kubernetes.resources import Resource
from akb_sync.simulators.kubernetes.selectors import from_label_selector, matches

Json = dict[str, Any]

ANNOTATION_BYTES = 256 * 1024
LABEL_RE = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
SUBDOMAIN_RE = LABEL_RE + r"(\." + LABEL_RE + ")*"
SERVICE_RE = r"[a-z]([-a-z0-9]*[a-z0-9])?"
QUALIFIED_RE = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
VALUE_RE = r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?"

_SUBDOMAIN = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
    f"and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '{SUBDOMAIN_RE}')"
)
_LABEL = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
    f"with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '{LABEL_RE}')"
)
_SERVICE = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    "and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
    f"'{SERVICE_RE}')"
)
_QUALIFIED = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
    f"character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '{QUALIFIED_RE}')"
)
_VALUE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    f"end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    f"'{VALUE_RE}')"
)
_NAME_RULES: dict[str, tuple[str, int, str]] = {
    "namespaces": (LABEL_RE, 63, _LABEL),
    "services": (SERVICE_RE, 63, _SERVICE),
}
_ANY_NAME = (SUBDOMAIN_RE, 253, _SUBDOMAIN)


def bad_value(field: str, value: object, why: str) -> Cause:
    """A FieldValueInvalid cause, the value quoted as the API quotes it."""
    shown = json.dumps(value, separators=(",", ":"))
    return Cause("FieldValueInvalid", field, f"Invalid value: {shown}: {why}")


def required(field: str, why: str = "") -> Cause:
    """A FieldValueRequired cause."""
    return Cause("FieldValueRequired", field, f"Required value: {why}" if why else "Required value")


def validate(resource: Resource, data: Json) -> list[Cause]:
    """Everything that is wrong with an object, in the order of its fields."""
    causes = _name(resource, data["metadata"].get("name", ""))
    causes += _labels(data["metadata"].get("labels"), "metadata.labels")
    causes += _annotations(data["metadata"].get("annotations"))
    causes += _owners(data["metadata"].get("ownerReferences"))
    rule = _KINDS.get(resource.plural)
    return causes + (rule(data) if rule else [])


def validate_update(resource: Resource, old: Json, new: Json) -> list[Cause]:
    """What may not change once an object is there."""
    causes: list[Cause] = []
    for path in _IMMUTABLE.get(resource.plural, ()):
        if at_path(old, path) != at_path(new, path):
            causes.append(bad_value(path, at_path(new, path), "field is immutable"))
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


def _name(resource: Resource, name: str) -> list[Cause]:
    if not name:
        return [required("metadata.name", "name or generateName is required")]
    pattern, longest, sentence = _NAME_RULES.get(resource.plural, _ANY_NAME)
    causes = []
    if len(name) > longest:
        causes.append(bad_value("metadata.name", name, f"must be no more than {longest} bytes"))
    if not re.fullmatch(pattern, name):
        causes.append(bad_value("metadata.name", name, sentence))
    return causes


def _labels(labels: Json | None, field: str) -> list[Cause]:
    causes: list[Cause] = []
    for key, value in (labels or {}).items():
        causes += _qualified(key, field)
        if not isinstance(value, str) or not re.fullmatch(VALUE_RE, value):
            causes.append(bad_value(field, value, _VALUE))
        elif len(value) > 63:
            causes.append(bad_value(field, value, "must be no more than 63 bytes"))
    return causes


def _qualified(key: str, field: str) -> list[Cause]:
    prefix, slash, name = key.rpartition("/")
    causes: list[Cause] = []
    if slash and not re.fullmatch(SUBDOMAIN_RE, prefix):
        causes.append(bad_value(field, key, f"prefix part {_SUBDOMAIN}"))
    if len(name) > 63:
        causes.append(bad_value(field, key, "name part must be no more than 63 bytes"))
    if not re.fullmatch(QUALIFIED_RE, name):
        causes.append(bad_value(field, key, _QUALIFIED))
    return causes


def _annotations(annotations: Json | None) -> list[Cause]:
    field = "metadata.annotations"
    causes: list[Cause] = []
    size = 0
    for key, value in (annotations or {}).items():
        causes += _qualified(key.lower(), field)
        size += len(key.encode()) + len(str(value).encode())
    if size > ANNOTATION_BYTES:
        causes.append(
            Cause("FieldValueTooLong", field, f"Too long: may not be more than {ANNOTATION_BYTES} bytes")
        )
    return causes


def _owners(owners: list[Json] | None) -> list[Cause]:
    causes: list[Cause] = []
    for index, owner in enumerate(owners or []):
        field = f"metadata.ownerReferences[{index}]"
        causes += [
            bad_value(f"{field}.{key}", owner.get(key, ""), f"{key} must not be empty")
            for key in ("apiVersion", "kind", "name", "uid")
            if not owner.get(key)
        ]
    if sum(bool(owner.get("controller")) for owner in owners or []) > 1:
        causes.append(
            bad_value("metadata.ownerReferences", "", "Only one reference can have Controller set to true")
        )
    return causes


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
    causes += _labels(labels, "spec.template.labels")
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
    allowed = "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations`"
    text = f"Forbidden: pod updates may not change fields other than {allowed} (only additions to existing tolerations)"
    return [Cause("FieldValueForbidden", "spec", text)]


def _finalizers_while_deleting(old: Json, new: Json) -> list[Cause]:
    before = set(old["metadata"].get("finalizers") or [])
    added = [name for name in new["metadata"].get("finalizers") or [] if name not in before]
    if not added:
        return []
    shown = ", ".join(f'"{name}"' for name in added)
    text = f"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{shown}}}"
    return [Cause("FieldValueForbidden", "metadata.finalizers", f"Forbidden: {text}")]


_KINDS: dict[str, Callable[[Json], list[Cause]]] = {
    "pods": _pod,
    "deployments": _workload,
    "replicasets": _workload,
    "statefulsets": _workload,
    "daemonsets": _workload,
    "jobs": _job,
    "services": _service,
    "events": _event,
}
