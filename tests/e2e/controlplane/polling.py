"""Waiting for what another process does.

Why: nothing in these tests sleeps and hopes. Whoever waits says for what and how long at most, and the
failure says what was seen last.

Why the default is long: after an apiserver's restart each controller pauses before it lists again, longer
each time, up to 30 s and as much again of jitter (client-go's reflector). A wait that is over ends at once,
so only a failure costs the whole of it.
"""

import time
from collections.abc import Callable
from typing import TypeVar

Seen = TypeVar("Seen")

PATIENCE = 150.0
"""Seconds within which a control plane that was disturbed has surely done what it was asked."""
NUDGE_PAUSE = 45.0
"""Seconds of waiting before what is waited for is nudged, and between two nudges."""


class NotInTimeError(AssertionError):
    """What was waited for did not happen before its deadline."""


def eventually(
    what: str,
    look: Callable[[], Seen],
    *,
    timeout: float = PATIENCE,
    pause: float = 0.05,
    ignoring: tuple[type[Exception], ...] = (),
    nudge: Callable[[], object] | None = None,
) -> Seen:
    """Looks again and again until something truthy is seen, and returns that.

    Args:
        what: the noun phrase for the failure, such as "an address for Service web".
        look: returns what it sees; falsy means not yet.
        timeout: seconds until it is given up.
        pause: seconds between two looks.
        ignoring: exceptions that also mean not yet.
        nudge: called now and then while it is waited (see `ControlPlane.nudge`).

    Raises:
        NotInTimeError: nothing truthy within `timeout`; the text has the last thing seen or raised.
    """
    began = time.monotonic()
    next_nudge = began + NUDGE_PAUSE
    while True:
        seen, last = _look(look, ignoring)
        if seen:
            return seen
        now = time.monotonic()
        if now >= began + timeout:
            raise NotInTimeError(f"{what}: not within {timeout:g} s; last seen: {last}")
        if nudge is not None and now >= next_nudge:
            nudge()
            next_nudge = now + NUDGE_PAUSE
        time.sleep(pause)


def _look(look: Callable[[], Seen], ignoring: tuple[type[Exception], ...]) -> tuple[Seen | None, str]:
    try:
        seen = look()
    except ignoring as error:
        return None, f"{type(error).__name__}: {error}"
    return seen, repr(seen)[:500]
