"""`akb-sync watch`: the engine, until it is stopped."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from akb_sync.clock import SystemClock
from akb_sync.service import Service
from akb_sync.settings import Settings

from . import live
from .board import Board
from .exits import one_sentence
from .logs import tell_the_story
from .options import given, with_settings
from .stopping import run_until_stopped


@one_sentence
@with_settings
def watch(
    typed: typer.Context,
    settings: Settings,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be written, and write nothing.")
    ] = False,
) -> None:
    """Keep the fabric right until stopped, whatever either side answers.

    On a terminal one screen shows both views, the plan, the last changes, what is
    held and what is in trouble. Elsewhere, or with --log-format, there are log lines.

    SIGTERM and SIGINT let the write in flight finish, hand the Lease back and
    end with exit code 0.

    Examples:
        akb-sync watch

        akb-sync watch --dry-run

        akb-sync watch --policy upsert-only --journal deleted.jsonl

        akb-sync watch --leader-elect always --listen 127.0.0.1:9090 --log-format json
    """
    tell_the_story(settings.log_format)
    journal = settings.journal or (None if dry_run else live.usual_journal())
    if live.wanted(log_format_given=given(typed, "log_format")) and (journal or dry_run):
        _on_a_screen(replace(settings, journal=journal), dry_run=dry_run)
    else:
        run_until_stopped(Service(settings, dry_run=dry_run))


def _on_a_screen(settings: Settings, *, dry_run: bool) -> None:
    clock = SystemClock()
    board = Board(clock)
    service = Service(settings, dry_run=dry_run, clock=clock, observers=[board])
    with live.screen(board, clock, service, settings):
        run_until_stopped(service)
