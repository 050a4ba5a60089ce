"""A whole query result out of its pages.

The APIC has no cursor: pages are windows on a result that may change between two requests, so an object can
be missed or come twice. What shows that this has happened (another total, an object seen before, a page
that is empty too early) makes the reading start over.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from akb_sync.errors import LATER, ApicBusy

from .answers import Answer

_TRIES = 4


def collect(page: Callable[[int], Answer]) -> list[dict[str, Any]]:
    """Give the objects of all pages; `page(n)` asks for the n-th, from 0. Raises ApicBusy after 4 tries."""
    for _ in range(_TRIES):
        objects = _one_reading(page)
        if objects is not None:
            return objects
    raise ApicBusy("a query's result changes faster than its pages can be read", LATER)


def _one_reading(page: Callable[[int], Answer]) -> list[dict[str, Any]] | None:
    first = page(0)
    objects = list(first.imdata)
    if len(objects) >= first.total:
        return objects
    seen = _dns(objects)
    number = 0
    while len(objects) < first.total:
        number += 1
        answer = page(number)
        more = _dns(answer.imdata)
        if answer.total != first.total or not answer.imdata or seen & more:
            return None
        seen |= more
        objects += answer.imdata
    return objects


def _dns(objects: list[dict[str, Any]]) -> set[str]:
    found = (body["attributes"].get("dn") for item in objects for body in item.values())
    return {dn for dn in found if isinstance(dn, str) and dn}
