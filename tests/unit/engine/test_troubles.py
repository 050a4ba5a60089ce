"""A trouble is said when it begins and when it is over, and not once more in between."""

import logging

import pytest

from akb_sync.engine.troubles import Troubles, told

UNREACHABLE = "no connection to the server; check that it runs"
CUT = "the server cut the connection; check that it runs"
FORBIDDEN = "the server does not let us list {0}; add the verb list on {0}"


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Fills as lines are logged; each with its level's first letter."""
    caplog.set_level(logging.INFO, "akb_sync.engine")
    lines: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(f"{record.levelname[0]} {record.getMessage()}")

    handler = Collector()
    logger = logging.getLogger("akb_sync.engine.troubles")
    logger.addHandler(handler)
    return lines


def test_a_trouble_that_stands_is_said_once_and_its_end_once(said: list[str]) -> None:
    troubles = Troubles()
    for _ in range(3):
        troubles.update("kubernetes", {"pods": UNREACHABLE})
    for _ in range(3):
        troubles.update("kubernetes", {})
    assert said == [f"E pods: {UNREACHABLE}", "I pods: right again"]


def test_all_that_one_trouble_hits_is_one_line(said: list[str]) -> None:
    Troubles().update("kubernetes", {"services": CUT, "pods": UNREACHABLE})
    assert said == [f"E pods, services: {UNREACHABLE}"]


def test_a_sentence_that_changes_and_asks_for_the_same_is_no_news(said: list[str]) -> None:
    troubles = Troubles()
    troubles.update("kubernetes", {"pods": CUT})
    troubles.update("kubernetes", {"pods": UNREACHABLE, "services": CUT})
    troubles.update("kubernetes", {"services": UNREACHABLE})
    assert said == [f"E pods: {CUT}"]
    troubles.update("kubernetes", {})
    assert said[1:] == ["I pods, services: right again"]


def test_a_sentence_that_asks_for_something_else_is_news(said: list[str]) -> None:
    troubles = Troubles()
    troubles.update("apic", {"T/L": UNREACHABLE})
    troubles.update("apic", {"T/L": "the login is refused; check the password"})
    troubles.update("apic", {"T/L": UNREACHABLE})
    troubles.update("apic", {})
    assert said == [
        f"E T/L: {UNREACHABLE}",
        "E T/L: the login is refused; check the password",
        "I T/L: right again",
    ]


def test_each_right_that_is_missing_is_named(said: list[str]) -> None:
    troubles = Troubles()
    missing = {kind: FORBIDDEN.format(kind) for kind in ("pods", "services")}
    troubles.update("kubernetes", missing)
    troubles.update("kubernetes", {"services": missing["services"]})
    assert said == [f"E {kind}: {missing[kind]}" for kind in missing] + ["I pods: right again"]


def test_the_two_sides_are_told_apart(said: list[str]) -> None:
    troubles = Troubles()
    troubles.update("kubernetes", {"pods": UNREACHABLE})
    troubles.update("apic", {"T/L": UNREACHABLE})
    troubles.update("apic", {})
    assert said == [f"E pods: {UNREACHABLE}", f"E T/L: {UNREACHABLE}", "I T/L: right again"]


def test_a_trouble_that_comes_back_is_said_again(said: list[str]) -> None:
    troubles = Troubles()
    for now in ({"pods": UNREACHABLE}, {}, {"pods": UNREACHABLE}):
        troubles.update("kubernetes", now)
    assert len(said) == 3


def test_sentences_without_a_next_step_are_one_trouble(said: list[str]) -> None:
    troubles = Troubles()
    troubles.update("apic", {"a": "503 to uni/a", "b": "503 to uni/b"})
    troubles.update("apic", {"a": "405 to uni/a"})
    assert said == ["E a, b: 503 to uni/a"]


def test_what_one_shot_commands_tell_is_a_sentence_for_each_demand() -> None:
    forbidden = FORBIDDEN.format("pods")
    assert told({"pods": forbidden, "b": UNREACHABLE, "a": CUT}) == [f"a, b: {CUT}", f"pods: {forbidden}"]
    assert told({}) == []
