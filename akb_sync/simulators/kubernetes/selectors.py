"""Label and field selectors: read from text, matched against objects.

The grammar is that of "Labels and Selectors" and "Field Selectors" in the Kubernetes documentation; a
selector that cannot be read is refused with 400 and never matches everything.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from akb_sync.simulators.kubernetes.errors import bad_request
from akb_sync.simulators.kubernetes.objects import Json, at_path, labels_of
from akb_sync.simulators.kubernetes.resources import Resource

Predicate = Callable[[Json], bool]

_TOKEN = re.compile(r"\s*(?:(?P<symbol>==|!=|=|!|,|\(|\)|<|>)|(?P<word>[^\s=!,()<>]+))")
_OPERATORS = "in, notin, =, ==, !=, gt, lt"


@dataclass(frozen=True)
class Requirement:
    """One clause: a key, an operator (`in`, `notin`, `exists`, `absent`, `gt`, `lt`) and values."""

    key: str
    operator: str
    values: frozenset[str] = frozenset()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether labels fulfil the clause; `notin` and `absent` also hold for an absent key."""
        value = labels.get(self.key)
        match self.operator:
            case "in":
                return value in self.values
            case "notin":
                return value not in self.values
            case "exists":
                return value is not None
            case "absent":
                return value is None
            case _:
                return self._compares(value)

    def _compares(self, value: str | None) -> bool:
        if value is None or not re.fullmatch(r"-?\d+", value):
            return False
        bound = int(next(iter(self.values)))
        return int(value) > bound if self.operator == "gt" else int(value) < bound


def parse_labels(text: str) -> list[Requirement]:
    """Read a `labelSelector`. Raises ApiError 400 where the text makes no sense."""
    tokens = _tokens(text)
    clauses: list[Requirement] = []
    while tokens:
        clauses.append(_clause(tokens))
        if tokens:
            separator = tokens.pop(0)
            if separator != "," or not tokens:
                raise bad_request(
                    f"unable to parse requirement: found '{separator}', expected: ',' or 'end of string'"
                )
    return clauses


def from_label_selector(selector: Json | None) -> list[Requirement]:
    """The clauses of an object's `spec.selector` (matchLabels and matchExpressions)."""
    selector = selector or {}
    operators = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "absent"}
    clauses = [Requirement(k, "in", frozenset([v])) for k, v in (selector.get("matchLabels") or {}).items()]
    for entry in selector.get("matchExpressions") or []:
        values = frozenset(entry.get("values") or [])
        clauses.append(Requirement(entry["key"], operators[entry["operator"]], values))
    return clauses


def matches(clauses: list[Requirement], labels: Mapping[str, str]) -> bool:
    """Whether labels fulfil all clauses."""
    return all(clause.matches(labels) for clause in clauses)


def object_filter(resource: Resource, label_selector: str, field_selector: str) -> Predicate | None:
    """One predicate of both selectors, or None when there is nothing to select by."""
    labels = parse_labels(label_selector)
    fields = _parse_fields(resource, field_selector)
    if not labels and not fields:
        return None
    return lambda data: matches(labels, labels_of(data)) and all(field(data) for field in fields)


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    position = 0
    text = text.rstrip()
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise bad_request(f"unable to parse requirement: found '{text[position:]}'")
        tokens.append(found.group("symbol") or found.group("word"))
        position = found.end()
    return tokens


def _clause(tokens: list[str]) -> Requirement:
    if tokens[0] == "!":
        tokens.pop(0)
        return Requirement(_key(tokens), "absent")
    key = _key(tokens)
    if not tokens or tokens[0] == ",":
        return Requirement(key, "exists")
    operator = tokens.pop(0)
    match operator:
        case "=" | "==":
            return Requirement(key, "in", frozenset([_value(tokens)]))
        case "!=":
            return Requirement(key, "notin", frozenset([_value(tokens)]))
        case "in" | "notin":
            return Requirement(key, operator, _values(tokens))
        case ">" | "<" | "gt" | "lt":
            return Requirement(key, "gt" if operator in (">", "gt") else "lt", _number(tokens))
        case _:
            raise bad_request(f"unable to parse requirement: found '{operator}', expected: {_OPERATORS}")


def _key(tokens: list[str]) -> str:
    if not tokens or not re.fullmatch(r"[A-Za-z0-9][-A-Za-z0-9_./]*", tokens[0]):
        found = tokens[0] if tokens else ""
        raise bad_request(
            f"unable to parse requirement: found '{found}', expected: !, identifier, or 'end of string'"
        )
    return tokens.pop(0)


def _value(tokens: list[str]) -> str:
    return "" if not tokens or tokens[0] == "," else tokens.pop(0)


def _number(tokens: list[str]) -> frozenset[str]:
    value = _value(tokens)
    if not re.fullmatch(r"-?\d+", value):
        raise bad_request(f"for 'Gt', 'Lt' operators, the value must be an integer, found '{value}'")
    return frozenset([value])


def _values(tokens: list[str]) -> frozenset[str]:
    if not tokens or tokens.pop(0) != "(":
        raise bad_request("unable to parse requirement: found '', expected: '('")
    values: set[str] = set()
    while tokens and tokens[0] != ")":
        word = tokens.pop(0)
        if word != ",":
            values.add(word)
    if not tokens:
        raise bad_request("unable to parse requirement: found '', expected: ',' or ')'")
    tokens.pop(0)
    return frozenset(values)


def _parse_fields(resource: Resource, text: str) -> list[Predicate]:
    return [_field(resource, clause) for clause in text.split(",") if clause]


def _field(resource: Resource, clause: str) -> Predicate:
    found = re.fullmatch(r"([^=!]+)(==|!=|=)(.*)", clause)
    if found is None:
        raise bad_request(f"invalid selector: '{clause}'; can't understand '{clause}'")
    path, operator, wanted = found.groups()
    known = ("metadata.name", "metadata.namespace", *resource.selectable)
    if path not in known:
        raise bad_request(_unknown_field(resource, path))
    return lambda data: (_field_value(data, path) == wanted) is (operator != "!=")


def _unknown_field(resource: Resource, path: str) -> str:
    if resource.selectable:
        return f"field label not supported: {path}"
    return f'"{path}" is not a known field selector: only "metadata.name", "metadata.namespace"'


def _field_value(data: Json, path: str) -> str:
    if path == "name":
        path = "metadata.name"
    value = at_path(data, path)
    if path == "status.podIPs":
        value = ",".join(entry["ip"] for entry in value or [])
    if path == "source":
        value = at_path(data, "source.component") or data.get("reportingComponent")
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return {"spec.unschedulable": "false", "spec.hostNetwork": "false", "status.replicas": "0"}.get(
            path, ""
        )
    return str(value)
