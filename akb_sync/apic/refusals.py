"""The memory of refused logins, so that a wrong password does not lock the APIC user out.

After a refusal nobody asks again for 5 minutes, then 10, 20 and 30, unless the credential changes;
meanwhile the refusal is answered from here.
"""

from __future__ import annotations

from typing import Any

from akb_sync.clock import Clock
from akb_sync.errors import ApicLoginRefused

_FIRST = 300.0
_LONGEST = 1800.0


class Refusals:
    """Remembers the refusal of one credential. Not safe for threads: its user holds a lock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._credential: tuple[Any, ...] = ()
        self._message = ""
        self._hold = 0.0
        self._until = 0.0

    def check(self, credential: tuple[Any, ...]) -> None:
        """Raise the remembered refusal while it is too early to try this credential again."""
        left = self._until - self._clock.monotonic()
        if self._message and credential == self._credential and left > 0:
            raise ApicLoginRefused(
                f"{self._message} (not tried again for {left:.0f} s, lest the user be locked out)",
                "check the APIC user and its password or key",
            )

    def refused(self, credential: tuple[Any, ...], message: str) -> None:
        """Remember that a credential was refused, and hold it for longer than the last time."""
        again = bool(self._message) and credential == self._credential
        self._hold = min(self._hold * 2, _LONGEST) if again else _FIRST
        self._credential = credential
        self._message = message
        self._until = self._clock.monotonic() + self._hold

    def accepted(self) -> None:
        """Forget: the login went through."""
        self._credential, self._message, self._hold = (), "", 0.0
