from __future__ import annotations

import pytest

from akb_sync.apic.dn import first, is_or_below, subnet_ip


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


def test_the_text_of_a_subnet_is_read_off_its_dn() -> None:
    assert subnet_ip("uni/tn-t/out-o/instP-e/extsubnet-[10.0.0.1/8]") == "10.0.0.1/8"


def test_a_name_that_begins_alike_is_not_below() -> None:
    assert is_or_below("uni/tn-t", "uni/tn-t")
    assert is_or_below("uni/tn-t/out-o", "uni/tn-t")
    assert not is_or_below("uni/tn-tt", "uni/tn-t")
