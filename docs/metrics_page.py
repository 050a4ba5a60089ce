"""The page of the metrics, made of the registry that an engine serves."""  # noqa: INP001 - in no package

from __future__ import annotations

from collections.abc import Iterable

from akb_sync.clock import SystemClock
from akb_sync.engine.observer import Look
from akb_sync.item import Action
from akb_sync.model import Freshness, Source
from akb_sync.observability import Metrics
from akb_sync.plan import Plan

INTRO = """\
# Metrics

`/metrics` of a running engine (see [Running it in a cluster](operations.md#probes)) has these, in Prometheus'
text format.
Labels are words of tables, never names of objects: the number of time series does not grow with the cluster.
Each engine serves its own; `akb_sync_leader` tells the one that writes. Followers count plans and freshness,
and no writes.
"""

LABELS = """\
## Labels

| Label | Values |
| --- | --- |
"""

ALERTS = """\
## What to alert on

| When | Because |
| --- | --- |
| `sum(akb_sync_leader) != 1` for some minutes | nobody writes (a scrape may see both at a handover) |
| `time() - max(akb_sync_last_success_timestamp_seconds) > 900` | it is not all right, or nobody can say |
| `max(akb_sync_awaiting_approval) > 0` | a mass delete waits for a person: `akb-sync plan` |
| `max(akb_sync_held{reason="Contested"}) > 0` | another tool undoes what is put right |
| `max(akb_sync_held{reason="Conflict"}) > 0` | two EPGs want one address |
| `max(akb_sync_paused) > 0` for longer than a change window | somebody forgot `akb-sync resume` |
| `min(akb_sync_kind_fresh) == 0` for some minutes | a kind of the cluster cannot be read |
"""


def metrics_page() -> list[str]:
    """Give the parts of `metrics.md`."""
    rows = sorted(_rows())
    table = "".join(f"| `{name}` | {kind} | {labels} | {prose} |\n" for name, kind, labels, prose in rows)
    head = "| Metric | Type | Labels | Meaning |\n| --- | --- | --- | --- |\n"
    values = "".join(f"| `{label}` | {', '.join(words)} |\n" for label, words in _values())
    return [INTRO, f"{head}{table}", f"{LABELS}{values}", ALERTS]


def _rows() -> Iterable[tuple[str, str, str, str]]:
    metrics = Metrics(SystemClock())
    metrics.looked(Look(Plan(), now=0.0))  # so that each label has a value
    for family in metrics.registry.collect():
        suffix = "_total" if family.type == "counter" else ""
        labels = sorted({f"`{label}`" for sample in family.samples for label in sample.labels} - {"`le`"})
        yield f"{family.name}{suffix}", family.type, ", ".join(labels), family.documentation


def _values() -> Iterable[tuple[str, list[str]]]:
    yield "action", [f"`{action}`" for action in Action if action is not Action.NONE]
    yield "freshness", [f"`{one}`" for one in Freshness]
    yield "kind", ["`epg`, `subnet`; of `akb_sync_kind_fresh`: " + ", ".join(f"`{one}`" for one in Source)]
    yield "reason", ["the codes of [Reasons](reasons.md)"]
    yield "state", ["`in_sync`", "`to_write`", "`held`", "`left` (not right, and not ours to touch)"]
