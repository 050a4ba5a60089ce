"""The names that a person may have meant, when none is called as they typed."""

from __future__ import annotations

import difflib
from collections.abc import Collection

MOST = 5


def near(asked: str, known: Collection[str]) -> str:
    """Give the next step for a name that is none: the close ones, else some of those that there are."""
    if not known:
        return "there is none"
    by_lower = {name.lower(): name for name in sorted(known)}
    close = difflib.get_close_matches(asked.lower(), by_lower, n=MOST, cutoff=0.6)
    tails = [name for name in sorted(known) if name.rpartition("/")[2] == asked.rpartition("/")[2]]
    place, slash, _ = asked.rpartition("/")
    if not (tails or close) and slash:
        known = [name for name in known if name.rpartition("/")[0] == place] or known
    found = list(dict.fromkeys([*tails, *(by_lower[one] for one in close)]))[:MOST]
    if found:
        return f"did you mean {', '.join(found)}?"
    more = len(known) - MOST
    return f"there are {', '.join(sorted(known)[:MOST])}" + (f" and {more} more" if more > 0 else "")
