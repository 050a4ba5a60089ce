"""The whole state of a fabric as data: to a file and back, or kept aside and put back later.

A snapshot holds every object with every property, passwords and what the system keeps included, in the order
in which the objects came to be: leafs favour who came first, so age is a part of the state.
"""

import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from akb_sync.simulators.apic.fabric import Fabric
from akb_sync.simulators.apic.revival import Saved, kept, revive
from akb_sync.simulators.apic.transactions import Change, Kind
from akb_sync.simulators.apic.tree import Mo
from akb_sync.simulators.errors import SimulatorError

FORMAT = "akb-sync-apic-state/1"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Objects as (class, dn, properties), parents before children."""

    objects: tuple[Saved, ...]

    @classmethod
    def of(cls, fabric: Fabric) -> "Snapshot":
        """What a fabric is now."""
        with fabric.lock:
            return cls(tuple((mo.schema.name, mo.dn, _properties(mo)) for mo in fabric.tree.everything()))

    @classmethod
    def from_document(cls, document: Any, source: str = "the document") -> "Snapshot":
        """The snapshot that a document holds; raises SimulatorError with the place."""
        if not is_snapshot(document):
            raise SimulatorError(f'{source} is no saved state: it has no "format": "{FORMAT}".')
        found = document.get("imdata")
        if not isinstance(found, list):
            raise SimulatorError(f"{source} cannot be loaded: imdata is no list.")
        return cls(tuple(_read(item, f"{source}, imdata[{index}]") for index, item in enumerate(found)))

    def document(self) -> dict[str, Any]:
        """The JSON document: an answer of an APIC, with a mark that it is more than that."""
        imdata = [{name: {"attributes": {"dn": dn, **values}}} for name, dn, values in self.objects]
        return {"format": FORMAT, "totalCount": str(len(imdata)), "imdata": imdata}

    def put_back(self, fabric: Fabric) -> list[Change]:
        """Make a fabric what it was; events tell every difference. Returns the differences.

        Raises SimulatorError, and changes nothing, when the snapshot does not fit the schema or itself.
        """
        with fabric.lock:
            old = {mo.dn: mo for mo in fabric.tree.everything()}
            new = revive(self.objects, fabric.schema)
            for mo in old.values():
                if mo.parent is None:
                    fabric.tree.detach(mo)
            for mo in new.values():
                fabric.tree.attach(mo)
            fabric.follow(new.values())
            self._settle_values(fabric, new)
            fabric.resume()
            changes = list(_differences(old, new))
            fabric.bus.publish(changes)
            return changes

    def _settle_values(self, fabric: Fabric, new: dict[str, Mo]) -> None:
        """Undo what the system made of the objects while it took notice of them: it was there already."""
        for mo in [mo for mo in fabric.tree.everything() if new.get(mo.dn) is not mo]:
            if fabric.tree.get(mo.dn) is mo:
                fabric.tree.detach(mo)
        for name, dn, values in self.objects:
            if fabric.tree.get(dn) is None:
                fabric.tree.attach(new[dn])
            new[dn].values = kept(fabric.schema[name], values)


def is_snapshot(document: Any) -> bool:
    """Whether a document is a saved state, and not one to be posted."""
    return isinstance(document, dict) and document.get("format") == FORMAT


def check_writable(path: Path) -> None:
    """Find out before anything runs whether a file can be written there; raises SimulatorError."""
    if path.is_dir():
        raise SimulatorError(f"{path} cannot be written: it is a directory; name a file.")
    try:
        descriptor, probe = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        os.close(descriptor)
        Path(probe).unlink()
    except OSError as error:
        raise SimulatorError(f"{path} cannot be written: {error.strerror}; choose another place.") from error


def save(snapshot: Snapshot, path: Path) -> None:
    """Write a snapshot to a file that only its owner reads, whole or not at all; raises SimulatorError."""
    temporary: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as file:
            temporary = Path(file.name)
            json.dump(snapshot.document(), file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise SimulatorError(f"{path} cannot be written: {error.strerror}.") from error


def _properties(mo: Mo) -> dict[str, str]:
    return {prop: mo.get(prop) for prop in sorted(mo.schema.properties) if prop != "dn"}


def _read(item: Any, place: str) -> Saved:
    match item:
        case {**only} if len(only) == 1:
            ((name, body),) = only.items()
            values = body.get("attributes") if isinstance(body, dict) else None
            if isinstance(values, dict) and all(isinstance(value, str) for value in values.values()):
                values = dict(values)
                dn = values.pop("dn", "")
                if dn:
                    return str(name), dn, values
    raise SimulatorError(f"{place} is no object with attributes and a dn.")


def _differences(old: dict[str, Mo], new: dict[str, Mo]) -> Iterable[Change]:
    yield from _gone(old, new)
    for dn, mo in new.items():
        before = old.get(dn)
        if before is None or before.schema is not mo.schema:
            yield Change(Kind.CREATED, mo)
        elif changed := {
            prop: mo.get(prop) for prop in mo.schema.properties if mo.get(prop) != before.get(prop)
        }:
            yield Change(Kind.MODIFIED, mo, changed)


def _gone(old: dict[str, Mo], new: dict[str, Mo]) -> Iterator[Change]:
    for dn, mo in old.items():
        if dn not in new or new[dn].schema is not mo.schema:
            yield Change(Kind.DELETED, mo)
