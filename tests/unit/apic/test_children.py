"""What below an EPG is people's work and must not go along with it."""

from __future__ import annotations

import pytest

from akb_sync.apic.children import PEOPLES, people_made


@pytest.mark.parametrize("cls", sorted(PEOPLES))
def test_some_classes_are_peoples_work_though_the_apic_says_nothing_of_a_user(cls: str) -> None:
    assert people_made(cls, {"uid": "0"})


@pytest.mark.parametrize("cls", ["faultInst", "healthInst", "eventRecord", "relnFrom"])
def test_what_reports_is_nobodys_work(cls: str) -> None:
    assert not people_made(cls, {"uid": "15374"})


def test_a_relation_of_the_apics_own_is_peoples_work_once_somebody_filled_it_in() -> None:
    assert not people_made("fvRsCustQosPol", {"tnQosCustomPolName": "", "uid": "0"})
    assert people_made("fvRsCustQosPol", {"tnQosCustomPolName": "gold", "uid": "0"})


def test_our_own_tags_are_not_peoples_work() -> None:
    assert not people_made("tagAnnotation", {"key": "akb-sync.0123abcd", "uid": "15374"})
    assert people_made("tagAnnotation", {"key": "owner", "uid": "0"})
