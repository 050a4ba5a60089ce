"""How many functions a piece of work calls: a count that does not depend on the machine's mood.

Calls into C count as one whatever they do, so a copy of a mapping is not seen; a loop over its entries is.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType


def calls(work: Callable[[], object]) -> int:
    """How many functions are called, Python's and C's."""
    count = 0

    def note(_frame: FrameType, kind: str, _argument: object) -> None:
        nonlocal count
        count += kind in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count
