"""A part of a YAML document that knows where it stands, so that a complaint can name the place."""

import re
from collections.abc import Collection
from typing import Any, NoReturn

import yaml

from akb_sync.simulators.errors import SimulatorError


class ScriptError(SimulatorError):
    """A script that cannot be used; `str(error)` names the file, the line, the path, and how to mend it."""


class Part:
    """One value of the document.

    Args:
        source: what the document is called, e.g. its file name.
        node: the value as the YAML parser sees it.
        path: the keys and numbers that lead to it, e.g. `faults[1].when`.
    """

    def __init__(self, source: str, node: yaml.Node, path: str = "") -> None:
        self.source = source
        self.path = path
        self._node = node

    def refuse(self, problem: str) -> NoReturn:
        """Raise the sentence that says what is wrong here, and what to write."""
        line = self._node.start_mark.line + 1
        where = f", {self.path}" if self.path else ""
        raise ScriptError(f"{self.source} line {line}{where}: {problem}.")

    def parts(self, known: Collection[str], needed: Collection[str] = ()) -> "dict[str, Part]":
        """The values of a mapping by key; none that is not known, and all that are needed."""
        node = self._node
        if not isinstance(node, yaml.MappingNode):
            self.refuse(f"a mapping belongs here; write some of {_listed(known)}")
        found: dict[str, Part] = {}
        for key_node, value in node.value:
            key = str(getattr(key_node, "value", ""))
            part = Part(self.source, value, f"{self.path}.{key}" if self.path else key)
            if key not in known:
                part.refuse(f"'{key}' is not known; write one of {_listed(known)}")
            if key in found:
                part.refuse(f"'{key}' stands here twice; leave one of them out")
            found[key] = part
        for key in needed:
            if key not in found:
                self.refuse(f"'{key}' is missing; add it")
        return found

    def items(self) -> "list[Part]":
        """The values of a list."""
        node = self._node
        if not isinstance(node, yaml.SequenceNode):
            self.refuse("a list belongs here; begin each entry with '- '")
        return [Part(self.source, value, f"{self.path}[{index}]") for index, value in enumerate(node.value)]

    def is_scalar(self) -> bool:
        """Whether this is a single value, no list and no mapping."""
        return isinstance(self._node, yaml.ScalarNode)

    def is_empty(self) -> bool:
        """Whether nothing is written here."""
        return self.is_scalar() and self.value() is None

    def value(self) -> Any:
        """The value of a scalar."""
        if not isinstance(self._node, yaml.ScalarNode):
            self.refuse("a single value belongs here")
        try:
            return yaml.SafeLoader("").construct_object(self._node)
        except (ValueError, yaml.YAMLError):
            self.refuse(f"'{self._node.value}' cannot be read; put it in quotes")

    def text(self) -> str:
        """A text; a number is one, too."""
        value = self.value()
        if value is None or isinstance(value, bool):
            self.refuse("a text belongs here; put it in quotes")
        return str(value)

    def one_of(self, words: Collection[str]) -> str:
        """One of some words."""
        text = self.text()
        if text not in words:
            self.refuse(f"'{text}' is not known; write one of {_listed(words)}")
        return text

    def number(self, low: float = 0.0, high: float | None = None) -> float:
        """A number within bounds."""
        value = self.value()
        if isinstance(value, bool) or not isinstance(value, int | float) or not _within(value, low, high):
            self.refuse(f"{value!r} does not do; write a number {_span(low, high)}")
        return float(value)

    def count(self, low: int = 0) -> int:
        """A whole number."""
        value = self.value()
        if isinstance(value, bool) or not isinstance(value, int) or value < low:
            self.refuse(f"{value!r} does not do; write a whole number from {low} up")
        return value

    def pattern(self) -> re.Pattern[str]:
        """A regular expression."""
        text = self.text()
        try:
            return re.compile(text)
        except re.error as error:
            self.refuse(f"'{text}' is no regular expression ({error}); put a \\ before [ and ( of names")


def document(source: str, text: str) -> Part | None:
    """The whole of a YAML text, None when it is empty; raises ScriptError."""
    try:
        node = yaml.compose(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = "" if mark is None else f" line {mark.line + 1}"
        raise ScriptError(f"{source}{line}: this is not YAML, {error.problem}; mend it there.") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise ScriptError(f"{source}: this is not YAML, {' '.join(str(error).split())}.") from error
    return None if node is None else Part(source, node)


def _within(value: float, low: float, high: float | None) -> bool:
    return low <= value < float("inf") and (high is None or value <= high)


def _span(low: float, high: float | None) -> str:
    return f"from {low:g} up" if high is None else f"from {low:g} to {high:g}"


def _listed(words: Collection[str]) -> str:
    return ", ".join(sorted(words))
