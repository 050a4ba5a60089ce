"""A setting that is typed twice on a command line is refused: the parser lets the last one win unsaid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import takewhile

from akb_sync.errors import SettingsError
from akb_sync.settings import table

_ONCE = frozenset({"--config", "--profile", "--output"})
_SHORT = {"-o": "--output"}


def refuse_repeated(words: Iterable[str]) -> None:
    """Look through the words of a command line, as far as they are options.

    Raises:
        SettingsError: A flag that takes one value is there twice.
    """
    typed = (word.partition("=")[0] for word in takewhile(lambda word: word != "--", words))
    counted = Counter(_SHORT.get(word, word) for word in typed)
    several = {flag: count for flag, count in counted.items() if count > 1}
    once = _ONCE.union(one.flag for one in table() if not one.repeatable) if several else _ONCE
    for flag, count in several.items():
        if flag.startswith("--") and flag in once:
            raise SettingsError(
                f"{flag} stands there {'twice' if count == 2 else f'{count} times'}", "keep one"
            )
