"""Whether this engine may write, as others decide it: the election of a leader."""

from __future__ import annotations

from typing import Protocol


class Licence(Protocol):
    """The right to write."""

    @property
    def leading(self) -> bool:
        """Whether this engine may write at this moment."""
        ...

    @property
    def term(self) -> int:
        """Grows whenever the right is won: somebody else may have written before."""
        ...


class Always:
    """The right of an engine that has no rival."""

    leading = True
    term = 0
