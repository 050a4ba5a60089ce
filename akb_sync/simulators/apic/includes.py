"""`rsp-subtree-include`: what the system knows about an object beside what was configured.

Faults are children in the tree, log records name the object that they are about, health and fault counts are
worked out when somebody asks. Requests of ACI tools against real fabrics show that these come in addition to
the classes of `rsp-subtree-class`, for the object itself, and with `subtree` for all that is below it too.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from akb_sync.simulators.apic.schema import Schema
from akb_sync.simulators.apic.tree import Mo, Tree

FAULTS = frozenset({"faultDelegate", "faultInst"})
LOGS = {"audit-logs": "aaaModLR", "event-logs": "eventRecord"}
"""Records that have a place of their own and name the object in `affected`."""

MODIFIERS = frozenset({"count", "no-scoped", "required", "subtree"})
UNFILLED = frozenset(
    {
        *("fault-records", "health-records", "stats", "tasks", "full-deployment", "deployment"),
        *("deployment-records", "port-deployment", "ep-records", "add-mo-list", "local-prefix", "ancestral"),
    }
)
"""Taken and never filled: the simulated fabric has no such records."""

RELATIONS = frozenset({"relations", "relations-with-parent"})
ADDED = frozenset({"faults", "fault-count", "health", *LOGS, *UNFILLED})
INCLUDES = ADDED | MODIFIERS | RELATIONS

PENALTIES = {"critical": 100, "major": 80, "minor": 50, "warning": 10}  # the default health score policy
COUNTED = {"critical": "crit", "major": "maj", "minor": "minor", "warning": "warn"}


class Includes:
    """Finds what a query's `rsp-subtree-include` adds.

    Args:
        wanted: the words of the parameter.
        schema: the classes.
        tree: where faults and records are.
    """

    def __init__(self, wanted: frozenset[str], schema: Schema, tree: Tree) -> None:
        self._schema = schema
        self._tree = tree
        self.deep = "subtree" in wanted
        self.added = wanted & ADDED
        self.classes = FAULTS if "faults" in wanted else frozenset()
        self._logs = [schema[name] for word, name in LOGS.items() if word in wanted and schema.find(name)]

    def about(self, mo: Mo, *, top: bool) -> Iterator[Mo]:
        """What hangs on an object without being its child; `top` for a result, not for what is nested."""
        if "health" in self.added and self._schema["healthInst"].contains(mo.schema):
            yield health(self._schema, mo)
        if "fault-count" in self.added and not mo.schema.record:
            yield fault_counts(self._schema, mo)
        if top:
            for item in self._logs:
                yield from (record for record in self._tree.of_class(item.name) if self._tells(record, mo))

    def _tells(self, record: Mo, mo: Mo) -> bool:
        affected = record.get("affected")
        return affected == mo.dn or (self.deep and affected.startswith(f"{mo.dn}/"))


def computed(dn: str, schema: Schema, tree: Tree) -> Mo | None:
    """The health or the fault counts of an object, when that is what a dn names."""
    above, _, rn = dn.rpartition("/")
    mo = tree.get(above)
    if mo is None:
        return None
    if rn == "health" and schema["healthInst"].contains(mo.schema):
        return health(schema, mo)
    return fault_counts(schema, mo) if rn == "fltCnts" else None


def health(schema: Schema, mo: Mo) -> Mo:
    """The health score: 100 less the penalty of the worst fault at or below the object."""
    known = mo.children.get("health")
    if known is not None:
        return known
    severities = {fault.get("severity") for fault in _faults(mo)}
    score = str(100 - max((PENALTIES.get(each, 0) for each in severities), default=0))
    worst = next((each for each in PENALTIES if each in severities), "cleared")
    values = {"cur": score, "maxSev": worst, "prev": score, "twScore": score, "updTs": mo.get("modTs")}
    return Mo(schema["healthInst"], f"{mo.dn}/health", "health", values, mo)


def fault_counts(schema: Schema, mo: Mo) -> Mo:
    """How many faults of each severity there are at and below an object."""
    counts = Counter(COUNTED.get(fault.get("severity"), "") for fault in _faults(mo))
    values = {name: str(counts[name]) for name in COUNTED.values()}
    return Mo(schema["faultCounts"], f"{mo.dn}/fltCnts", "fltCnts", values, mo)


def related(mo: Mo, schema: Schema, tree: Tree) -> list[Mo]:
    """The objects that an object's relations point at, and those whose relations point at it."""
    relations = (child for child in mo.children.values() if child.schema.relation is not None)
    targets = (tree.get(relation.get("tDn")) for relation in relations)
    sources = (
        relation.parent
        for item in schema.pointing_at(mo.schema.name)
        for relation in tree.of_class(item.name)
        if relation.get("tDn") == mo.dn
    )
    return list({id(each): each for each in (*targets, *sources) if each is not None}.values())


def _faults(mo: Mo) -> Iterable[Mo]:
    return (each for each in mo.subtree() if each.schema.name == "faultInst")
