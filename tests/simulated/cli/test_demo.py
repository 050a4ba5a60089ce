"""The demo as a newcomer sees it."""

import re
from pathlib import Path

from .program import Program


def test_the_demo_keeps_every_promise_and_shows_since_when_each_object_is_so(tmp_path: Path) -> None:
    ended = Program(tmp_path).run("demo")
    assert (ended.code, ended.err) == (0, "")
    assert re.search(r"^8 promises in \d+ s: every one was kept\.$", ended.out, re.MULTILINE)
    assert "<unknown>" not in ended.out
