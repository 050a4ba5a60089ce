"""SVG by hand: bars and log-log curves that can be read in light and in dark.

Why no library: two kinds of plots are all that is needed, and theirs come out with fixed colours.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

STYLE = """
    .page { fill: #ffffff; stroke: #d0d7de; }
    .grid { stroke: #e3e7ec; }
    .axis { stroke: #6b7785; }
    .word { fill: #1c2733; font-weight: 600; }
    .text { fill: #4a5765; font-size: 12px; }
    .ours { fill: #3572b0; stroke: #3572b0; }
    .other { fill: #9aa5b1; stroke: #9aa5b1; }
    .curve { fill: none; stroke: #3572b0; stroke-width: 2; }
    .bound { stroke: #b3402a; stroke-dasharray: 5 4; stroke-width: 1.5; }
    .boundary { fill: #b3402a; font-size: 12px; }
    @media (prefers-color-scheme: dark) {
      .page { fill: #14191f; stroke: #343d47; }
      .grid { stroke: #2a323b; }
      .axis { stroke: #8592a0; }
      .word { fill: #eef2f6; }
      .text { fill: #b3bec9; }
      .ours { fill: #5b9bd9; stroke: #5b9bd9; }
      .other { fill: #6b7785; stroke: #6b7785; }
      .curve { stroke: #5b9bd9; }
      .bound { stroke: #e0735c; }
      .boundary { fill: #e0735c; }
    }
"""
FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"
WIDTH = 904
BAR, LABELS, MARGIN = 24, 340, 20
PANEL_WIDTH, PANEL_HEIGHT = 216, 210


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label, its length, what is written beside it, and whether it is akb-sync's."""

    label: str
    value: float
    told: str
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Curve:
    """One figure over a size: title, points, and what the fit says."""

    title: str
    points: Sequence[tuple[float, float]]
    told: str


def bars(title: str, description: str, found: Sequence[Bar], bound: float | None = None) -> str:
    """Horizontal bars on a logarithmic scale, with a line where the bound is."""
    values = [bar.value for bar in found] + ([bound] if bound else [])
    low, high = min(1.0, *values), max(values)
    span = math.log(high / low) or 1.0
    room = WIDTH - LABELS - 110

    def at(value: float) -> float:
        return LABELS + max(2.0, room * math.log(value / low) / span)

    height = 60 + BAR * len(found) + MARGIN
    parts = [_text(MARGIN, 32, title, "word")]
    for number, bar in enumerate(found):
        top = 52 + BAR * number
        parts.append(_text(LABELS - 10, top + 13, bar.label, "text", anchor="end"))
        parts.append(_rectangle("ours" if bar.ours else "other", LABELS, top, at(bar.value) - LABELS))
        parts.append(_text(at(bar.value) + 8, top + 13, bar.told, "text"))
    if bound:
        x = at(bound)
        parts.append(_line("bound", (x, 46), (x, height - MARGIN + 4)))
        parts.append(_text(x + 4, height - 8, "bound", "boundary"))
    return _page(title, description, height, parts)


def curves(title: str, description: str, x_name: str, found: Sequence[Curve]) -> str:
    """Panels side by side, each with one figure over the size, both axes logarithmic."""
    parts = [_text(MARGIN, 32, title, "word")]
    for number, curve in enumerate(found):
        parts += _panel(curve, x_name, MARGIN + number * (PANEL_WIDTH + 4), 48)
    return _page(title, description, 48 + PANEL_HEIGHT + 70, parts)


def _panel(curve: Curve, x_name: str, left: float, top: float) -> Iterable[str]:
    x0, x1, bottom, room = left + 44, left + PANEL_WIDTH - 12, top + PANEL_HEIGHT, PANEL_HEIGHT - 34
    x_axis, y_axis = _Axis([x for x, _ in curve.points]), _Axis([y for _, y in curve.points])
    middle = (x0 + x1) / 2
    places = [(x0 + (x1 - x0) * x_axis.at(x), bottom - room * y_axis.at(y)) for x, y in curve.points]
    yield _text(x0, top + 14, curve.title, "word", size=13)
    for tick in y_axis.ticks:
        y = bottom - room * y_axis.at(tick)
        yield _line("grid", (x0, y), (x1, y))
        yield _text(x0 - 6, y + 4, short(tick), "text", anchor="end")
    yield _line("axis", (x0, bottom), (x1, bottom))
    for tick in x_axis.ticks:
        yield _text(x0 + (x1 - x0) * x_axis.at(tick), bottom + 18, short(tick), "text", anchor="middle")
    yield f'<polyline class="curve" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in places)}"/>'
    yield from (f'<circle class="ours" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in places)
    yield _text(middle, bottom + 36, x_name, "text", anchor="middle")
    yield _text(middle, bottom + 54, curve.told, "text", anchor="middle")


class _Axis:
    """A logarithmic scale from whole 1, 2 or 5 to whole 1, 2 or 5; a 0 stands at its lower end."""

    def __init__(self, values: Iterable[float]) -> None:
        positive = [value for value in values if value > 0] or [1.0]
        low, high = min(positive), max(positive)
        steps = [digit * 10.0**power for power in range(-3, 9) for digit in (1, 2, 5)]
        self.low = max((step for step in steps if step <= low * 1.0001), default=steps[0])
        self.high = min((step for step in steps if step >= high * 0.9999), default=steps[-1])
        if self.high <= self.low:
            self.high = self.low * 10
        inside = [step for step in steps if self.low <= step <= self.high]
        whole = [step for step in inside if math.log10(step).is_integer()]
        self.ticks = whole if len(whole) >= 3 else inside[:: max(1, len(inside) // 4)]

    def at(self, value: float) -> float:
        """From 0 to 1."""
        return math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)


def short(value: float) -> str:
    """A tick's number in few characters."""
    if value >= 1_000_000:
        return f"{value / 1_000_000:g}M"
    if value >= 1_000:
        return f"{value / 1_000:g}k"
    return f"{value:g}"


def _text(x: float, y: float, text: str, style: str, *, anchor: str = "start", size: int = 0) -> str:
    more = (f' text-anchor="{anchor}"' if anchor != "start" else "") + (
        f' font-size="{size}"' if size else ""
    )
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}"{more}>{escape(text)}</text>'


def _line(style: str, start: tuple[float, float], end: tuple[float, float]) -> str:
    (x1, y1), (x2, y2) = start, end
    return f'<line class="{style}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _rectangle(style: str, left: float, top: float, width: float) -> str:
    return f'<rect class="{style}" x="{left}" y="{top}" width="{width:.1f}" height="{BAR - 8}" rx="2"/>'


def _page(title: str, description: str, height: float, parts: Iterable[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-labelledby="title desc" font-family="{FONT}" font-size="15">'
    )
    return "\n".join(
        [
            head,
            f'<title id="title">{escape(title)}</title>',
            f'<desc id="desc">{escape(description)}</desc>',
            f"<style>{STYLE}</style>",
            f'<rect class="page" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="10"/>',
            *parts,
            "</svg>\n",
        ]
    )
