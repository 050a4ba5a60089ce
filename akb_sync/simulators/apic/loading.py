"""Files that fill a fabric: documents to be posted, in JSON or XML, and saved states.

A document that was exported from an APIC with all its properties holds what the APIC keeps by itself, which
it refuses to be told. That is left out here: an export is to be loaded as it is.
"""

import json
from pathlib import Path
from typing import Any

from akb_sync.simulators.apic import snapshots, xml_form
from akb_sync.simulators.apic.errors import ApicError
from akb_sync.simulators.apic.schema import Schema, standard_schema
from akb_sync.simulators.apic.snapshots import Snapshot
from akb_sync.simulators.apic.workbench import Workbench
from akb_sync.simulators.errors import SimulatorError

KEPT = frozenset({"dn", "rn"})
SAID_BY_SYSTEM = frozenset({"status", "childAction"})


def load_file(simulator: Workbench, path: Path) -> None:
    """Fill a fabric from a file: a saved state, or a document to be posted to `uni`.

    Raises SimulatorError with the file, the place, and what is wrong there.
    """
    document = read_document(path)
    try:
        if snapshots.is_snapshot(document):
            _restore(simulator, Snapshot.from_document(document, str(path)), path)
        else:
            simulator.load(without_read_only(document, standard_schema()))
    except ApicError as error:
        raise SimulatorError(
            f"{path} cannot be loaded: the APIC refuses it with {error.code}, {error.text.strip(' ,')}."
        ) from error


def _restore(simulator: Workbench, snapshot: Snapshot, path: Path) -> None:
    try:
        simulator.restore(snapshot)
    except SimulatorError as error:
        raise SimulatorError(f"{path}: {error}") from error


def read_document(path: Path) -> Any:
    """The document in a JSON or XML file; raises SimulatorError."""
    try:
        body = path.read_bytes()
    except OSError as error:
        raise SimulatorError(f"{path} cannot be read: {error.strerror}.") from error
    if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        try:
            return xml_form.read(body)
        except ApicError as error:
            raise SimulatorError(f"{path} is not XML: {error.text}.") from error
    try:
        return json.loads(body)
    except json.JSONDecodeError as error:
        raise SimulatorError(
            f"{path} is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        ) from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise SimulatorError(f"{path} is not JSON: {error}.") from error


def without_read_only(document: Any, schema: Schema) -> Any:
    """A document without what only the APIC writes; what is malformed stays, to be refused."""
    if not isinstance(document, dict):
        return document
    if isinstance(document.get("imdata"), list):
        return {**document, "imdata": _configured(document["imdata"], schema)}
    return {name: _body(name, body, schema) for name, body in document.items()}


def _configured(items: list[Any], schema: Schema) -> list[Any]:
    return [without_read_only(item, schema) for item in items if not _record(item, schema)]


def _record(item: Any, schema: Schema) -> bool:
    """Whether an item is something like a fault, which exports have below what is wrong."""
    known = schema.find(next(iter(item))) if isinstance(item, dict) and len(item) == 1 else None
    return known is not None and known.record


def _body(name: str, body: Any, schema: Schema) -> Any:
    item = schema.find(name)
    if item is None or not isinstance(body, dict):
        return body
    kept = dict(body)
    if isinstance(attributes := body.get("attributes"), dict):
        kept["attributes"] = {
            prop: value
            for prop, value in attributes.items()
            if prop not in item.properties
            or prop in KEPT
            or (prop in SAID_BY_SYSTEM and value)
            or not item.properties[prop].readonly
        }
    if isinstance(children := body.get("children"), list):
        kept["children"] = _configured(children, schema)
    return kept
