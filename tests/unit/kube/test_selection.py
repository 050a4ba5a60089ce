"""A selector means a workload that carries all of its labels, and none that carries a part of them."""

from __future__ import annotations

from akb_sync.kube.desire import desire
from akb_sync.kube.limits import Limits

from .builders import ask, service, workload, world


def test_a_workload_with_a_part_of_the_labels_is_not_behind_the_service() -> None:
    found = desire(
        world(
            workload("web", ask("WEB"), labels={"app": "web", "tier": "silver"}),
            workload("api", ask("API"), labels={"app": "api", "tier": "gold"}),
            service("front", "10.0.40.7", selector={"app": "web", "tier": "gold"}),
            service("back", "10.0.40.8", selector={"app": "api", "tier": "gold"}),
        ),
        Limits(),
        1000.0,
    )
    assert [(one.prefix, one.binding.epg) for one in found.exposures] == [("10.0.40.8/32", "API")]
