"""Certificates are rotated on both sides while the engine runs; one that is not trusted stops it, loudly."""

import time
from collections.abc import Callable
from unittest.mock import patch

from akb_sync.simulators.apic import simulator as assembly
from akb_sync.simulators.certificates import Authority
from tests.e2e.controlplane.polling import eventually
from tests.e2e.faults.ground import Ground, until_settled
from tests.e2e.matrix import manifests
from tests.e2e.matrix.cell import Cell
from tests.e2e.matrix.fabric import ENGINE
from tests.e2e.matrix.judge import judge
from tests.e2e.matrix.views import Views

UNTRUSTED = "is not trusted"
WATCHED_SECONDS = 5.0
"""How long nothing may be written while a certificate is not trusted."""


def test_the_apiserver_gets_a_new_certificate_of_the_same_ca_and_nothing_is_rewritten(ground: Ground) -> None:
    with ground.cell("apiserver certificate") as (cell, views):
        _begin(cell, views)
        before = ground.fabric.dump()
        ground.cluster.rotate_certificates()
        cell.annotate("deployment/web", cell.binding("B"))
        views.until_exact()
        assert UNTRUSTED not in ground.engine.log()
        judge(cell, views, before)


def test_a_new_ca_of_the_apiserver_is_refused_until_it_stands_in_the_kubeconfig(ground: Ground) -> None:
    kubeconfig = ground.folder / "kubeconfig"
    kubeconfig.write_text(ground.cluster.kubeconfig.read_text())
    kubeconfig.chmod(0o600)
    ground.equip(environment={"AKB_SYNC_KUBECONFIG": str(kubeconfig)})
    with ground.cell("apiserver CA") as (cell, views):
        _begin(cell, views)
        before = ground.fabric.dump()
        ground.cluster.rotate_certificates(authority=True)
        ground.said(UNTRUSTED)
        cell.annotate("deployment/web", cell.binding("B"))
        _nothing_is_written(ground, cell)
        kubeconfig.write_text(ground.cluster.kubeconfig.read_text())
        views.until_exact()
        judge(cell, views, before, lagging=True)


def test_the_apic_gets_a_new_certificate_of_the_same_ca_and_nothing_is_rewritten(ground: Ground) -> None:
    with ground.cell("APIC certificate") as (cell, views):
        _begin(cell, views)
        before = ground.fabric.dump()
        ground.fabric.simulator.change_certificate()
        _one_pod_more(cell, views, 4)
        _one_pod_more(cell, views, 5)
        assert UNTRUSTED not in ground.engine.log()
        judge(cell, views, before)


def test_an_apic_that_nobody_trusts_is_told_nothing_until_its_certificate_is_good_again(
    ground: Ground,
) -> None:
    with ground.cell("untrusted APIC") as (cell, views):
        _begin(cell, views)
        before = ground.fabric.dump()
        _distrusted_until(ground, cell, lambda: ground.fabric.simulator.change_certificate(stranger=True))
        ground.fabric.simulator.change_certificate()
        views.until_exact()
        judge(cell, views, before, lagging=True)


def test_a_new_ca_of_the_apic_is_taken_over_from_its_file_without_a_restart(ground: Ground) -> None:
    renewed, ca_file = Authority("the fabric's new CA"), ground.fabric.simulator.ca_file
    assert ca_file is not None

    def change_authority() -> None:
        ground.fabric.simulator.stop()
        with patch.object(assembly, "Authority", lambda _name: renewed):
            ground.fabric.simulator.change_certificate(stranger=True)
        ground.fabric.simulator.start()

    with ground.cell("APIC CA") as (cell, views):
        _begin(cell, views)
        before = ground.fabric.dump()
        _distrusted_until(ground, cell, change_authority)
        renewed.write(ca_file.parent)
        views.until_exact()
        ground.said("the CA of the APIC's certificate has changed")
        judge(cell, views, before, lagging=True)


def _begin(cell: Cell, views: Views) -> None:
    cell.create(manifests.deployment("web", 3, cell.binding("A")))
    views.until_begun()


def _one_pod_more(cell: Cell, views: Views, pods: int) -> None:
    cell.scale("deployment/web", pods)
    cell.until_pods(pods)
    views.until_exact()


def _distrusted_until(ground: Ground, cell: Cell, change: Callable[[], None]) -> None:
    """Change the certificate, and see that the engine meets it, says so and writes nothing then.

    Connections that were made before are good for one answer each, so it takes some requests.
    """
    change()
    replicas = iter(range(4, 40))

    def met() -> bool:
        cell.scale("deployment/web", next(replicas))
        return UNTRUSTED in ground.engine.log()

    eventually("the new certificate met", met, timeout=60, pause=1.0)
    cell.scale("deployment/web", 1)
    cell.until_pods(1)
    until_settled(cell)
    _nothing_is_written(ground, cell)


def _nothing_is_written(ground: Ground, cell: Cell) -> None:
    """There is something to write all the while, and it is not."""
    written = len(ground.fabric.writes(ENGINE, cell.roots))
    end = time.monotonic() + WATCHED_SECONDS
    while time.monotonic() < end:
        assert len(ground.fabric.writes(ENGINE, cell.roots)) == written
        ground.engine.must_run()
        time.sleep(0.1)
