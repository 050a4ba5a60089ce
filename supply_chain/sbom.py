"""Writes `build/akb-sync.cdx.json`: a CycloneDX list of everything that is installed with akb-sync.

Run by `make sbom`. Exit codes: 0 written, 1 failed.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from supply_chain.environments import ROOT, SupplyChainError, installed, run, say, tools

OUTPUT = ROOT / "build" / "akb-sync.cdx.json"
SPECIFICATION = "1.6"
US = "akb-sync"


def subject_named(document: dict[str, Any]) -> dict[str, Any]:
    """Make akb-sync what the list is about, and no part of itself.

    Raises:
        SupplyChainError: it is not in the list, so the list is about something else.
    """
    own = [one for one in document["components"] if one["name"] == US]
    if len(own) != 1:
        raise SupplyChainError(f"{US} stands {len(own)} times in the list")
    others = [one for one in document["components"] if one["name"] != US]
    subject = {**own[0], "type": "application"}
    # Where it was built from is a folder of this machine.
    subject.pop("externalReferences", None)
    metadata = {**document.get("metadata", {}), "component": subject}
    return {**document, "metadata": metadata, "components": others}


def write(output: Path) -> int:
    """Write the list; give the number of its components.

    Raises:
        SupplyChainError: it cannot be made.
    """
    python = installed()
    options = ["--sv", SPECIFICATION, "--of", "JSON", "--output-reproducible", "-o", "-", str(python)]
    document = subject_named(
        json.loads(run([str(tools() / "cyclonedx-py"), "environment", *options], "cyclonedx"))
    )
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(document, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return len(document["components"])


def main() -> int:
    """Do it; the result is an exit code."""
    try:
        count = write(OUTPUT)
    except (SupplyChainError, OSError) as error:
        say(str(error))
        return 1
    say(f"{OUTPUT.relative_to(ROOT)} lists {count} components")
    return 0


if __name__ == "__main__":
    sys.exit(main())
