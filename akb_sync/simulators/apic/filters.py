"""The filter language of queries and subscriptions: `and(eq(cls.prop,"v"),wcard(cls.dn,"x"))`.

Operators: eq ne lt gt le ge bw wcard anybit allbits, joined by and or not xor, with true() false() pholder()
passive(). A condition speaks of one class; an object of another class does not meet it.
"""

import re
from collections.abc import Callable, Collection

from akb_sync.simulators.apic.errors import ApicError, bad_filter
from akb_sync.simulators.apic.schema import ClassSchema, Schema
from akb_sync.simulators.apic.tree import Mo
from akb_sync.simulators.apic.values import FALSE, TRUE, Property

Filter = Callable[[Mo], bool]
MAX_DEPTH = 50

_TOKEN = re.compile(r'\s*(?:(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<mark>[(),])|(?P<word>[^\s(),"]+))\s*')
_JOINERS = frozenset({"and", "or", "not", "xor"})
_CONSTANTS = {"true": True, "false": False, "pholder": True, "passive": True}
_CONDITIONS = {
    "eq": 1,
    "ne": 1,
    "lt": 1,
    "gt": 1,
    "le": 1,
    "ge": 1,
    "bw": 2,
    "wcard": 1,
    "anybit": 1,
    "allbits": 1,
}


def parse(text: str, schema: Schema, *, allbits: bool = True) -> Filter:
    """The filter that a text stands for; raises the APIC's error for a word that it does not know.

    Without `allbits` that operator is such a word: sources disagree whether a real APIC has it.
    """
    parser = _Parser(text, schema, _CONDITIONS if allbits else _CONDITIONS.keys() - {"allbits"})
    result = parser.expression(0)
    parser.end()
    return result


class _Parser:
    def __init__(self, text: str, schema: Schema, conditions: Collection[str]) -> None:
        self._text = text
        self._schema = schema
        self._conditions = conditions
        self._tokens = self._tokenise(text)
        self._next = 0

    def expression(self, depth: int) -> Filter:
        name = self._take()
        if depth > MAX_DEPTH:
            raise self._broken()
        self._expect("(")
        if name in _JOINERS:
            return _join(name, self._operands(depth + 1), self._broken)
        if name in _CONSTANTS:
            self._expect(")")
            return _constant(value=_CONSTANTS[name])
        if name in self._conditions:
            return self._condition(name)
        raise self._broken()

    def end(self) -> None:
        if self._next != len(self._tokens):
            raise self._broken()

    def _operands(self, depth: int) -> list[Filter]:
        operands = [self.expression(depth)]
        while (mark := self._take()) == ",":
            operands.append(self.expression(depth))
        if mark != ")":
            raise self._broken()
        return operands

    def _condition(self, operator: str) -> Filter:
        item, prop = self._property(self._take())
        values = []
        for _ in range(_CONDITIONS[operator]):
            self._expect(",")
            values.append(self._value(item, prop, operator))
        self._expect(")")
        test = _test(operator, values)
        name = prop.name

        def matches(mo: Mo) -> bool:
            return mo.schema is item and test(mo.get(name))

        return matches

    def _property(self, token: str) -> tuple[ClassSchema, Property]:
        name, dot, prop = token.partition(".")
        if not dot:
            raise self._broken()
        item = self._schema.find(name)
        if item is None:
            raise ApicError("122", f"class {name} not found")
        known = item.properties.get(prop)
        if known is None or known.secret:
            raise ApicError("121", f"Prop '{prop}' not found in class '{name}' property table")
        return item, known

    def _value(self, item: ClassSchema, prop: Property, operator: str) -> str:
        token = self._take()
        value = re.sub(r"\\(.)", r"\1", token[1:-1]) if token.startswith('"') else token
        if operator == "wcard":
            return value
        if prop.kind == "bool":
            value = "yes" if value in TRUE else "no" if value in FALSE else value
        try:
            return prop.normalise(value)
        except ValueError:
            # Text is compared as it is; an enumeration or a number must be one that the property can have.
            if prop.kind in {"text", "prefix", "network", "address"} and prop.name != "code":
                return value
            raise ApicError(
                "301", f"Incorrect filter format for {item.name}.{prop.name}, value '{value}' is not valid"
            ) from None

    def _take(self) -> str:
        if self._next >= len(self._tokens):
            raise self._broken()
        token = self._tokens[self._next]
        self._next += 1
        return token

    def _expect(self, mark: str) -> None:
        if self._take() != mark:
            raise self._broken()

    def _tokenise(self, text: str) -> list[str]:
        tokens, position = [], 0
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None or match.end() == position:
                raise self._broken()
            tokens.append(match["quoted"] or match["mark"] or match["word"])
            position = match.end()
        return tokens

    def _broken(self) -> ApicError:
        return bad_filter(self._text)


def _constant(*, value: bool) -> Filter:
    return lambda _mo: value


def _join(name: str, operands: list[Filter], broken: Callable[[], ApicError]) -> Filter:
    if name == "and":
        return lambda mo: all(operand(mo) for operand in operands)
    if name == "or":
        return lambda mo: any(operand(mo) for operand in operands)
    if name == "xor":
        return lambda mo: sum(operand(mo) for operand in operands) % 2 == 1
    if len(operands) != 1:
        raise broken()
    return lambda mo: not operands[0](mo)


def _test(operator: str, values: list[str]) -> Callable[[str], bool]:
    value = values[0]
    if operator == "eq":
        return lambda actual: actual == value
    if operator == "ne":
        return lambda actual: actual != value
    if operator == "wcard":
        return _wildcard(value)
    if operator in {"anybit", "allbits"}:
        flags = set(value.split(","))
        if operator == "anybit":
            return lambda actual: not flags.isdisjoint(actual.split(","))
        return lambda actual: flags <= set(actual.split(","))
    return _ordered(operator, values)


def _ordered(operator: str, values: list[str]) -> Callable[[str], bool]:
    value = values[0]
    if operator == "lt":
        return lambda actual: _order(actual, value) < 0
    if operator == "gt":
        return lambda actual: _order(actual, value) > 0
    if operator == "le":
        return lambda actual: _order(actual, value) <= 0
    if operator == "ge":
        return lambda actual: _order(actual, value) >= 0
    return lambda actual: _order(actual, value) >= 0 and _order(actual, values[1]) <= 0


def _order(left: str, right: str) -> int:
    """Numbers by size, everything else (ISO timestamps among it) by text."""
    if left.isdecimal() and right.isdecimal():
        return (int(left) > int(right)) - (int(left) < int(right))
    return (left > right) - (left < right)


def _wildcard(pattern: str) -> Callable[[str], bool]:
    """Part of the value; `*` and `.*` stand for anything, `^` and `$` for the ends, all else for itself."""
    start, end = pattern.startswith("^"), pattern.endswith("$")
    parts = re.split(r"\.?\*", pattern[start : len(pattern) - end if end else None])

    def matches(actual: str) -> bool:
        position = 0
        for index, part in enumerate(parts):
            last = index == len(parts) - 1
            if last and end:
                return (
                    len(actual) - len(part) >= position
                    and actual.endswith(part)
                    and (not (start and index == 0) or actual == part)
                )
            found = actual.find(part, position)
            if found < 0 or (start and index == 0 and found != 0):
                return False
            position = found + len(part)
        return True

    return matches
