"""A cluster and a fabric on which nothing is wrong, and the doctor that looks at them in this process."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from akb_sync.clock import SystemClock
from akb_sync.doctor import CHECKS, Case, Examination, Finding, Verdict
from akb_sync.mark import Identity
from akb_sync.state import State
from akb_sync.state_file import StateFile
from tests.simulated.engine.stage import Json, Stage, epg_dn, opened

CONTRACT = {"fvRsProv": {"attributes": {"tnVzBrCPName": "web"}}}


class ShiftedClock(SystemClock):
    """This machine's clock, put wrong."""

    def __init__(self, seconds: float = 0.0) -> None:
        self._shift = timedelta(seconds=seconds)

    def now(self) -> datetime:
        return super().now() + self._shift


@dataclass
class Ward:
    """Everything is well until a test plants something."""

    stage: Stage
    web: Json
    settings: dict[str, Any]
    shift: float = 0.0
    deadline: float = 8.0
    seen: dict[str, Finding] = field(default_factory=dict)

    @property
    def identity(self) -> Identity:
        return Identity.of("k8s", self.stage.cluster.uid)

    def look(self) -> dict[str, str]:
        """The verdicts by check, after an examination from scratch."""
        case = Case(self.stage.settings(**self.settings), ShiftedClock(self.shift))
        try:
            results = Examination(case, CHECKS, self.deadline).run()
        finally:
            case.close()
        self.seen = {one.name: one.finding for one in results}
        return {one.name: str(one.finding.verdict) for one in results}

    def turned(self) -> dict[str, str]:
        """The checks that are neither ok nor skipped, with their verdicts."""
        quiet = (Verdict.OK, Verdict.SKIPPED)
        return {name: verdict for name, verdict in self.look().items() if verdict not in quiet}

    # What tests plant with.

    def subnet(self, prefix: str, epg: str = "EPG_WEB", **attributes: str) -> None:
        child = {"l3extSubnet": {"attributes": {"ip": prefix, **attributes}}}
        self.stage.apic.post(epg_dn(epg), {"l3extInstP": {"attributes": {}, "children": [child]}})

    def epg(self, name: str, *subnets: str, **more: str) -> None:
        """Somebody's EPG, in the preferred group, so that it needs no contract."""
        self.stage.epg(name, *subnets, prefGrMemb="include", **more)

    def record(self, state: State) -> None:
        StateFile(self.state_file).write(state)

    @property
    def state_file(self) -> Path:
        return self.stage.folder / "state.json"

    def sync(self) -> None:
        self.stage.sync(wait=False, **self.settings)


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    with opened(tmp_path, "shop", "other") as stage:
        web = stage.workload("web")
        stage.pods(web, 3)
        stage.service("web", "192.0.2.7")
        settings: dict[str, Any] = {
            "allow": ("shop=TEN*/*/*",),
            "pod_cidrs": ("10.244.0.0/16",),
            "service_cidrs": ("192.0.2.0/24",),
            "state_file": tmp_path / "state.json",
        }
        made = Ward(stage, web, settings)
        made.sync()
        stage.apic.post("uni/tn-TEN_K8_C1", {"vzBrCP": {"attributes": {"name": "web"}}})
        stage.apic.post(epg_dn(), {"l3extInstP": {"attributes": {}, "children": [CONTRACT]}})
        yield made
