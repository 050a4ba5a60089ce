"""`python -m tests.mutation`: disable each guard in turn and see that its tests notice.

Exit code 0: every guard is missed by every test that it names. 1: one can be removed unnoticed, or there was
no verdict.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from .guards import AREAS
from .page import Area, written
from .trial import tried
from .workshop import NoVerdictError

ROOT = Path(__file__).resolve().parents[2]
PAGE = Path("docs", "reliability.md")


def main(arguments: Sequence[str] | None = None, areas: Sequence[Area] = AREAS, project: Path = ROOT) -> int:
    """Run; give the exit code."""
    options = _parser().parse_args(arguments)
    guards = [guard for _, rows in areas for guard in rows]
    chosen = [guard for guard in guards if not options.only or guard.name in options.only]
    unknown = set(options.only) - {guard.name for guard in chosen}
    if unknown:
        return _failed(f"there is no guard {', '.join(sorted(unknown))}")
    try:
        outcomes = tried(chosen, project, options.jobs, print)
    except NoVerdictError as error:
        return _failed(str(error))
    if options.json:
        options.json.write_text(json.dumps([one.document() for one in outcomes], indent=1), encoding="utf-8")
    killed = sum(one.killed for one in outcomes)
    print(f"{killed} of {len(outcomes)} guards are missed when they are gone")  # noqa: T201 - a command's output
    if killed < len(outcomes):
        return 1
    if options.write and not options.only:
        _write(project / PAGE, areas)
    return 0


def _write(page: Path, areas: Sequence[Area]) -> None:
    page.write_text(written(page.read_text(encoding="utf-8"), areas), encoding="utf-8")


def _failed(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument(
        "--only", metavar="NAME", action="append", default=[], help="this guard (again for more)"
    )
    parser.add_argument("--jobs", type=int, default=1, help="how many at the same time")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the outcomes there")
    parser.add_argument(
        "--write", action="store_true", help=f"write the table into {PAGE}, if all are missed"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
