"""How objects look on the wire: whole, as PartialObjectMetadata, or as rows of a Table, by the Accept header.

Text is joined from the records' own JSON, so that a list of ten thousand objects is not encoded anew each
time.
"""

import json
from datetime import datetime
from typing import Any, Protocol

from akb_sync.simulators.kubernetes import errors
from akb_sync.simulators.kubernetes.listing import Page
from akb_sync.simulators.kubernetes.resources import Resource
from akb_sync.simulators.kubernetes.storage import Record
from akb_sync.simulators.kubernetes.tables import columns_of, row_of

META = "meta.k8s.io/v1"
PARTIAL = "PartialObjectMetadata"
INITIAL_EVENTS_END = {"k8s.io/initial-events-end": "true"}


class Renderer(Protocol):
    """One representation. All methods give JSON text."""

    def single(self, record: Record) -> str:
        """One object."""

    def page(self, page: Page) -> str:
        """A list."""

    def event(self, record: Record) -> str:
        """The `object` of a watch event."""

    def bookmark(self, revision: int, annotations: dict[str, str]) -> str:
        """The `object` of a BOOKMARK."""


def renderer_for(accept: str, resource: Resource, now: datetime, include_object: str = "") -> Renderer:
    """The first representation in the Accept header that is served. Raises ApiError 406 when none is."""
    refused_form = False
    for clause in (accept or "*/*").split(","):
        media, *rest = (part.strip() for part in clause.split(";"))
        values = dict(part.partition("=")[::2] for part in rest)
        if media not in ("*/*", "application/*", "application/json"):
            continue
        form = values.get("as", "")
        if not form:
            return Whole(resource)
        if values.get("g") != "meta.k8s.io" or values.get("v") != "v1":
            refused_form = True
        elif form == "Table":
            return Table(resource, now, include_object)
        elif form in (PARTIAL, f"{PARTIAL}List"):
            return Partial(resource, as_list=form.endswith("List"))
        else:
            refused_form = True
    if refused_form:
        raise errors.not_acceptable()
    raise errors.not_acceptable(f"406: Not Acceptable\n\nAvailable representations: {errors.ACCEPTED}")


class Whole:
    """Objects as they are stored."""

    def __init__(self, resource: Resource) -> None:
        self._kind = resource.kind
        self._version = resource.api_version
        self._head = f'{{"kind":"{resource.kind}","apiVersion":"{resource.api_version}",'

    def single(self, record: Record) -> str:
        """The object with its kind first."""
        return self._head + record.text[1:]

    def page(self, page: Page) -> str:
        """A typed list; its items carry no kind, as from the real server."""
        return _list(f"{self._kind}List", self._version, page, [record.text for record in page.records])

    def event(self, record: Record) -> str:
        """The whole object."""
        return self.single(record)

    def bookmark(self, revision: int, annotations: dict[str, str]) -> str:
        """An object of the kind with nothing but its resourceVersion."""
        return _bookmark(self._kind, self._version, revision, annotations)


class Partial:
    """Metadata alone, for clients that count and link objects without reading them."""

    def __init__(self, resource: Resource, *, as_list: bool) -> None:
        self._resource = resource
        self._as_list = as_list

    def single(self, record: Record) -> str:
        """One PartialObjectMetadata. Raises ApiError 406 when a list was asked for."""
        if self._as_list:
            kind = self._resource.kind
            text = f"you requested {PARTIAL}List, but the requested object is not a list (*core.{kind})"
            raise errors.not_acceptable(text)
        return self.event(record)

    def page(self, page: Page) -> str:
        """A PartialObjectMetadataList."""
        return _list(f"{PARTIAL}List", META, page, [self.event(record) for record in page.records])

    def event(self, record: Record) -> str:
        """One PartialObjectMetadata; a watch takes both spellings of the Accept header."""
        return _partial(record)

    def bookmark(self, revision: int, annotations: dict[str, str]) -> str:
        """A PartialObjectMetadata with nothing but its resourceVersion."""
        return _bookmark(PARTIAL, META, revision, annotations)


class Table:
    """Rows for people, made by the server as kubectl asks for them.

    In a watch only the first has the columns.
    """

    def __init__(self, resource: Resource, now: datetime, include_object: str) -> None:
        self._resource = resource
        self._now = now
        self._include = include_object or "Metadata"
        self._columns_sent = False

    def single(self, record: Record) -> str:
        """A Table of one row."""
        return self._table({"resourceVersion": str(record.revision)}, [record], columns=True)

    def page(self, page: Page) -> str:
        """A Table of a list."""
        return self._table(_list_metadata(page), page.records, columns=True)

    def event(self, record: Record) -> str:
        """A Table of one row, with columns in the first event only."""
        columns, self._columns_sent = not self._columns_sent, True
        return self._table({"resourceVersion": str(record.revision)}, [record], columns=columns)

    def bookmark(self, revision: int, annotations: dict[str, str]) -> str:
        """A Table of one row that is a bookmark's empty object."""
        row = {"cells": [], "object": json.loads(_bookmark(PARTIAL, META, revision, annotations))}
        return _json(
            {
                "kind": "Table",
                "apiVersion": META,
                "metadata": {"resourceVersion": str(revision)},
                "columnDefinitions": None,
                "rows": [row],
            }
        )

    def _table(self, metadata: dict[str, Any], records: list[Record], *, columns: bool) -> str:
        return _json(
            {
                "kind": "Table",
                "apiVersion": META,
                "metadata": metadata,
                "columnDefinitions": columns_of(self._resource) if columns else None,
                "rows": [self._row(record) for record in records],
            }
        )

    def _row(self, record: Record) -> dict[str, Any]:
        row: dict[str, Any] = {"cells": row_of(self._resource, record.data, self._now)}
        if self._include == "Object":
            row["object"] = record.data
        elif self._include == "Metadata":
            row["object"] = {"kind": PARTIAL, "apiVersion": META, "metadata": record.data["metadata"]}
        return row


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _partial(record: Record) -> str:
    return f'{{"kind":"{PARTIAL}","apiVersion":"{META}","metadata":{record.metadata_text}}}'


def _list_metadata(page: Page) -> dict[str, Any]:
    metadata: dict[str, Any] = {"resourceVersion": str(page.revision)}
    if page.continue_token:
        metadata["continue"] = page.continue_token
    if page.remaining:
        metadata["remainingItemCount"] = page.remaining
    return metadata


def _list(kind: str, version: str, page: Page, items: list[str]) -> str:
    head = f'{{"kind":"{kind}","apiVersion":"{version}","metadata":{_json(_list_metadata(page))},"items":['
    return head + ",".join(items) + "]}"


def _bookmark(kind: str, version: str, revision: int, annotations: dict[str, str]) -> str:
    metadata: dict[str, Any] = {"resourceVersion": str(revision)}
    if annotations:
        metadata["annotations"] = annotations
    return _json({"kind": kind, "apiVersion": version, "metadata": metadata})
