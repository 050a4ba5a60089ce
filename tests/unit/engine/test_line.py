"""Who goes next when not all that is planned can be sent: nobody starves, needs come first."""

from collections.abc import Callable, Iterable
from itertools import islice

import pytest

from akb_sync.apic.batches import Batch, batches
from akb_sync.engine.line import Line
from akb_sync.item import Action, Item
from akb_sync.model import Binding, ObservedSubnet
from akb_sync.reasons import Reason

from .items import epg, subnet

MANY = 40


def out(number: int, posts: int = 1) -> list[Batch]:
    """Everything that an L3Out has to be written, in so many POSTs."""
    web = Binding("T", f"L{number:03}", "WEB")
    items = [subnet(f"10.{number}.0.{index}/32", web) for index in range(posts)]
    return batches(items, max_objects=3)


def plan(*numbers: int, **lengths: int) -> list[Batch]:
    """One POST for each L3Out that is numbered, and as many as are said for one that is named: `L7=3`."""
    long = {int(name[1:]): posts for name, posts in lengths.items()}
    return [batch for number in sorted({*numbers, *long}) for batch in out(number, long.get(number, 1))]


def names(sent: Iterable[Batch]) -> list[int]:
    return [int(batch.dn.partition("/out-L")[2]) for batch in sent]


def send(line: Line, planned: list[Batch], most: int) -> list[int]:
    """Send so many of a plan, and give the rest up."""
    sent = list(islice(line.formed(planned), most))
    for batch in sent:
        line.served(batch)
    return names(sent)


def test_a_plan_that_nobody_waited_for_keeps_its_order() -> None:
    planned = plan(1, 2, 3, L4=3)
    assert Line().formed(planned) == planned


def test_what_was_put_off_goes_before_what_was_sent_meanwhile() -> None:
    line = Line()
    assert send(line, plan(1, 2, 3, 4), 2) == [1, 2]
    assert send(line, plan(1, 2, 3, 4), 4) == [3, 4, 1, 2]


def test_everybody_has_a_turn_in_each_cycle_however_often_the_plan_is_made_anew() -> None:
    line = Line()
    sent = [each for _ in range(3 * MANY) for each in send(line, plan(*range(MANY)), 1)]
    assert sent == [*range(MANY)] * 3


def test_an_l3out_that_never_rests_keeps_no_other_waiting_and_is_kept_waiting_by_none() -> None:
    line, waiting = Line(), set(range(1, MANY))
    sent: list[int] = []
    while waiting:
        sent += send(line, plan(0, *waiting), 1)
        waiting -= {sent[-1]}
    assert sorted(sent) == [*range(MANY)]
    assert send(line, plan(0), 1) == [0]


def test_who_comes_while_others_wait_has_every_second_post_once() -> None:
    line = Line()
    send(line, plan(*range(10)), 3)
    assert send(line, plan(*range(3, 10), 20, 21), 4) == [20, 3, 21, 4]
    assert send(line, plan(*range(5, 10), 20, 21), 7) == [5, 6, 7, 8, 9, 20, 21]


@pytest.mark.parametrize("slice_", [1, 2, 3, 7])
def test_newcomers_without_end_leave_every_second_post_to_who_waits(slice_: int) -> None:
    line, waiting, new, posts = Line(), set(range(MANY)), MANY, 0
    send(line, plan(*waiting), 0)
    while waiting:
        sent = send(line, plan(*waiting, *range(new, new + 9)), slice_)
        waiting, posts, new = waiting - set(sent), posts + len(sent), new + 9
    assert posts <= 2 * MANY + slice_


def test_a_turn_that_was_cut_goes_on_and_is_not_longer_for_what_has_come_since() -> None:
    line = Line()
    assert send(line, plan(2, L1=3), 2) == [1, 1]
    assert send(line, plan(2, L1=9), 2) == [1, 2]
    assert send(line, plan(2, L1=9), 9) == [1] * 9


def test_the_next_turn_in_the_same_round_is_as_long_as_what_was_left_for_it() -> None:
    line = Line()
    send(line, plan(2, L1=2), 1)
    assert send(line, plan(2, L1=5), 3) == [1, 2, 1]
    assert send(line, plan(2, L1=9), 5) == [1, 1, 1, 2, 1]


