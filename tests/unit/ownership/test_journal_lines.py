"""A journal is read line by line, and what is malformed is named."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from akb_sync_cli.log_formats import JsonFormatter, LogfmtFormatter

from akb_sync.apic.journal import LOGGED
from akb_sync.errors import SettingsError
from akb_sync.ownership.journal_file import parse_journal

EPG = "uni/tn-T/out-L/instP-E"
SUBNET = f"{EPG}/extsubnet-[10.0.0.1/32]"


def entry(dn: str = SUBNET, cls: str = "l3extSubnet", time: str = "2026-01-01T00:00:00Z", **more: Any) -> str:
    attributes = more.pop("attributes", {"ip": "10.0.0.1/32"})
    return json.dumps({"time": time, "dn": dn, "class": cls, "attributes": attributes, **more})


def test_parents_come_first_and_of_several_deletions_the_last_counts() -> None:
    lines = [
        entry(attributes={"ip": "10.0.0.1/32", "name": "later"}, time="2026-01-02T00:00:00Z"),
        entry(attributes={"ip": "10.0.0.1/32", "name": "earlier"}),
        entry(f"{SUBNET}/annotationKey-[a/b]", "tagAnnotation", attributes={"key": "a/b", "value": "c"}),
        "",
        entry(EPG, "l3extInstP", attributes={"name": "E", "pcTag": "16388"}),
    ]
    found = parse_journal(lines, "journal")
    assert [one.depth for one in found] == [0, 1, 2]
    assert found[1].attributes["name"] == "later"
    assert dict(found[0].attributes) == {"name": "E"}, "what the APIC does not take is left out"


@pytest.mark.parametrize("formatter", [logging.Formatter("%(message)s"), JsonFormatter(), LogfmtFormatter()])
def test_a_line_of_a_log_is_read_in_whatever_format_the_log_is(formatter: logging.Formatter) -> None:
    attributes = {"ip": "10.0.0.1/32", "descr": 'she said "no" \\ left'}
    record = logging.LogRecord(
        "akb_sync", logging.INFO, "", 1, "%s%s", (LOGGED, entry(attributes=attributes)), None
    )
    (found,) = parse_journal([formatter.format(record)], "log")
    assert dict(found.attributes) == attributes


@pytest.mark.parametrize("line", ['{"a": 1} to be deleted: {\\"', 'message="to be deleted: {\\"dn'])
def test_a_line_of_a_log_that_was_cut_is_named(line: str) -> None:
    with pytest.raises(SettingsError, match="log, line 1 is no journal entry: it is no JSON; mend the line"):
        parse_journal([line], "log")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "it is no JSON"),
        ("[]", "it is no object"),
        ("{}", "it lacks dn, class or attributes"),
        (entry(attributes={"ip": 1}), "it lacks dn, class or attributes"),
        (entry(attributes=[]), "it lacks dn, class or attributes"),
        (entry("uni/tn-T", "fvTenant"), "'uni/tn-T' is no external EPG and nothing below one"),
        (entry("uni/tn-T/out-L", "l3extOut"), "'uni/tn-T/out-L' is no external EPG"),
        (entry(f"{EPG}x[", "l3extInstP"), None),
        (entry(EPG, "l3extSubnet"), "the class l3extSubnet does not fit"),
        (entry(SUBNET, "l3extInstP"), "the class l3extInstP does not fit"),
        (entry(f"{SUBNET}/x", "l3extSubnet"), "the class l3extSubnet does not fit"),
        (entry(SUBNET, "fvRsProv"), "the class fvRsProv does not fit"),
        (entry(time="yesterday"), "'yesterday' is no time"),
        (entry(time="2026-01-01T00:00:00"), "has no time zone"),
    ],
)
def test_a_malformed_line_is_named_with_its_number(line: str, why: str | None) -> None:
    lines = [entry(), "", line]
    if why is None:
        assert len(parse_journal(lines, "journal")) == 2
        return
    with pytest.raises(SettingsError) as error:
        parse_journal(lines, "journal")
    assert error.value.message.startswith("journal, line 3 is no journal entry: ")
    assert why in error.value.message
    assert "mend the line" in error.value.next_step
