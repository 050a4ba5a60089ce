"""One full pass: it writes, waits out what only time holds, and looks again until nothing is left to do."""

import pytest

from akb_sync.engine import Pass, Report
from akb_sync.engine.once import MOST_ROUNDS
from akb_sync.errors import AkbSyncError, ApicOutcomeUnknown, ApicUnreachable
from akb_sync.plan import Plan
from akb_sync.reasons import Reason

from .items import epg, held, plan, subnet
from .scripted import HandClock, Scripted


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def test_it_writes_looks_again_and_gives_what_is_left(clock: HandClock) -> None:
    left = plan(held(subnet("10.0.0.2/32"), Reason.CONFLICT))
    script = Scripted(clock, left)
    one_pass = Pass(script.engine, wait=True, sleep=clock.advance)
    assert one_pass.run(plan(subnet())) == left
    assert script.did == ["write 1", "read", "look"]
    assert [len(report.done) for report in one_pass.reports] == [1]


def test_with_nothing_to_do_it_still_looks_and_writes_nothing(clock: HandClock) -> None:
    script = Scripted(clock)
    assert Pass(script.engine, wait=True, sleep=clock.advance).run(plan()) == Plan()
    assert script.did == ["read", "look"]


def test_it_waits_for_the_first_hold_that_ends_by_itself(clock: HandClock) -> None:
    now = clock.monotonic()
    first, later = (
        held(epg(), Reason.HOLD_DOWN, until=now + 5),
        held(subnet(), Reason.MASS_DELETE, until=now + 9),
    )
    script = Scripted(clock, plan(first, later), plan(epg()), plan())
    waits: list[float] = []
    one_pass = Pass(
        script.engine, wait=True, sleep=clock.advance, on_wait=lambda _plan, seconds: waits.append(seconds)
    )
    assert one_pass.run(plan()) == Plan()
    assert waits == [5.0]
    assert "write 1" in script.did


@pytest.mark.parametrize("reason", [Reason.CONTESTED, Reason.REJECTED, Reason.CONFLICT])
def test_it_waits_for_nothing_that_a_person_or_somebody_else_has_to_end(
    clock: HandClock, reason: Reason
) -> None:
    left = plan(held(subnet(), reason, until=clock.monotonic() + 60))
    slept: list[float] = []
    assert Pass(Scripted(clock, left).engine, wait=True, sleep=slept.append).run(plan()) == left
    assert slept == []


def test_without_waiting_a_hold_stays(clock: HandClock) -> None:
    left = plan(held(epg(), Reason.HOLD_DOWN, until=clock.monotonic() + 5))
    slept: list[float] = []
    assert Pass(Scripted(clock, left).engine, wait=False, sleep=slept.append).run(plan()) == left
    assert slept == []


def test_only_what_is_asked_for_is_written(clock: HandClock) -> None:
    script = Scripted(clock, plan(subnet(), epg()))
    one_pass = Pass(
        script.engine, wait=True, sleep=clock.advance, narrow=lambda item: item.prefix == "10.9.9.9/32"
    )
    assert one_pass.run(plan()).items == ()
    assert "write 1" not in script.did


def test_what_could_not_be_sent_ends_it(clock: HandClock) -> None:
    script = Scripted(clock)
    script.reports = [Report(not_sent=(subnet(),), error=ApicUnreachable("cannot connect"))]
    with pytest.raises(ApicUnreachable):
        Pass(script.engine, wait=True, sleep=clock.advance).run(plan(subnet()))


def test_an_outcome_that_is_not_known_is_read_and_decided_anew(clock: HandClock) -> None:
    script = Scripted(clock)
    script.reports = [Report(unknown=(subnet(),), error=ApicOutcomeUnknown("no answer"))]
    assert Pass(script.engine, wait=True, sleep=clock.advance).run(plan(subnet())) == Plan()
    assert script.did == ["write 1", "read", "look"]


def test_what_was_overtaken_on_the_fabric_is_read_and_decided_anew(clock: HandClock) -> None:
    script = Scripted(clock)
    script.reports = [Report(overtaken=(subnet(),))]
    assert Pass(script.engine, wait=True, sleep=clock.advance).run(plan(subnet())) == Plan()
    assert script.did == ["write 1", "read", "look"]


def test_it_gives_up_when_somebody_undoes_everything(clock: HandClock) -> None:
    script = Scripted(clock, plan(subnet()))
    with pytest.raises(AkbSyncError, match=r"audit log"):
        Pass(script.engine, wait=True, sleep=clock.advance).run(plan(subnet()))
    assert script.did.count("write 1") == MOST_ROUNDS
