"""Makes JSON of bodies in Kubernetes' protobuf, which kubectl and client-go send for built-in kinds.

Only reading: answers are JSON, which the same clients accept. The envelope is described in "Kubernetes API
Concepts" (Kubernetes Protobuf encoding): four magic bytes, then `Unknown` with the type and the object's
own message.
"""

import base64
import json
import struct
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from akb_sync.simulators.kubernetes.schema import Field, type_named, wire_fields

MAGIC = b"k8s\x00"
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
Wire = dict[int, list[Any]]


class ProtobufError(Exception):
    """The bytes are not what they should be."""


def decode(body: bytes) -> dict[str, Any]:
    """The object in an envelope, as JSON with `kind` and `apiVersion`. Raises ProtobufError."""
    if not body.startswith(MAGIC):
        raise ProtobufError(
            "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]"
        )
    envelope = _parse(body[len(MAGIC) :])
    meta = _parse(_last(envelope, 1, b""))
    api_version, kind = _last(meta, 1, b"").decode(), _last(meta, 2, b"").decode()
    name = type_named(api_version, kind)
    if name is None:
        raise ProtobufError(f'no kind "{kind}" is registered for version "{api_version}"')
    return {"kind": kind, "apiVersion": api_version, **_message(name, _last(envelope, 2, b""))}


def _message(name: str, data: bytes) -> dict[str, Any]:
    wire = _parse(data)
    result: dict[str, Any] = {}
    for number, field in sorted(wire_fields(name).items()):
        if number not in wire:
            continue
        value = _field(field, wire[number])
        if field.inline:
            result |= value
        elif field.pointer or not _is_zero(value):
            result[field.name] = value
    return result


def _is_zero(value: Any) -> bool:
    """Whether Go would leave the value out: gogo protobuf writes the zeros of fields that are no pointers."""
    return value is None or value is False or value in ("", 0, [])


def _field(field: Field, values: list[Any]) -> Any:
    if field.type.startswith("[]"):
        return [_value(field.type[2:], value) for value in values]
    if field.type.startswith("{}"):
        entries = [_parse(value) for value in values]
        return {
            _last(entry, 1, b"").decode(): _value(field.type[2:], _last(entry, 2, b"")) for entry in entries
        }
    return _value(field.type, values[-1])


def _value(kind: str, raw: Any) -> Any:  # noqa: PLR0911 - one line for each type
    if kind.startswith("@"):
        return _message(kind[1:], raw)
    match kind:
        case "string":
            return raw.decode()
        case "bytes":
            return base64.b64encode(raw).decode()
        case "bool":
            return bool(raw)
        case "int32" | "int64":
            return _signed(raw)
        case "float64":
            return struct.unpack("<d", raw)[0]
        case _:
            return _well_known(kind, _parse(raw))


def _well_known(kind: str, wire: Wire) -> Any:
    match kind:
        case "time" | "microtime":
            return _time(wire, micro=kind == "microtime")
        case "quantity":
            return _last(wire, 1, b"").decode()
        case "intstr":
            return _last(wire, 3, b"").decode() if _last(wire, 1, 0) else _signed(_last(wire, 2, 0))
        case "raw":
            return json.loads(_last(wire, 1, b"null"))
        case _:
            raise ProtobufError(f"unknown type {kind}")


def _time(wire: Wire, *, micro: bool) -> str | None:
    if not wire:
        return None
    moment = datetime.fromtimestamp(_signed(_last(wire, 1, 0)), UTC)
    fraction = f".{_last(wire, 2, 0) // 1000:06d}" if micro else ""
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + fraction + "Z"


def _last(wire: Wire, number: int, default: Any) -> Any:
    return wire[number][-1] if number in wire else default


def _signed(value: int) -> int:
    return value - 2**64 if value >= 2**63 else value


def _parse(data: bytes) -> Wire:
    wire: Wire = defaultdict(list)
    position = 0
    while position < len(data):
        tag, position = _varint(data, position)
        value, position = _raw(data, position, tag & 7)
        wire[tag >> 3].append(value)
    return dict(wire)


def _raw(data: bytes, position: int, wire_type: int) -> tuple[Any, int]:
    if wire_type == VARINT:
        return _varint(data, position)
    if wire_type == BYTES:
        length, position = _varint(data, position)
    elif wire_type in (FIXED64, FIXED32):
        length = 8 if wire_type == FIXED64 else 4
    else:
        raise ProtobufError(f"unknown wire type {wire_type}")
    if position + length > len(data):
        raise ProtobufError("unexpected end of data")
    return data[position : position + length], position + length


def _varint(data: bytes, position: int) -> tuple[int, int]:
    result, shift = 0, 0
    while position < len(data) and shift < 70:
        byte = data[position]
        result |= (byte & 0x7F) << shift
        position += 1
        if not byte & 0x80:
            return result, position
        shift += 7
    raise ProtobufError("unexpected end of data")
