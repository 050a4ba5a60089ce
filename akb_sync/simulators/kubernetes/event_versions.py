"""Events have two faces over one stored object, `v1` and `events.k8s.io/v1`: one is turned into the other.

Only the names of fields differ. The stored form is the core one, since its field selectors are what tools
use.
"""

from dataclasses import replace
from typing import Any

from akb_sync.simulators.kubernetes.errors import Cause, invalid
from akb_sync.simulators.kubernetes.listing import Query
from akb_sync.simulators.kubernetes.resources import RESOURCES, Resource
from akb_sync.simulators.kubernetes.storage import Record

Json = dict[str, Any]

GROUP = "events.k8s.io"
CORE_EVENTS = next(row for row in RESOURCES if row.plural == "events" and not row.group)
# events.k8s.io name -> core name
FIELDS = {
    "regarding": "involvedObject",
    "note": "message",
    "deprecatedSource": "source",
    "deprecatedFirstTimestamp": "firstTimestamp",
    "deprecatedLastTimestamp": "lastTimestamp",
    "deprecatedCount": "count",
    "reportingController": "reportingComponent",
}
_BACK = {core: new for new, core in FIELDS.items()}


def is_new_face(resource: Resource) -> bool:
    """Whether a resource is the `events.k8s.io` face."""
    return resource.group == GROUP and resource.plural == "events"


def outgoing(resource: Resource, record: Record) -> Record:
    """The record as this resource shows it: the same one unless it is an Event asked for by its new name."""
    if not is_new_face(resource):
        return record
    data = {_BACK.get(field, field): value for field, value in record.data.items()}
    data["apiVersion"] = resource.api_version
    if not data.get("reportingController"):
        data.pop("reportingController", None)
        data.pop("reportingInstance", None)
    return Record(record.key, record.revision, data)


def incoming(resource: Resource, body: Json) -> tuple[Resource, Json]:
    """The core resource and body for a write to either face.

    Raises ApiError 422 where the new face is stricter.
    """
    if not is_new_face(resource):
        return resource, body
    _check(body)
    data = {FIELDS.get(field, field): value for field, value in body.items()}
    return CORE_EVENTS, {**data, "apiVersion": "v1"}


def query(resource: Resource, asked: Query) -> tuple[Resource, Query]:
    """The core resource and query for a list of either face."""
    if not is_new_face(resource):
        return resource, asked
    return CORE_EVENTS, replace(
        asked, field_selector=asked.field_selector.replace("regarding.", "involvedObject.")
    )


def _check(body: Json) -> None:
    causes: list[Cause] = []
    if not body.get("eventTime"):
        causes.append(Cause("FieldValueRequired", "eventTime", "Required value"))
    if not body.get("reportingController"):
        causes.append(Cause("FieldValueRequired", "reportingController", "Required value"))
    if not body.get("action"):
        causes.append(Cause("FieldValueRequired", "action", "Required value"))
    if body.get("type") not in ("Normal", "Warning"):
        causes.append(
            Cause(
                "FieldValueInvalid", "type", f'Invalid value: "{body.get("type", "")}": has invalid value: '
            )
        )
    if causes:
        raise invalid(CORE_EVENTS, body.get("metadata", {}).get("name", ""), causes)
