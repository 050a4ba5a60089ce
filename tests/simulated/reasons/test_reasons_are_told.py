"""Each reason comes about, and is told in plan, status, Event and log with the same words."""

import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import pytest

from akb_sync.reasons import Reason

from . import what_is_done, what_is_held, what_people_should_know
from .said import Place
from .scenario import SCHEMAS, Scenario, silent
from .theatre import Theatre

DOCS = SCHEMAS.parent
SCENARIOS = (*what_is_done.SCENARIOS, *what_is_held.SCENARIOS, *what_people_should_know.SCENARIOS)


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_a_scenario(reason: Reason) -> None:
    assert [one for one in SCENARIOS if one.reason is reason]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_a_reason_is_told_in_the_same_words_wherever_it_is_to_be_told(
    theatre: Theatre, scenario: Scenario
) -> None:
    seen = scenario.seen(theatre)
    for place in Place:
        exception = scenario.silent.get(place)
        if exception is None:
            scenario.tells(place, seen)
        else:
            assert silent(place, seen), f"{place} tells it after all"
            assert exception.so(seen), f"{place}: it is not so that {exception.why}"


@pytest.fixture
def paragraphs(monkeypatch: pytest.MonkeyPatch) -> Mapping[Reason, Any]:
    """What the manual has to say of each reason."""
    monkeypatch.setattr(sys, "path", [str(DOCS), *sys.path])
    found: Mapping[Reason, Any] = import_module("reasons_table").PARAGRAPHS
    return found


@pytest.mark.parametrize("reason", list(Reason))
def test_the_manual_says_where_a_reason_is_told(paragraphs: Mapping[Reason, Any], reason: Reason) -> None:
    scenarios = [one for one in SCENARIOS if one.reason is reason]
    told = {place for one in scenarios for place in Place if place not in one.silent}
    assert paragraphs[reason].where.places == {str(one) for one in told}
