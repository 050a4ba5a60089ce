"""A freeze of the whole engine: obeyed by every engine, seen everywhere, and it outlives the process."""

from pathlib import Path

import pytest

from tests.simulated.cli.program import Program
from tests.simulated.engine.stage import Json, Stage, eventually, hosts


@pytest.fixture
def web(stage: Stage) -> Json:
    web = stage.workload("web")
    stage.pods(web, 2)
    return web


def converged(stage: Stage, count: int) -> None:
    eventually("it converged", lambda: stage.prefixes() == hosts("10.244.1", count), 20.0)


def events(stage: Stage, reason: str) -> list[Json]:
    return [one for one in stage.cluster.list("Event") if one["reason"] == reason]


def test_a_running_engine_confirms_it_holds_everything_and_goes_on_after_it(
    stage: Stage, akb: Program, web: Json
) -> None:
    with akb.start("watch") as running:
        converged(stage, 2)
        paused = akb.run("pause", "--reason", "CHG-4711")
        assert paused.code == 0
        assert "CHG-4711" in paused.out
        assert "writes nothing to the fabric" in paused.out
        posts = stage.posts
        stage.pod(web, "10.244.1.3")
        running.until("EnginePaused", "10.244.1.3/32", "CHG-4711", "akb-sync resume")
        planned = akb.run("plan")
        assert planned.code == 2
        assert "EnginePaused" in planned.out
        assert stage.posts == posts
        eventually("the people are told", lambda: len(events(stage, "EnginePaused")) == 2)
        resumed = akb.run("resume")
        assert resumed.code == 0
        assert "goes on" in resumed.out
        converged(stage, 3)
        assert running.stop() == 0


def test_it_is_in_force_from_the_first_moment_of_a_new_process(stage: Stage, akb: Program, web: Json) -> None:
    assert web
    paused = akb.run("pause")
    assert paused.code == 0
    assert "no engine leads now" in paused.err
    with akb.start("watch") as running:
        running.until("EnginePaused")
        ended = akb.run("sync", "--yes", "--no-wait", "--force")
        assert ended.code == 3
        assert "EnginePaused" in ended.out
        assert stage.posts == 0
        assert akb.run("resume").code == 0
        converged(stage, 2)
        assert running.stop() == 0


def test_outside_of_a_cluster_a_file_is_the_switch(stage: Stage, web: Json, tmp_path: Path) -> None:
    akb = Program.on(stage).with_(AKB_SYNC_STATE_FILE=str(tmp_path / "state"))
    with akb.start("watch") as running:
        converged(stage, 2)
        eventually("the state is there", (tmp_path / "state").exists)
        assert "writes nothing" in akb.run("pause").out
        stage.pod(web, "10.244.1.3")
        running.until("EnginePaused", "10.244.1.3/32")
        (tmp_path / "state.paused").unlink()
        converged(stage, 3)
        assert running.stop() == 0
    assert akb.run("resume").out.startswith("nothing is paused")


def test_a_person_without_the_right_to_pause_is_told_which_one_is_missing(stage: Stage, akb: Program) -> None:
    stage.cluster.deny("patch", "configmaps")
    ended = akb.run("pause")
    assert ended.code == 1
    assert "patch configmaps" in ended.error


def test_a_second_resume_and_a_pause_without_the_namespace_say_what_is_so(stage: Stage, akb: Program) -> None:
    assert akb.run("resume").out.startswith("nothing is paused (ConfigMap akb-sync/akb-sync-status)")
    elsewhere = akb.with_(AKB_SYNC_ENGINE_NAMESPACE="nowhere")
    ended = elsewhere.run("pause")
    assert ended.code == 1
    assert ended.error.startswith(
        "there is no namespace nowhere for the ConfigMap nowhere/akb-sync-status; name"
    )
    assert stage.posts == 0
