"""Our tag on an EPG: in the POST, in the size of a batch, and in the view after it."""

from __future__ import annotations

from akb_sync.apic.batches import batches
from akb_sync.apic.body import body
from akb_sync.apic.change import changes, tag_dn
from akb_sync.apic.snapshot import Snapshot
from akb_sync.item import Action, Item
from akb_sync.mark import Identity
from akb_sync.model import Binding
from akb_sync.reasons import Reason

EPG = Binding("T", "L", "E")
ME = Identity("k8s", "aaaaaaaa")
KEY = ME.release_tag


def tagged(value: str, *, mark: str | None = None) -> Item:
    return Item(Action.UPDATE, EPG, EPG.dn, Reason.RELEASED, mark=mark, tags=((KEY, value),))


def test_a_tag_is_a_child_of_an_epg_that_has_to_exist() -> None:
    assert body(EPG.parent.dn, [tagged("released", mark="")]) == {
        "l3extOut": {
            "attributes": {"name": "L", "status": "modified"},
            "children": [
                {
                    "l3extInstP": {
                        "attributes": {"name": "E", "annotation": "", "status": "modified"},
                        "children": [{"tagAnnotation": {"attributes": {"key": KEY, "value": "released"}}}],
                    }
                }
            ],
        }
    }


def test_taking_a_tag_off_leaves_the_annotation_alone() -> None:
    content = body(EPG.parent.dn, [tagged("")])["l3extOut"]["children"][0]["l3extInstP"]
    assert content["attributes"] == {"name": "E", "status": "modified"}
    assert content["children"] == [{"tagAnnotation": {"attributes": {"key": KEY, "status": "deleted"}}}]


def test_a_tag_counts_as_an_object_of_a_batch() -> None:
    assert len(batches([tagged("released")], max_objects=3)) == 1
    one = Item(Action.UPDATE, EPG, EPG.subnet_dn("10.0.0.1/32"), Reason.RELEASED, "10.0.0.1/32", mark="")
    assert [len(batch.items) for batch in batches([tagged("released"), one], max_objects=3)] == [1, 1]


def test_the_view_takes_over_what_was_tagged() -> None:
    known = [
        {"l3extOut": {"attributes": {"dn": EPG.parent.dn}}},
        {"l3extInstP": {"attributes": {"dn": EPG.dn, "annotation": ME.mark(EPG.dn)}}},
    ]
    snapshot = Snapshot(EPG.parent, known)
    snapshot.assume(changes(tagged("released", mark=""), 1.0))
    epg = snapshot.epgs()["E"]
    assert (epg.annotation, epg.tags) == ("", {KEY: "released"})
    snapshot.assume(changes(tagged(""), 2.0))
    assert snapshot.epgs()["E"].tags == {}


def test_an_annotation_that_somebody_changes_makes_us_read_again() -> None:
    """A tag may have come with it, and no APIC has to push that (isObservable=false in the model)."""
    subnet = EPG.subnet_dn("10.0.0.1/32")
    known = [
        {"l3extOut": {"attributes": {"dn": EPG.parent.dn}}},
        {"l3extInstP": {"attributes": {"dn": EPG.dn, "annotation": ME.mark(EPG.dn)}}},
        {"l3extSubnet": {"attributes": {"dn": subnet, "ip": "10.0.0.1/32", "annotation": ME.mark(subnet)}}},
    ]
    for cls, dn in (("l3extInstP", EPG.dn), ("l3extSubnet", subnet)):
        snapshot = Snapshot(EPG.parent, known)

        def event(
            cls: str = cls, dn: str = dn, **attributes: str
        ) -> list[dict[str, dict[str, dict[str, str]]]]:
            return [{cls: {"attributes": {"dn": dn, "status": "modified", **attributes}}}]

        assert snapshot.apply(event(descr="by hand"), 1.0).complete
        assert not snapshot.apply(event(annotation=""), 2.0).complete
        assert snapshot.apply(event(annotation=""), 3.0).complete, "that is known by now"


def test_a_tag_has_a_dn_of_its_own() -> None:
    assert tag_dn(EPG.dn, KEY) == f"{EPG.dn}/annotationKey-[akb-sync.aaaaaaaa]"