def test_what_is_wanted_no_more_of_a_turn_is_not_made_up_for_later() -> None:
    line = Line()
    send(line, plan(2, L1=5), 1)
    assert send(line, plan(2, L1=2), 2) == [1, 1]
    assert send(line, plan(2, L1=3), 2) == [2, 1]


def test_a_turn_that_was_cut_lets_a_newcomer_pass() -> None:
    line = Line()
    send(line, plan(2, L1=30), 2)
    assert send(line, plan(2, 3, L1=30), 2) == [3, 1]


def test_a_newcomer_with_much_to_write_stands_in_line_with_the_rest_of_it() -> None:
    line = Line()
    send(line, plan(1, 2, 3), 1)
    assert send(line, plan(2, 3, L4=5), 1) == [4]
    assert send(line, plan(2, 3, L4=4), 6) == [2, 3, 4, 4, 4, 4]


def test_nothing_is_remembered_once_nobody_waits() -> None:
    line = Line()
    send(line, plan(1, 2, 3, L4=4), 5)
    line.dissolve()
    assert vars(line) == {**vars(Line()), "_length": line._length, "_late": line._late}
    assert send(line, plan(1, 2, 3, 4), 4) == [1, 2, 3, 4]


def test_what_is_remembered_does_not_grow_with_time() -> None:
    line = Line()
    for _ in range(50):
        send(line, plan(*range(MANY), L99=5), 3)
    remembered = [known for known in vars(line).values() if isinstance(known, dict | set)]
    assert len(remembered) >= 4
    assert all(len(known) <= MANY + 1 for known in remembered)


HERE, THERE = Binding("T", "L001", "OLD"), Binding("T", "L002", "NEW")


def moved(prefix: str = "10.9.9.9/32") -> Item:
    dn = HERE.subnet_dn(prefix)
    leaves = ObservedSubnet(dn, prefix, prefix, "shop::web-1", frozenset({"import-security"}), "")
    return subnet(prefix, THERE, action=Action.MOVE, reason=Reason.MOVED, leaves=leaves)


def emptied() -> Item:
    return epg(HERE, action=Action.DELETE, reason=Reason.NOT_WANTED)


def fresh() -> Line:
    return Line()


def tenant_first() -> Line:
    """A line in which the moves between the L3Outs have waited for the longest time."""
    line = Line()
    send_all = batches([subnet("10.1.1.1/32", HERE), subnet("10.1.1.2/32", THERE), moved()])
    for batch in line.formed(send_all)[:2]:
        line.served(batch)
    return line


def emptied_first() -> Line:
    """A line in which the L3Out that the move leaves has waited for the longest time."""
    line = Line()
    for batch in line.formed(batches([subnet("10.1.1.1/32", HERE), subnet("10.1.1.2/32", THERE), moved()])):
        if batch.dn != HERE.parent.dn:
            line.served(batch)
    return line


@pytest.mark.parametrize("made", [fresh, tenant_first, emptied_first])
def test_a_move_follows_the_epg_that_is_made_for_it_and_precedes_the_end_of_the_one_it_empties(
    made: Callable[[], Line],
) -> None:
    planned = batches([epg(THERE), moved(), emptied(), subnet("10.1.1.1/32", HERE)])
    order = made().formed(planned)
    assert sorted(batch.dn for batch in order) == sorted(batch.dn for batch in planned)
    sent = [item.dn for batch in order for item in batch.items]
    assert sent.index(THERE.dn) < sent.index(moved().dn) < sent.index(HERE.dn)


def test_moves_between_l3outs_do_not_starve_beside_l3outs_that_never_rest() -> None:
    line = Line()
    busy = [subnet("10.1.1.1/32", HERE), epg(HERE), subnet("10.1.1.2/32", THERE), epg(THERE)]
    sent = []
    for _ in range(3):
        batch = line.formed(batches([*busy, moved()]))[0]
        line.served(batch)
        sent.append(batch.dn)
        busy = [item for item in busy if not (item.is_epg and item.binding.parent.dn == batch.dn)]
    assert sent == [HERE.parent.dn, THERE.parent.dn, "uni/tn-T"]
