"""Log lines for machines: one JSON object or one line of logfmt for each.

Both have `time` (UTC), `level` and `message`; what a line is about is in fields of its own where the engine
says it (`reason`, `dn`, `action`), so that nobody has to take sentences apart.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from .text import harmless

_PLAIN = re.compile(r"[^\s\"=\\]+")


def fields(record: logging.LogRecord) -> dict[str, str]:
    """Give what a record says, by name, in the order in which people read it."""
    found = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "message": record.getMessage(),
    }
    more = getattr(record, "fields", None)
    if isinstance(more, Mapping):
        found.update((str(name), str(value)) for name, value in more.items() if name not in found)
    found["logger"] = record.name
    if record.exc_info:
        found["traceback"] = logging.Formatter().formatException(record.exc_info)
    return found


class JsonFormatter(logging.Formatter):
    """One JSON object a line; JSON itself makes control characters harmless."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line."""
        return json.dumps(fields(record))


class LogfmtFormatter(logging.Formatter):
    """`key=value` pairs; what is no plain word is quoted."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line."""
        return " ".join(f"{name}={_quoted(value)}" for name, value in fields(record).items())


def _quoted(value: str) -> str:
    if _PLAIN.fullmatch(value) and value.isprintable():
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{harmless(escaped)}"'
