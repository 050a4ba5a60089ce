"""The figures of several runs, kept in a file: the whole matrix takes hours, and may be played in parts."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tests.e2e.matrix.play import Outcome


def with_earlier(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """These outcomes and the earlier ones of the file that `MATRIX_RECORD` names; it keeps them all."""
    name = os.environ.get("MATRIX_RECORD")
    if not name:
        return list(outcomes)
    path = Path(name)
    earlier = [Outcome(**one) for one in json.loads(path.read_text())] if path.is_file() else []
    cells = {(one.story, one.moment): one for one in (*earlier, *outcomes)}
    path.write_text(json.dumps([asdict(one) for one in cells.values()], indent=1))
    return list(cells.values())
