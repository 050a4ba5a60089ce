"""Colour, and tables that fit: on a terminal only, and a word always stands there."""

import io
import re
from contextlib import redirect_stdout
from dataclasses import replace

import pytest

from akb_sync.doctor import CHECKS, Result, Verdict
from akb_sync.doctor.finding import Finding
from cli.colour import COLOURS, painted
from cli.doctor import doctor_lines
from cli.document import STATES
from cli.narrow_tables import fitting
from cli.render import print_lines, table_lines
from cli.text import hanging

ANSI = re.compile(r"\x1b\[[0-9;]*m")
HEADERS = ["EPG", "PREFIX", "KIND", "SOURCE", "STATE"]
ROWS = [
    ["T/L/WEB", "10.0.0.1/32", "Pod", "shop/web-1", "InSync"],
    ["T/L/WEB", "10.0.0.2/32", "Pod", "shop/web-2", "Conflict"],
]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of 200 columns that can have colours."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture
def terminal() -> Terminal:
    return Terminal()


def test_states_have_colours_on_a_terminal_and_columns_stay_straight(terminal: Terminal) -> None:
    with redirect_stdout(terminal):
        lines = list(table_lines(HEADERS, ROWS))
    assert "\x1b[32mInSync\x1b[0m" in lines[1]
    assert "\x1b[31mConflict\x1b[0m" in lines[2]
    plain = [ANSI.sub("", line) for line in lines]
    assert [line.index("10.0.0") for line in plain[1:]] == [plain[0].index("PREFIX")] * 2
    assert [line.index(word) for line, word in zip(plain, ("STATE", "InSync", "Conflict"), strict=True)] == [
        plain[0].index("STATE")
    ] * 3


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colours_can_be_switched_off(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with redirect_stdout(terminal):
        assert painted("InSync") == "\x1b[32mInSync\x1b[0m"
        monkeypatch.setenv(name, value)
        assert painted("InSync", 8) == "InSync  "


def test_a_pipe_gets_no_colour_and_the_whole_table() -> None:
    lines = list(table_lines(HEADERS, ROWS))
    assert not ANSI.search("".join(lines))
    assert lines[0].split() == HEADERS


def test_text_from_elsewhere_brings_no_colours_of_its_own(terminal: Terminal) -> None:
    with redirect_stdout(terminal):
        (_, line) = table_lines(["EPG", "STATE"], [["\x1b[31mred", "\x1b[31mred"]])
    assert "\x1b" not in line


def test_every_word_that_asks_for_a_person_has_a_colour() -> None:
    assert {one.lower() for one in STATES} <= COLOURS.keys()
    assert {str(one) for one in Verdict} <= COLOURS.keys()


def test_a_wide_terminal_gets_the_whole_table() -> None:
    assert fitting(HEADERS, ROWS, 200) == (HEADERS, ROWS)


def test_a_narrower_one_gets_short_names_of_epgs_and_then_no_kinds() -> None:
    width = len("T/L/WEB  10.0.0.1/32  Pod   shop/web-1  Conflict")
    headers, rows = fitting(HEADERS, ROWS, width - 1)
    assert (headers, rows[0]) == (HEADERS, ["WEB", "10.0.0.1/32", "Pod", "shop/web-1", "InSync"])
    headers, rows = fitting(HEADERS, ROWS, width - 5)
    assert (headers, rows[0]) == (
        ["EPG", "PREFIX", "SOURCE", "STATE"],
        ["WEB", "10.0.0.1/32", "shop/web-1", "InSync"],
    )


def test_epgs_of_the_same_name_keep_their_full_names() -> None:
    _, rows = fitting(["EPG"], [["T/L/WEB"], ["T2/L/WEB"], ["T/L/API"]], 3)
    assert rows == [["T/L/WEB"], ["T2/L/WEB"], ["API"]]


def test_long_lines_are_broken_between_words_below_their_label() -> None:
    assert hanging("short", 20) == "short"
    assert hanging("held Capacity: it is full by now", 20) == "held Capacity: it is\n  full by now"
    told = hanging("  \x1b[32mok\x1b[0m owner      Pod shop/web -> Deployment shop/web", 34)
    assert told.split("\n") == [
        "  \x1b[32mok\x1b[0m owner      Pod shop/web ->\x1b[0m",
        "                Deployment",
        "                shop/web",
    ]


def test_only_a_terminal_has_its_lines_broken(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    pipe = io.StringIO()
    for stream, rows in ((terminal, 2), (pipe, 1)):
        with redirect_stdout(stream):
            print_lines(["held Capacity: it is full by now"])
        assert stream.getvalue().count("\n") == rows


def test_checks_of_the_doctor_are_a_list_where_the_table_has_no_room() -> None:
    check = replace(CHECKS[0], name="parents")
    result = Result(
        check, Finding(Verdict.FAILED, "the tenant does not exist", "akb-sync explain deploy/a/b")
    )
    assert next(doctor_lines([result], 200)).split() == ["GROUP", "CHECK", "VERDICT", "SEEN", "NEXT"]
    assert list(doctor_lines([result], 60)) == [
        "  FAILED  parents  the tenant does not exist",
        "  next:            akb-sync explain deploy/a/b",
        "1 checks: 1 failed.",
    ]
