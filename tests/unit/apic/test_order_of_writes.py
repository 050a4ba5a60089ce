"""In which order a batch has what it does, and what a move looks like on the wire."""

from __future__ import annotations

from akb_sync.apic.batches import batches
from akb_sync.apic.body import body
from akb_sync.model import Binding

from .answers import L3OUT, create, create_epg, delete, delete_epg, move

ONE, OTHER = Binding("t", "o", "a"), Binding("t", "o", "b")


def test_what_is_made_comes_first_then_subnets_go_and_their_epgs_last() -> None:
    [batch] = batches(
        [
            delete_epg(OTHER),
            delete("10.0.0.3/32", OTHER),
            delete("10.0.0.2/32", ONE),
            create("10.0.0.1/32", ONE),
            create_epg(ONE),
        ]
    )
    assert [(str(item.action), item.binding.epg, item.prefix) for item in batch.items] == [
        ("create", "a", ""),
        ("create", "a", "10.0.0.1/32"),
        ("delete", "a", "10.0.0.2/32"),
        ("delete", "b", "10.0.0.3/32"),
        ("delete", "b", ""),
    ]


def test_the_body_of_a_move_deletes_in_one_epg_and_makes_in_the_other() -> None:
    content = body(L3OUT.dn, [move("10.0.0.1/32", ONE, OTHER)])
    found = {
        epg["l3extInstP"]["attributes"]["name"]: [
            subnet["l3extSubnet"]["attributes"].get("status", "")
            for subnet in epg["l3extInstP"].get("children", [])
        ]
        for epg in content["l3extOut"]["children"]
    }
    assert found == {"a": ["deleted"], "b": [""]}


def test_a_tenant_an_l3out_and_an_epg_in_a_body_have_to_be_there() -> None:
    between = body("uni/tn-t", [move("10.0.0.1/32", ONE, Binding("t", "p", "b"))])
    l3outs = between["fvTenant"]["children"]
    epgs = [epg for l3out in l3outs for epg in l3out["l3extOut"]["children"]]
    statuses = [
        between["fvTenant"]["attributes"]["status"],
        *(one["l3extOut"]["attributes"]["status"] for one in l3outs),
        *(one["l3extInstP"]["attributes"]["status"] for one in epgs),
    ]
    assert statuses == ["modified"] * 5
