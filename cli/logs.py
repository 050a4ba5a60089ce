"""Where log lines go: stderr, quiet for one-shot commands, a line per event for `watch`."""

from __future__ import annotations

import logging
import sys

FORMAT = "%(asctime)s %(levelname)-7s %(message)s"
DEBUG_FORMAT = "%(asctime)s %(levelname)-7s %(threadName)s %(name)s %(message)s"


def set_up_logging(*, debug: bool) -> None:
    """Send warnings and errors to stderr; with `debug` everything."""
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.DEBUG if debug else logging.CRITICAL,
        format=DEBUG_FORMAT if debug else FORMAT,
        force=True,
    )
    for noisy in ("urllib3", "websocket", "kubernetes", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.INFO)


def tell_the_story() -> None:
    """Let the engine's own log lines out, for a command that runs until it is stopped."""
    if logging.getLogger().level > logging.INFO:
        logging.getLogger().setLevel(logging.INFO)
        for noisy in ("urllib3", "websocket", "kubernetes", "asyncio"):
            logging.getLogger(noisy).setLevel(logging.ERROR)
