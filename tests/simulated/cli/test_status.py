"""`status` as people use it: filters, the story of one EPG, ages, faults, and following what changes."""

import os
import pty
import re
import signal
import subprocess
import threading
from datetime import UTC, datetime, timedelta

import pytest

from akb_sync.state import Pause, State, Waiting
from akb_sync.state_file import StateFile
from tests.simulated.engine.stage import EPG, Json, Stage, epg_dn, eventually, subnet_dn

from .program import PROGRAM, Program


@pytest.fixture
def web(stage: Stage) -> Json:
    """Three Pods of the namespace `shop`, all on the fabric."""
    web = stage.workload("web")
    stage.pods(web, 3)
    stage.sync()
    return web


@pytest.mark.usefixtures("web")
def test_each_object_has_kind_source_and_age(akb: Program) -> None:
    lines = akb.run("status").out.splitlines()
    assert lines[0].split() == ["EPG", "PREFIX", "KIND", "SOURCE", "STATE", "REASON", "AGE"]
    assert lines[1].split()[1:6] == ["<none>", "Deployment", "shop/web", "InSync", "InSync"]
    assert lines[2].split()[1:3] == ["10.244.1.1/32", "Pod"]
    assert all(re.fullmatch(r"\d+s", line.split()[-1]) for line in lines[1:5])
    assert lines[-1] == "no change; 4 in sync."


@pytest.mark.usefixtures("web")
def test_status_asks_for_faults_once_and_only_where_they_are_shown(stage: Stage, akb: Program) -> None:
    stage.apic.reset_journal()
    akb.run("status")
    plain = sum(count for what, count in stage.apic.counts.items() if "faultInst" in str(what))
    assert plain == 0
    stage.epg("other", "10.244.9.9/32")
    stage.edit(subnet_dn("10.244.9.9/32"), "l3extSubnet")  # the leaf has the first one: ours gets F0467
    wide = akb.run("status", "-o", "wide").out.splitlines()
    assert "F0467" in next(line for line in wide if "<none>" in line and "Deployment" in line)
    document = akb.run("status", "-o", "json").document
    (epg,) = [item for item in document["items"] if item["kind"] == "EPG"]
    assert [fault["code"] for fault in epg["faults"]] == ["F0467"]
    assert epg["pcTag"].isdigit()


def test_filters_show_less_and_read_everything(stage: Stage, akb: Program, web: Json) -> None:
    stage.pod(stage.workload("api", epg="EPG_API"), "10.244.2.1")
    stage.pod(web, "10.244.1.9")
    missing = akb.run("status", "--state", "missing", "-o", "json").document["items"]
    assert {item["prefix"] for item in missing} == {"", "10.244.2.1/32", "10.244.1.9/32"}
    of_api = akb.run("status", "--workload", "shop/api", "-o", "json").document["items"]
    assert {item["epg"] for item in of_api} == {"EPG_API"}
    none = akb.run("status", "--state", "Lost")
    assert (none.code, "the states are Conflict, Drifted" in none.error) == (64, True)
    near = akb.run("status", "--workload", "shop/wbe")
    assert (near.code, "did you mean shop/web" in near.error) == (64, True)


def test_the_story_of_one_epg_has_everything_about_it(stage: Stage, akb: Program, web: Json) -> None:
    stage.apic.post("uni/tn-TEN_K8_C1", {"vzBrCP": {"attributes": {"name": "http"}}})
    contract = {"fvRsProv": {"attributes": {"tnVzBrCPName": "http"}}}
    stage.apic.post(epg_dn(), {"l3extInstP": {"attributes": {}, "children": [contract]}})
    stage.epg("other", "10.244.5.5/32")
    stage.pod(web, "10.244.5.5")
    ended = akb.run("status", EPG)
    assert ended.code == 3
    assert "VRF        uni/tn-TEN_K8_C1/ctx-VRF_K8_C1" in ended.out
    assert "On fabric  yes, ours (orchestrator:akb-sync:k8s." in ended.out
    assert "Provides   http" in ended.out
    assert "Workloads  Deployment shop/web: 4 of Pods, 0 of Services" in ended.out
    assert "Faults     none" in ended.out
    assert "Held       1 until somebody acts: Conflict: TEN_K8_C1/L3O_K8_C1/other has it" in ended.out
    story = akb.run("status", EPG, "-o", "json").document["epg"]
    assert (story["provides"], story["exists"], story["workloads"][0]["pods"]) == (["http"], True, 4)


