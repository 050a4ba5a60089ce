"""`akb-sync watch`: the engine, until it is stopped."""

from __future__ import annotations

from typing import Annotated

import typer

from akb_sync.service import Service
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

    SIGTERM and SIGINT let the write in flight finish, hand the Lease back and
    end with exit code 0.

    Examples:
        akb-sync watch

        akb-sync watch --dry-run

        akb-sync watch --policy upsert-only --journal deleted.jsonl

        akb-sync watch --leader-elect always --listen 127.0.0.1:9090 --log-format json
    """
    tell_the_story(settings.log_format)
    run_until_stopped(Service(settings, dry_run=dry_run))
