"""The fields of `Behaviour` as words for a command line: `refresh-class=aaaRefresh`."""

import contextlib
import dataclasses
import types
from collections.abc import Iterable
from typing import Any, Literal, get_args, get_origin, get_type_hints

from akb_sync.simulators.apic.behaviour import Behaviour
from akb_sync.simulators.errors import SimulatorError


def parse_behaviour(texts: Iterable[str]) -> Behaviour:
    """The behaviour that some `NAME=VALUE` choose; raises SimulatorError with what could be written."""
    hints = get_type_hints(Behaviour)
    names = {field.name.replace("_", "-"): field.name for field in dataclasses.fields(Behaviour)}
    chosen: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or name not in names:
            raise SimulatorError(
                f"'{text}' is no choice of behaviour; write NAME=VALUE with one of {', '.join(names)}."
            )
        chosen[names[name]] = _value(name, value, hints[names[name]])
    return Behaviour(**chosen)


def choices() -> dict[str, tuple[str, str]]:
    """For each name its default and what may be written, for help and documentation."""
    hints = get_type_hints(Behaviour)
    return {
        field.name.replace("_", "-"): (_shown(field.default), _allowed(hints[field.name]))
        for field in dataclasses.fields(Behaviour)
    }


def _value(name: str, text: str, hint: Any) -> Any:
    words = {word: value for kind in _kinds(hint) for word, value in _words(kind).items()}
    if text in words:
        return words[text]
    for kind in _kinds(hint):
        if kind in {int, float}:
            with contextlib.suppress(ValueError):
                number = kind(text)
                if 0 < number < float("inf"):
                    return number
    raise SimulatorError(f"'{name}={text}' cannot be; write {name}={_allowed(hint)}.")


def _words(kind: Any) -> dict[str, Any]:
    """The values of a kind that has only some, by what is written for them."""
    if get_origin(kind) is Literal:
        return {str(option): option for option in get_args(kind)}
    if kind is types.NoneType:
        return {"none": None}
    return {"yes": True, "no": False} if kind is bool else {}


def _kinds(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) is types.UnionType else (hint,)


def _allowed(hint: Any) -> str:
    numbers = {int: "a whole number", float: "a number"}
    found = [word for kind in _kinds(hint) for word in (_words(kind) or [numbers[kind]])]
    return " or ".join(found)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
