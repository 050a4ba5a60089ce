"""The result on a terminal: one table, each bound with its figure, met or not met."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from .figures import Result, Row

HEADS = ("what", "Pods", "latency", "median", "least", "most", "runs", "bound", "verdict")
WIDE = 180
"""Columns in which no row is folded."""
VERDICTS = {True: "met", False: "NOT MET", None: ""}
COLOURS = {True: "green", False: "bold red", None: "default"}


def show(result: Result, console: Console) -> None:
    """Print the bounds, what else was measured, the exponents, and how many bounds are met."""
    judged = list(result.judged)
    console.print(_table("The bounds of the design, and what they are held against", judged))
    console.print(_table("What else was measured", [row for row in result.rows if row.bound is None]))
    for series in result.series:
        found = ", ".join(f"{name} {series.exponent(name):.2f}" for name in series.points[0].figures)
        console.print(f"growth with {series.name} ({series.fixed}), exponents: {found}")
    console.print(f"{sum(row.met is True for row in judged)} of {len(judged)} bounds met")


def _table(title: str, rows: Iterable[Row]) -> Table:
    table = Table(title=title, title_justify="left")
    for name in HEADS:
        table.add_column(name, justify="left" if name in {"what", "verdict"} else "right", overflow="fold")
    for row in rows:
        table.add_row(*cells(row), f"[{COLOURS[row.met]}]{VERDICTS[row.met]}[/]")
    return table


def cells(row: Row) -> tuple[str, ...]:
    """A row's name, size, latency, figures and bound as text; the verdict is the caller's."""
    least, most = row.spread
    unit = f" {row.unit}" if row.unit else ""
    name = f"{row.name} ({row.note})" if row.note else row.name
    bound = ""
    if row.bound is not None:
        bound = f"{'>=' if row.least else '<='} {number(row.bound)}{unit}"
    spread = (number(least), number(most)) if len(row.values) > 1 else ("", "")
    return (
        name,
        f"{row.pods:,}",
        f"{row.latency} ms",
        f"{number(row.median)}{unit}",
        *spread,
        str(len(row.values)),
        bound,
    )


def number(value: float) -> str:
    """A figure with three digits that count."""
    if value == int(value):
        return f"{int(value):,}"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    if abs(value) >= 1:
        return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
    return f"{value:.3g}"
