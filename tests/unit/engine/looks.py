"""Looks at both sides, for tests of those who are told of them."""

from typing import Any

from akb_sync.engine.observer import Look
from akb_sync.model import Freshness, ObjectRef, Source
from akb_sync.plan import Plan

WORKLOAD = ObjectRef("Deployment", "shop", "web", "uid-web")
FRESH = {str(source): Freshness.FRESH for source in Source}


def look(plan: Plan | None = None, now: float = 1000.0, **more: Any) -> Look:
    return Look(**{"plan": plan or Plan(), "now": now, "freshness": FRESH, **more})
