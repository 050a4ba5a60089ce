"""The screen of `watch`, drawn without a terminal: a function of what the engine told."""

import io
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.console import Console

from akb_sync.engine import Report
from akb_sync.engine.observer import Look
from akb_sync.item import Action
from akb_sync.model import Freshness, Notice, ObjectRef
from akb_sync.reasons import Reason
from akb_sync.state import Pause
from cli.board import MOST, Board, Change, Told
from cli.screen import Frame, Screen
from tests.simulated.engine.stage import HandClock
from tests.unit.engine.items import epg, held, plan, subnet

NOW = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)
FRAME = Frame(NOW, apic="https://apic.example")
FRESH = {"pods": Freshness.FRESH, "services": Freshness.FRESH, "T/L": Freshness.FRESH}


def drawn(told: Told, frame: Frame = FRAME, width: int = 80, height: int = 40, **console: Any) -> list[str]:
    """The rows on a terminal of this size."""
    file = io.StringIO()
    options = {"force_terminal": False, **console}
    Console(file=file, width=width, height=height, legacy_windows=False, **options).print(Screen(told, frame))
    return [row.rstrip() for row in file.getvalue().split("\n")]


def told(look: Look | None = None, **more: Any) -> Told:
    look = look or Look(plan(), now=100.0, freshness=FRESH)
    return Told(look, NOW - timedelta(seconds=3), **more)


def row(rows: list[str], label: str) -> str:
    (found,) = [one for one in rows if one.startswith(label)]
    return found.removeprefix(label).strip()


def test_before_the_first_look_it_is_connecting_and_nothing_is_claimed() -> None:
    rows = drawn(Told())
    assert row(rows, "Engine") == "connecting (12:00:30 UTC)"
    assert row(rows, "Cluster") == row(rows, "Fabric") == "not read yet"
    assert row(rows, "Plan") == "none yet: not every kind was read"


def test_freshness_is_shown_of_each_kind_and_l3out_the_worst_first() -> None:
    how = {**FRESH, "nodes": Freshness.NEVER, "T/M": Freshness.STALE}
    rows = drawn(told(Look(plan(), 100.0, freshness=how)))
    index = rows.index("Cluster  never: nodes")
    assert rows[index + 1 : index + 4] == [
        "         fresh: pods, services",
        "Fabric   stale: T/M",
        "         fresh: T/L",
    ]


@pytest.mark.parametrize(
    ("look", "frame", "expected"),
    [
        ({}, {}, "leading"),
        ({"leading": False}, {}, "standby"),
        ({"dry": True}, {}, "dry run"),
        ({"paused": Pause("ann@laptop", NOW)}, {}, "paused"),
        ({}, {"stopping": True}, "stopping"),
        ({}, {"stopping": True, "writing": True}, "stopping, once the write in flight is through"),
        ({}, {"over": True, "stopping": True}, "stopped"),
    ],
)
def test_what_the_engine_does_is_a_word(look: dict[str, Any], frame: dict[str, Any], expected: str) -> None:
    rows = drawn(told(Look(plan(), 100.0, **look)), replace(FRAME, **frame), width=120)
    assert row(rows, "Engine") == f"{expected}, looked 3s ago (12:00:30 UTC)"


def test_a_pause_says_by_whom_and_how_it_ends() -> None:
    rows = drawn(told(Look(plan(), 100.0, paused=Pause("ann@laptop", NOW, "release night"))), width=120)
    assert "paused by ann@laptop" in row(rows, "Paused")
    assert row(rows, "Paused").endswith("release night; next: akb-sync resume")


def test_an_engine_that_has_not_looked_for_long_is_said_to_be_silent() -> None:
    rows = drawn(replace(told(), looked_at=NOW - timedelta(minutes=2)))
    assert "looked 2m ago, silent since then" in row(rows, "Engine")


def test_what_is_held_is_counted_with_why_how_long_and_the_next_step() -> None:
    waits = [held(subnet(f"10.0.0.{index}/32"), Reason.CAPACITY, "full") for index in range(3)]
    goes = held(epg(action=Action.DELETE, reason=Reason.NOT_WANTED), Reason.HOLD_DOWN, until=107.0)
    rows = drawn(told(Look(plan(*waits, goes), 100.0)), width=120)
    start = rows.index(f"Held     3 Capacity: full; {Reason.CAPACITY.next_step}")
    assert rows[start + 1].strip() == f"1 for 7 s HoldDown: {Reason.HOLD_DOWN.meaning}"
    assert row(rows, "Plan") == "4 held; 0 in sync."


def test_removals_that_wait_for_a_person_come_with_their_command() -> None:
    found = plan(held(subnet(action=Action.DELETE, reason=Reason.NOT_WANTED), Reason.MASS_DELETE, "many"))
    assert f"akb-sync sync --approve {found.approval_id}" in row(drawn(told(Look(found, 1.0))), "Approve")


