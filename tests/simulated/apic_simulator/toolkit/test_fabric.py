"""acitoolkit's physical model: what it makes of the pods, nodes and links of the simulated fabric."""

from types import ModuleType
from typing import Any

from akb_sync.simulators.apic import ApicSimulator


def test_the_pods_are_read(acitoolkit: ModuleType, session: Any) -> None:
    assert [pod.name for pod in acitoolkit.Pod.get(session)] == ["pod-1"]


def test_the_nodes_are_read_with_what_they_say_of_themselves(acitoolkit: ModuleType, session: Any) -> None:
    nodes = {node.node: node for node in acitoolkit.Node.get(session)}
    roles = [node.role for node in nodes.values()]
    assert {role: roles.count(role) for role in roles} == {"controller": 3, "spine": 2, "leaf": 4}
    leaf = nodes["101"]
    assert (leaf.pod, leaf.fabricSt, leaf.state) == ("1", "active", "in-service")
    assert all(node.serial and node.tep_ip for node in nodes.values())


def test_one_node_is_read_by_its_number(acitoolkit: ModuleType, session: Any) -> None:
    assert [node.node for node in acitoolkit.Node.get(session, "1", "102")] == ["102"]


def test_hardware_that_is_not_simulated_is_absent_and_not_an_error(
    apic: ApicSimulator, acitoolkit: ModuleType, session: Any
) -> None:
    assert acitoolkit.ExternalSwitch.get(session) == []
    assert acitoolkit.Link.get(session) == []
    assert acitoolkit.Linecard.get(session) == []
    assert acitoolkit.Endpoint.get(session) == []
    assert apic.refusals == []


def test_a_whole_fabric_is_read(acitoolkit: ModuleType, session: Any) -> None:
    (fabric,) = acitoolkit.Fabric.get(session)
    fabric.populate_children(deep=False, include_concrete=False)
    assert {type(child).__name__ for child in fabric.get_children()} == {"PhysicalModel", "LogicalModel"}
