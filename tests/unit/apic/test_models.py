from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from akb_sync.apic.models import ConfirmedL3Out, ConfirmedTenant, MarkedEPG, MarkedSubnet
from akb_sync.apic.toolkit import OutsideEPG, OutsideL3, OutsideNetwork, Tenant


def test_they_are_acitoolkits_models() -> None:
    tenant = ConfirmedTenant("t")
    l3out = ConfirmedL3Out("o", tenant)
    epg = MarkedEPG("e", l3out, annotation="m")
    subnet = MarkedSubnet(epg, {"ip": "10.0.0.1/32", "name": "n"})
    assert isinstance(tenant, Tenant)
    assert isinstance(l3out, OutsideL3)
    assert isinstance(epg, OutsideEPG)
    assert isinstance(subnet, OutsideNetwork)
    assert subnet.get_parent() is epg
    assert epg.get_parent() is l3out
    assert l3out.get_parent() is tenant
    assert epg.get_children() == [subnet]


def test_the_json_has_what_was_given_and_nothing_else() -> None:
    tenant = ConfirmedTenant("t")
    l3out = ConfirmedL3Out("o", tenant)
    made = MarkedEPG("e", l3out, annotation="m")
    there = MarkedEPG("f", l3out, annotation=None, status="modified")
    MarkedSubnet(made, {"ip": "10.0.0.1/32", "name": "n", "scope": "import-security", "annotation": "m"})
    MarkedSubnet(there, {"ip": "10.0.0.2/32", "scope": "a,b"}, status="modified")
    MarkedSubnet(there, {"ip": "10.0.0.3/32"}, status="deleted")
    assert tenant.get_json() == {
        "fvTenant": {
            "attributes": {"name": "t", "status": "modified"},
            "children": [
                {
                    "l3extOut": {
                        "attributes": {"name": "o", "status": "modified"},
                        "children": [
                            {
                                "l3extInstP": {
                                    "attributes": {"name": "e", "annotation": "m"},
                                    "children": [
                                        {
                                            "l3extSubnet": {
                                                "attributes": {
                                                    "ip": "10.0.0.1/32",
                                                    "name": "n",
                                                    "scope": "import-security",
                                                    "annotation": "m",
                                                }
                                            }
                                        }
                                    ],
                                }
                            },
                            {
                                "l3extInstP": {
                                    "attributes": {"name": "f", "status": "modified"},
                                    "children": [
                                        {
                                            "l3extSubnet": {
                                                "attributes": {
                                                    "ip": "10.0.0.2/32",
                                                    "scope": "a,b",
                                                    "status": "modified",
                                                }
                                            }
                                        },
                                        {
                                            "l3extSubnet": {
                                                "attributes": {"ip": "10.0.0.3/32", "status": "deleted"}
                                            }
                                        },
                                    ],
                                }
                            },
                        ],
                    }
                }
            ],
        }
    }


def test_attributes_stand_before_children_as_the_apic_demands() -> None:
    epg = MarkedEPG("e", ConfirmedL3Out("o", ConfirmedTenant("t")), annotation=None)
    MarkedSubnet(epg, {"ip": "10.0.0.1/32"})
    assert list(epg.get_json()["l3extInstP"]) == ["attributes", "children"]


def test_a_child_is_taken_out_by_identity() -> None:
    epg = MarkedEPG("e", ConfirmedL3Out("o", ConfirmedTenant("t")), annotation=None)
    twins = [MarkedSubnet(epg, {"ip": "10.0.0.1/32"}) for _ in range(2)]
    epg.remove_child(twins[0])
    assert [child is twins[1] for child in epg.get_children()] == [True]
    assert not epg.has_child(twins[0])
    assert epg.has_child(twins[1])


@contextmanager
def counted_comparisons() -> Iterator[list[int]]:
    """Count how often acitoolkit compares two objects."""
    count = [0]
    original = OutsideNetwork.__eq__

    def counting(self: object, other: object) -> bool:
        count[0] += 1
        return bool(original(self, other))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OutsideNetwork, "__eq__", counting)
        yield count


@pytest.mark.parametrize("number", [100, 10_000])
def test_siblings_are_never_compared_so_growth_is_linear(number: int) -> None:
    with counted_comparisons() as count:
        epg = MarkedEPG("e", ConfirmedL3Out("o", ConfirmedTenant("t")), annotation=None)
        for index in range(number):
            MarkedSubnet(epg, {"ip": f"10.{index >> 16}.{index >> 8 & 255}.{index & 255}/32"})
        assert len(epg.get_json()["l3extInstP"]["children"]) == number
    assert count == [0]


def test_acitoolkits_own_model_compares_each_sibling_which_is_why_ours_do_not() -> None:
    with counted_comparisons() as count:
        epg = OutsideEPG("e", OutsideL3("o", Tenant("t")))
        for index in range(100):
            OutsideNetwork(str(index), epg)
    assert count == [100 * 99 // 2]


def test_the_view_the_plan_of_batches_and_the_writer_do_not_import_acitoolkit() -> None:
    program = (
        "import sys, akb_sync.apic.view, akb_sync.apic.batches, akb_sync.apic.writer;"
        "sys.exit('acitoolkit' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
