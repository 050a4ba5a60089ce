"""The project's Markdown, taken apart into what tests look at."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DOCS = ROOT / "docs"
_FENCE = re.compile(r"^([ ]*)```(\w*)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+)`")
_BETWEEN_COMMANDS = frozenset({"&&", "||", "|", ";"})


@dataclass(frozen=True)
class Block:
    """A fenced block: its language and its text."""

    language: str
    text: str


@dataclass(frozen=True)
class Page:
    """One Markdown file."""

    path: Path

    def __str__(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def prose(self) -> str:
        """The text without its fenced blocks."""
        return _FENCE.sub("", self.text)

    @property
    def blocks(self) -> list[Block]:
        return [Block(match[2], match[3]) for match in _FENCE.finditer(self.text)]

    @property
    def anchors(self) -> set[str]:
        """What a link may name after `#`: the headings, as GitHub and MkDocs make slugs of them."""
        headings = re.findall(r"^#+ (.+)$", self.prose, re.MULTILINE)
        return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}

    def typed(self) -> Iterator[list[str]]:
        """Every call of akb-sync in a console block, as words without the program's name."""
        for block in self.blocks:
            if block.language == "console":
                for line in block.text.replace("\\\n", " ").splitlines():
                    yield from _calls(shlex.split(line, comments=True))

    def mentioned(self) -> Iterator[list[str]]:
        """Every call of akb-sync in the prose, as words without the program's name."""
        for code in _INLINE.findall(self.prose):
            yield from _calls(code.split())


def pages() -> list[Page]:
    """Every page that people read."""
    return [Page(path) for path in sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md")])]


def _calls(words: list[str]) -> Iterator[list[str]]:
    call: list[str] = []
    for word in [*words, ";"]:
        if word not in _BETWEEN_COMMANDS:
            call.append(word)
            continue
        if call[:1] == ["akb-sync"] and call[1:]:
            yield call[1:]
        call = []
