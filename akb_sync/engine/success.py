"""When all was well: both views fresh, and nothing that was to be written left or failed."""

from __future__ import annotations

from .observer import Look
from .report import Report


class Success:
    """Follows the looks and rounds of writing."""

    def __init__(self) -> None:
        self._fresh = False

    def looked(self, look: Look) -> bool:
        """Say whether all is well with nothing to be written."""
        self._fresh = look.fresh
        return look.fresh and look.plan is not None and not look.plan.actionable

    def wrote(self, report: Report) -> bool:
        """Say whether all is well with what was written."""
        failed = report.error or report.rejected or report.overtaken or report.unknown or report.not_sent
        return self._fresh and not failed and not report.put_off
