"""`akb-sync watch`: the engine, until it is stopped."""

from __future__ import annotations

from typing import Annotated

import typer

from akb_sync.clock import SystemClock
from akb_sync.engine import Engine, Watch
from akb_sync.settings import Settings

from .exits import one_sentence
from .logs import tell_the_story
from .options import with_settings
from .stopping import run_until_stopped


@one_sentence
@with_settings
def watch(
    settings: Settings,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be written, and write nothing.")
    ] = False,
) -> None:
    """Keep the fabric right until stopped, whatever either side answers.

    SIGTERM and SIGINT let the write in flight finish and end with exit code 0.

    Examples:
        akb-sync watch

        akb-sync watch --dry-run

        akb-sync watch --policy upsert-only --journal deleted.jsonl
    """
    tell_the_story()
    running = Watch(
        lambda may_write: Engine.connect(
            settings, read_only=dry_run, may_write=may_write, sleep=running.sleep
        ),
        SystemClock(),
        settings.resync,
    )
    run_until_stopped(running)
