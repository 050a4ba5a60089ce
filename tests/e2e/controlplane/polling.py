"""Waiting for what another process does.

Why: nothing in these tests sleeps and hopes. Whoever waits says for what and how long at most, and the
failure says what was seen last.
"""

import time
from collections.abc import Callable
from typing import TypeVar

Seen = TypeVar("Seen")


class NotInTimeError(AssertionError):
    """What was waited for did not happen before its deadline."""


def eventually(
    what: str,
    look: Callable[[], Seen],
    *,
    timeout: float = 30.0,
    pause: float = 0.05,
    ignoring: tuple[type[Exception], ...] = (),
) -> Seen:
    """Looks again and again until something truthy is seen, and returns that.

    Args:
        what: the noun phrase for the failure, such as "an address for Service web".
        look: returns what it sees; falsy means not yet.
        timeout: seconds until it is given up.
        pause: seconds between two looks.
        ignoring: exceptions that also mean not yet.

    Raises:
        NotInTimeError: nothing truthy within `timeout`; the text has the last thing seen or raised.
    """
    deadline = time.monotonic() + timeout
    while True:
        seen, last = _look(look, ignoring)
        if seen:
            return seen
        if time.monotonic() >= deadline:
            raise NotInTimeError(f"{what}: not within {timeout:g} s; last seen: {last}")
        time.sleep(pause)


def _look(look: Callable[[], Seen], ignoring: tuple[type[Exception], ...]) -> tuple[Seen | None, str]:
    try:
        seen = look()
    except ignoring as error:
        return None, f"{type(error).__name__}: {error}"
    return seen, repr(seen)[:500]
