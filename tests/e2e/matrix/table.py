"""The table of stories by moments, printed after the run and kept in `docs/story-matrix.md`.

Why: what the engine was put through, and how long it took, is best shown by the figures of a run.
"""

import datetime as dt
import os
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.e2e.matrix.play import Outcome

DOCUMENT = Path(__file__).parents[3] / "docs" / "story-matrix.md"

_HEAD = """# The story matrix

Every story of this table was played on a real control plane (etcd, kube-apiserver, the controller
manager, the scheduler and MetalLB; kwok plays the kubelets) with `akb-sync watch` as a process beside
it, at the moments above its columns. `make e2e FULL=1` plays all of it and writes this page.
The figures are those of one run, of {date} on {cores} cores; hold-down 2 s.

After each cell the fabric, read by plain REST, had exactly the addresses that the cluster's own API
gave, with their names; nothing that is not ours had changed; no prefix was in two EPGs; a further
`akb-sync sync --yes` sent no write; and no object had been created, updated or deleted more often than
its reason came, changed its name or went (`tests/e2e/matrix/rules.py` states the rule).

Each cell reads *seconds · objects/requests*: how long it took from the moment when the cluster had
arrived (and an outage, if any, was over) until the fabric was exact; how many objects were created,
updated and deleted in the whole cell; in how many requests. Two waits are meant to be: an EPG that
nobody wants goes after the hold-down, and an address that leaves the status of a living Service goes
after 30 s. An empty cell was not played in that run.

What happens at each moment:

"""


def lines(outcomes: Iterable[Outcome], stories: Sequence[str], moments: Sequence[str]) -> list[str]:
    """The table in Markdown; cells that were not played are empty."""
    cells = {(one.story, one.moment): _cell(one) for one in outcomes}
    rows = [
        [story, *(cells.get((story, moment), "") for moment in moments)]
        for story in stories
        if any((story, moment) in cells for moment in moments)
    ]
    head = ["story", *moments]
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    rule = ["-" * width for width in widths]
    return [_row(cells_of, widths) for cells_of in [head, rule, *rows]]


def write(table: Sequence[str], moments: Iterable[tuple[str, str]]) -> Path:
    """Write the page; returns where it is."""
    head = _HEAD.format(date=dt.datetime.now(dt.UTC).date().isoformat(), cores=os.cpu_count())
    what = [f"- **{name}**: {sentence}" for name, sentence in moments]
    tail = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}."
    DOCUMENT.write_text("\n".join([head.rstrip(), "", *what, "", *table, "", tail, ""]))
    return DOCUMENT


def _cell(one: Outcome) -> str:
    return f"{one.seconds:.1f} s · {one.objects}/{one.posts}"


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"
