"""The fields of Kubernetes objects that are read at all: the rest of an answer is passed over unmade.

An object of the API is some kilobytes, of which a projection (`facts`) looks at a few hundred bytes. To make
everything and throw it away was a third of the time that a cold start took. What has another shape than the
API's is read whole all the same, since a projection takes such a field for absent and the rest counts.
"""

from __future__ import annotations

import json
from typing import Any, TypedDict

import msgspec

Json = dict[str, Any]


class Reference(TypedDict, total=False):
    """An entry of `ownerReferences`."""

    kind: Any
    uid: Any
    controller: Any


Meta = TypedDict(
    "Meta",
    {
        "name": Any,
        "namespace": Any,
        "uid": Any,
        "resourceVersion": Any,
        "creationTimestamp": Any,
        "deletionTimestamp": Any,
        "annotations": Any,
        "ownerReferences": list[Reference] | None,
        "continue": Any,
    },
    total=False,
)
"""`metadata` of an object, or of a list."""


class TemplateMeta(TypedDict, total=False):
    """`metadata` of a Pod template."""

    labels: Any


class Template(TypedDict, total=False):
    """A Pod template."""

    metadata: TemplateMeta | None


class Spec(TypedDict, total=False):
    """`spec` of a Pod, a Service or a workload."""

    hostNetwork: Any
    type: Any
    selector: Any
    template: Template | None


class Status(TypedDict, total=False):
    """`status` of a Pod, a Service, a workload or a node."""

    phase: Any
    podIP: Any
    podIPs: Any
    loadBalancer: Any
    replicas: Any
    currentNumberScheduled: Any
    addresses: Any


class Object(TypedDict, total=False):
    """An object of any kind that is read."""

    metadata: Meta | None
    spec: Spec | None
    status: Status | None


class Page(TypedDict, total=False):
    """A page of a list."""

    kind: Any
    metadata: Meta
    items: list[Object] | None


class Event(TypedDict, total=False):
    """A watch event about an object; that of an error has another shape, and is read whole."""

    type: Any
    object: Object


_OF_OBJECTS = ("ADDED", "MODIFIED", "DELETED", "BOOKMARK")
_page = msgspec.json.Decoder(Page)
_event = msgspec.json.Decoder(Event)


def page(body: bytes) -> object:
    """Read a page of a list.

    Raises:
        ValueError: it is no JSON.
        RecursionError: it is nested beyond all measure.
    """
    return _read(_page, body)


def event(line: bytes) -> object:
    """Read a watch event.

    Raises:
        ValueError: it is no JSON.
        RecursionError: it is nested beyond all measure.
    """
    found = _read(_event, line)
    known = isinstance(found, dict) and found.get("type") in _OF_OBJECTS
    return found if known else json.loads(line)


def _read(decoder: msgspec.json.Decoder[Any], data: bytes) -> object:
    try:
        return decoder.decode(data)
    except msgspec.MsgspecError:
        return json.loads(data)
