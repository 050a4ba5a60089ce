"""What `--namespace` and `--selector` show and do. They never narrow what is read."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace

from akb_sync.engine import Engine
from akb_sync.explain.near import near
from akb_sync.item import Item
from akb_sync.model import ObservedSubnet
from akb_sync.plan import Plan

from .document import Shown
from .text import harmless

Narrow = Callable[[Item], bool]


def narrowing(engine: Engine, namespace: str, selector: str) -> Narrow:
    """Make the test that an item has to pass to be shown and done.

    The API server itself evaluates the selector, so its whole syntax works. A namespace in which nothing is
    may be a slip of the pen, and all that is shown then is that nothing is wrong: that is said on stderr.
    """
    if namespace:
        _say_if_empty(engine, namespace)
    uids = engine.cluster.select(selector) if selector else None

    def keep(item: Item) -> bool:
        if uids is not None and not any(ref.uid in uids for ref in item.workloads):
            return False
        return not namespace or namespace in _namespaces(item)

    return keep


def _say_if_empty(engine: Engine, namespace: str) -> None:
    found = engine.cluster.snapshot()
    refs = [one.ref for one in found.workloads.values()]
    refs += [one.ref for one in found.pods.values()]
    refs += [one.ref for one in found.services.values()]
    known = {ref.namespace for ref in refs}
    if namespace not in known:
        sentence = f"nothing is in the namespace {namespace!r}; {near(namespace, known)}"
        sys.stderr.write(f"note: {harmless(sentence)}\n")


def _namespaces(item: Item) -> set[str]:
    """The namespaces that an item concerns; of one that nobody wants any more, its name tells."""
    wanted_from = {ref.namespace for ref in (*item.sources, *item.workloads)}
    if not wanted_from and isinstance(item.observed, ObservedSubnet):
        return {item.observed.name.split("::", maxsplit=1)[0]}
    return wanted_from


def narrowed(plan: Plan, keep: Narrow, namespace: str) -> Plan:
    """Give the part of a plan that a person asked for."""
    notices = tuple(one for one in plan.notices if not namespace or one.subject.namespace == namespace)
    return replace(plan.narrowed(keep), notices=notices)


def shown(engine: Engine, plan: Plan) -> Shown:
    """Put together what a command prints."""
    return Shown(engine.identity, plan, engine.troubles, engine.clock.monotonic())
