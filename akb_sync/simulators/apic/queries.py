"""A query: what its URL says, which objects it means, and the page of them that is shown.

Forms and parameters: Cisco APIC REST API Configuration Guide. Parameters that only matter to the GUI, or
to parts of a fabric that are not simulated, are taken and have no effect.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from akb_sync.simulators.apic import filters
from akb_sync.simulators.apic.errors import ApicError, bad_argument, unresolved_class
from akb_sync.simulators.apic.filters import Filter
from akb_sync.simulators.apic.rendering import PROPERTY_SETS, Json, Nesting, render
from akb_sync.simulators.apic.schema import Schema
from akb_sync.simulators.apic.tree import Mo, Tree

MAX_RESULT = 100_000
DEPTHS = {"no": 0, "children": 1, "full": 100}
INCLUDES = frozenset(
    {
        *("audit-logs", "event-logs", "faults", "fault-count", "fault-records", "health", "health-records"),
        *("relations", "relations-with-parent", "stats", "tasks", "count", "no-scoped", "required"),
        *("full-deployment", "deployment", "deployment-records", "port-deployment", "ep-records"),
        *("add-mo-list", "local-prefix", "ancestral"),
    }
)


@dataclass(frozen=True, slots=True)
class Target:
    """What a URL points at: one object by dn, or all objects of a class, below a dn if one is given."""

    dn: str = ""
    class_name: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """A query as its URL states it, checked against the schema."""

    target: Target
    reach: str = "self"
    classes: frozenset[str] = frozenset()
    condition: Filter | None = None
    subtree: str = "no"
    subtree_classes: frozenset[str] = frozenset()
    subtree_condition: Filter | None = None
    include: frozenset[str] = frozenset()
    properties: str = "all"
    order: tuple[tuple[str, str, bool], ...] = ()
    page: tuple[int, int] | None = None
    subscribe: bool = False
    refresh_timeout: int | None = None

    def accepts(self, mo: Mo) -> bool:
        """Whether class list and filter let an object within reach through."""
        if self.reach != "self" and self.classes and mo.schema.name not in self.classes:
            return False
        return self.condition is None or self.condition(mo)


@dataclass(frozen=True, slots=True)
class Result:
    """`total` counts all pages; `imdata` is the page that was asked for."""

    total: int
    imdata: list[Json]


def parameters(text: str) -> dict[str, str]:
    """The parameters of a query string; encoded or raw, both are in use."""
    return dict(parse_qsl(text, keep_blank_values=True))


def target_of(path: str, schema: Schema) -> Target:
    """What a path below `/api/`, its suffix taken off, points at."""
    kind, _, rest = path.removeprefix("node/").partition("/")
    rest = unquote(rest)
    if kind == "mo" and rest:
        return Target(dn=rest)
    if kind == "class" and rest:
        node_dn, _, name = rest.rpartition("/")
        if schema.find(name) is None:
            raise unresolved_class(name)
        return Target(dn=node_dn, class_name=name)
    raise ApicError("400", f"Invalid request. Unknown path '{path}'")


def parse(target: Target, given: Mapping[str, str], schema: Schema) -> Query:
    """The query of a target and its parameters; raises the APIC's error for what it does not accept."""
    if target.dn.startswith("uni/") and not target.class_name:
        schema.class_of(target.dn)
    return Query(
        target=target,
        reach=option(given, "query-target", ("self", "children", "subtree")),
        classes=_classes(given.get("target-subtree-class", ""), schema),
        condition=_filter(given.get("query-target-filter"), schema),
        subtree=option(given, "rsp-subtree", ("no", "children", "full")),
        subtree_classes=_classes(given.get("rsp-subtree-class", ""), schema),
        subtree_condition=_filter(given.get("rsp-subtree-filter"), schema),
        include=_include(given.get("rsp-subtree-include", "")),
        properties=option(given, "rsp-prop-include", PROPERTY_SETS),
        order=_order(given.get("order-by", ""), schema),
        page=_page(given),
        subscribe=given.get("subscription") == "yes",
        refresh_timeout=number(given, "refresh-timeout"),
    )


def run(query: Query, tree: Tree) -> Result:
    """The answer to a query."""
    found = [mo for mo in _reach(query, tree) if query.accepts(mo)]
    if "required" in query.include and not _scoped_out(query):
        nesting = _nesting(query)
        found = [mo for mo in found if any(nesting.wanted(below) for below in _below(mo, nesting.depth))]
    if _scoped_out(query):
        nesting = _nesting(query)
        found = [below for mo in found for below in _below(mo, nesting.depth) if nesting.wanted(below)]
    if "count" in query.include:
        return Result(1, [_count(len(found))])
    for name, prop, descending in reversed(query.order):
        found.sort(key=_sort_key(name, prop), reverse=descending)
    shown = found
    if query.page is not None:
        number, size = query.page
        shown = found[number * size : (number + 1) * size]
    if len(shown) > MAX_RESULT:
        raise ApicError("1", "Unable to process the query, result dataset is too big")
    nested = None if _scoped_out(query) or not _nests(query) else _nesting(query)
    return Result(len(found), [render(mo, query.properties, nested) for mo in shown])


