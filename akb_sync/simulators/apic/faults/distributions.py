"""How long something takes: a number of seconds, or a distribution that seconds are drawn from."""

from dataclasses import dataclass
from random import Random
from typing import Protocol


class Distribution(Protocol):
    """Where waiting times come from."""

    def draw(self, random: Random) -> float:
        """Seconds, never less than 0."""


@dataclass(frozen=True, slots=True)
class Constant:
    """Always the same."""

    seconds: float

    def draw(self, random: Random) -> float:  # noqa: ARG002 - the others need it
        """The seconds."""
        return self.seconds


@dataclass(frozen=True, slots=True)
class Uniform:
    """Everything between two bounds is as likely."""

    low: float
    high: float

    def draw(self, random: Random) -> float:
        """Seconds between the bounds."""
        return random.uniform(self.low, self.high)


@dataclass(frozen=True, slots=True)
class Normal:
    """Around a mean; what would be negative is 0."""

    mean: float
    deviation: float

    def draw(self, random: Random) -> float:
        """Seconds around the mean."""
        return max(0.0, random.gauss(self.mean, self.deviation))


@dataclass(frozen=True, slots=True)
class Exponential:
    """Mostly short and sometimes long, as queues are."""

    mean: float

    def draw(self, random: Random) -> float:
        """Seconds, the mean on average."""
        return random.expovariate(1 / self.mean) if self.mean else 0.0
