"""Words with a colon, such as `fd00::1/128`, at a Tab in bash.

Bash ends a word at a colon (`COMP_WORDBREAKS`): it asks about `fd00`, `::` and `1` as three words, and puts
what it is offered in the place of the last of them. Changing that variable would change it for every other
program of the shell. So the words are put together again before they are looked at, and what is offered
begins after the last colon.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager, redirect_stdout
from itertools import pairwise

ASKED = "_AKB_SYNC_COMPLETE"
"""The variable by which a shell's script asks the program for words."""
WORDS, INDEX = "COMP_WORDS", "COMP_CWORD"


@contextmanager
def answering(environment: MutableMapping[str, str]) -> Iterator[None]:
    """Let the program that runs in the block answer bash as it asked; everybody else is left alone."""
    kept = join_words(environment)
    if not kept:
        yield
        return
    answer = io.StringIO()
    try:
        with redirect_stdout(answer):
            yield
    finally:
        sys.stdout.writelines(f"{line[kept:]}\n" for line in answer.getvalue().splitlines())


def join_words(environment: MutableMapping[str, str]) -> int:
    """Put words together again; give how many characters of the last one bash does not want to hear again."""
    if environment.get(ASKED) != "complete_bash" or not environment.get(INDEX, "").isdigit():
        return 0
    words = environment.get(WORDS, "").split("\n")  # bash joins them by the first character of IFS
    index = int(environment[INDEX])
    if len(words) <= index:
        return 0
    joined = [words[0]]
    for before, word in pairwise(words[: index + 1]):
        if word.startswith(":") or before.endswith(":"):
            joined[-1] += word
        else:
            joined.append(word)
    environment.update({WORDS: "\n".join(joined), INDEX: str(len(joined) - 1)})
    return joined[-1].rfind(":") + 1
