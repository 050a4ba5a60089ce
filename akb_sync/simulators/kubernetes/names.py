"""The rules of names, labels and annotations, which all kinds share, and their sentences.

Regular expressions and texts are those of apimachinery's validation, since people know them.
"""

import json
import re
from typing import Any

from akb_sync.simulators.kubernetes.errors import Cause
from akb_sync.simulators.kubernetes.resources import Resource

Json = dict[str, Any]

ANNOTATION_BYTES = 256 * 1024
LABEL_RE = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
SUBDOMAIN_RE = LABEL_RE + r"(\." + LABEL_RE + ")*"
SERVICE_RE = r"[a-z]([-a-z0-9]*[a-z0-9])?"
QUALIFIED_RE = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
VALUE_RE = r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?"

_USED = "regex used for validation is"
_ENDS = "and must start and end with an alphanumeric character"
_SUBDOMAIN = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
    f"{_ENDS} (e.g. 'example.com', {_USED} '{SUBDOMAIN_RE}')"
)
_LABEL = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
    f"{_ENDS} (e.g. 'my-name',  or '123-abc', {_USED} '{LABEL_RE}')"
)
_SERVICE = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
    "character, and end with an alphanumeric character "
    f"(e.g. 'my-name',  or 'abc-123', {_USED} '{SERVICE_RE}')"
)
_QUALIFIED = (
    f"name part must consist of alphanumeric characters, '-', '_' or '.', {_ENDS} "
    f"(e.g. 'MyName',  or 'my.name',  or '123-abc', {_USED} '{QUALIFIED_RE}')"
)
_VALUE = (
    f"a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', {_ENDS} "
    f"(e.g. 'MyValue',  or 'my_value',  or '12345', {_USED} '{VALUE_RE}')"
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


def check_metadata(resource: Resource, meta: Json) -> list[Cause]:
    """What is wrong with an object's name, labels, annotations and owners."""
    causes = _name(resource, meta.get("name", ""))
    causes += check_labels(meta.get("labels"), "metadata.labels")
    causes += _annotations(meta.get("annotations"))
    return causes + _owners(meta.get("ownerReferences"))


def _name(resource: Resource, name: str) -> list[Cause]:
    if not name:
        return [required("metadata.name", "name or generateName is required")]
    pattern, longest, sentence = _NAME_RULES.get(resource.plural, _ANY_NAME)
    causes = []
    if len(name) > longest:
        causes.append(bad_value("metadata.name", name, f"must be no more than {longest} characters"))
    if not re.fullmatch(pattern, name):
        causes.append(bad_value("metadata.name", name, sentence))
    return causes


def check_labels(labels: Json | None, field: str) -> list[Cause]:
    """What is wrong with a map of labels at `field`."""
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
