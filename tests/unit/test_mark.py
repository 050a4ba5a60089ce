"""Whose an object is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akb_sync.mark import Identity, Mark, Owner

NAMES = st.from_regex(r"\A[a-zA-Z0-9_.-]{1,63}\Z")
IDS = st.from_regex(r"\A[0-9a-f]{8}\Z")
UID = "0A1B2c3d-4444-5555-6666-777788889999"
DN = "uni/tn-T/out-L/instP-E"


@given(NAMES, IDS, IDS)
def test_decoding_undoes_encoding(name: str, uid8: str, dn8: str) -> None:
    mark = Mark(name, uid8, dn8)
    assert Mark.parse(str(mark)) == mark


@given(st.text(max_size=140))
def test_encoding_undoes_decoding_of_whatever_can_be_decoded(text: str) -> None:
    mark = Mark.parse(text)
    assert mark is None or str(mark) == text


@given(NAMES, IDS, st.text(max_size=300))
def test_a_mark_keeps_to_the_apics_alphabet_and_length(name: str, uid8: str, dn: str) -> None:
    assert re.fullmatch(r"[a-zA-Z0-9_.:-]{0,128}", Identity(name, uid8).mark(dn))


@given(NAMES, NAMES, IDS)
def test_ownership_compares_the_id_and_not_the_name(name: str, renamed: str, uid8: str) -> None:
    assert Identity(name, uid8).owner(Identity(renamed, uid8).mark(DN), DN) is Owner.MANAGED


@given(NAMES, IDS, IDS)
def test_another_id_is_foreign_under_the_same_name(name: str, uid8: str, other: str) -> None:
    expected = Owner.MANAGED if uid8 == other else Owner.FOREIGN
    assert Identity(name, uid8).owner(Identity(name, other).mark(DN), DN) is expected


@pytest.mark.parametrize(
    "annotation",
    [
        "",
        "orchestrator:terraform",
        "orchestrator:akb-sync",
        "orchestrator:akb-sync:k8s.0a1b2c3d",
        "orchestrator:akb-sync:k8s.0a1b2c3d:0000000",
        "orchestrator:akb-sync:k8s.0A1B2C3D:00000000",
        "orchestrator:akb-sync:.0a1b2c3d:00000000",
        "orchestrator:akb-sync:a:b.0a1b2c3d:00000000",
        " orchestrator:akb-sync:k8s.0a1b2c3d:00000000",
        "orchestrator:akb-sync:k8s.0a1b2c3d:00000000\n",
    ],
)
def test_what_is_no_mark_belongs_to_nobody(annotation: str) -> None:
    assert Mark.parse(annotation) is None
    assert Identity.of("k8s", UID).owner(annotation, DN) is Owner.UNMANAGED


def test_a_mark_that_was_copied_along_with_its_object_does_not_fit_the_copy() -> None:
    me, other = Identity.of("k8s", UID), Identity("k8s", "ffffffff")
    assert me.owner(me.mark(DN), f"{DN}-2") is Owner.UNMANAGED
    assert me.owner(other.mark(DN), f"{DN}-2") is Owner.UNMANAGED
    assert me.owner(me.mark(DN), DN) is Owner.MANAGED


def test_the_id_is_the_beginning_of_the_kube_system_uid() -> None:
    assert Identity.of("k8s", UID).uid8 == "0a1b2c3d"


def test_an_instance_has_an_id_of_its_own() -> None:
    ids = {Identity.of("k8s", UID, instance).uid8 for instance in ("", "east", "west")}
    assert len(ids) == 3
    assert Identity.of("k8s", UID, "east") == Identity.of("k8s", UID, "east")


def test_a_uid_of_another_shape_still_gives_an_id() -> None:
    assert re.fullmatch(r"[0-9a-f]{8}", Identity.of("k8s", "not-a-uid").uid8)
    assert Identity.of("k8s", "not-a-uid") != Identity.of("k8s", "another")


@pytest.mark.parametrize("name", ["", "a:b", "a b", "a,b", "x" * 64, "k8s\n"])
def test_a_name_that_would_not_survive_the_mark_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cluster name"):
        Identity(name, "00000000")


@pytest.mark.parametrize("uid8", ["", "0000000", "000000000", "0000000G", "ABCDEF00", "00000000\n"])
def test_an_id_that_is_not_eight_hex_digits_is_refused(uid8: str) -> None:
    with pytest.raises(ValueError, match="8 hex digits"):
        Identity("k8s", uid8)


def test_the_release_tag_and_the_cluster_name_are_as_people_type_them() -> None:
    me = Identity("prod", "0a1b2c3d")
    assert me.release_tag == "akb-sync.0a1b2c3d"
    mark = Mark.parse(me.mark(DN))
    assert mark
    assert mark.cluster == "prod.0a1b2c3d"


def test_a_name_with_a_dot_and_hex_digits_is_not_taken_for_the_id() -> None:
    mark = Mark.parse(Identity("a.12345678", "0a1b2c3d").mark(DN))
    assert mark
    assert (mark.name, mark.uid8) == ("a.12345678", "0a1b2c3d")
