"""Flame graphs: stacks are counted, and each box is as wide as its share."""

import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from benchmarks import flame
from benchmarks.process import ROOT, module

STACKS = """\
threading.Thread.run;akb_sync.engine.watch.run;akb_sync.plan.planner.make_plan 60
threading.Thread.run;akb_sync.engine.watch.run 20
threading.Thread.run;json.loads 20
"""


def test_stacks_are_put_together_without_what_all_of_them_begin_with() -> None:
    whole = flame.read(STACKS)
    assert whole.samples == 100
    assert {name: box.samples for name, box in whole.below.items()} == {
        "akb_sync.engine.watch.run": 80,
        "json.loads": 20,
    }
    assert whole.below["akb_sync.engine.watch.run"].below["akb_sync.plan.planner.make_plan"].samples == 60


def test_a_box_is_as_wide_as_its_share() -> None:
    root = ET.fromstring(flame.draw("Title", flame.read(STACKS)))
    groups = root.findall("{http://www.w3.org/2000/svg}g")
    widths = [float(group[1].attrib["width"]) for group in groups]
    told = [group[0].text for group in groups]
    assert told == [
        "akb_sync.engine.watch.run 80.0%",
        "akb_sync.plan.planner.make_plan 60.0%",
        "json.loads 20.0%",
    ]
    assert widths[0] / widths[2] == pytest.approx(4, rel=0.02)


@pytest.mark.timeout(120)
def test_the_sampler_sees_what_a_command_is_at(tmp_path: Path) -> None:
    found = tmp_path / "stacks"
    command = [*module("benchmarks.sampler", str(found), "version")]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert (ended.returncode, sys.executable == command[0]) == (0, True), ended.stderr
    lines = found.read_text().splitlines()
    assert lines
    assert all(line.rpartition(" ")[2].isdigit() for line in lines)
