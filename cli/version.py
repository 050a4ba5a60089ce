"""`akb-sync version`."""

from __future__ import annotations

import sys

from akb_sync.version import __version__


def version() -> None:
    """Print the version of akb-sync."""
    sys.stdout.write(f"akb-sync {__version__}\n")
