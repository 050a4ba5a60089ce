"""Reads a JSON body as the API's types would: wrong types are refused, unknown fields found and dropped.

Messages are those of Go's JSON decoder, which is what the real server answers with.
"""

import base64
import binascii
from datetime import datetime
from typing import Any

from akb_sync.simulators.kubernetes.schema import fields_of

TYPE_META = ("kind", "apiVersion")
_RANGES = {"int32": 2**31, "int64": 2**63}
_JSON_NAMES = {str: "string", bool: "bool", int: "number", float: "number", list: "array", dict: "object"}
_GO_NAMES = {"time": "string", "microtime": "string", "quantity": "string", "bytes": "string"}


class WrongTypeError(Exception):
    """A value that its field cannot hold; the text is the decoder's sentence."""


class Reader:
    """Reads one body. After `read`, `unknown` holds the paths of fields that no type knows."""

    def __init__(self) -> None:
        self.unknown: list[str] = []

    def read(self, type_name: str, body: dict[str, Any]) -> dict[str, Any]:
        """A deep copy of the body without nulls and unknown fields.

        Raises:
            WrongTypeError: for a value of the wrong type.
        """
        return self._object(type_name, body, "", top=True)

    def _object(
        self, type_name: str, value: dict[str, Any], path: str, *, top: bool = False
    ) -> dict[str, Any]:
        fields = fields_of(type_name)
        struct = type_name.rpartition(".")[2]
        result: dict[str, Any] = {}
        for name, item in value.items():
            where = f"{path}.{name}" if path else name
            field = fields.get(name)
            if top and name in TYPE_META:
                result[name] = item
            elif field is None:
                self.unknown.append(where)
            elif item is not None:
                result[name] = self._value(field.type, item, where, struct)
        return result

    def _value(self, kind: str, value: Any, path: str, struct: str) -> Any:
        if kind.startswith("@"):
            _expect(dict, value, path, struct, kind[1:].rpartition(".")[2])
            return self._object(kind[1:], value, path)
        if kind.startswith("[]"):
            _expect(list, value, path, struct, f"[]{kind[2:]}")
            items = enumerate(value)
            return [
                self._value(kind[2:], item, f"{path}[{index}]", struct)
                for index, item in items
                if item is not None
            ]
        if kind.startswith("{}"):
            _expect(dict, value, path, struct, f"map[string]{kind[2:]}")
            pairs = ((key, item) for key, item in value.items() if item is not None)
            return {key: self._value(kind[2:], item, f"{path}.{key}", struct) for key, item in pairs}
        return _scalar(kind, value, path, struct)


def _scalar(kind: str, value: Any, path: str, struct: str) -> Any:
    if kind in _RANGES:
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not whole or not -_RANGES[kind] <= value < _RANGES[kind]:
            raise _mismatch(value, path, struct, kind)
    elif kind == "bool":
        _expect(bool, value, path, struct, "bool")
    elif kind == "intstr":
        if isinstance(value, bool) or not isinstance(value, (int, str)):
            raise _mismatch(value, path, struct, "intstr.IntOrString")
    elif kind == "quantity":
        if isinstance(value, (bool, list, dict)):
            raise _mismatch(value, path, struct, "resource.Quantity")
        return str(value)
    elif kind in ("string", "time", "microtime", "bytes"):
        _expect(str, value, path, struct, _GO_NAMES.get(kind, kind))
        _check_text(kind, value)
    return value


def _check_text(kind: str, value: str) -> None:
    try:
        if kind in ("time", "microtime"):
            datetime.fromisoformat(value)
        elif kind == "bytes":
            base64.b64decode(value, validate=True)
    except binascii.Error:
        raise WrongTypeError("illegal base64 data at input byte 0") from None
    except ValueError:
        text = f'parsing time "{value}" as "2006-01-02T15:04:05Z07:00": cannot parse "{value}" as "2006"'
        raise WrongTypeError(text) from None


def _expect(wanted: type, value: Any, path: str, struct: str, name: str) -> None:
    if not isinstance(value, wanted):
        raise _mismatch(value, path, struct, name)


def _mismatch(value: Any, path: str, struct: str, name: str) -> WrongTypeError:
    shown = _JSON_NAMES.get(type(value), "value")
    if name in _RANGES and shown == "number":
        shown = f"number {value}"
    return WrongTypeError(
        f"json: cannot unmarshal {shown} into Go struct field {struct}.{path} of type {name}"
    )
