"""What the documents say about files, dependencies and names is so."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import akb_sync
from tests.unit.docs.pages import DOCS, ROOT, Page, pages

_LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.mark.parametrize("page", pages(), ids=str)
def test_every_link_to_a_file_or_heading_leads_somewhere(page: Page) -> None:
    for link in _LINK.findall(page.prose):
        if link.startswith(("https://", "http://")):
            continue
        file, _, anchor = link.partition("#")
        target = page.path.parent / file if file else page.path
        assert target.is_file(), f"{page} links to {link}"
        if anchor:
            assert anchor in Page(target).anchors, f"{page} links to {link}"


def test_every_page_of_the_manual_is_in_its_reading_order() -> None:
    linked = set(_LINK.findall((DOCS / "index.md").read_text()))
    assert {path.name for path in DOCS.glob("*.md")} - {"index.md"} <= linked


def _requirements(source: Path) -> set[str]:
    """The names in install_requires and extras_require of a setup.py."""
    tree = ast.parse(source.read_text())
    keywords = {
        keyword.arg: ast.literal_eval(keyword.value)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "setup"
        for keyword in call.keywords
        if keyword.arg in ("install_requires", "extras_require")
    }
    lines = [
        *keywords["install_requires"],
        *(one for extra in keywords["extras_require"].values() for one in extra),
    ]
    return {re.split(r"[<>=!~\[; ]", line)[0] for line in lines}


def test_every_dependency_has_one_line_that_says_why_and_no_other_has() -> None:
    rows = re.findall(r"^\| `([^`]+)` \| \S", (DOCS / "dependencies.md").read_text(), re.MULTILINE)
    assert sorted(rows) == sorted(_requirements(ROOT / "setup.py"))


def test_the_library_page_shows_the_example_as_it_is_run() -> None:
    example = (DOCS / "examples" / "one_sync.py").read_text()
    assert example in [block.text for block in Page(DOCS / "library.md").blocks]


@pytest.mark.parametrize("name", akb_sync.__all__)
def test_every_public_name_is_on_the_library_page(name: str) -> None:
    assert f"`{name}`" in (DOCS / "library.md").read_text()


def test_every_module_that_contributing_and_the_list_of_facts_name_exists() -> None:
    for name in ("CONTRIBUTING.md", "docs/verify-on-real-apic.md", "docs/dependencies.md"):
        text = (ROOT / name).read_text()
        for module in re.findall(r"`([a-z_/]+\.(?:py|yaml))`", text):
            places = (ROOT / module, ROOT / "akb_sync" / module)
            assert any(place.is_file() for place in places), f"{name} names {module}"
