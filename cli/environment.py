"""Variables that begin as ours do and are no setting of ours.

The file of settings is ours alone, so an unknown name in it is an error. The environment is not: Kubernetes
puts variables for each Service of the namespace into every container, which for a Service `akb-sync` begin
as ours do, a simulator gives some, and people have their own. So most are told and left alone. But a name
that is nearly a setting was meant to be one: an engine whose `AKB_SYNC_POLCY` is not in force would delete
what its operator forbade.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from akb_sync.errors import SettingsError
from akb_sync.settings import table

PREFIX = "AKB_SYNC_"
OTHERS = frozenset(
    {"AKB_SYNC_CONFIG", "AKB_SYNC_PROFILE", "AKB_SYNC_APIC_ADMIN", "AKB_SYNC_APIC_ADMIN_TOKEN"}
)
"""No settings, and known: where the settings are, and the way to a simulator that `simulate apic` gives."""
_OF_A_SERVICE = re.compile(
    r"_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$"
)
"""How the names end that Kubernetes makes of Services ("Service: Environment variables", "Docker links")."""
_ALIKE = 0.8
"""How much of two names has to be the same (0 to 1), to take one for the other mistyped."""


def unknown(names: Iterable[str]) -> Iterator[str]:
    """Say what is odd about the names of the environment's variables, in one sentence each.

    Raises:
        SettingsError: One is nearly a setting.
    """
    known = {setting.env.removeprefix(PREFIX) for setting in table() if setting.env.startswith(PREFIX)}
    for name in sorted(names):
        if name.startswith(PREFIX) and name not in OTHERS and not _OF_A_SERVICE.search(name):
            short = name.removeprefix(PREFIX)
            if short in known:
                continue
            if near := get_close_matches(short, sorted(known), n=1, cutoff=_ALIKE):
                raise SettingsError(f"${name} is no setting", f"did you mean {PREFIX}{near[0]}?")
            yield f"${name} is no setting of akb-sync, and is ignored"
