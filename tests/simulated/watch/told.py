"""What the engine said in its log, for tests that count sentences."""

from dataclasses import dataclass

import pytest

from tests.simulated.engine.stage import eventually


@dataclass
class Told:
    """The log of one test, from INFO on."""

    caplog: pytest.LogCaptureFixture

    def lines(self, *parts: str) -> list[str]:
        """The lines that hold all of these parts."""
        said = [record.getMessage() for record in list(self.caplog.records)]
        return [line for line in said if all(part in line for part in parts)]

    def errors(self, *parts: str) -> list[str]:
        """The same, of level ERROR only."""
        said = [record.getMessage() for record in list(self.caplog.records) if record.levelname == "ERROR"]
        return [line for line in said if all(part in line for part in parts)]

    def until(self, *parts: str, timeout: float = 10.0) -> None:
        """Wait until it was said."""
        eventually(f"{parts} is said", lambda: self.lines(*parts), timeout)