@pytest.mark.usefixtures("web")
def test_an_epg_that_is_near_a_name_is_offered(akb: Program) -> None:
    ended = akb.run("status", "EPG_WBE")
    assert ended.code == 64
    assert f"did you mean TEN_K8_C1/L3O_K8_C1/{EPG}" in ended.error


def test_what_only_the_leader_knows_is_told(stage: Stage, akb: Program, web: Json) -> None:
    stage.pod(web, "10.244.1.9")
    file = stage.folder / "state.json"
    now = datetime.now(UTC)
    refused = Waiting(
        "rejected", "Rejected", now - timedelta(minutes=3), now + timedelta(minutes=9), "code 801"
    )
    StateFile(file).write(State("pod-1", now, last_success=now, items={subnet_dn("10.244.1.9/32"): refused}))
    beside = akb.with_(AKB_SYNC_STATE_FILE=str(file))
    ended = beside.run("status")
    (line,) = [line for line in ended.out.splitlines() if "10.244.1.9/32" in line]
    assert line.split()[4:6] == ["Held", "Rejected"]
    assert line.split()[-1].startswith("3m")
    assert "held Rejected: code 801" in ended.out
    assert "Leader pod-1: last heard of" in ended.out
    StateFile(file).set_pause(Pause("ann@laptop", now, "release night"))
    assert "PAUSED: nothing is written, paused by ann@laptop" in beside.run("status").out


def test_watch_prints_every_object_and_then_what_changes(stage: Stage, akb: Program, web: Json) -> None:
    with akb.start("status", "--watch") as process:
        process.until("10.244.1.3/32", "InSync")
        process.until("no change; 4 in sync.")
        pod = stage.pod(web, "10.244.1.8", name="late")
        process.until("10.244.1.8/32", "shop/late", "Missing", "Wanted")
        process.until("1 to create; 4 in sync.")
        stage.remove(pod)
        process.until("10.244.1.8/32", "Gone")
        eventually("the summary again", lambda: len(process.with_all("no change; 4 in sync.")) == 2)
        assert len(process.with_all("10.244.1.3/32")) == 1
        assert process.stop(signal.SIGINT) == 0
    assert stage.posts == 1


@pytest.mark.usefixtures("web")
def test_watch_prints_a_document_whenever_it_is_another_one(stage: Stage, akb: Program) -> None:
    with akb.start("status", "--watch", "-o", "json") as process:
        process.until('"kind": "Status"')
        stage.cluster.patch(
            "Deployment",
            "shop",
            "web",
            {"metadata": {"annotations": {"aci.haystacknetworks.com/paused": "true"}}},
        )
        stage.epg("other", "10.244.1.1/32")
        process.until('"Duplicate"')
        assert process.stop(signal.SIGTERM) == 0


@pytest.mark.usefixtures("web")
def test_watch_draws_one_screen_anew_on_a_terminal(stage: Stage, akb: Program) -> None:
    ours, theirs = pty.openpty()
    variables = {**akb.variables, "TERM": "xterm", "COLUMNS": "160", "LINES": "30"}
    process = subprocess.Popen(
        [PROGRAM, "status", "--watch"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=variables,
        cwd=stage.folder,
    )
    os.close(theirs)
    screen: list[str] = []
    reader = threading.Thread(target=_read_all, args=(ours, screen), daemon=True)
    reader.start()
    eventually("the table", lambda: "no change; 4 in sync." in "".join(screen), 20.0)
    stage.epg("other", "10.244.1.1/32")
    eventually("the conflict", lambda: "Duplicate" in "".join(screen))
    process.send_signal(signal.SIGINT)
    assert process.wait(15.0) == 0
    reader.join(5.0)
    os.close(ours)
    shown = "".join(screen)
    assert "\x1b[?1049h" in shown  # a screen of its own, and the old one is back afterwards
    assert "\x1b[?1049l" in shown
    assert "Ctrl-C ends this." in shown


def _read_all(terminal: int, into: list[str]) -> None:
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:  # Linux says EIO when the other side is closed
            return
        if not part:
            return
        into.append(part.decode(errors="replace"))
