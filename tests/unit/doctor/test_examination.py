"""The order in which checks are made, and what becomes of those that cannot be made."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from akb_sync.doctor import CHECKS, Check, Examination, Finding, Group, Result
from akb_sync.doctor.finding import failed, named, ok, unknown, warning
from akb_sync.doctor.registry import Table, joined
from akb_sync.errors import ApicBusy

CASE: Any = None


def check(name: str, finding: Finding, *needs: str) -> Check:
    return Check(name, Group.SETTINGS, "?", "!", needs, lambda _case: finding)


def verdicts(results: tuple[Result, ...]) -> dict[str, str]:
    return {one.name: str(one.finding.verdict) for one in results}


def test_results_come_in_the_order_of_the_table_however_long_each_takes() -> None:
    first_may_end = threading.Event()

    def slow(_case: Any) -> Finding:
        assert first_may_end.wait(10.0)
        return ok("slow")

    def quick(_case: Any) -> Finding:
        first_may_end.set()
        return ok("quick")

    checks = [Check(name, Group.APIC, "", "", (), look) for name, look in (("slow", slow), ("quick", quick))]
    assert list(verdicts(Examination(CASE, checks).run())) == ["slow", "quick"]


@pytest.mark.parametrize("bad", [failed("x", "y"), unknown("x")])
def test_what_rests_on_what_is_not_well_is_skipped_all_the_way_down(bad: Finding) -> None:
    checks = [check("a", bad), check("b", ok(""), "a"), check("c", ok(""), "b"), check("d", ok(""))]
    results = Examination(CASE, checks).run()
    assert verdicts(results) == {"a": str(bad.verdict), "b": "skipped", "c": "skipped", "d": "ok"}
    assert results[2].finding.seen == "because b is skipped"


def test_a_warning_is_well_enough_to_go_on() -> None:
    assert (
        verdicts(Examination(CASE, [check("a", warning("x", "y")), check("b", ok(""), "a")]).run())["b"]
        == "ok"
    )


def test_what_does_not_answer_in_time_is_unknown_and_the_rest_is_not_kept_waiting() -> None:
    never = threading.Event()

    def hang(_case: Any) -> Finding:
        never.wait(20.0)
        return ok("too late")

    checks = [
        Check("hang", Group.APIC, "", "", (), hang),
        check("after", ok(""), "hang"),
        check("other", ok("")),
    ]
    results = Examination(CASE, checks, deadline=0.2).run()
    assert verdicts(results) == {"hang": "unknown", "after": "skipped", "other": "ok"}
    assert results[0].finding.seen == "no answer within 0.2 s"
    never.set()


def test_an_error_of_the_library_is_a_failure_with_its_next_step() -> None:
    def busy(_case: Any) -> Finding:
        raise ApicBusy("the APIC is busy", "try again")

    (result,) = Examination(CASE, [Check("a", Group.APIC, "", "", (), busy)]).run()
    assert result.finding == failed("the APIC is busy", "try again")


def test_a_defect_of_one_check_is_unknown_and_hides_nothing() -> None:
    def broken(_case: Any) -> Finding:
        raise KeyError("dn")

    results = Examination(CASE, [Check("a", Group.APIC, "", "", (), broken), check("b", ok("fine"))]).run()
    assert verdicts(results) == {"a": "unknown", "b": "ok"}
    assert "unexpected KeyError" in results[0].finding.seen


def tables() -> Iterator[Table]:
    table = Table(Group.APIC)
    table.check("a", "?", "!", ("b",))(lambda _case: ok(""))
    yield table
    table = Table(Group.APIC)
    for _ in range(2):
        table.check("a", "?", "!")(lambda _case: ok(""))
    yield table


@pytest.mark.parametrize("table", list(tables()))
def test_a_need_that_is_not_known_and_a_name_that_is_taken_are_found_at_once(table: Table) -> None:
    with pytest.raises(ValueError, match="the check a"):
        joined(table)


def test_every_check_says_what_it_looks_at_and_what_to_do() -> None:
    assert len(CHECKS) > 45
    for one in CHECKS:
        assert one.looks.endswith("?"), one.name
        assert one.bad.endswith("."), one.name
        assert (one.look.__doc__ or "").endswith("."), one.name


def test_many_things_are_named_by_the_first_few() -> None:
    assert named(["a", "b", "a"]) == "a, b"
    assert named(range(6)) == "0, 1, 2 and 3 more"
