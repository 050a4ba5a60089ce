"""When a plan that is being carried out is given up."""

import pytest

from akb_sync.engine.expiry import AT_LEAST, AT_MOST, SHARE, Expiry

from .scripted import HandClock


@pytest.mark.parametrize(
    ("news", "planning", "ends"),
    [
        (True, 0.0, AT_LEAST),
        (False, 0.0, AT_MOST),
        (True, 0.01, AT_LEAST),
        (True, 0.4, SHARE * 0.4),
        (False, 0.4, AT_MOST),
        (True, 2.0, SHARE * 2.0),
        (False, 2.0, SHARE * 2.0),
    ],
)
def test_a_plan_is_given_up_for_news_and_otherwise_for_its_age_but_not_before_it_was_worth_its_price(
    news: bool, planning: float, ends: float
) -> None:
    clock = HandClock()
    expired = Expiry(clock, lambda: news, planning)
    clock.advance(ends - 0.01)
    assert not expired()
    clock.advance(0.02)
    assert expired()
