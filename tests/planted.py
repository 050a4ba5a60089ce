"""Secrets that are planted in tests, and the search for them in whatever was said.

The tokens of the APIC simulator are random; in a test session each begins with a text that is found nowhere
else, so that one search finds them all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from akb_sync.simulators.apic import sessions

APIC_TOKEN = "AKBplantedTOKEN0"
PASSWORD = "AKBplantedPASSWORD"
"""For tests that want a password that can be searched for; it is no simulator's own."""
KUBERNETES_TOKEN = "AKBplantedBEARER"
EVERYWHERE = (APIC_TOKEN, PASSWORD, KUBERNETES_TOKEN, "PRIVATE KEY-----")
"""What may be in no output of any test."""
_SIMULATORS_OWN = ("aiohttp",)
"""Loggers of the other side: a web server's access log has its URLs."""


def leaks(text: str) -> list[str]:
    """Give the lines in which a planted secret stands."""
    if not any(secret in text for secret in EVERYWHERE):
        return []
    return [
        line
        for line in text.splitlines()
        if any(secret in line for secret in EVERYWHERE) and not any(own in line for own in _SIMULATORS_OWN)
    ]


@contextmanager
def planted_tokens() -> Iterator[None]:
    """Let the tokens of the APIC simulators of this process be found."""
    original = sessions._new_token

    def token() -> str:
        return APIC_TOKEN + original()

    with patch.object(sessions, "_new_token", token):
        yield
