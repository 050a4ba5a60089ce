"""Questions about the whole fabric, which no view of a few L3Outs answers: names, marks, tags, the time.

Each is one class query for both kinds of objects, whatever the number of objects. The forms are those of the
"Cisco APIC REST API Configuration Guide".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from akb_sync.apic.change import EPG, SUBNET
from akb_sync.apic.ports import Reader
from akb_sync.apic.queries import below_query, tagged_query
from akb_sync.apic.query import class_path, mo_path
from akb_sync.errors import ApicRejected
from akb_sync.mark import ORCHESTRATOR, Mark
from akb_sync.model import Binding

from .origin import PRIOR_ANNOTATION


@dataclass(frozen=True, slots=True)
class Marked:
    """An object that bears the mark of an akb-sync, whichever."""

    dn: str
    mark: Mark
    changed: datetime | None
    """When the APIC last changed it (`modTs`)."""


def all_epgs(reader: Reader) -> frozenset[Binding]:
    """Name every external EPG of the fabric.

    Raises:
        ApicError: it could not be read.
    """
    answer = reader.get(class_path(EPG), {"rsp-prop-include": "naming-only"})
    return _bindings(attributes["dn"] for attributes in _attributes(answer))


def marked(reader: Reader) -> tuple[Marked, ...]:
    """Find every object with a mark of any akb-sync.

    Raises:
        ApicError: it could not be read.
    """
    found = []
    for attributes in _bearing(reader, ORCHESTRATOR):
        mark = Mark.parse(attributes.get("annotation", ""))
        if mark is not None:
            found.append(Marked(attributes["dn"], mark, _time(attributes.get("modTs", ""))))
    return tuple(found)


def of_the_prior_application(reader: Reader) -> frozenset[Binding]:
    """Name the EPGs that bear the prior application's mark, or have a subnet that does.

    Raises:
        ApicError: it could not be read.
    """
    return _bindings(attributes["dn"] for attributes in _bearing(reader, PRIOR_ANNOTATION))


def tagged(reader: Reader, uid8: str) -> frozenset[Binding]:
    """Name the EPGs with a cluster's tag; none on an APIC that is too old for tags.

    Raises:
        ApicError: it could not be read.
    """
    try:
        answer = reader.get(*tagged_query(uid8))
    except ApicRejected:
        return frozenset()
    return _bindings(attributes["dn"] for attributes in _attributes(answer))


def below(reader: Reader, binding: Binding) -> Iterator[tuple[str, tuple[str, Mapping[str, str]]]]:
    """Give an EPG and everything below it, DN to class and attributes; nothing when it is not there.

    Raises:
        ApicError: it could not be read.
    """
    for item in reader.get(mo_path(binding.dn), below_query()):
        for cls, content in item.items():
            yield content["attributes"]["dn"], (cls, content["attributes"])


def fabric_time(reader: Reader) -> datetime | None:
    """Ask a controller for its time; None when it does not tell.

    Ages are told by the clock that made the time stamps, since ours may be wrong.
    """
    try:
        answer = reader.get(
            class_path("topSystem"), {"query-target-filter": 'eq(topSystem.role,"controller")'}
        )
    except ApicRejected:
        return None
    times = [_time(attributes.get("currentTime", "")) for attributes in _attributes(answer)]
    return max((one for one in times if one is not None), default=None)


def _bearing(reader: Reader, text: str) -> Iterator[dict[str, str]]:
    for cls in (EPG, SUBNET):
        yield from _attributes(
            reader.get(class_path(cls), {"query-target-filter": f'wcard({cls}.annotation,"{text}")'})
        )


def _attributes(answer: list[dict[str, dict[str, dict[str, str]]]]) -> Iterator[dict[str, str]]:
    for item in answer:
        for body in item.values():
            if body["attributes"].get("dn"):
                yield body["attributes"]


def _bindings(dns: Iterator[str]) -> frozenset[Binding]:
    return frozenset(binding for dn in dns if (binding := Binding.of_dn(dn)) is not None)


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
