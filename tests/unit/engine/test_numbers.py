"""Numbers among the settings that make no sense are refused before anything is connected."""

from __future__ import annotations

import math

import pytest

from akb_sync.engine.wiring import check_numbers
from akb_sync.errors import SettingsError
from akb_sync.settings import Settings


@pytest.mark.parametrize(
    ("settings", "flag"),
    [
        (Settings(resync=0), "--resync"),
        (Settings(resync=-300), "--resync"),
        (Settings(resync=math.nan), "--resync"),
        (Settings(hold_down=-1), "--hold-down"),
        (Settings(hold_down=math.nan), "--hold-down"),
        (Settings(max_prefixes=-1), "--max-prefixes"),
    ],
    ids=str,
)
def test_a_number_that_makes_no_sense_is_refused_with_its_flag(settings: Settings, flag: str) -> None:
    with pytest.raises(SettingsError, match=flag):
        check_numbers(settings)


def test_the_defaults_and_the_least_that_makes_sense_are_taken() -> None:
    check_numbers(Settings())
    check_numbers(Settings(resync=1, hold_down=0, max_prefixes=0))
