"""Events, probes, metrics and the state of a running engine, as people and machines meet them."""

import socket
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from akb_sync.engine.shared import connect, read_state
from akb_sync.state import Waiting
from tests.simulated.cli.program import Process, Program
from tests.simulated.engine.stage import Json, Stage, binding, eventually, hosts


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Engine:
    """A running engine and its port."""

    def __init__(self, process: Process, port: int) -> None:
        self.process, self._port = process, port

    def get(self, page: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/{page}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def metric(self, line: str) -> float:
        lines = self.get("metrics")[1].splitlines()
        return next((float(one.rsplit(" ", 1)[1]) for one in lines if one.startswith(f"{line} ")), -1.0)


@pytest.fixture
def engine(akb: Program) -> Iterator[Engine]:
    port = free_port()
    with akb.start("watch", "--listen", f"127.0.0.1:{port}") as running:
        yield Engine(running, port)
        assert running.stop() == 0


def events(stage: Stage, name: str) -> dict[str, Json]:
    found = [one for one in stage.cluster.list("Event", "shop") if one["involvedObject"]["name"] == name]
    assert len({one["reason"] for one in found}) == len(found)
    return {one["reason"]: one for one in found}


def test_probes_and_metrics_follow_the_engine(stage: Stage, engine: Engine) -> None:
    stage.pods(stage.workload("web"), 2)
    eventually("it is ready", lambda: engine.get("readyz")[0] == 200, 20.0)
    assert engine.get("livez")[0] == 200
    eventually("it wrote", lambda: engine.metric('akb_sync_writes_total{action="create",kind="subnet"}') == 2)
    assert engine.metric("akb_sync_leader") == 1
    stage.apic.stop()
    eventually("it is not ready", lambda: engine.get("readyz")[0] == 503)
    assert engine.get("livez")[0] == 200
    stage.apic.start()
    eventually("it is ready again", lambda: engine.get("readyz")[0] == 200, 30.0)


def test_the_story_of_a_workload_is_told_in_events(stage: Stage, engine: Engine) -> None:
    assert engine
    web = stage.workload("web")
    stage.pods(web, 3)
    eventually("it is told", lambda: "Synced" in events(stage, "web"), 20.0)
    assert "made, 3 addresses added" in events(stage, "web")["Synced"]["message"]
    stage.annotate(web, "{")
    eventually("a bad annotation is told", lambda: "InvalidAnnotation" in events(stage, "web"))
    assert "line 1, column 2" in events(stage, "web")["InvalidAnnotation"]["message"]
    stage.workload("late", annotation=binding("E", "L3O_NO", "TEN_NO"))
    eventually("an absent tenant is told", lambda: "ParentMissing" in events(stage, "late"))
    assert events(stage, "late")["ParentMissing"]["type"] == "Warning"


def test_a_misspelt_annotation_is_told_to_its_people(stage: Stage, engine: Engine) -> None:
    assert engine
    typo = stage.workload("typo")
    stage.annotate(typo, None)
    stage.annotate(typo, binding(), key="aci.haystacknetworks.com/l3out")
    eventually("it is told", lambda: "NearMiss" in events(stage, "typo"), 20.0)
    event = events(stage, "typo")["NearMiss"]
    assert event["type"] == "Warning"
    assert "did you mean `aci.haystacknetworks.com/l3o`?" in event["message"]


def test_what_the_apic_refuses_is_told_in_its_own_words_to_people_and_programs(
    stage: Stage, engine: Engine
) -> None:
    assert engine
    web = stage.workload("web")
    stage.pods(web, 1)
    eventually("it converged", lambda: stage.prefixes() == hosts("10.244.1", 1), 20.0)
    stage.apic.faults.reject("10.244.1.2/32")
    stage.pod(web, "10.244.1.2")
    eventually("it is told", lambda: "Rejected" in events(stage, "web"))
    eventually("the state has it", lambda: refused(stage))
    (one,) = refused(stage)
    assert one.state == "rejected"
    assert one.until is not None
    assert one.words
    assert one.words in events(stage, "web")["Rejected"]["message"]


def refused(stage: Stage) -> list[Waiting]:
    """What the APIC refused, as another process reads it from the engine's state."""
    settings = stage.settings()
    state = read_state(settings, connect(settings))
    return [one for one in state.items.values() if one.reason == "Rejected"] if state else []


def test_a_thousand_changes_are_a_few_events(stage: Stage, engine: Engine) -> None:
    assert engine
    web = stage.workload("web")
    for number in range(500):
        stage.pod(web, f"10.244.{number // 250}.{number % 250 + 1}", name=f"web-{number}")
    eventually("all stand there", lambda: len(stage.prefixes()) == 500, 30.0)
    stage.annotate(web, binding("EPG_NEW"))
    eventually("all have moved", lambda: len(stage.prefixes("EPG_NEW")) == 500, 30.0)
    eventually("all is told", lambda: events(stage, "web")["Synced"]["count"] >= 1000, 20.0)
    assert len(stage.cluster.list("Event", "shop")) < 10


def test_without_the_right_to_write_events_the_work_goes_on_and_it_is_said_once(
    stage: Stage, akb: Program
) -> None:
    for verb in ("get", "create", "patch"):
        stage.cluster.deny(verb, "events")
    stage.pods(stage.workload("web"), 2)
    with akb.start("watch") as running:
        eventually("it converged", lambda: stage.prefixes() == hosts("10.244.1", 2), 20.0)
        running.until("events:", "events", "ClusterRole")
        stage.pods(stage.workload("more", epg="EPG_MORE"), 2, "10.244.2")
        eventually("it goes on", lambda: stage.prefixes("EPG_MORE") == hosts("10.244.2", 2), 20.0)
        assert running.stop() == 0
    assert len(running.with_all("ERROR", "events:")) == 1


@pytest.mark.parametrize(("log_format", "part"), [("json", '"level": "info"'), ("logfmt", "level=info")])
def test_log_lines_for_machines(akb: Program, log_format: str, part: str) -> None:
    with akb.start("watch", "--log-format", log_format) as running:
        assert part in running.until("this process leads")
        assert running.stop() == 0
