"""What is true once everything has come to rest: faults are over, and every engine had its turns.

Each engine goes on until none of them writes. Then what is wanted is compared with what is there, by rules
that the engine does not share.
"""

from collections.abc import Iterator, Sequence

from .fabric_picture import EPG, IMPLIED, Picture
from .party import LONG, MOST_TURNS, Party, none_of
from .wishes import Wishes


def come_to_rest(parties: Sequence[Party], *, lives_on: bool) -> None:
    """Let the engines go on until nobody writes; fail if they never stop, or stop in a wrong state.

    With `lives_on` it is the processes with a memory that do it, else fresh ones.
    """
    parties[0].stage.clock.advance(LONG)
    for _ in range(MOST_TURNS):
        before = parties[0].stage.posts
        for party in parties:
            _go_on(party, lives_on=lives_on)
        if parties[0].stage.posts == before:
            break
    else:
        raise AssertionError(f"somebody still writes after {MOST_TURNS} rounds")
    picture = parties[0].picture()
    for party in parties:
        forgone = party.living.memory.seen_unmanaged if lives_on and party.living else frozenset()
        none_of(_open(party, forgone))
        none_of(_amiss(picture, party.wishes(), party.uid8, forgone))


def _go_on(party: Party, *, lives_on: bool) -> None:
    if not lives_on:
        party.step("pass", ("", ""), approve=True)
        return
    for _ in range(3):
        party.step("turn", ("", ""), approve=True)
        party.stage.clock.advance(61.0)


def _open(party: Party, forgone: frozenset[str]) -> Iterator[str]:
    """What a fresh engine would write, but for EPGs of others that the living one saw go."""
    with party.connect() as engine:
        engine.read()
        plan = engine.look()
    for item in (*plan.actionable, *plan.awaiting_approval):
        if item.binding.dn not in forgone:
            yield f"{item.action} {item.dn}: {item.reason} {item.message}"


def _amiss(picture: Picture, wishes: Wishes, uid8: str, forgone: frozenset[str]) -> Iterator[str]:
    missing = list(_missing(picture, wishes, uid8, forgone))
    yield from (f"{prefix} is not in {epg}" for epg, prefix, excused in missing if not excused)
    waiting = {prefix for _, prefix, _ in missing}
    yield from _twice(picture, uid8)
    kept: set[str] = set()
    for subnet in picture.subnets.values():
        if not picture.has(subnet, uid8):
            continue
        if wishes.has(subnet.epg, subnet.prefix):
            continue
        # A subnet stays for as long as the address cannot be made where it is wanted now.
        if subnet.prefix in wishes.protected or subnet.prefix in waiting:
            kept.add(subnet.epg)
        else:
            yield f"{subnet.dn} is ours and not wanted"
    yield from _epgs(picture, wishes, uid8, forgone, kept)


def _missing(
    picture: Picture, wishes: Wishes, uid8: str, forgone: frozenset[str]
) -> Iterator[tuple[str, str, bool]]:
    """EPG and prefix of each wish that is not fulfilled, and whether that has a good reason."""
    for epg, prefixes in wishes.addresses.items():
        for prefix in prefixes:
            here = [one for one in picture.subnets.values() if (one.epg, one.prefix) == (epg, prefix)]
            if not any(one.classifies for one in here):
                theirs = any(not picture.has(one, uid8) for one in here)
                excused = theirs or epg in forgone or _excused(picture, wishes, uid8, epg, prefix)
                yield epg, prefix, excused


def _excused(picture: Picture, wishes: Wishes, uid8: str, epg: str, prefix: str) -> bool:
    vrf = picture.vrf(epg)
    if not vrf or prefix in wishes.protected or picture.released(epg, uid8):
        return True  # no VRF: neither is there one without its L3Out
    return any(
        not picture.has(one, uid8) or wishes.has(one.epg, prefix) for one in picture.holders(vrf, prefix)
    )


def _twice(picture: Picture, uid8: str) -> Iterator[str]:
    held: dict[tuple[str, str], str] = {}
    for one in picture.subnets.values():
        if picture.has(one, uid8) and one.classifies and one.vrf:
            other = held.setdefault((one.vrf, one.prefix), one.epg)
            if other != one.epg:
                yield f"{one.prefix} is ours in {other} and in {one.epg}"


def _epgs(
    picture: Picture, wishes: Wishes, uid8: str, forgone: frozenset[str], kept: set[str]
) -> Iterator[str]:
    for epg in picture.of_class(EPG):
        ours = picture.owner(epg) == uid8 and not picture.released(epg, uid8)
        held = wishes.undecided or epg in kept or _in_use(picture, epg, uid8)
        if ours and epg not in wishes.addresses and not held:
            yield f"{epg} is ours and nobody names it"
    for epg in wishes.addresses.keys() - forgone:
        l3out = epg.partition("/instP-")[0]
        if epg not in picture.objects and l3out in picture.objects and wishes.addresses[epg]:
            yield f"{epg} is wanted and not there"


def _in_use(picture: Picture, epg: str, uid8: str) -> bool:
    return any(picture.owner(dn) != uid8 and picture.objects[dn][0] != IMPLIED for dn in picture.below(epg))
