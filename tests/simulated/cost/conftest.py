"""Both sides with some hundred Pods, two L3Outs of ours and one of other people in the same VRF."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulated.engine.stage import L3OUT, TENANT, Json, Stage, binding, opened

from .ledger import Ledger

SECOND, FOREIGN = "L3O_K8_C2", "L3O_OTHERS"
PODS = 550
"""Of each L3Out: one more page and one more POST than a single one holds."""
EPGS = 5
"""Of each L3Out."""
L3OUTS = 3
"""Those of the VRF in use, the one of other people too."""


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with opened(tmp_path) as stage:
        for name in (SECOND, FOREIGN):
            relation = {"l3extRsEctx": {"attributes": {"tnFvCtxName": "VRF_K8_C1"}}}
            out = {"l3extOut": {"attributes": {"name": name}, "children": [relation]}}
            stage.apic.post(f"uni/tn-{TENANT}", out)
        stage.epg("EPG_OTHERS", *(f"198.51.100.{n}/32" for n in range(50)), l3out=FOREIGN)
        yield stage


@pytest.fixture
def ledger(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    return Ledger(stage, monkeypatch)


@pytest.fixture
def town(stage: Stage) -> list[Json]:
    """Ten workloads, each with an EPG of its own, and their Pods."""
    workloads = []
    for out, l3out in enumerate((L3OUT, SECOND)):
        for epg in range(EPGS):
            web = stage.workload(f"web-{out}-{epg}", annotation=binding(f"EPG_{epg}", l3out))
            stage.pods(web, PODS // EPGS, network=f"10.{out + 1}.{epg}")
            workloads.append(web)
    return workloads
