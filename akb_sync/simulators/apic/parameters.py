"""From the text of a URL to a query: its target, its parameters, and what is wrong with them.

Forms and parameters: Cisco APIC REST API Configuration Guide. Parameters that only matter to the GUI, or to
parts of a fabric that are not simulated, are taken and have no effect.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from akb_sync.simulators.apic import behaviour, filters, names
from akb_sync.simulators.apic.behaviour import Behaviour
from akb_sync.simulators.apic.errors import ApicError, bad_argument, unresolved_class, wrong_rn
from akb_sync.simulators.apic.filters import Filter
from akb_sync.simulators.apic.includes import INCLUDES
from akb_sync.simulators.apic.queries import Query, Target
from akb_sync.simulators.apic.rendering import PROPERTY_SETS
from akb_sync.simulators.apic.schema import Schema

# Lists may also be given as several parameters of the same name (logs of ACI tools show both).
UNFILLED_ROOTS = frozenset({"action", "comp", "dbgs", "expcont", "fwrepo"})
"""Other trees of a real fabric; here nothing grows in them."""

LISTS = frozenset({"target-subtree-class", "rsp-subtree-class", "rsp-subtree-include", "order-by", "id"})


def parameters(text: str) -> dict[str, str]:
    """The parameters of a query string; encoded or raw, both are in use."""
    found: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        found[name] = f"{found[name]},{value}" if name in LISTS and name in found else value
    return found


def target_of(path: str, schema: Schema, how: Behaviour = behaviour.DEFAULT) -> Target:
    """What a path below `/api/`, its suffix taken off, points at; raises the APIC's error if at nothing."""
    kind, _, rest = path.removeprefix("node/").partition("/")
    rest = unquote(rest)
    if kind == "mo" and rest:
        return Target(dn=_known(rest, schema))
    if kind == "class" and rest:
        node_dn, _, name = rest.rpartition("/")
        if schema.find(name) is None:
            raise unresolved_class(name, how.unknown_class_code)
        return Target(dn=node_dn, class_name=name)
    raise ApicError("400", f"Invalid request. Unknown path '{path}'")


def parse(
    target: Target, given: Mapping[str, str], schema: Schema, how: Behaviour = behaviour.DEFAULT
) -> Query:
    """The query of a target and its parameters; raises the APIC's error for what it does not accept."""
    reader = _Reader(given, schema, how)
    return Query(
        target=target,
        reach=option(given, "query-target", ("self", "children", "subtree")),
        classes=reader.classes("target-subtree-class"),
        condition=reader.filter("query-target-filter"),
        subtree=option(given, "rsp-subtree", ("no", "children", "full")),
        subtree_classes=reader.classes("rsp-subtree-class"),
        subtree_condition=reader.filter("rsp-subtree-filter"),
        include=reader.include(),
        properties=option(given, "rsp-prop-include", PROPERTY_SETS),
        order=reader.order(),
        page=_page(given),
        subscribe=option(given, "subscription", ("no", "yes")) == "yes",
        refresh_timeout=number(given, "refresh-timeout"),
    )


def option(given: Mapping[str, str], name: str, options: tuple[str, ...]) -> str:
    """A parameter that is one of several words, the first of them by default."""
    value = given.get(name, options[0])
    if value not in options:
        raise bad_argument(name, "|".join((f"_{options[0]}_", *options[1:])))
    return value


def number(given: Mapping[str, str], name: str) -> int | None:
    """A parameter that is a number, None when it is absent; raises the APIC's error for any other text."""
    text = given.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise bad_argument(name, "a number")
    return int(text)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the parameters that the schema has a say in."""

    given: Mapping[str, str]
    schema: Schema
    how: Behaviour

    def classes(self, name: str) -> frozenset[str]:
        found = self._words(name)
        for each in sorted(found):
            if self.schema.find(each) is None:
                raise unresolved_class(each, self.how.unknown_class_code)
        return found

    def filter(self, name: str) -> Filter | None:
        text = self.given.get(name)
        return filters.parse(text, self.schema, allbits=self.how.allbits) if text else None

    def include(self) -> frozenset[str]:
        found = self._words("rsp-subtree-include")
        if not found <= INCLUDES:
            raise bad_argument("rsp-subtree-include", "|".join(sorted(INCLUDES)))
        return found

    def order(self) -> tuple[tuple[str, str, bool], ...]:
        parts = [part.strip() for part in self.given.get("order-by", "").split(",")]
        return tuple(self._key(part) for part in parts if part)

    def _key(self, text: str) -> tuple[str, str, bool]:
        path, _, direction = text.partition("|")
        name, _, prop = path.partition(".")
        item = self.schema.find(name)
        if item is None:
            raise unresolved_class(name, self.how.unknown_class_code)
        if prop not in item.template:
            raise ApicError("121", f"Prop '{prop}' not found in class '{name}' property table")
        if direction not in {"", "asc", "desc"}:
            raise bad_argument("order-by", "_asc_|desc")
        return name, prop, direction == "desc"

    def _words(self, name: str) -> frozenset[str]:
        return frozenset(word.strip() for word in self.given.get(name, "").split(",")) - {""}


def _known(dn: str, schema: Schema) -> str:
    """A dn as answers write it; one that cannot be is refused.

    Outside of the policy tree a fabric has more classes than are simulated.
    """
    _position, top = next(names.split(dn))
    if top == "uni":
        return schema.canonical(dn)
    if top not in UNFILLED_ROOTS and not schema.has_root(top):
        raise wrong_rn(dn, top, 0)
    return dn


def _page(given: Mapping[str, str]) -> tuple[int, int] | None:
    page, size = number(given, "page"), number(given, "page-size")
    if size == 0:
        raise bad_argument("page-size", "1..100000")
    return None if page is None or size is None else (page, size)
