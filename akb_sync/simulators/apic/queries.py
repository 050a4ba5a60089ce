"""A query: which objects it means, in which order, and the page of them that is shown."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from akb_sync.simulators.apic import behaviour, errors, includes
from akb_sync.simulators.apic.behaviour import Behaviour
from akb_sync.simulators.apic.filters import Filter
from akb_sync.simulators.apic.includes import RELATIONS, Includes
from akb_sync.simulators.apic.rendering import Json, Nesting, render
from akb_sync.simulators.apic.schema import Schema
from akb_sync.simulators.apic.tree import Mo, Tree
from akb_sync.simulators.apic.values import whole

DEPTHS = {"no": 0, "children": 1, "full": 100}


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
    visible: Callable[[Mo], bool] | None = None

    def accepts(self, mo: Mo) -> bool:
        """Whether class list and filter let an object within reach through."""
        if self.reach != "self" and self.classes and mo.schema.name not in self.classes:
            return False
        return self.shows(mo) and (self.condition is None or self.condition(mo))

    def shows(self, mo: Mo) -> bool:
        """Whether the rights of who asks let them see an object."""
        return self.visible is None or self.visible(mo)


@dataclass(frozen=True, slots=True)
class Result:
    """`total` counts all pages; `imdata` is the page that was asked for."""

    total: int
    imdata: list[Json]


def run(query: Query, tree: Tree, schema: Schema, how: Behaviour = behaviour.DEFAULT) -> Result:
    """The answer to a query; raises the APIC's error for a result that is too big."""
    return _Run(query, tree, schema, how).result()


@dataclass(frozen=True)
class _Run:
    """One query on its way through the tree."""

    query: Query
    tree: Tree
    schema: Schema
    how: Behaviour

    def result(self) -> Result:
        query = self.query
        found = self._found()
        if "count" in query.include:
            return Result(1, [_count(len(found))])
        for name, prop, descending in reversed(query.order):
            found.sort(key=_sort_key(name, prop), reverse=descending)
        shown = found
        if query.page is not None:
            number, size = query.page
            shown = found[number * size : (number + 1) * size]
        if len(shown) > self.how.maximal_result:
            raise errors.too_big(self.how.too_big_status)
        nested = None if self._flat else self.nesting
        child_dn = self.how.nested_child_dn
        return Result(len(found), [render(mo, query.properties, nested, child_dn=child_dn) for mo in shown])

    @cached_property
    def nesting(self) -> Nesting:
        """What is wanted below a result: configuration by `rsp-subtree`, records where they are asked for."""
        query, added = self.query, self._includes
        classes, condition = query.subtree_classes, query.subtree_condition
        configured = query.subtree != "no" or not added.added

        def wanted(mo: Mo) -> bool:
            if mo.schema.record:
                known = mo.schema.name in added.classes or mo.schema.name in classes
            else:
                known = configured and (not classes or mo.schema.name in classes)
            return known and query.shows(mo) and (condition is None or condition(mo))

        def about(mo: Mo, *, top: bool) -> Iterator[Mo]:
            found = added.about(mo, top=top)
            seen = (each for each in found if query.shows(each))
            return seen if condition is None else (each for each in seen if condition(each))

        depth = DEPTHS[query.subtree] or DEPTHS["full" if added.deep or not added.added else "children"]
        return Nesting(depth, wanted, about)

    @cached_property
    def _includes(self) -> Includes:
        return Includes(self.query.include, self.schema, self.tree)

    @property
    def _flat(self) -> bool:
        query = self.query
        if "no-scoped" in query.include or query.include & RELATIONS:
            return True
        return query.subtree == "no" and not self._includes.added

    def _found(self) -> list[Mo]:
        query = self.query
        found = [mo for mo in self._reach() if query.accepts(mo)]
        if query.include & RELATIONS:
            return self._related(found)
        if "no-scoped" in query.include:
            return [below for mo in found for below in self._below(mo)]
        if "required" in query.include:
            return [mo for mo in found if any(True for _ in self._below(mo))]
        return found

    def _related(self, found: list[Mo]) -> list[Mo]:
        """Results are flat: what is related first, then the objects themselves."""
        classes = self.query.subtree_classes
        near = [each for mo in found for each in includes.related(mo, self.schema, self.tree)]
        scoped = [] if "no-scoped" in self.query.include else found
        unique = {mo.dn: mo for mo in (*near, *scoped)}
        wanted = (mo for mo in unique.values() if not classes or mo.schema.name in classes)
        return [mo for mo in wanted if self.query.shows(mo)]

    def _below(self, mo: Mo) -> Iterator[Mo]:
        """What is wanted at any depth below a result."""
        nesting = self.nesting
        yield from nesting.about(mo, top=True)
        levels = mo.children.values() if nesting.depth == 1 else _descendants(mo)
        for below in levels:
            if nesting.wanted(below):
                yield below
            if nesting.depth > 1:
                yield from nesting.about(below, top=False)

    def _reach(self) -> Iterable[Mo]:
        query = self.query
        roots = self._roots()
        if query.reach == "self":
            return roots
        if query.reach == "children":
            return (child for root in roots for child in root.children.values())
        if query.classes and len(roots) == 1 and roots[0].dn == "uni":
            # From the top the index by class is shorter than the way through everything.
            named = (mo for name in sorted(query.classes) for mo in self.tree.of_class(name))
            return (mo for mo in named if _under(mo, "uni"))
        return {id(mo): mo for root in roots for mo in root.subtree()}.values()

    def _roots(self) -> list[Mo]:
        target = self.query.target
        if target.class_name:
            found = self.tree.of_class(target.class_name)
            return [mo for mo in found if _under(mo, target.dn)] if target.dn else found
        mo = self.tree.get(target.dn) or includes.computed(target.dn, self.schema, self.tree)
        return [] if mo is None else [mo]


def _under(mo: Mo, dn: str) -> bool:
    return mo.dn == dn or mo.dn.startswith(f"{dn}/")


def _descendants(mo: Mo) -> Iterator[Mo]:
    below = mo.subtree()
    next(below)
    return below


def _count(number: int) -> Json:
    return {"moCount": {"attributes": {"childAction": "", "count": str(number), "dn": "", "status": ""}}}


def _sort_key(name: str, prop: str) -> Callable[[Mo], tuple[bool, int, str]]:
    def key(mo: Mo) -> tuple[bool, int, str]:
        value = mo.get(prop) if mo.schema.name == name else ""
        return mo.schema.name == name, whole(value), value

    return key
