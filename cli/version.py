"""`akb-sync version`."""

from __future__ import annotations

import sys

from akb_sync.version import __version__


def version() -> None:
    """Print the version of akb-sync.

    The library `akb_sync` has the same.

    Examples:
        akb-sync version
    """
    sys.stdout.write(f"akb-sync {__version__}\n")
