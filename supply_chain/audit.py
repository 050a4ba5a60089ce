"""Holds every pinned package against the public advisory database.

Run by `make audit`. pip-audit ends well when it could look nothing up (behind a mirror that serves no
advisories), which reads as if all were well; so what was not looked up is counted here, and named.

Exit codes: 0 every package was looked up and none has a known weakness, 1 some have, 3 the database could not
be asked, about all of them or about some.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import Any

from supply_chain.environments import PINS, SupplyChainError, run, say, tools

WEAK, NOT_ASKED = 1, 3
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the database says."""

    asked: int
    """How many packages it knew of."""
    weak: tuple[str, ...]
    """A line for each known weakness."""
    unknown: tuple[str, ...]
    """Packages about which nothing could be learned."""

    @property
    def code(self) -> int:
        """The exit code."""
        if self.weak:
            return WEAK
        return NOT_ASKED if self.unknown or not self.asked else 0


def read(document: dict[str, Any]) -> Verdict:
    """Read pip-audit's JSON."""
    asked, weak, unknown = 0, [], []
    for one in document["dependencies"]:
        if "vulns" not in one:
            unknown.append(str(one["name"]))
            continue
        asked += 1
        for found in one["vulns"]:
            mended = ", ".join(found.get("fix_versions") or ()) or "no release yet"
            weak.append(f"{one['name']} {one['version']}: {found['id']}, mended in {mended}")
    return Verdict(asked, tuple(weak), tuple(unknown))


def told(verdict: Verdict) -> list[str]:
    """Say it for people."""
    lines = [*verdict.weak]
    if verdict.unknown:
        more = len(verdict.unknown) - SHOWN
        names = ", ".join(verdict.unknown[:SHOWN]) + (f" and {more} more" if more > 0 else "")
        lines.append(f"NOT AUDITED: the advisory database could not be asked about {names}")
    lines.append(
        f"{verdict.asked} packages looked up, {len(verdict.weak)} known weaknesses, "
        f"{len(verdict.unknown)} not looked up"
    )
    return lines


def main() -> int:
    """Do it; the result is an exit code."""
    options = ["--requirement", str(PINS), "--no-deps", "--disable-pip", "--format", "json"]
    command = [str(tools() / "pip-audit"), "--progress-spinner", "off", *options]
    try:
        # 1 says that something was found, and also that something failed: then it is no JSON.
        verdict = read(json.loads(run(command, "pip-audit", well=(0, 1))))
    except (SupplyChainError, OSError, ValueError) as error:
        say(f"NOT AUDITED: the advisory database cannot be reached ({error})")
        return NOT_ASKED
    for line in told(verdict):
        say(line)
    return verdict.code


if __name__ == "__main__":
    sys.exit(main())
