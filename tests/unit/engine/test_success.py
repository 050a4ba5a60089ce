"""When all is well, by the looks and by what became of the rounds of writing."""

import pytest

from akb_sync.engine import Report
from akb_sync.engine.success import Success
from akb_sync.errors import ApicUnreachable

from .items import plan, subnet
from .looks import look


@pytest.mark.parametrize(
    "open_still",
    [
        Report(put_off=(subnet(),)),
        Report(not_sent=(subnet(),)),
        Report(unknown=(subnet(),)),
        Report(overtaken=(subnet(),)),
        Report(rejected=((subnet(), "no"),)),
        Report(error=ApicUnreachable("cannot connect")),
    ],
)
def test_all_is_well_after_a_round_that_left_nothing_open(open_still: Report) -> None:
    success = Success()
    assert not success.looked(look(plan(subnet())))
    assert success.wrote(Report(done=(subnet(),)))
    assert not success.wrote(open_still)
    assert success.looked(look(plan()))
