"""Tables for people, and text from elsewhere made harmless."""

import json
import re
from dataclasses import replace

import pytest
import yaml

from akb_sync.engine import Report
from akb_sync.model import Notice, ObjectRef
from akb_sync.reasons import Reason
from cli.options import Output
from cli.render import print_document, print_lines, print_outcome, print_plan, summary_line, table_lines
from cli.status_table import status_lines
from cli.text import harmless

from .shown import DEPLOYMENT, NOW, WEB, details, epg, held, leaving, plan, right, shown, subnet


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain ünïcode ✓", "plain ünïcode ✓"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("two\nlines\r", "two\\x0alines\\x0d"),
        ("\x9b31m", "\\x9b31m"),
        ("right-to-left \u202e", "right-to-left \\u202e"),
        ("", ""),
    ],
)
def test_no_control_character_survives(text: str, expected: str) -> None:
    assert harmless(text) == expected


def test_a_plan_is_a_table_of_changes_and_a_summary(capsys: pytest.CaptureFixture[str]) -> None:
    found = plan(epg(), subnet(), held(leaving("10.0.0.9/32"), Reason.HOLD_DOWN, until=NOW + 7))
    print_plan(shown(found), Output.TABLE)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["ACTION", "EPG", "PREFIX", "SOURCE", "REASON", "HELD"]
    assert lines[1].split() == ["create", "T/L/WEB", "<none>", "<none>", "Wanted"]
    assert lines[2].split() == ["create", "T/L/WEB", "10.0.0.1/32", "Pod", "shop/web-1", "Wanted"]
    assert lines[3].split()[-2:] == ["HoldDown", "7s"]
    assert lines[-1] == "2 to create, 1 held; 0 in sync."


def test_wide_has_the_dn_and_the_message(capsys: pytest.CaptureFixture[str]) -> None:
    print_plan(shown(plan(held(subnet(message="first"), Reason.CONFLICT, "then"))), Output.WIDE)
    out = capsys.readouterr().out
    assert WEB.subnet_dn("10.0.0.1/32") in out
    assert "first; then" in out


def test_with_nothing_to_show_there_is_no_table(capsys: pytest.CaptureFixture[str]) -> None:
    print_plan(shown(plan(right("10.0.0.1/32"))), Output.TABLE)
    assert capsys.readouterr().out == "no change; 1 in sync.\n"


def test_each_kind_of_hold_says_once_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    items = [held(subnet(f"10.0.0.{index}/32"), Reason.CAPACITY, "full") for index in range(9)]
    print_plan(shown(plan(*items)), Output.TABLE)
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("held ")]
    assert lines == [f"held Capacity: full; next: {Reason.CAPACITY.next_step}"]


def test_removals_that_wait_come_with_their_command(capsys: pytest.CaptureFixture[str]) -> None:
    found = plan(held(leaving("10.0.0.9/32"), Reason.MASS_DELETE, "so many"))
    print_plan(shown(found), Output.TABLE)
    assert f"akb-sync sync --approve {found.approval_id}" in capsys.readouterr().out


@pytest.mark.parametrize("output", list(Output))
def test_names_from_elsewhere_are_harmless_in_every_format(
    capsys: pytest.CaptureFixture[str], output: Output
) -> None:
    evil = "e\x1b[2Jv\u202eil\r"
    notice = Notice(Reason.INVALID_ANNOTATION, ObjectRef("Deployment", evil, evil), evil)
    pod = ObjectRef("Pod", evil, evil)
    found = shown(plan(held(subnet(sources=(pod,), message=evil), Reason.REJECTED, evil), notices=(notice,)))
    print_plan(found, output)
    print_lines(status_lines(found, details(), wide=output is Output.WIDE))
    print_outcome(found, [Report(rejected=((subnet(), evil),))], output)
    out = capsys.readouterr().out
    assert not [char for char in out if not char.isprintable() and char != "\n"]


def test_documents_are_json_and_yaml(capsys: pytest.CaptureFixture[str]) -> None:
    found = shown(plan(subnet()))
    print_plan(found, Output.JSON)
    as_json = json.loads(capsys.readouterr().out)
    print_plan(found, Output.YAML)
    assert yaml.safe_load(capsys.readouterr().out) == as_json


def test_an_outcome_says_what_was_done_what_was_refused_and_what_is_left(
    capsys: pytest.CaptureFixture[str],
) -> None:
    reports = [
        Report(done=(epg(), subnet())),
        Report(done=(leaving("10.0.0.9/32"),), rejected=((subnet(), "no"),)),
    ]
    print_outcome(shown(plan(held(subnet(), Reason.REJECTED))), reports, Output.TABLE)
    assert capsys.readouterr().out.splitlines() == [
        f"refused by the APIC: {subnet().dn}: no",
        "Done: 2 created, 1 deleted. Left: 1 held; 0 in sync.",
    ]


def test_an_outcome_without_a_write_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    print_outcome(shown(plan()), [], Output.TABLE)
    assert capsys.readouterr().out == ""


def test_the_summary_of_everything_right_is_short() -> None:
    assert summary_line(shown(plan(right("10.0.0.1/32")))) == "no change; 1 in sync."
    assert DEPLOYMENT.kind == "Deployment"


def test_the_summary_counts_what_is_left_as_it_is_too() -> None:
    left = [replace(right(f"10.0.0.{n}/32"), reason=Reason.UNMANAGED) for n in (2, 3)]
    found = summary_line(shown(plan(right("10.0.0.1/32"), *left, replace(left[0], reason=Reason.RELEASED))))
    assert found == "no change; 1 in sync, 1 released, 2 unmanaged."


ROWS = [
    ["delete", "T/L/WEB", "10.0.0.1/32", "", "42"],
    ["create", "T/L/A", "fd00::1/128", "x\ty", "1e5"],
    ["none", "", "<none>", "  indented", "007"],
]
HEADERS = ["ACTION", "EPG", "PREFIX", "SOURCE", "REASON"]


def test_columns_are_as_wide_as_their_widest_cell_and_lines_end_with_text() -> None:
    assert list(table_lines(HEADERS, ROWS)) == [
        "ACTION  EPG      PREFIX       SOURCE    REASON",
        "delete  T/L/WEB  10.0.0.1/32            42",
        "create  T/L/A    fd00::1/128  x\\x09y    1e5",
        "none             <none>       indented  007",
    ]


def test_colours_move_no_column(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = list(table_lines(HEADERS, ROWS))
    monkeypatch.setattr("cli.colour.coloured", lambda _stream: True)
    painted = list(table_lines(HEADERS, ROWS))
    assert painted != plain
    assert [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in painted] == plain


def test_yaml_is_what_pyyaml_writes_by_itself(capsys: pytest.CaptureFixture[str]) -> None:
    odd = [
        "yes",
        "1.0",
        "",
        "a: b",
        "- c",
        "two\nlines",
        "ünïcode",
        "'",
        '"',
        "x" * 200,
        "long " * 60,
        "\x07",
    ]
    document: dict[str, object] = {"texts": odd, "none": None, "empty": [{}], "number": 1.5, "true": True}
    print_document(document, Output.YAML)
    assert capsys.readouterr().out.rstrip() == yaml.safe_dump(document, sort_keys=False).rstrip()
