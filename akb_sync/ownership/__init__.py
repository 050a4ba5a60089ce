"""Taking over and letting go: what `adopt`, `release`, `purge` and `restore` would do, and doing it.

What would be done is a pure function of what was read (`adopt`, `release`, `purge`, `restore`); `Ownership`
reads, and carries out through the engine's own writer. The command line shows it and asks.
"""

from .adopt import Terms
from .deed import Deed
from .origin import Origin
from .ownership import Ownership
from .restore import Restoration, Revival

__all__ = ["Deed", "Origin", "Ownership", "Restoration", "Revival", "Terms"]
