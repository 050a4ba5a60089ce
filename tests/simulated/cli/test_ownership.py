"""`adopt`, `release`, `purge`, `restore` and `sync --delete-epgs` as people and scripts call them."""

import json
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest
import yaml

from akb_sync.state import State
from akb_sync.state_file import StateFile
from tests.simulated.engine.stage import EPG, Json, Stage, epg_dn, hosts, subnet_dn
from tests.simulated.ownership.estate import DEAD, PRIOR, age, annotations, leave, tags, without_marks

from .program import Program

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "schemas" / "ownership.schema.json").read_text())


@pytest.fixture
def web(stage: Stage) -> Json:
    web = stage.workload("web")
    stage.pods(web, 2)
    return web


@pytest.mark.usefixtures("web")
def test_the_way_from_the_prior_application(stage: Stage, akb: Program) -> None:
    leave(stage, EPG, "10.244.1.1", "10.244.1.2", "10.244.9.1")
    before = without_marks(stage)
    looked = akb.run("adopt", "--all", "--from", "aci-k8-haystack", "--dry-run")
    assert (looked.code, looked.err, stage.posts) == (3, "", 0)
    assert "4 to mark." in looked.out
    assert looked.out.count("it goes once a person approves the plan") == 1
    adopted = akb.run("adopt", "--all", "--from", "aci-k8-haystack", "--yes")
    assert (adopted.code, adopted.err) == (0, "")
    assert "Done: 4 marked." in adopted.out
    assert without_marks(stage) == before
    again = akb.run("adopt", "--all", "--from", "aci-k8-haystack", "--yes")
    assert again.code == 0
    assert again.out.rstrip().endswith(": nothing to do.")
    planned = akb.run("plan", "-o", "json").document
    stale = [item for item in planned["items"] if item["action"] == "delete"]
    assert [(item["prefix"], item["hold"]["reason"]) for item in stale] == [("10.244.9.1/32", "Unconfirmed")]
    assert akb.run("sync", "--no-wait").code == 3
    assert "10.244.9.1/32" in stage.prefixes()
    assert akb.run("sync", "--approve", planned["approvalId"]).code == 0
    assert stage.prefixes() == hosts("10.244.1", 2)
    assert tags(stage) == {}
    assert akb.run("status").code == 0


@pytest.mark.usefixtures("web")
def test_documents_fit_the_schema(stage: Stage, akb: Program) -> None:
    leave(stage, "EPG_OLD", "10.244.8.1", mark=DEAD)
    stage.epg(EPG, "10.244.1.1/32")
    theirs = {"ip": "10.244.1.2/32", "annotation": "orchestrator:terraform"}
    stage.apic.post(epg_dn(), {"l3extSubnet": {"attributes": theirs}})
    age(stage)
    journal = str(stage.folder / "journal")
    calls = {
        "Adoption": ["adopt", EPG],
        "Release": ["release", EPG],
        "Purge": ["purge", "--cluster", "old.0ddba11e", "--journal", journal],
        "Restoration": ["restore", journal],
    }
    for kind, words in calls.items():
        for more in (["--dry-run"], ["--yes"]):
            ended = akb.run(*words, *more, "-o", "json")
            assert ended.document["kind"] == kind
            assert ended.document["dryRun"] is ("--dry-run" in more)
            jsonschema.validate(ended.document, SCHEMA)
    assert yaml.safe_load(akb.run("release", EPG, "--yes", "-o", "yaml").out)["items"] == []


