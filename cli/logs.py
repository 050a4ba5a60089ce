"""Where log lines go: stderr, quiet for one-shot commands, a line per event for `watch`."""

from __future__ import annotations

import logging
import sys
from types import TracebackType
from typing import TextIO

from akb_sync.settings import LogFormat

from .log_formats import JsonFormatter, LogfmtFormatter
from .progress import beside
from .text import harmless

FORMAT = "%(asctime)s %(levelname)-7s %(message)s"
DEBUG_FORMAT = "%(asctime)s %(levelname)-7s %(threadName)s %(name)s %(message)s"
_FOR_MACHINES = {LogFormat.JSON: JsonFormatter, LogFormat.LOGFMT: LogfmtFormatter}
JOURNAL = "akb_sync.apic.journal"
REPEATING = ("akb_sync.apic.courier", "akb_sync.apic.subscriber")
"""They log every attempt that fails; what comes of the attempts is a trouble, which the engine says once."""
TRUST = "akb_sync.trust"
"""What switches verification off is said by every command, also by those that log nothing else."""
NOISY = ("urllib3", "websocket", "kubernetes", "asyncio")
_Caught = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class HarmlessFormatter(logging.Formatter):
    """Makes one line of each message: names and annotations in it are other people's text."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        """Give the line without control characters."""
        return harmless(super().formatMessage(record))

    def formatException(self, ei: _Caught) -> str:  # noqa: N802 - logging's own name
        """Give the traceback, line by line without control characters."""
        return "\n".join(harmless(line) for line in super().formatException(ei).split("\n"))


class BesideABar(logging.StreamHandler[TextIO]):
    """Writes lines to a terminal on which a bar may be."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line, which takes the place of the bar."""
        return beside(super().format(record))

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Raise what kept the journal from being written; a lost line of another kind is only lost.

        Raises:
            OSError: the record is an entry of the journal, and what it speaks of must not be deleted.
        """
        error = sys.exc_info()[1]
        if record.name == JOURNAL and isinstance(error, OSError):
            raise error
        super().handleError(record)


def set_up_logging(*, debug: bool) -> None:
    """Send warnings and errors to stderr; with `debug` everything."""
    handler = BesideABar(sys.stderr)
    handler.setFormatter(HarmlessFormatter(DEBUG_FORMAT if debug else FORMAT))
    logging.basicConfig(level=logging.DEBUG if debug else logging.CRITICAL, handlers=[handler], force=True)
    for noisy in NOISY:
        logging.getLogger(noisy).setLevel(logging.INFO)
    logging.getLogger(TRUST).setLevel(logging.WARNING)


def keep_the_journal() -> None:
    """Let the record of what is deleted out, for a one-shot command that has no file for it."""
    logging.getLogger(JOURNAL).setLevel(logging.INFO)


def tell_the_story(log_format: LogFormat = LogFormat.TEXT) -> None:
    """Let the engine's own log lines out, for a command that runs until it is stopped."""
    if log_format in _FOR_MACHINES:
        for handler in logging.getLogger().handlers:
            handler.setFormatter(_FOR_MACHINES[log_format]())
    if logging.getLogger().level > logging.INFO:
        logging.getLogger().setLevel(logging.INFO)
        for quiet in (*NOISY, *REPEATING):
            logging.getLogger(quiet).setLevel(logging.ERROR)