def _reach(query: Query, tree: Tree) -> Iterable[Mo]:
    roots = _roots(query.target, tree)
    if query.reach == "self":
        return roots
    if query.reach == "children":
        return (child for root in roots for child in root.children.values())
    if query.classes and len(roots) == 1 and roots[0].dn == "uni":
        # From the top the index by class is shorter than the way through everything.
        return (mo for name in sorted(query.classes) for mo in tree.of_class(name) if _under(mo, "uni"))
    return {id(mo): mo for root in roots for mo in root.subtree()}.values()


def _roots(target: Target, tree: Tree) -> list[Mo]:
    if target.class_name:
        found = tree.of_class(target.class_name)
        return [mo for mo in found if _under(mo, target.dn)] if target.dn else found
    mo = tree.get(target.dn)
    return [] if mo is None else [mo]


def _under(mo: Mo, dn: str) -> bool:
    return mo.dn == dn or mo.dn.startswith(f"{dn}/")


def _below(mo: Mo, depth: int) -> Iterable[Mo]:
    if depth <= 1:
        return mo.children.values()
    below = iter(mo.subtree())
    next(below)
    return below


def _nests(query: Query) -> bool:
    return query.subtree != "no" or bool(query.include & {"faults", "required"})


def _scoped_out(query: Query) -> bool:
    return "no-scoped" in query.include


def _nesting(query: Query) -> Nesting:
    """What is wanted below a result. Records (faults) show up only where they are asked for."""
    classes = set(query.subtree_classes)
    if "faults" in query.include:
        classes |= {"faultInst"}
    condition = query.subtree_condition

    def wanted(mo: Mo) -> bool:
        if classes and mo.schema.name not in classes:
            return False
        if not classes and mo.schema.record:
            return False
        return condition is None or condition(mo)

    depth = DEPTHS[query.subtree] or DEPTHS["full"]
    return Nesting(depth, wanted)


def _count(number: int) -> Json:
    return {"moCount": {"attributes": {"childAction": "", "count": str(number), "dn": "", "status": ""}}}


def _sort_key(name: str, prop: str) -> Callable[[Mo], tuple[bool, int, str]]:
    def key(mo: Mo) -> tuple[bool, int, str]:
        value = mo.get(prop) if mo.schema.name == name else ""
        number = int(value) if value.isdecimal() else 0
        return mo.schema.name == name, number, value

    return key


def option(given: Mapping[str, str], name: str, options: tuple[str, ...]) -> str:
    """A parameter that is one of several words, the first of them by default."""
    value = given.get(name, options[0])
    if value not in options:
        raise bad_argument(name, "|".join((f"_{options[0]}_", *options[1:])))
    return value


def _classes(text: str, schema: Schema) -> frozenset[str]:
    names = frozenset(name.strip() for name in text.split(",")) - {""}
    for name in sorted(names):
        if schema.find(name) is None:
            raise unresolved_class(name)
    return names


def _filter(text: str | None, schema: Schema) -> Filter | None:
    return filters.parse(text, schema) if text else None


def _include(text: str) -> frozenset[str]:
    names = frozenset(name.strip() for name in text.split(",")) - {""}
    if not names <= INCLUDES:
        raise bad_argument("rsp-subtree-include", "|".join(sorted(INCLUDES)))
    return names


def _order(text: str, schema: Schema) -> tuple[tuple[str, str, bool], ...]:
    keys = []
    for part in filter(None, text.split(",")):
        path, _, direction = part.strip().partition("|")
        name, _, prop = path.partition(".")
        item = schema.find(name)
        if item is None:
            raise unresolved_class(name)
        if prop not in item.properties or direction not in {"", "asc", "desc"}:
            raise ApicError("121", f"Prop '{prop}' not found in class '{name}' property table")
        keys.append((name, prop, direction == "desc"))
    return tuple(keys)


def _page(given: Mapping[str, str]) -> tuple[int, int] | None:
    page, size = number(given, "page"), number(given, "page-size")
    if size == 0:
        raise bad_argument("page-size", "1..100000")
    return None if page is None or size is None else (page, size)


def number(given: Mapping[str, str], name: str) -> int | None:
    """A parameter that is a number, None when it is absent; raises the APIC's error for any other text."""
    text = given.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise bad_argument(name, "a number")
    return int(text)
