"""`akb-sync watch` as a process: what it logs, how it ends, and that nothing wrong ends it."""

import signal
import socket
from collections.abc import Iterator

import pytest

from tests.simulated.engine.stage import Json, Stage, binding, eventually, hosts

from .program import Program


@pytest.fixture
def web(stage: Stage) -> Json:
    web = stage.workload("web")
    stage.pods(web, 2)
    return web


def converged(stage: Stage, count: int = 2) -> None:
    eventually("it converged", lambda: stage.prefixes() == hosts("10.244.1", count), 20.0)


@pytest.mark.usefixtures("web")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_writes_what_is_wanted_and_ends_with_0_on_a_signal(
    stage: Stage, akb: Program, number: signal.Signals
) -> None:
    with akb.start("watch") as running:
        converged(stage)
        running.until("created", "10.244.1.1/32")
        assert running.stop(number) == 0
    assert stage.apic.counts["logouts"] == 1
    assert not [line for line in running.lines if "Traceback" in line]


@pytest.mark.usefixtures("web")
def test_dry_run_says_what_it_would_do_once_and_writes_nothing(stage: Stage, akb: Program) -> None:
    with akb.start("watch", "--dry-run", "--resync", "0.5") as running:
        running.until("dry run: would create subnet 10.244.1.2/32")
        reads = stage.apic.counts["queries"]
        eventually("it looked again", lambda: stage.apic.counts["queries"] > reads + 2)
        assert running.stop() == 0
    assert stage.posts == 0
    assert len(running.with_all("would create", "10.244.1.2/32")) == 1


@pytest.mark.usefixtures("web")
def test_a_kubeconfig_and_an_apiserver_that_come_late_are_waited_for(stage: Stage, akb: Program) -> None:
    stage.cluster.stop()
    with akb.start("watch") as running:
        running.until("connect: no connection to", stage.cluster.url)
        stage.cluster.start()
        converged(stage)
        running.until("connect: right again")
        assert running.stop() == 0
    assert len(running.with_all("ERROR")) == 1


@pytest.mark.usefixtures("web")
def test_an_apic_that_is_not_there_at_first_is_waited_for(stage: Stage, akb: Program) -> None:
    stage.apic.stop()
    with akb.start("watch") as running:
        running.until("connection refused", "check the address")
        stage.apic.start()
        converged(stage)
        running.until("right again")
        assert running.stop() == 0
    assert len(running.with_all("ERROR")) == 1
    assert not running.with_all("WARNING", "connect")


def test_a_missing_list_verb_is_said_once_and_it_converges_when_it_is_granted(
    stage: Stage, akb: Program, web: Json
) -> None:
    stage.sync()
    stage.pod(web, "10.244.1.3")
    stage.cluster.deny("list", "services")
    with akb.start("watch") as running:
        line = running.until("list services", "ClusterRole")
        assert "ERROR" in line
        stage.cluster.allow()
        eventually("it converged", lambda: stage.prefixes() == hosts("10.244.1", 3), 20.0)
        running.until("services: right again")
        assert running.stop() == 0
    assert len(running.with_all("ClusterRole")) == 1


def test_a_missing_watch_verb_is_said_once_and_lists_do_the_work(
    stage: Stage, akb: Program, web: Json
) -> None:
    stage.cluster.deny("watch", "pods")
    with akb.start("watch", "--resync", "1") as running:
        running.until("watch pods", "ClusterRole")
        converged(stage)
        stage.pod(web, "10.244.1.3")
        converged(stage, 3)
        assert running.stop() == 0
    assert len(running.with_all("watch pods", "ClusterRole")) == 1


def test_a_malformed_annotation_and_an_absent_tenant_are_said_once(
    stage: Stage, akb: Program, web: Json
) -> None:
    stage.workload("torn", annotation="{")
    stage.pods(stage.workload("late", annotation=binding("E", "L3O_LATE", "TEN_LATE")), 3, "10.244.2")
    with akb.start("watch", "--resync", "0.5") as running:
        converged(stage)
        running.until("Deployment shop/torn", "InvalidAnnotation", "mend the annotation")
        running.until("ParentMissing", "uni/tn-TEN_LATE", "create it on the APIC")
        reads = stage.apic.counts["queries"]
        eventually("it read again", lambda: stage.apic.counts["queries"] > reads + 4)
        assert running.stop() == 0
    assert len(running.with_all("InvalidAnnotation")) == 1
    assert len(running.with_all("ParentMissing")) == 1
    assert web["kind"] == "Deployment"


@pytest.fixture
def silent(stage: Stage) -> Iterator[Stage]:
    """An APIC that takes every query and never answers."""
    stage.apic.faults.hang(count=1000)
    yield stage
    stage.apic.faults.clear()


@pytest.mark.usefixtures("web")
def test_a_query_that_is_never_answered_does_not_keep_it_from_ending(silent: Stage, akb: Program) -> None:
    with akb.start("watch") as running:
        eventually("it asked", lambda: silent.apic.counts["canned"])
        assert running.stop(timeout=20.0) == 0


@pytest.mark.usefixtures("web")
def test_the_write_in_flight_is_waited_for(stage: Stage, akb: Program) -> None:
    with akb.start("watch") as running:
        eventually("it logged in", lambda: stage.apic.counts["subscriptions"])
        stage.apic.faults.latency = 1.0
        stage.pod(stage.workload("more", epg="EPG_MORE"), "10.244.2.1")
        eventually("a write is under way or done", lambda: running.with_all("created") or stage.posts, 15.0)
        code = running.stop()
        assert code == 0
    created = len(running.with_all("created subnet"))
    assert created == len(stage.prefixes()) + len(stage.prefixes("EPG_MORE"))


def test_what_can_never_work_ends_it_at_once_with_64(akb: Program) -> None:
    ended = akb.with_(ACI_PASSWORD=None).run("watch")
    assert ended.code == 64
    assert "ACI_PASSWORD" in ended.error


def test_a_signal_ends_it_while_it_still_waits_for_a_silent_apiserver(akb: Program) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(8)
        path = akb.folder / "silent"
        port = listener.getsockname()[1]
        text = (akb.folder / "kubeconfig").read_text()
        path.write_text("\n".join(_with_server(line, port) for line in text.splitlines()))
        with akb.start("watch", "--kubeconfig", str(path)) as running:
            listener.settimeout(15.0)
            listener.accept()[0].close()
            assert running.stop(timeout=20.0) == 0


def _with_server(line: str, port: int) -> str:
    before, key, _ = line.partition("server:")
    return f"{before}{key} https://127.0.0.1:{port}" if key else line
