"""The loop that joins both views, the plan and the writer."""

from .engine import Engine
from .once import Pass
from .report import Report
from .watch import Watch

__all__ = ["Engine", "Pass", "Report", "Watch"]
