"""Text from elsewhere made fit for a terminal: names, annotations and answers are other people's."""

from __future__ import annotations

import re
import textwrap

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_PARTS = re.compile(r"\x1b\[[0-9;]*m|[^\x1b]+")
_LABELLED = re.compile(r"( {2}\S+ +\S+ {2,}|\S+ {2,})(?=\S)")
"""What a sentence begins with in a list: `  ok owner      `, or `VRF        `."""


def harmless(text: str) -> str:
    """Make text from elsewhere fit for a terminal: no control characters, no escape sequences."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def hanging(line: str, width: int) -> str:
    """Break a line that is too wide between words; what follows stands below what its label speaks of.

    Colours of the first row stay; further down there are none.
    """
    plain = _COLOUR.sub("", line)
    if len(plain) <= width:
        return line
    label = _LABELLED.match(plain)
    indent = len(label.group()) if label and label.end() <= width // 2 else 2
    first, *more = textwrap.wrap(
        plain, width, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False
    )
    return "\n".join([_coloured(line, len(first)), *more])


def _coloured(line: str, length: int) -> str:
    """Give the first characters of a line with their colours, which end there."""
    rest, found, had_any = length, "", False
    for part in _PARTS.findall(line):
        if _COLOUR.fullmatch(part):
            found, had_any = found + part, True
        elif rest:
            found, rest = found + part[:rest], max(0, rest - len(part))
    return f"{found}\x1b[0m" if had_any else found
