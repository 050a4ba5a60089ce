"""What a workload asks for, read from the text of its annotation.

The text is written by hand by people who do not see our log, so whatever is wrong with it becomes one
sentence that says where it is wrong and how to mend it. No text raises anything else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, NoReturn

from akb_sync.model import Binding

from .prose import shown

EXPOSABLE = frozenset({"pods", "services"})
EXAMPLE = '{"tenant": "TENANT", "l3out": "L3OUT", "epg": "EPG"}'
_NAMES = ("tenant", "l3out", "epg")
_KEYS = (*_NAMES, "expose")
_NAME = re.compile(r"[a-zA-Z0-9_.:-]{1,63}")
_LONGEST = 4096


class AnnotationError(ValueError):
    """The annotation cannot be read; the text is a sentence with the position and the mend."""


@dataclass(frozen=True, slots=True)
class Request:
    """What an annotation asks for."""

    binding: Binding
    """Without tenant and L3Out where the annotation names an EPG only."""
    expose: frozenset[str] = EXPOSABLE
    """Out of `pods` and `services`."""
    unknown: tuple[str, ...] = ()
    """Keys that mean nothing here, made fit to be shown."""

    @property
    def names_l3out(self) -> bool:
        """Whether it says which L3Out it means, and not the EPG only."""
        return bool(self.binding.l3out)


@lru_cache(maxsize=4096)
def parse(text: str) -> Request:
    """Read an annotation.

    Raises:
        AnnotationError: it is not what was agreed.
    """
    document = _decoded(text)
    names_epg_only = "epg" in document and not any(_meant(key, document) for key in ("tenant", "l3out"))
    tenant, l3out, epg = ("" if names_epg_only and key != "epg" else _name(document, key) for key in _NAMES)
    unknown = tuple(sorted(_with_hint(key, document) for key in document if key not in _KEYS))
    return Request(Binding(tenant, l3out, epg), _expose(document), unknown)


def _decoded(text: str) -> Mapping[str, Any]:
    if len(text) > _LONGEST:
        raise AnnotationError(f"it has {len(text)} characters, more than {_LONGEST}; write {EXAMPLE}")
    if not text.strip():
        raise AnnotationError(f"it is empty; write {EXAMPLE}, or remove it")
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_not_json)
    except AnnotationError:
        raise
    except json.JSONDecodeError as error:
        raise AnnotationError(_syntax(error)) from None
    except (ValueError, RecursionError):
        # A number of thousands of digits, or thousands of brackets.
        raise AnnotationError(f"it is no JSON that can be read; write {EXAMPLE}") from None
    if not isinstance(value, dict):
        raise AnnotationError(f"it is {_kind(value)}, not a JSON object; write {EXAMPLE}")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise AnnotationError(f"key `{shown(key)}` stands there twice; keep one of them")
        found[key] = value
    return found


def _not_json(constant: str) -> NoReturn:
    raise AnnotationError(f"`{constant}` is no JSON value; write {EXAMPLE}")


def _syntax(error: json.JSONDecodeError) -> str:
    found = error.doc[error.pos : error.pos + 1]
    what = f"at `{shown(found)}`" if found else "where the text ends"
    advice = f"write {EXAMPLE}"
    if found == "'":
        advice = "use double quotes"
    elif found in {"}", "]"} and error.doc[: error.pos].rstrip().endswith(","):
        advice = "remove the comma before it"
    return f"line {error.lineno}, column {error.colno}: no valid JSON {what} ({error.msg}); {advice}"


def _meant(key: str, document: Mapping[str, Any]) -> bool:
    """Whether a key stands there, misspelt perhaps: a typing error must not turn into a default."""
    return key in document or bool(_near(key, [other for other in document if other not in _KEYS]))


def _name(document: Mapping[str, Any], key: str) -> str:
    if key not in document:
        near = _near(key, [other for other in document if other not in _KEYS])
        hint = f"; rename key `{shown(near)}`" if near else f"; write {EXAMPLE}"
        raise AnnotationError(f"key `{key}` is missing{hint}")
    value = document[key]
    if not isinstance(value, str):
        raise AnnotationError(f'key `{key}`: it is {_kind(value)}, not a string; write "{key}": "NAME"')
    if not _NAME.fullmatch(value):
        raise AnnotationError(
            f"key `{key}`: `{shown(value)}` is no name of the APIC; "
            "use 1 to 63 letters, digits and the characters _ . : -"
        )
    return value


def _expose(document: Mapping[str, Any]) -> frozenset[str]:
    if "expose" not in document:
        return EXPOSABLE
    value = document["expose"]
    mend = 'write "expose": ["pods", "services"] or one of the two'
    if not isinstance(value, list):
        raise AnnotationError(f"key `expose`: it is {_kind(value)}, not a list; {mend}")
    for index, entry in enumerate(value):
        if not isinstance(entry, str) or entry not in EXPOSABLE:
            what = f"`{shown(entry)}`" if isinstance(entry, str) else _kind(entry)
            raise AnnotationError(f"key `expose`, entry {index + 1}: {what} cannot be exposed; {mend}")
    return frozenset(value)


def _with_hint(key: str, document: Mapping[str, Any]) -> str:
    near = _near(key, [other for other in _KEYS if other not in document])
    return f"`{shown(key)}` (did you mean `{near}`?)" if near else f"`{shown(key)}`"


def _near(word: str, others: list[str]) -> str:
    by_lower = {other[:64].lower(): other for other in others}
    match = get_close_matches(word[:64].lower(), by_lower, n=1)
    return by_lower[match[0]] if match else ""


def _kind(value: object) -> str:
    names = {bool: "a boolean", int: "a number", float: "a number", str: "a string", list: "a list"}
    return "null" if value is None else names.get(type(value), "an object")
