"""What a whole run of the laboratory amounts to: the figures that are printed in the end."""

from dataclasses import dataclass, field

from .laboratory import Record
from .profile import NIGHTLY, SEED


@dataclass
class Tally:
    """Counted over all tests of a session."""

    scenarios: set[str] = field(default_factory=set)
    faults: set[str] = field(default_factory=set)
    sequences: int = 0
    written: int = 0
    foreign: int = 0
    lost: int = 0

    def add(self, scenario: str, fault: str, record: Record, lost: int = 0) -> None:
        """Count one run."""
        self.scenarios.add(scenario)
        self.faults.add(fault)
        self.sequences += 1
        self.written += record.written
        self.foreign += len(record.foreign)
        self.lost += lost

    def lines(self) -> list[str]:
        """The table."""
        rows = [
            ("profile", f"{'nightly' if NIGHTLY else 'ci'}, seed {SEED}"),
            ("scenarios", f"{len(self.scenarios):,}"),
            ("faults", f"{len(self.faults):,}"),
            ("sequences", f"{self.sequences:,}"),
            ("objects written", f"{self.written:,}"),
            ("foreign objects touched", f"{self.foreign:,}"),
            ("lost", f"{self.lost:,}"),
        ]
        return [f"{name:<24}{figure:>20}" for name, figure in rows]


TALLY = Tally()
