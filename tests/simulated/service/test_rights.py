"""`docs/rbac.yaml` is enough for all that the engine does, and gives nothing that it does not use."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from akb_sync.simulators.kubernetes.access import Attributes
from tests.simulated.cli.program import Program
from tests.simulated.engine.stage import Stage, eventually, hosts

MANIFEST = Path(__file__).parents[3] / "docs" / "rbac.yaml"
Right = tuple[str, str, str]
"""Group, resource and verb."""


class Rbac:
    """The roles of the manifest, as the API server applies them to the engine's account."""

    def __init__(self) -> None:
        documents = list(yaml.safe_load_all(MANIFEST.read_text(encoding="utf-8")))
        self.rules: list[tuple[str, dict[str, Any]]] = [
            (document["metadata"].get("namespace", ""), rule)
            for document in documents
            for rule in document.get("rules", ())
        ]
        self.used: set[Right] = set()
        self.refused: set[str] = set()

    @property
    def granted(self) -> set[Right]:
        return {
            (group, resource, verb)
            for _, rule in self.rules
            for group in rule["apiGroups"]
            for resource in rule["resources"]
            for verb in rule["verbs"]
        }

    def __call__(self, asked: Attributes) -> bool:
        if not asked.resource:
            return True  # discovery is everybody's
        allowed = any(_covers(namespace, rule, asked) for namespace, rule in self.rules)
        if allowed:
            self.used.add((asked.group, asked.resource, asked.verb))
        else:
            self.refused.add(f"{asked.verb} {asked.resource} {asked.namespace}/{asked.name}")
        return allowed


def _covers(namespace: str, rule: dict[str, Any], asked: Attributes) -> bool:
    return (
        namespace in ("", asked.namespace)
        and asked.group in rule["apiGroups"]
        and asked.resource in rule["resources"]
        and asked.verb in rule["verbs"]
        and asked.name in rule.get("resourceNames", [asked.name])
    )


@pytest.fixture
def rbac(stage: Stage) -> Iterator[Rbac]:
    rules = Rbac()
    stage.cluster.authorizer.policy = rules
    yield rules
    stage.cluster.authorizer.policy = lambda _asked: True


def test_the_manifest_is_enough_and_every_right_in_it_is_used(stage: Stage, akb: Program, rbac: Rbac) -> None:
    web = stage.workload("web")
    stage.pods(web, 2)
    stage.workload("home", annotation='{"epg": "EPG_ANY"}')  # its L3Out is looked for by the nodes
    for _ in range(2):  # the second process finds a Lease, a state and Events that are there
        with akb.start("watch") as running:
            running.until("this process leads", timeout=20.0)
            eventually("it converged", lambda: stage.prefixes() == hosts("10.244.1", 2), 20.0)
            running.until("Deployment shop/home", "ParentUnknown")
            eventually("Events were written", lambda: stage.cluster.list("Event", "shop"))
            assert running.stop() == 0
        assert not [line for line in running.lines if "Role" in line]
    assert rbac.refused == set()
    assert rbac.granted - rbac.used == set()
