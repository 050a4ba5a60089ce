"""The fault proxy before both simulators: what it does to a connection, and that an engine survives it."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from akb_sync.apic import ApicSession
from akb_sync.apic.options import ApicOptions
from akb_sync.apic.query import mo_path
from akb_sync.clock import SystemClock
from akb_sync.errors import ApicError, ApicOutcomeUnknown, ApicUnreachable
from akb_sync.simulators.apic import ApicSimulator
from akb_sync.simulators.kubernetes import KubernetesSimulator
from akb_sync.simulators.kubernetes.options import Options
from tests.simulated.engine.stage import Stage, eventually, hosts
from tests.simulated.watch.neighbours import settle_in, unchanged
from tests.simulated.watch.running import Running

from .proxy import FaultProxy

TENANT = "uni/tn-TEN_K8_C1"
BRIEF = 1.0


@pytest.fixture(name="apic")
def apic_fixture(tmp_path: Path) -> Iterator[ApicSimulator]:
    with ApicSimulator(users={"admin": "secret"}, output_dir=tmp_path) as apic:
        apic.small_fabric()
        yield apic


@pytest.fixture(name="proxy")
def proxy_fixture(apic: ApicSimulator) -> Iterator[FaultProxy]:
    with FaultProxy(apic.url) as proxy:
        yield proxy


@pytest.fixture(name="session")
def session_fixture(apic: ApicSimulator, proxy: FaultProxy) -> Iterator[ApicSession]:
    options = ApicOptions((proxy.url,), "admin", "secret", ca_file=apic.ca_file, read_timeout=BRIEF)
    with ApicSession(options, SystemClock(), upkeep=False) as session:
        session.get(mo_path(TENANT))
        session.get(mo_path(TENANT))
        yield session


def _describe(session: ApicSession, text: str) -> None:
    session.post(TENANT, {"fvTenant": {"attributes": {"descr": text}}})


def _description(apic: ApicSimulator) -> str:
    return (apic.get(TENANT) or {})["descr"]


def test_tls_passes_through_it_and_is_verified(session: ApicSession, apic: ApicSimulator) -> None:
    _describe(session, "seen")
    assert _description(apic) == "seen"


def test_a_delay_and_a_slow_line_take_their_time(session: ApicSession, proxy: FaultProxy) -> None:
    proxy.weather.delay = 0.1
    began = time.monotonic()
    session.get(mo_path(TENANT))
    assert time.monotonic() - began >= 0.2
    proxy.weather.delay, proxy.weather.rate = 0.0, 4_000
    began = time.monotonic()
    session.get(mo_path(TENANT))
    assert time.monotonic() - began >= 0.1


def test_a_lost_answer_is_an_unknown_outcome_of_what_was_done(
    session: ApicSession, proxy: FaultProxy, apic: ApicSimulator
) -> None:
    proxy.weather.lose_answers = 1
    with pytest.raises(ApicOutcomeUnknown):
        _describe(session, "done")
    assert (_description(apic), proxy.lost) == ("done", 1)


def test_a_hang_ends_in_a_timeout_and_nothing_was_done(
    session: ApicSession, proxy: FaultProxy, apic: ApicSimulator
) -> None:
    before = _description(apic)
    proxy.weather.hang = True
    with pytest.raises(ApicOutcomeUnknown):
        _describe(session, "never")
    assert _description(apic) == before


def test_a_cut_connection_does_not_disturb_a_read(session: ApicSession, proxy: FaultProxy) -> None:
    assert proxy.cut()
    assert session.get(mo_path(TENANT))


def test_connections_that_are_refused_are_unreachable(session: ApicSession, proxy: FaultProxy) -> None:
    proxy.weather.refuse = True
    proxy.cut()
    with pytest.raises(ApicError) as caught:
        _describe(session, "never")
    assert isinstance(caught.value, ApicUnreachable | ApicOutcomeUnknown)


def test_an_engine_behind_two_bad_lines_ends_exact_and_touches_nothing_foreign(
    tmp_path: Path, apic: ApicSimulator, proxy: FaultProxy
) -> None:
    with (
        KubernetesSimulator(controllers=False, options=Options(bookmark_interval=1.0)) as cluster,
        FaultProxy(cluster.url) as line,
    ):
        cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
        stage = Stage(cluster, apic, tmp_path)
        settle_in(stage)
        behind = tmp_path / "behind"
        settings = {"apic": proxy.url, "kubeconfig": behind}
        behind.write_text(cluster.kubeconfig().replace(cluster.url, line.url))
        behind.chmod(0o600)
        with unchanged(stage), Running(stage, **settings) as engine:
            engine.until_live()
            web = stage.workload("web")
            for index in range(1, 7):
                stage.pod(web, f"10.244.1.{index}")
                proxy.weather.lose_answers = index % 2
                line.cut()
                if index % 3 == 0:
                    proxy.cut()
            eventually("all is there", lambda: stage.prefixes() == hosts("10.244.1", 6), timeout=30.0)
        assert stage.sync(wait=False).written == []
