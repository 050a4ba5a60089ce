"""Log lines for machines: one line each, nothing lost, nothing that a terminal would obey."""

import json
import logging

import pytest

from cli.log_formats import JsonFormatter, LogfmtFormatter


def record(message: str, *arguments: object, **fields: object) -> logging.LogRecord:
    made = logging.LogRecord("akb_sync.engine", logging.WARNING, "x.py", 1, message, arguments, None)
    made.created = 1767225600.25
    made.fields = fields
    return made


def test_a_json_line_has_time_level_message_and_fields() -> None:
    line = JsonFormatter().format(record("created %s", "EPG T/L/E", reason="Wanted", dn="uni/x"))
    assert json.loads(line) == {
        "time": "2026-01-01T00:00:00.250+00:00",
        "level": "warning",
        "message": "created EPG T/L/E",
        "reason": "Wanted",
        "dn": "uni/x",
        "logger": "akb_sync.engine",
    }


def test_a_logfmt_line_quotes_what_is_no_plain_word() -> None:
    line = LogfmtFormatter().format(record('it said "no"', reason="Rejected", empty="", path="a\\b"))
    assert line.startswith("time=2026-01-01T00:00:00.250+00:00 level=warning ")
    assert line.endswith(
        'message="it said \\"no\\"" reason=Rejected empty="" path="a\\\\b" logger=akb_sync.engine'
    )


@pytest.mark.parametrize("formatter", [JsonFormatter(), LogfmtFormatter()])
@pytest.mark.parametrize("text", ["two\nlines", "\x1b[31mred", "nul\x00", "\u202eback", "\r"])
def test_a_line_stays_one_line_whatever_is_in_it(formatter: logging.Formatter, text: str) -> None:
    assert formatter.format(record("%s", text, reason=text)).isprintable()


@pytest.mark.parametrize("formatter", [JsonFormatter(), LogfmtFormatter()])
def test_a_traceback_is_in_the_line(formatter: logging.Formatter) -> None:
    made = record("it broke")
    with pytest.raises(KeyError) as caught:
        _ = dict[str, int]()["surprise"]
    made.exc_info = caught._excinfo
    line = formatter.format(made)
    assert "KeyError" in line
    assert line.isprintable()


def test_fields_never_hide_the_message() -> None:
    made = record("the message")
    made.fields = {"message": "another", "level": "x"}
    line = JsonFormatter().format(made)
    assert json.loads(line)["message"] == "the message"
    assert json.loads(line)["level"] == "warning"
