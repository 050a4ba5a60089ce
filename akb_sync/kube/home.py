"""The L3Out of annotations that name an EPG only: the cluster's home on the fabric.

Most clusters hang on one L3Out, so their application teams need not know its name. Which one it is comes
from a setting or is found on the fabric; until it is known, such an annotation means nothing yet, and what is
there for its addresses stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from akb_sync.model import L3Out

from .annotation import Request


class HomeUnknownError(ValueError):
    """An annotation leaves the L3Out to us, and we do not know it; the text says why."""


@dataclass(frozen=True, slots=True)
class Home:
    """The cluster's L3Out, or why it is not known."""

    l3out: L3Out | None = None
    why: str = "it is not looked for yet"

    def completed(self, request: Request) -> Request:
        """Give the request with tenant and L3Out filled in where it names an EPG only.

        Raises:
            HomeUnknownError: it names an EPG only, and the L3Out is not known.
        """
        if request.names_l3out:
            return request
        if self.l3out is None:
            raise HomeUnknownError(f"the annotation names an EPG only, and its L3Out is unknown: {self.why}")
        return replace(
            request, binding=request.binding._replace(tenant=self.l3out.tenant, l3out=self.l3out.name)
        )
