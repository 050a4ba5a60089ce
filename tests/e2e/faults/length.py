"""How long the churn is: a short cut everywhere, 20 minutes with `FULL=1`, an hour with `FULL=nightly`.

`CHURN_SECONDS` sets the length of the churn by itself, `AKB_SYNC_SEED` repeats one that failed.
"""

import os
import secrets

FULL = os.environ.get("FULL", "")
CHURN_SECONDS = float(os.environ.get("CHURN_SECONDS", {"1": 1200, "nightly": 3600}.get(FULL, 60)))
WIRE_SECONDS = 300.0 if FULL else 12.0
LONG = FULL in {"1", "nightly"}


def seed() -> int:
    """The seed of `AKB_SYNC_SEED`, or a new one."""
    return int(os.environ.get("AKB_SYNC_SEED") or secrets.randbelow(1_000_000))
