"""How seldom Python looks for garbage that only a search finds.

The lists of a large cluster are some hundred thousand objects that all stay. At Python's own pace they are
looked through again and again while they come in: two fifths of the time of a `status` of 10,000 Pods. What
is dropped goes at once all the same; only circles wait, and there are few. The modules of a command are
objects that stay, too: searching among them was a tenth of the time of their import.
"""

from __future__ import annotations

import gc

NEW = 100_000
"""So many new objects that stay, and the young ones are looked through (Python itself: 700)."""
YOUNG, OLD = 20, 100
"""So many of these searches, and older objects are looked through too (Python itself: 10 and 10)."""


def search_seldom() -> None:
    """Search seldom from now on, and never among what is there already."""
    gc.set_threshold(NEW, YOUNG, OLD)
    gc.freeze()
