"""What an explanation is made of: steps in the order in which a person would look, each good or not."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from akb_sync.item import Item


class Verdict(StrEnum):
    """How a step turned out."""

    OK = "ok"
    NO = "no"
    """It is here that the address does not get any further."""
    NOTE = "note"
    """Something to know of; it stops nothing."""
    UNKNOWN = "unknown"
    """It could not be read, and unknown is not empty."""


@dataclass(frozen=True, slots=True)
class Step:
    """One question about the object, answered."""

    name: str
    """The question, in one word that stays the same: `owner`, `annotated`, `fabric` and so on."""
    verdict: Verdict
    text: str
    next_step: str = ""
    about: str = ""
    """The prefix that it is about, where the object has several."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One object followed through both views."""

    subject: str
    """The object, as people name it: `Pod shop/web-1`, or a prefix."""
    steps: tuple[Step, ...] = ()
    items: tuple[Item, ...] = field(default=())
    """The objects of the plan that it comes down to."""

    @property
    def conclusion(self) -> str:
        """Say the whole in one sentence: what stopped it first, or that it is as it is wanted."""
        stopped = next((step for step in self.steps if step.verdict is Verdict.NO), None)
        if stopped is not None:
            return stopped.text
        unknown = next((step for step in self.steps if step.verdict is Verdict.UNKNOWN), None)
        if unknown is not None:
            return unknown.text
        if any(item.changes for item in self.items):
            return "it is about to be put right"
        return "it is as it is wanted" if self.items else "there is nothing to do for it"

    @property
    def next_step(self) -> str:
        """What a person can do; empty when nothing has to be done."""
        steps = (step for step in self.steps if step.verdict in (Verdict.NO, Verdict.UNKNOWN))
        return next((step.next_step for step in steps if step.next_step), "")