def test_troubles_and_notices_are_told_in_full_below_each_other() -> None:
    notice = Notice(Reason.INVALID_ANNOTATION, ObjectRef("Deployment", "shop", "torn"), "line 1 " + "x " * 60)
    look = Look(plan(notices=(notice,)), 1.0, troubles={"pods": "no right to list pods; grant it"})
    rows = drawn(told(look))
    assert row(rows, "Trouble") == "error: pods: no right to list pods; grant it"
    start = next(index for index, one in enumerate(rows) if one.startswith("Notice"))
    assert rows[start] == ("Notice   InvalidAnnotation: Deployment shop/torn: line 1 " + "x " * 12).rstrip()
    assert rows[start + 1].startswith("         x x x")


def test_the_last_changes_come_first_and_a_refusal_has_the_apics_words() -> None:
    changes = (
        Change(NOW, "refused", subnet("10.0.0.2/32"), "code 801"),
        Change(NOW - timedelta(seconds=9), "created", subnet()),
    )
    rows = drawn(told(changes=changes, written={"created": 1, "refused": 1}))
    start = rows.index("Changes  12:00:30 refused subnet 10.0.0.2/32 in T/L/WEB: code 801")
    assert rows[start + 1].strip() == "12:00:21 created subnet 10.0.0.1/32 in T/L/WEB"
    assert row(rows, "Written") == "1 created, 1 refused since the start"


@pytest.mark.parametrize("height", range(1, 30))
@pytest.mark.parametrize("width", [1, 7, 20, 39, 40, 80])
def test_it_fits_a_terminal_of_any_size(width: int, height: int) -> None:
    waits = [held(subnet(f"10.0.0.{index}/32"), Reason.REJECTED, f"code {index} " * 9) for index in range(40)]
    changes = tuple(Change(NOW, "created", subnet(f"10.1.0.{index}/32")) for index in range(60))
    rows = drawn(told(Look(plan(*waits), 1.0, freshness=FRESH), changes=changes), FRAME, width, height)
    assert len(rows) <= height
    assert all(len(one) <= width for one in rows)


def test_what_does_not_fit_is_counted_and_no_block_takes_all_the_room() -> None:
    waits = [held(subnet(f"10.0.0.{index}/32"), Reason.REJECTED, f"code {index}") for index in range(40)]
    changes = tuple(Change(NOW, "created", subnet(f"10.1.0.{index}/32")) for index in range(60))
    rows = drawn(told(Look(plan(*waits), 1.0, freshness=FRESH), changes=changes), width=120, height=24)
    more = [one.strip() for one in rows if one.strip().startswith("…")]
    shown_held = sum("Rejected" in one for one in rows)
    shown_changes = sum("created subnet" in one for one in rows)
    assert more == [f"… {40 - shown_held} more", f"… {60 - shown_changes} more"]
    assert min(shown_held, shown_changes) >= 3
    assert rows[-1].strip() == "Ctrl-C ends this."


@pytest.mark.parametrize(
    "evil", ["e\x1b[2Jvil\r\n", "[red]e[/] [link=file:///x]y[/link]", "\u202eevil\u009b31m"]
)
def test_text_from_elsewhere_is_neither_escape_nor_markup(evil: str) -> None:
    pod = ObjectRef("Deployment", evil, evil)
    found = plan(
        held(subnet(message=evil), Reason.REJECTED, evil), notices=(Notice(Reason.NEAR_MISS, pod, evil),)
    )
    look = Look(
        found, 1.0, paused=Pause(evil, NOW, evil), freshness={evil: Freshness.FRESH}, troubles={evil: evil}
    )
    rows = drawn(
        told(look, changes=(Change(NOW, "refused", subnet(), evil),)), replace(FRAME, apic=evil), width=300
    )
    assert all(char.isprintable() for one in rows for char in one)
    assert "[red]" not in evil or "[red]e[/] [link=file:///x]y[/link]" in row(rows, "APIC")


def test_colour_stands_beside_words_and_never_alone() -> None:
    with_colour = drawn(told(), force_terminal=True, color_system="standard")
    assert "\x1b[32mleading\x1b[0m" in with_colour[0]
    assert "\x1b" not in "".join(drawn(told()))


def test_the_board_keeps_looks_writes_and_the_log_but_not_for_ever() -> None:
    board = Board(HandClock())
    look = Look(plan(subnet()), 1.0)
    board.looked(look)
    many = tuple(subnet(f"10.0.{index}.1/32") for index in range(MOST + 5))
    board.wrote(Report(done=many), 0.1)
    board.wrote(Report(done=(subnet(action=Action.DELETE),), rejected=((subnet(), "no"),)), 0.1)
    for name in ("akb_sync.engine.seat", "akb_sync.engine.narrator"):
        board.handle(logging.LogRecord(name, logging.INFO, "", 0, "%s \x1b", ("said",), None))
    assert (board.told.look, board.troubles) == (look, {})
    assert [one.what for one in board.told.changes[:3]] == ["refused", "deleted", "created"]
    assert len(board.told.changes) == MOST
    assert board.told.written == {"created": MOST + 5, "deleted": 1, "refused": 1}
    assert [one.text for one in board.told.sayings] == ["said \\x1b"]
