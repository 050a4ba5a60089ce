"""Text from elsewhere made fit for a terminal: names, annotations and answers are other people's."""

from __future__ import annotations


def harmless(text: str) -> str:
    """Make text from elsewhere fit for a terminal: no control characters, no escape sequences."""
    return "".join(char if char.isprintable() else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
