"""`plan`, `sync`, `status` and `version` as people and scripts call them: output and exit codes."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from akb_sync.version import __version__
from tests.simulated.engine.stage import EPG, Json, Stage, binding, epg_dn, hosts

from .program import Program

SCHEMAS = Path(__file__).parents[3] / "docs" / "schemas"


@pytest.fixture
def web(stage: Stage) -> Json:
    """Three Pods of the namespace `shop`, nothing on the fabric yet."""
    web = stage.workload("web")
    stage.pods(web, 3)
    return web


@pytest.mark.usefixtures("web")
def test_the_whole_way_from_a_plan_to_a_fabric_that_is_right(stage: Stage, akb: Program) -> None:
    planned = akb.run("plan")
    assert (planned.code, planned.err) == (2, "")
    assert planned.out.splitlines()[0].split() == ["ACTION", "EPG", "PREFIX", "SOURCE", "REASON", "HELD"]
    assert "4 to create; 0 in sync." in planned.out
    assert stage.posts == 0
    synced = akb.run("sync")
    assert (synced.code, synced.err) == (0, "")
    assert "Done: 4 created." in synced.out
    assert stage.prefixes() == hosts("10.244.1", 3)
    again = akb.run("sync")
    assert (again.code, stage.posts) == (0, 1)
    assert "no change; 4 in sync." in again.out
    assert akb.run("plan").code == 0
    status = akb.run("status")
    assert status.code == 0
    assert len(re.findall(r"InSync +InSync", status.out)) == 4


@pytest.mark.usefixtures("web")
def test_documents_are_the_same_in_json_and_yaml_and_fit_their_schemas(akb: Program) -> None:
    for command, kind in (("plan", "Plan"), ("status", "Status"), ("sync", "Outcome")):
        as_json = akb.run(command, "-o", "json", *(["--dry-run"] if command == "sync" else []))
        as_yaml = akb.run(command, "-o", "yaml", *(["--dry-run"] if command == "sync" else []))
        assert as_json.err == as_yaml.err == ""
        assert as_json.document == yaml.safe_load(as_yaml.out)
        assert as_json.document["kind"] == kind
        assert len(as_json.document["items"]) == 4
        schema = json.loads((SCHEMAS / f"{kind.lower()}.schema.json").read_text())
        jsonschema.validate(as_json.document, schema)


@pytest.mark.usefixtures("web")
def test_wide_tables_name_the_object(akb: Program) -> None:
    assert epg_dn() in akb.run("plan", "-o", "wide").out
    assert epg_dn() not in akb.run("plan").out
    assert epg_dn() in akb.run("status", "-o", "wide").out


@pytest.mark.usefixtures("web")
def test_dry_run_writes_nothing(stage: Stage, akb: Program) -> None:
    ended = akb.run("sync", "--dry-run")
    assert (ended.code, stage.posts) == (3, 0)
    assert "4 to create" in ended.out


@pytest.mark.usefixtures("web")
def test_namespace_and_selector_narrow_what_is_shown_and_done(stage: Stage, akb: Program) -> None:
    stage.cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "other"}})
    other = stage.workload("other", namespace="other", epg="EPG_OTHER")
    stage.cluster.patch("Deployment", "other", "other", {"metadata": {"labels": {"tier": "back"}}})
    stage.pod(other, "10.244.2.1")
    assert {item["epg"] for item in akb.run("plan", "-n", "shop", "-o", "json").document["items"]} == {EPG}
    narrowed = akb.run("plan", "-l", "tier in (back)", "-o", "json").document["items"]
    assert {item["epg"] for item in narrowed} == {"EPG_OTHER"}
    assert akb.run("sync", "-l", "tier=back").code == 0
    assert stage.prefixes("EPG_OTHER") == {"10.244.2.1/32"}
    assert stage.prefixes() == set()
    assert akb.run("plan", "-n", "other").code == 0
    assert akb.run("plan").code == 2
    assert akb.run("plan", "-l", "tier in (").code == 1


@pytest.mark.usefixtures("web")
def test_what_is_open_in_another_namespace_is_not_in_the_exit_code(stage: Stage, akb: Program) -> None:
    stage.cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "other"}})
    stage.workload("spoilt", namespace="other", annotation="no json")
    assert akb.run("sync", "-n", "shop").code == 0
    assert akb.run("status", "-n", "shop").code == 0
    assert akb.run("sync").code == 3


@pytest.mark.usefixtures("web")
def test_status_of_one_epg_by_name_by_path_and_by_dn(stage: Stage, akb: Program) -> None:
    stage.apic.small_fabric("TEN_TWO")
    stage.pod(stage.workload("same", annotation=binding(EPG, "L3O_TWO", "TEN_TWO")), "10.244.2.1")
    stage.pod(stage.workload("api", epg="EPG_API"), "10.244.3.1")
    akb.run("sync")
    assert len(akb.run("status", "EPG_API", "-o", "json").document["items"]) == 2
    assert len(akb.run("status", f"TEN_K8_C1/L3O_K8_C1/{EPG}", "-o", "json").document["items"]) == 4
    assert len(akb.run("status", epg_dn(), "-o", "json").document["items"]) == 4
    twice = akb.run("status", EPG)
    assert twice.code == 64
    assert f"TEN_TWO/L3O_TWO/{EPG}" in twice.error
    unknown = akb.run("status", "EPG_NONE")
    assert unknown.code == 64
    assert "TEN_K8_C1/L3O_K8_C1/EPG_API" in unknown.error


def test_status_and_sync_say_with_3_that_something_is_open(stage: Stage, akb: Program) -> None:
    stage.pod(stage.workload("web"), "10.244.1.1")
    assert akb.run("status").code == 3
    late = stage.workload("late", annotation=binding("E", "L3O_LATE", "TEN_LATE"))
    stage.pod(late, "10.244.2.1")
    synced = akb.run("sync")
    assert synced.code == 3
    assert "ParentMissing" in synced.out
    assert "uni/tn-TEN_LATE" in synced.out
    assert "create it on the APIC, or mend the annotation" in synced.out
    assert stage.prefixes() == {"10.244.1.1/32"}
    assert akb.run("status").code == 3
    assert akb.run("plan").code == 2
    stage.apic.small_fabric("TEN_LATE")
    assert akb.run("sync").code == 0
    assert akb.run("status").code == 0


def test_a_malformed_annotation_leaves_everything_else_done_and_says_where_it_is_wrong(
    stage: Stage, akb: Program
) -> None:
    stage.pod(stage.workload("web"), "10.244.1.1")
    stage.workload("torn", annotation='{"tenant": "TEN_K8_C1" "l3out": ""}')
    ended = akb.run("sync")
    assert ended.code == 3
    (line,) = [line for line in ended.out.splitlines() if line.startswith("InvalidAnnotation")][:1]
    assert "Deployment shop/torn" in line
    assert "line 1, column 24" in line
    assert "mend the annotation" in line
    assert stage.prefixes() == {"10.244.1.1/32"}


def test_no_wait_leaves_a_hold_down_and_wait_waits_it_out(stage: Stage, akb: Program, web: Json) -> None:
    stage.workload("stays", epg="EPG_STAYS")
    akb.run("sync")
    stage.annotate(web, binding("EPG_NEW"))
    left = akb.run("sync", "--no-wait", "--hold-down", "0.5")
    assert left.code == 3
    assert "HoldDown" in akb.run("plan", "--hold-down", "0.5").out
    waited = akb.run("sync", "--hold-down", "0.5")
    assert waited.code == 0
    assert "waiting" in waited.err
    assert stage.apic.get(epg_dn()) is None


def test_what_a_one_shot_sync_deletes_is_in_the_log_or_in_the_journal(
    stage: Stage, akb: Program, web: Json
) -> None:
    akb.run("sync")
    stage.remove({"kind": "Pod", **stage.cluster.list("Pod", "shop")[0]})
    assert '"class": "l3extSubnet"' in akb.run("sync").err
    stage.remove({"kind": "Pod", **stage.cluster.list("Pod", "shop")[0]})
    assert akb.run("sync", "--journal", "deleted.jsonl").err == ""
    (entry,) = [json.loads(line) for line in (stage.folder / "deleted.jsonl").read_text().splitlines()]
    assert entry["class"] == "l3extSubnet"
    assert web["kind"] == "Deployment"


def test_removals_that_wait_are_released_by_their_id_only(stage: Stage, akb: Program) -> None:
    stays, lost = stage.workload("stays"), stage.workload("lost")
    stage.pods(stays, 30, "10.244.1")
    stage.pods(lost, 30, "10.244.2")
    stage.sync()
    stage.annotate(lost, None)
    options = ("--mass-delete", "block", "--hold-down", "0.2")
    planned = akb.run("plan", *options, "-o", "json")
    assert planned.code == 2
    plan_id = planned.document["approvalId"]
    assert planned.document["summary"]["held"] == 30
    blocked = akb.run("sync", *options)
    assert blocked.code == 3
    assert f"akb-sync sync --approve {plan_id}" in blocked.out
    wrong = akb.run("sync", *options, "--approve", "0123456789ab")
    assert (wrong.code, wrong.out) == (1, "")
    assert "0123456789ab" in wrong.error
    assert plan_id in wrong.error
    assert stage.prefixes() == hosts("10.244.1", 30) | hosts("10.244.2", 30)
    approved = akb.run("sync", *options, "--approve", plan_id)
    assert approved.code == 0
    assert "30 deleted" in approved.out
    assert stage.prefixes() == hosts("10.244.1", 30)
    nothing = akb.run("sync", *options, "--approve", plan_id)
    assert nothing.code == 1
    assert "akb-sync plan" in nothing.error


def test_verify_looks_a_second_time_before_a_one_shot_sync_deletes_many(stage: Stage, akb: Program) -> None:
    stays, lost = stage.workload("stays"), stage.workload("lost")
    stage.pods(stays, 30, "10.244.1")
    stage.pods(lost, 30, "10.244.2")
    stage.sync()
    stage.annotate(lost, None)
    unwaited = akb.run("sync", "--no-wait", "--hold-down", "0.5")
    assert unwaited.code == 3
    assert len(stage.prefixes()) == 60
    waited = akb.run("sync", "--hold-down", "0.5")
    assert waited.code == 0
    assert "MassDelete" in waited.err
    assert stage.prefixes() == hosts("10.244.1", 30)


def test_a_list_that_comes_back_empty_deletes_nothing(stage: Stage, akb: Program, web: Json) -> None:
    akb.run("sync")
    before = stage.dump()
    stage.cluster.patch("Deployment", "shop", "web", {"status": {"replicas": 3}}, subresource="status")
    for kind in ("pods", "deployments"):
        with stage.cluster.faults.empty_list(kind) as empty:
            ended = akb.run("sync", "--hold-down", "0.2")
        assert empty.hits
        assert ended.code == 3, kind
        assert "MassDelete" in ended.out
        assert stage.dump() == before
    assert web["kind"] == "Deployment"


@pytest.mark.usefixtures("web")
def test_on_a_terminal_sync_asks_before_it_writes(stage: Stage, akb: Program) -> None:
    code, screen = akb.on_a_terminal("sync", answers={"Write this to the fabric?": "n"})
    assert (code, stage.posts) == (3, 0)
    assert "nothing was written" in screen
    code, screen = akb.on_a_terminal("sync", answers={"Write this to the fabric?": "y"})
    assert (code, stage.posts) == (0, 1)
    assert "4 to create" in screen
    stage.pod(stage.workload("more", epg="EPG_MORE"), "10.244.2.1")
    code, screen = akb.on_a_terminal("sync", "--yes", answers={})
    assert (code, stage.posts) == (0, 2)
    assert "Write this" not in screen


def test_a_reader_that_has_enough_is_no_error(stage: Stage, akb: Program) -> None:
    for third in range(3):
        stage.pods(stage.workload(f"web-{third}"), 100, f"10.244.{third}")
    small = akb.shell('"$AKB" version | true; echo "${PIPESTATUS[0]}"')
    assert (small.out, small.err) == ("0\n", "")
    ended = akb.shell('"$AKB" plan -o json | head -1; echo "${PIPESTATUS[0]}"')
    assert ended.out.splitlines()[0] == "{"
    assert ended.out.splitlines()[1] in {"0", "2"}
    assert ended.err == ""


def test_output_that_cannot_be_written_is_an_error(akb: Program) -> None:
    ended = akb.shell('"$AKB" version > /dev/full')
    assert ended.code == 1
    assert "No space left" in ended.error


def test_version_says_which(akb: Program) -> None:
    ended = akb.run("version")
    assert (ended.code, ended.out, ended.err) == (0, f"akb-sync {__version__}\n", "")
