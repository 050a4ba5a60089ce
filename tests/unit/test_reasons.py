"""One word for one thing."""

from __future__ import annotations

import re

import pytest

from akb_sync.reasons import Reason


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_is_one_word_with_a_meaning_in_prose(reason: Reason) -> None:
    assert re.fullmatch(r"([A-Z]+[a-z]*)+", reason)
    assert reason.meaning
    for prose in (reason.meaning, reason.next_step):
        assert prose == prose.strip()
        assert not prose.endswith(".")


def test_every_code_and_every_meaning_is_there_once() -> None:
    assert len({str(reason).lower() for reason in Reason}) == len(Reason)
    assert len({reason.meaning for reason in Reason}) == len(Reason)
    assert len({reason.name for reason in Reason}) == len(list(Reason.__members__))


def test_a_reason_is_its_code_wherever_it_is_written() -> None:
    assert str(Reason.EPG_DELETED) == f"{Reason.EPG_DELETED}" == "EPGDeleted"
    assert {str(reason): reason for reason in Reason}["MassDelete"] is Reason.MASS_DELETE


@pytest.mark.parametrize("promised", ["InvalidAnnotation", "ParentMissing", "Conflict", "Rejected"])
def test_the_words_of_the_contract_are_in_the_table(promised: str) -> None:

    assert promised in {str(reason) for reason in Reason}
