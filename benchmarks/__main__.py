"""`python -m benchmarks`, which is `make bench`: measure, print the table, keep the result."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from . import course, pages, terminal
from .figures import Result, Row
from .process import ROOT

RESULT = ROOT / "build" / "bench.json"


def main(arguments: list[str] | None = None) -> int:
    """Measure what the arguments say; with `--check` a bound that is not met is exit code 1."""
    given = _parser().parse_args(arguments)
    console = Console(stderr=True, highlight=False)
    began = time.monotonic()
    if given.pages_only:
        result = Result.from_document(json.loads(given.json.read_text()))
    else:
        before = Result.from_document(json.loads(given.json.read_text())) if given.add else None
        say = _teller(console, began)
        result = course.run(_course(given), say, lambda found: _keep(found, given.json), before)
        if given.real:
            result.add(_real(console))
        _keep(result, given.json)
    terminal.show(result, Console(highlight=False, width=_width()))
    for path in pages.write(result) if given.write else ():
        console.print(f"written: {path.relative_to(ROOT)}")
    console.print(f"{time.monotonic() - began:.0f} s; the result is in {given.json}")
    return int(given.check and any(row.met is False for row in result.judged))


def _width() -> int | None:
    """A terminal's own width; a file or a pipe has none, and the table must not be folded for it."""
    return None if sys.stdout.isatty() else terminal.WIDE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=(__doc__ or "").split("\n\n")[0]
    )
    parser.add_argument("--pods", type=_numbers, help="sizes of the cluster, a comma list")
    parser.add_argument("--latency", type=_numbers, help="of each APIC request, milliseconds, a comma list")
    parser.add_argument("--runs", type=int, help="how often each cold start is measured")
    parser.add_argument("--full", action="store_true", help="with 100,000 Pods too")
    parser.add_argument("--quick", action="store_true", help="1,000 Pods only, once: proves that it works")
    parser.add_argument("--real", action="store_true", help="also on a real control plane with kwok")
    parser.add_argument("--parts", type=_words, help=f"measure only these: {', '.join(sorted(course.PARTS))}")
    parser.add_argument("--add", action="store_true", help="keep what the result has of everything else")
    parser.add_argument("--json", type=Path, default=RESULT, help="where the result is kept")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md and docs/scale.md")
    parser.add_argument("--pages-only", action="store_true", help="measure nothing: show the kept result")
    parser.add_argument("--check", action="store_true", help="exit with 1 when a bound is not met")
    return parser


def _course(given: argparse.Namespace) -> course.Course:
    chosen = course.QUICK if given.quick else course.Course()
    if given.full:
        chosen = chosen.full()
    named = {"pods": given.pods, "latencies": given.latency, "runs": given.runs, "parts": given.parts}
    return replace(chosen, **{name: value for name, value in named.items() if value is not None})


def _teller(console: Console, began: float) -> course.Say:
    return lambda what: console.print(f"[dim]{time.monotonic() - began:6.0f} s[/]  {what}")


def _real(console: Console) -> list[Row]:
    """What a real control plane gives; it is imported only when asked for, with the tests that it is of."""
    from . import control_plane  # noqa: PLC0415

    if not control_plane.built():
        console.print("no real control plane: `make control-plane` builds it")
        return []
    console.print("a real control plane with kwok")
    return control_plane.measure()


def _keep(result: Result, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result.document(), indent=1) + "\n")


def _words(text: str) -> frozenset[str]:
    words = frozenset(text.split(","))
    if words - course.PARTS:
        raise argparse.ArgumentTypeError(f"there is no {', '.join(sorted(words - course.PARTS))}")
    return words


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


if __name__ == "__main__":
    sys.exit(main())
