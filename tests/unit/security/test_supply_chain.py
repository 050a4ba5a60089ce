"""An audit that could ask nobody is no clean audit, and a bill of materials is about akb-sync."""

import re
from typing import Any

import pytest

from supply_chain.audit import NOT_ASKED, WEAK, read, told
from supply_chain.environments import ROOT, TOOLS, SupplyChainError
from supply_chain.sbom import subject_named

FINE = {"name": "six", "version": "1", "vulns": []}
BAD = {"name": "yaml", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": ["3"]}]}
UNKNOWN = {"name": "lost", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("packages", "code", "said"),
    [
        ([FINE], 0, "1 packages looked up, 0 known weaknesses, 0 not looked up"),
        ([FINE, BAD], WEAK, "yaml 2: CVE-1, mended in 3"),
        ([FINE, UNKNOWN], NOT_ASKED, "NOT AUDITED: the advisory database could not be asked about lost"),
        ([UNKNOWN, BAD], WEAK, "NOT AUDITED"),
        ([], NOT_ASKED, "0 packages looked up"),
    ],
)
def test_what_was_not_looked_up_does_not_pass_for_sound(
    packages: list[dict[str, Any]], code: int, said: str
) -> None:
    verdict = read({"dependencies": packages})
    assert verdict.code == code
    assert said in "\n".join(told(verdict))


def test_the_list_is_about_akb_sync_and_shows_no_folder_of_the_machine() -> None:
    own = {"name": "akb-sync", "bom-ref": "a", "externalReferences": [{"url": "file:///home/x"}]}
    made = subject_named({"components": [own, {"name": "six"}], "metadata": {"tools": []}})
    assert made["components"] == [{"name": "six"}]
    assert made["metadata"]["component"]["name"] == "akb-sync"
    assert "file:" not in str(made)


def test_a_list_without_akb_sync_is_refused() -> None:
    with pytest.raises(SupplyChainError, match="0 times"):
        subject_named({"components": [{"name": "six"}]})


@pytest.mark.parametrize("pins", [TOOLS, ROOT / "requirements.txt"], ids=lambda path: path.parent.name)
def test_every_line_is_one_pinned_version(pins: Any) -> None:
    lines = [line for line in pins.read_text().splitlines() if line and not line.startswith("#")]
    assert len(lines) > 10
    for line in lines:
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line), line
