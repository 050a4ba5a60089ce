"""Flame graphs of the engine: what its time is made of.

    python -m benchmarks.flame [--pods 10000] [SCENE...]

A box is a function, as wide as its share of the time; what stands below it is called by it. The engine runs
with `benchmarks.sampler` beside it, which costs some time, so the shares count and nothing else. The scenes
are a cold start, Pods that come up one by one, and churn.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from html import escape
from pathlib import Path

from . import engine
from .drawing import FONT, WIDTH
from .estate import Estate
from .kubernetes_side import KubernetesSide
from .pages import DOCS, IMAGES
from .process import Program, module
from .sides import Sides, opened

ROW, TOP, LEAST = 19, 48, 0.004
MODULES = {"akb_sync.kube": 0, "akb_sync.apic": 1, "akb_sync.plan": 2, "akb_sync.engine": 3, "akb_sync": 4}
HIDDEN = ("threading.Thread.", "__main__", "runpy", "importlib.", "typer.", "cli.exits", "click.")
"""What every thread and every import goes through says nothing about us."""
STYLE = """
    .page { fill: #ffffff; stroke: #d0d7de; }
    .word { fill: #1c2733; font-weight: 600; font-size: 15px; }
    .text { fill: #1c2733; font-size: 11px; }
    .m0 { fill: #9cc4ec; } .m1 { fill: #f3bd8c; } .m2 { fill: #a5d8b6; } .m3 { fill: #d9c2ec; }
    .m4 { fill: #eadf9c; } .m5 { fill: #dfe3e8; }
    @media (prefers-color-scheme: dark) {
      .page { fill: #14191f; stroke: #343d47; }
      .word, .text { fill: #eef2f6; }
      .m0 { fill: #23507d; } .m1 { fill: #7d4a1c; } .m2 { fill: #23603a; } .m3 { fill: #573a70; }
      .m4 { fill: #665a1a; } .m5 { fill: #3a444f; }
    }
"""


@dataclass(slots=True)
class Box:
    """A function, reached by one way of calls."""

    name: str
    samples: int = 0
    below: dict[str, Box] = field(default_factory=dict)

    def add(self, stack: list[str], samples: int) -> None:
        """Count a stack, the outermost function first."""
        self.samples += samples
        if stack:
            self.below.setdefault(stack[0], Box(stack[0])).add(stack[1:], samples)

    def depth(self, least: float) -> int:
        """How many rows it takes, with boxes that are wide enough to see."""
        return 1 + max((box.depth(least) for box in self.below.values() if box.samples >= least), default=0)


def read(text: str) -> Box:
    """The tree of stacks, without what every thread begins with."""
    whole = Box("all")
    for line in text.splitlines():
        stack, _, count = line.rpartition(" ")
        names = [name for name in stack.split(";") if not name.startswith(HIDDEN)]
        whole.add(names, int(count))
    return whole


def draw(title: str, whole: Box) -> str:
    """The tree as SVG."""
    canvas = Canvas((WIDTH - 20) / max(1, whole.samples), whole.samples)
    height = TOP + ROW * (whole.depth(canvas.least) - 1) + 14
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-labelledby="title" font-family="{FONT}">'
    )
    return "\n".join(
        [
            head,
            f'<title id="title">{escape(title)}</title>',
            f"<style>{STYLE}</style>",
            f'<rect class="page" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="10"/>',
            f'<text class="word" x="14" y="30">{escape(title)}</text>',
            *canvas.boxes(whole, 10.0, TOP),
            "</svg>\n",
        ]
    )


@dataclass(frozen=True, slots=True)
class Canvas:
    """How wide a sample is, and of how many the whole is."""

    scale: float
    total: int

    @property
    def least(self) -> float:
        """Samples of the narrowest box that is drawn."""
        return self.total * LEAST

    def boxes(self, box: Box, left: float, top: float) -> Iterator[str]:
        """What is below a box, the widest first."""
        for child in sorted(box.below.values(), key=lambda child: -child.samples):
            if child.samples >= self.least:
                yield self._box(child, left, top)
                yield from self.boxes(child, left, top + ROW)
                left += child.samples * self.scale

    def _box(self, box: Box, left: float, top: float) -> str:
        width = box.samples * self.scale
        told = escape(f"{box.name} {box.samples / self.total:.1%}")
        shape = f'x="{left:.1f}" y="{top}" width="{max(0.5, width - 0.7):.1f}" height="{ROW - 2}" rx="2"'
        label = _label(box.name, left, top, width)
        return f'<g><title>{told}</title><rect class="m{_colour(box.name)}" {shape}/>{label}</g>'


def _label(name: str, left: float, top: float, width: float) -> str:
    letters = int((width - 6) / 6.2)
    short = ".".join(name.split(".")[-2:])
    if letters < 4:
        return ""
    return f'<text class="text" x="{left + 3:.1f}" y="{top + 12.5:.1f}">{escape(short[:letters])}</text>'


def _colour(name: str) -> int:
    return next((colour for start, colour in MODULES.items() if name.startswith(start)), 5)


def cold(sides: Sides[KubernetesSide], program: Program) -> None:
    """Until everything is written."""
    engine.until("everything written", lambda: sides.apic.written() >= sides.estate.addresses, program)


def arrivals(sides: Sides[KubernetesSide], program: Program) -> None:
    """Fifty Pods, one by one."""
    for number in range(1, 51):
        sides.cluster.add_pod()
        engine.until("the Pod's address", partial(_written, sides, number), program)


def _written(sides: Sides[KubernetesSide], count: int) -> bool:
    return sides.apic.written() >= count


def churn(sides: Sides[KubernetesSide], program: Program) -> None:
    """A thousand changes a second for a while."""
    changes = sides.cluster.churn(1_000, 15)
    engine.until("all changes committed", lambda: sides.apic.changed() >= changes, program)


SCENES: dict[str, tuple[str, Callable[[Sides[KubernetesSide], Program], None]]] = {
    "cold": ("A cold start", cold),
    "arrivals": ("Pods that come up one by one", arrivals),
    "churn": ("Churn of 1,000 changes/s", churn),
}


def sample(scene: str, pods: int) -> Box:
    """Run the engine through a scene; give what it was at."""
    with opened(Estate(pods)) as sides:
        found = sides.folder / "stacks"
        environment = {**engine.environment(sides), "PYTHONPATH": "."}
        if scene != "cold":
            with engine.watch(sides) as program:
                cold(sides, program)
            sides.reset()
        with Program(
            module("benchmarks.sampler", str(found), "watch"), environment, sides.folder / "log"
        ) as program:
            if scene != "cold":
                engine.until("both sides followed", lambda: sides.apic.subscriptions() > 0, program)
                engine.until_quiet(program)
            SCENES[scene][1](sides, program)
        time.sleep(0.1)
        return read(found.read_text())


def main(arguments: list[str] | None = None) -> int:
    """Draw the scenes."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.flame", description=(__doc__ or "").split("\n\n", maxsplit=1)[0]
    )
    parser.add_argument("scenes", nargs="*", default=list(SCENES), help=f"out of {', '.join(SCENES)}")
    parser.add_argument("--pods", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, default=DOCS / IMAGES)
    given = parser.parse_args(arguments)
    given.folder.mkdir(parents=True, exist_ok=True)
    for scene in given.scenes:
        path = given.folder / f"flame-{scene}.svg"
        path.write_text(draw(f"{SCENES[scene][0]}, {given.pods:,} Pods", sample(scene, given.pods)))
        sys.stderr.write(f"written: {path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