@pytest.mark.usefixtures("web")
def test_what_is_left_is_said_with_the_next_step(stage: Stage, akb: Program) -> None:
    stage.epg(EPG, "10.244.1.1/32")
    theirs = {"ip": "10.244.1.2/32", "annotation": "orchestrator:terraform"}
    stage.apic.post(epg_dn(), {"l3extSubnet": {"attributes": theirs}})
    ended = akb.run("adopt", EPG, "--yes")
    assert ended.code == 3
    assert "it bears the mark 'orchestrator:terraform'" in ended.out
    assert "left Unmanaged:" in ended.out
    assert annotations(stage)[subnet_dn("10.244.1.2/32")] == "orchestrator:terraform"


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["adopt"], 64, "adopt takes one EPG, or --all with --from; name an EPG such as EPG_K8_APP_MCAST"),
        (["adopt", EPG, "--all"], 64, "adopt takes one EPG, or --all with --from"),
        (["adopt", "--all", "--yes"], 64, "--all takes over what one party left; name it with --from"),
        (["adopt", EPG, "--from", "terraform"], 64, "--from 'terraform' names no cluster; give aci-k8-hay"),
        (["adopt", "EPG_WEP"], 64, f"no external EPG 'EPG_WEP'; did you mean TEN_K8_C1/L3O_K8_C1/{EPG}"),
        (["adopt", EPG], 1, "it bears the mark 'orchestrator:terraform'; let that party give it up, or add"),
        (["adopt", "EPG_PRIOR"], 1, "mark 'orchestrator:aci-k8-haystack'; add --from aci-k8-haystack"),
        (["adopt", "EPG_OLD"], 1, "belongs to the cluster old.0ddba11e; if that cluster is gone, add --from"),
        (["adopt", "EPG_OLD", "--from", "old.0ddba11e"], 1, "the cluster old.0ddba11e lives: its object"),
        (["release"], 64, "release takes one EPG, or --all"),
        (["release", EPG], 1, "is not ours to release: it bears the mark 'orchestrator:terraform', and"),
        (["release", "EPG_OLD"], 1, "is not ours to release: it belongs to the cluster old.0ddba11e, and"),
        (["release", "EPG_HAND"], 1, "is not ours to release: it bears no mark, and nothing in it is ours"),
        (["purge", "--cluster", "old"], 64, "--cluster 'old' names no cluster; give the name and the 8 hex"),
        (["purge", "--cluster", "old.0ddba11e"], 1, "wait until none of its marks changed for 10 minutes"),
        (["purge", "--cluster", "new.0ddba11e"], 1, "the marks of 0ddba11e say old, not new; name it old."),
        (["restore", "no-such-file"], 64, "the journal no-such-file cannot be read: No such file or dir"),
        (["restore", "bad-journal"], 64, "bad-journal, line 2 is no journal entry: it is no JSON; mend the"),
        (["sync", "--delete-epgs", "in-use"], 64, "there is no terminal to ask on; add --yes, or --dry-run"),
    ],
)
def test_bad_input_is_one_sentence_and_changes_nothing(
    stage: Stage, akb: Program, words: list[str], code: int, sentence: str
) -> None:
    leave(stage, EPG, mark="orchestrator:terraform")
    leave(stage, "EPG_PRIOR", mark=PRIOR)
    leave(stage, "EPG_OLD", mark=DEAD)
    stage.epg("EPG_HAND")
    (stage.folder / "bad-journal").write_text("\nnot json\n")
    before = stage.dump()
    ended = akb.run(*words)
    assert (ended.code, ended.out) == (code, "")
    assert sentence in ended.error
    assert stage.dump() == before
    assert stage.posts == 0


@pytest.mark.usefixtures("web")
def test_without_a_terminal_only_yes_writes(stage: Stage, akb: Program) -> None:
    stage.epg(EPG)
    ended = akb.run("adopt", EPG)
    assert (ended.code, stage.posts) == (64, 0)
    assert "add --yes" in ended.error


def test_an_epg_in_use_goes_when_a_person_prunes_it(stage: Stage, akb: Program) -> None:
    web = stage.workload("web")
    stage.workload("api", epg="EPG_API")
    akb.run("sync")
    stage.apic.post(epg_dn(), {"fvRsProv": {"attributes": {"tnVzBrCPName": "web"}}})
    stage.remove(web)
    held = akb.run("sync", "--hold-down", "0", "--yes")
    assert held.code == 3
    assert "`akb-sync sync --delete-epgs in-use`" in held.out
    looked = akb.run("sync", "--hold-down", "0", "--delete-epgs", "in-use", "--dry-run", "-o", "wide")
    assert "with it go: contracts web" in looked.out
    pruned = akb.run("sync", "--hold-down", "0", "--delete-epgs", "in-use", "--yes", "--journal", "journal")
    assert pruned.code == 0
    assert stage.apic.get(epg_dn()) is None
    assert '"fvRsProv"' in (stage.folder / "journal").read_text()


