"""The doctor finds what is planted, says what to do, and is not put off by the rest."""

import pytest

from akb_sync.doctor import Verdict

from .conftest import Ward
from .plants import PLANTS, Plant


def test_where_nothing_is_wrong_nothing_is_found(ward: Ward) -> None:
    assert set(ward.look().values()) == {"ok"}, ward.seen


@pytest.mark.parametrize("plant", PLANTS, ids=str)
def test_what_is_planted_turns_its_check_and_no_other(ward: Ward, plant: Plant) -> None:
    plant.do(ward)
    assert ward.turned() == plant.turned, ward.seen
    for name in plant.turned:
        assert ward.seen[name].seen
        assert ward.seen[name].next_step, f"{name} does not say what to do"


def test_what_rests_on_something_that_is_not_well_is_skipped_and_says_because_of_what(ward: Ward) -> None:
    ward.settings["apic_password"] = "guess"
    verdicts = ward.look()
    assert verdicts["apic-rights"] == verdicts["vrf"] == "skipped"
    assert ward.seen["apic-rights"].seen == "because apic-login is failed"
    assert verdicts["annotations"] == "ok"


def test_a_side_that_does_not_answer_is_unknown_when_the_time_is_up_and_the_other_is_looked_at(
    ward: Ward,
) -> None:
    ward.deadline = 1.0
    with ward.stage.cluster.faults.hang("pods", "list"):
        verdicts = ward.look()
    assert verdicts["kubernetes-view"] == Verdict.UNKNOWN
    assert "no answer within 1 s" in ward.seen["kubernetes-view"].seen
    assert verdicts["apic-rights"] == "ok"


def test_the_doctor_logs_in_once_and_writes_nothing(ward: Ward) -> None:
    ward.stage.apic.reset_journal()
    ward.look()
    assert ward.stage.apic.counts["logins"] == 1
    assert ward.stage.posts == 0
    assert not [write for write in ward.stage.apic.journal if write]


def test_a_refused_login_is_tried_once(ward: Ward) -> None:
    ward.settings["apic_password"] = "guess"
    ward.stage.apic.reset_journal()
    ward.look()
    assert ward.stage.apic.counts["logins_refused"] == 1
