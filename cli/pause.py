"""`akb-sync pause` and `akb-sync resume`: a freeze of the whole engine, for the change window of others."""

from __future__ import annotations

import getpass
import os
import socket
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

import typer

from akb_sync.engine.freeze import PERIOD
from akb_sync.engine.shared import connect, live_leader, lives, seen, state_store
from akb_sync.errors import AkbSyncError
from akb_sync.settings import Settings
from akb_sync.state import Pause, State, StateStore

from .exits import one_sentence
from .options import with_settings
from .text import harmless

PATIENCE = 15.0
"""Seconds for the leader to say that it has seen the switch."""
LOOK_UP = 0.5


@one_sentence
@with_settings
def pause(
    settings: Settings,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why, for everybody who finds it paused.")
    ] = "",
) -> None:
    """Keep every engine of this cluster from writing to the fabric, until `resume`.

    The engines go on reading: plan and status show what would be done. A write
    that is on its way is finished.

    Examples:
        akb-sync pause

        akb-sync pause --reason "fabric upgrade, CHG-4711"
    """
    switch = Pause(_me(), datetime.now(UTC).replace(microsecond=0), reason)
    store, confirmed = _turn(settings, switch)
    sys.stdout.write(f"{harmless(str(switch))} ({store.place})\n")
    _say(confirmed, "writes nothing to the fabric")


@one_sentence
@with_settings
def resume(settings: Settings) -> None:
    """End a pause: every engine of this cluster goes on.

    It waits until the engine that leads has seen it.

    Examples:
        akb-sync resume

        akb-sync resume --profile lab
    """
    store = state_store(settings)
    _, before = store.read()
    if before is None:
        sys.stdout.write(f"nothing is paused ({store.place})\n")
        return
    store, confirmed = _turn(settings, None)
    sys.stdout.write(f"resumed; it was {harmless(str(before))} ({store.place})\n")
    _say(confirmed, "goes on")


def _turn(settings: Settings, switch: Pause | None) -> tuple[StateStore, str | None]:
    """Turn the switch; give who confirmed it (empty: nobody runs who could, None: nobody has)."""
    api = None if settings.state_file else connect(settings)
    store = state_store(settings, api)
    store.set_pause(switch)
    state, asked = store.read()
    if asked != switch:
        raise AkbSyncError(
            f"{store.place} does not keep the switch: it read otherwise right after it was turned",
            "see who else turns it (`akb-sync status` says who paused), and do it again",
        )
    leads = lives(state, datetime.now(UTC)) if api is None else live_leader(settings, api) is not None
    return store, _confirmed(lambda: seen(*store.read()), switch) if leads else ""


def _confirmed(look: Callable[[], State | None], switch: Pause | None) -> str | None:
    """Wait until the leader's own record says that it has seen the switch."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        state = look()
        if state is not None and state.leader and state.obeyed and state.paused == switch:
            return state.leader
        time.sleep(LOOK_UP)
    return None


def _say(confirmed: str | None, what: str) -> None:
    """Say whether an engine has seen it; nobody should rely on a freeze that is not in force."""
    if confirmed:
        sys.stdout.write(f"{harmless(confirmed)} {what}\n")
    elif confirmed is None:
        raise AkbSyncError(
            f"the engine has not confirmed it within {PATIENCE:.0f} s",
            "look at its log and at `akb-sync status`",
        )
    else:
        sys.stderr.write(f"no engine leads now; one that is started sees it within {PERIOD:.0f} s\n")


def _me() -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user often has no name
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"
