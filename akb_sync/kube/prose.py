"""Text from elsewhere, made fit for a sentence that people read.

Annotations, server answers and plugin errors may hold control characters, escape sequences or a
megabyte. What is echoed is cut, on one line, and shows what a terminal would obey.
"""

from __future__ import annotations

from collections.abc import Iterable


def shown(text: str, limit: int = 60) -> str:
    """Cut `text` to `limit` characters and escape what is not printable."""
    cut = text[:limit]
    clean = "".join(char if char.isprintable() else _escape(char) for char in cut)
    return f"{clean}…" if len(text) > limit else clean


def one_line(text: str, limit: int = 300) -> str:
    """Fold white space, line ends included, then do as `shown` does."""
    return shown(" ".join(text[: limit * 4].split()), limit)


def some(names: Iterable[str], limit: int = 3) -> str:
    """Give the first few names in text order and how many more there are."""
    ordered = sorted(set(names))
    more = len(ordered) - limit
    head = ", ".join(ordered[:limit])
    return f"{head} and {more} more" if more > 0 else head


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
