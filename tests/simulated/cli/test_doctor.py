"""`doctor` as a command: exit codes, documents, and only the checks that were asked for."""

import json
import time
from pathlib import Path

import jsonschema
import pytest
import yaml

from akb_sync.doctor import CHECKS
from tests.simulated.engine.stage import Stage

from .program import Program

SCHEMA = Path(__file__).parents[3] / "docs" / "schemas" / "diagnosis.schema.json"


@pytest.fixture(autouse=True)
def web(stage: Stage) -> None:
    stage.pod(stage.workload("web"), "10.244.1.1")
    stage.sync()


def test_every_check_is_a_row_and_warnings_alone_are_no_failure(akb: Program) -> None:
    began = time.monotonic()
    ended = akb.run("doctor")
    assert time.monotonic() - began < 10.0
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert lines[0].split() == ["GROUP", "CHECK", "VERDICT", "SEEN", "NEXT"]
    assert [line.split()[1] for line in lines[1:-1]] == [check.name for check in CHECKS]
    assert lines[-1].startswith(f"{len(CHECKS)} checks: 3 warning, ")


def test_a_failure_ends_with_1_and_stands_out(stage: Stage, akb: Program) -> None:
    stage.cluster.deny("list", "pods")
    ended = akb.run("doctor")
    assert ended.code == 1
    (row,) = [line for line in ended.out.splitlines() if " kubernetes-read-rights " in line]
    assert "FAILED" in row
    assert row.endswith("kubectl auth can-i list pods --all-namespaces")
    assert "skipped" in next(line for line in ended.out.splitlines() if " vrf " in line)


def test_documents_fit_their_schema_in_json_and_yaml(akb: Program) -> None:
    schema = json.loads(SCHEMA.read_text())
    ended = akb.run("doctor", "-o", "json")
    jsonschema.validate(ended.document, schema)
    assert [check["name"] for check in ended.document["checks"]] == [check.name for check in CHECKS]
    jsonschema.validate(yaml.safe_load(akb.run("doctor", "-o", "yaml").out), schema)


def test_a_document_of_a_cluster_that_is_down_fits_too(stage: Stage, akb: Program) -> None:
    stage.cluster.stop()
    stage.apic.stop()
    ended = akb.run("doctor", "-o", "json")
    assert ended.code == 1
    jsonschema.validate(ended.document, json.loads(SCHEMA.read_text()))
    failed = [check["name"] for check in ended.document["checks"] if check["verdict"] == "failed"]
    assert failed == ["kubernetes-api", "apic-reachable"]


def test_some_checks_are_made_with_what_they_rest_on_and_shown_alone(stage: Stage, akb: Program) -> None:
    stage.apic.reset_journal()
    ended = akb.run("doctor", "acitoolkit", "allow", "-o", "json")
    assert [check["name"] for check in ended.document["checks"]] == ["allow", "acitoolkit"]
    assert stage.apic.counts["logins"] == 0
    assert [check["name"] for check in akb.run("doctor", "vrf", "-o", "json").document["checks"]] == ["vrf"]
    assert stage.apic.counts["logins"] == 1


def test_a_check_that_is_none_is_one_sentence_with_the_near_ones(akb: Program) -> None:
    ended = akb.run("doctor", "apic-logn")
    assert ended.code == 64
    assert "there is no check 'apic-logn'; did you mean apic-login" in ended.error


def test_settings_that_no_other_command_takes_are_a_row_here(akb: Program) -> None:
    ended = akb.with_(ACI_APIC=None, ACI_PASSWORD=None).run("doctor", "-o", "json")
    rows = {check["name"]: check for check in ended.document["checks"]}
    assert ended.code == 1
    assert rows["apic-config"]["verdict"] == "failed"
    assert "no APIC is named" in rows["apic-config"]["seen"]
    assert rows["apic-login"] == {**rows["apic-login"], "verdict": "skipped"}
    assert rows["annotations"]["verdict"] == "ok"


def test_no_secret_is_in_the_output(akb: Program) -> None:
    ended = akb.with_(ACI_PASSWORD="hunter2hunter2").run("doctor", "--debug")
    assert ended.code == 1
    assert "hunter2" not in ended.said
