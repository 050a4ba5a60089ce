from __future__ import annotations

import pytest

from akb_sync.apic.dn import first, is_or_below, subnet_ip, subnet_parent


@pytest.mark.parametrize(
    ("dn", "expected"),
    [
        ("uni", ("uni", "")),
        ("uni/tn-t", ("uni", "tn-t")),
        ("extsubnet-[10.0.0.0/8]", ("extsubnet-[10.0.0.0/8]", "")),
        ("extsubnet-[fd00::/64]/tagKey-a", ("extsubnet-[fd00::/64]", "tagKey-a")),
        ("rspath-[topology/pod-1/pathep-[eth1/1]]/ip-a", ("rspath-[topology/pod-1/pathep-[eth1/1]]", "ip-a")),
    ],
)
def test_slashes_inside_brackets_do_not_part_a_name(dn: str, expected: tuple[str, str]) -> None:
    assert first(dn) == expected


def test_the_text_and_the_parent_of_a_subnet_are_read_off_its_dn() -> None:
    dn = "uni/tn-t/out-o/instP-e/extsubnet-[10.0.0.1/8]"
    assert subnet_ip(dn) == "10.0.0.1/8"
    assert subnet_parent(dn) == "uni/tn-t/out-o/instP-e"


def test_a_name_that_begins_alike_is_not_below() -> None:
    assert is_or_below("uni/tn-t", "uni/tn-t")
    assert is_or_below("uni/tn-t/out-o", "uni/tn-t")
    assert not is_or_below("uni/tn-tt", "uni/tn-t")