@pytest.mark.usefixtures("web")
def test_uninstalling(stage: Stage, akb: Program) -> None:
    akb.run("sync")
    akb.run("release", EPG, "--yes")
    before = without_marks(stage)
    ended = akb.run("release", "--all", "--yes")
    assert (ended.code, ended.err) == (0, "")
    assert (annotations(stage), tags(stage)) == ({}, {})
    assert without_marks(stage) == before


@pytest.mark.usefixtures("web")
def test_a_write_that_the_apic_refuses_is_said_and_the_second_run_finishes(
    stage: Stage, akb: Program
) -> None:
    stage.epg(EPG, "10.244.1.1/32", "10.244.1.2/32")
    stage.apic.faults.reject(r"extsubnet-\[10.244.1.2", text="not today")
    ended = akb.run("adopt", EPG, "--yes")
    assert ended.code == 3
    assert f"refused by the APIC: {subnet_dn('10.244.1.2/32')}: not today" in ended.out
    assert "next: mend what the APIC names" in ended.out
    stage.apic.faults.clear()
    assert "Done: 1 marked." in akb.run("adopt", EPG, "--yes").out
    assert len(annotations(stage)) == 3


@pytest.mark.usefixtures("web")
def test_uninstalling_beside_a_living_leader_is_refused(stage: Stage, akb: Program) -> None:
    akb.run("sync")
    stage.cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "akb-sync"}})
    now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    spec = {"holderIdentity": "akb-sync-7d9f", "leaseDurationSeconds": 15, "renewTime": now}
    meta = {"name": "akb-sync", "namespace": "akb-sync"}
    stage.cluster.create(
        {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": meta,
            "spec": {**spec, "acquireTime": now, "leaseTransitions": 0},
        }
    )
    before = stage.dump()
    ended = akb.run("release", "--all", "--yes")
    assert ended.code == 1
    assert "akb-sync-7d9f (Lease akb-sync/akb-sync) leads" in ended.error
    assert stage.dump() == before
    assert akb.run("release", EPG, "--yes").code == 0, "one EPG may be released beside it"


def test_an_engine_outside_of_the_cluster_is_known_by_its_state_file(stage: Stage, akb: Program) -> None:
    akb.run("sync")
    akb = akb.with_(AKB_SYNC_STATE_FILE=str(stage.folder / "state"))
    before = stage.dump()
    store = StateFile(stage.folder / "state")
    store.write(State("laptop", datetime.now(UTC)))
    ended = akb.run("release", "--all", "--yes")
    assert ended.code == 1
    assert f"laptop ({stage.folder / 'state'}) leads this cluster's engine" in ended.error
    assert akb.run("sync").error.startswith("an engine writes to the fabric for this cluster already: laptop")
    assert stage.dump() == before
    store.write(State("", datetime.now(UTC)))
    assert akb.run("release", "--all", "--yes").code == 0, "it ended, and said so"


@pytest.mark.usefixtures("web")
@pytest.mark.parametrize("words", [["adopt", EPG], ["release", EPG], ["purge", "--cluster", "old.0ddba11e"]])
def test_while_the_engine_is_paused_nothing_is_written_and_the_sentence_says_why(
    stage: Stage, akb: Program, words: list[str]
) -> None:
    akb = akb.with_(AKB_SYNC_STATE_FILE=str(stage.folder / "state"))
    stage.epg(EPG)
    leave(stage, "EPG_OLD", "10.244.8.1", mark=DEAD)
    age(stage)
    akb.run("pause", "--reason", "CHG-4711")
    before = stage.dump()
    ended = akb.run(*words, "--yes")
    assert ended.code == 1
    assert "error: nothing is written: paused by " in ended.err
    assert ended.err.endswith(": CHG-4711; `akb-sync resume` lets it go on\n")
    assert akb.run(*words, "--dry-run").code == 3, "looking is allowed"
    assert stage.dump() == before


def test_a_party_that_left_nothing_is_said_with_those_that_did(stage: Stage, akb: Program) -> None:
    leave(stage, "EPG_OLD", "10.244.8.1", mark=DEAD)
    ended = akb.run("adopt", "--all", "--from", "odl.12345678", "--dry-run")
    assert ended.code == 0
    assert "the fabric has marks of old.0ddba11e" in ended.out
