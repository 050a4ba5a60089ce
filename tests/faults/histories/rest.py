"""What is true once everything has come to rest: faults are over, and every engine had its turns.

Each engine goes on until none of them writes. Then what is wanted is compared with what is there, by rules
that the engine does not share: and the plan of a fresh engine, which is what `plan` and `status` show, has to
say the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from akb_sync.item import Item
from akb_sync.plan import Plan
from akb_sync.reasons import Reason

from .party import LONG, Party, none_of
from .picture import EPG, IMPLIED, Picture, Subnet
from .trouble import NO_TROUBLE
from .wishes import Wishes

MOST_ROUNDS = 12
"""Rounds of turns within which all engines have come to rest."""


def come_to_rest(parties: Sequence[Party], *, lives_on: bool) -> None:
    """Let the engines go on until nobody writes; fail if they never stop, or stop in a wrong state.

    With `lives_on` it is the processes with a memory that do it, else fresh ones.
    """
    stage = parties[0].stage
    stage.clock.advance(LONG)
    for _ in range(MOST_ROUNDS):
        before = stage.posts
        for party in parties:
            _go_on(party, lives_on=lives_on)
        if stage.posts == before:
            break
    else:
        raise AssertionError(f"somebody still writes after {MOST_ROUNDS} rounds")
    picture = parties[0].picture()
    for party in parties:
        living = party.living if lives_on else None
        forgone = living.engine.memory.seen_unmanaged if living else frozenset[str]()
        with party.fresh() as engine:
            engine.read()
            plan = engine.look()
        state = _State(picture, party.wishes(), party.uid8, forgone)
        none_of(state.open(plan))
        none_of(state.amiss())
        none_of(state.misreported(plan))
        if living and not forgone:
            none_of(_otherwise(plan, living.engine.look()))


def _go_on(party: Party, *, lives_on: bool) -> None:
    if lives_on:
        party.step("rest", NO_TROUBLE, approve=True)
    else:
        party.step("pass", NO_TROUBLE, approve=True)


def _otherwise(plan: Plan, living: Plan) -> Iterator[str]:
    """Where a process that took events one by one sees something else than one that has just read it all."""
    fresh, known = ({(str(one.action), one.dn) for one in each.changes} for each in (plan, living))
    yield from (f"only a fresh process would {action} {dn}" for action, dn in sorted(fresh - known))
    yield from (f"only the living process would {action} {dn}" for action, dn in sorted(known - fresh))


@dataclass(frozen=True)
class _State:
    """The fabric and what one cluster wants of it, once all has come to rest."""

    picture: Picture
    wishes: Wishes
    uid8: str
    forgone: frozenset[str]
    """EPGs of others that a process saw go: it does not make them again."""

    def open(self, plan: Plan) -> Iterator[str]:
        """What a fresh engine would write, or have approved that would go then."""
        # A fresh engine would make the forgone EPGs again; what moves there leaves an EPG to be approved.
        staying = {one.epg for one in self.kept} if self.forgone else set()
        for item in (*plan.actionable, *plan.awaiting_approval):
            if item.binding.dn not in self.forgone and not (item.is_epg and item.dn in staying):
                yield f"{_shown(item)} {item.message}"

    def amiss(self) -> Iterator[str]:
        """What should be otherwise."""
        yield from (f"{prefix} is not in {epg}" for epg, prefix, excused in self.missing if not excused)
        yield from self._twice()
        for subnet in self._unwanted:
            if subnet not in self.kept:
                yield f"{subnet.dn} is ours and not wanted"
        yield from self._epgs()

    def misreported(self, plan: Plan) -> Iterator[str]:
        """Where the plan of a fresh engine, and so `plan` and `status`, say another thing than is so."""
        if self.forgone:
            return  # who has not seen them go would make them
        told = {(one.binding.dn, one.prefix): one for one in plan.items if one.prefix}
        shown = {dn for one in plan.items for dn in (one.dn, one.leaves.dn if one.leaves else "")}
        for epg, prefix, _ in self.missing:
            if not _is_open(told.get((epg, prefix))):
                yield f"{prefix} is not in {epg}, and nobody is told"
        for subnet in self.kept:
            if subnet.dn not in shown:
                yield f"{subnet.dn} stays, and nobody is told"
        for epg, prefix in self.doubled:
            if not _is_open(told.get((epg, prefix))):
                yield f"{prefix} of {epg} stands elsewhere too, and nobody is told"
        yield from self._settled(plan)
        yield from (f"{_shown(one)} for no reason" for one in plan.changes if not self._explains(one))

    def _explains(self, item: Item) -> bool:
        """Whether there is a reason why something of a plan is not done."""
        epg, prefix = item.binding.dn, item.prefix
        if not prefix:
            kept = {one.epg for one in self.kept}
            return self.wishes.undecided or epg in (*self._homeless, *self._in_use, *kept)
        waits = prefix in self.wishes.protected or (epg, prefix) in {one[:2] for one in self.missing}
        elsewhere = any(one.epg != epg for one in self.picture.holders(self.picture.vrf(epg), prefix))
        return waits or elsewhere or item.dn in {one.dn for one in self.kept}

    def _settled(self, plan: Plan) -> Iterator[str]:
        unfinished = [*self.missing, *self.kept, *self.doubled, *self._homeless, *self._in_use]
        # What stands in a released EPG is a person's business, and is shown as released.
        if plan.settled and not all(self.picture.released(epg, self.uid8) for epg, _, _ in self.missing):
            yield "the status is in sync, and something is missing"
        unsure = self.wishes.undecided or self.wishes.protected
        if not unfinished and not unsure and not plan.settled:
            yield f"all is right, and the status says {[_shown(one) for one in plan.items if _is_open(one)]}"

    @cached_property
    def missing(self) -> tuple[tuple[str, str, bool], ...]:
        """EPG and prefix of each wish that is not fulfilled, and whether that has a good reason."""
        return tuple(self._missing())

    @cached_property
    def kept(self) -> tuple[Subnet, ...]:
        """Ours and not wanted where they are, but for as long as they cannot be where they are wanted."""
        waiting = {prefix for _, prefix, _ in self.missing}
        return tuple(
            one for one in self._unwanted if one.prefix in self.wishes.protected or one.prefix in waiting
        )

    @cached_property
    def doubled(self) -> tuple[tuple[str, str], ...]:
        """EPG and prefix of what is ours and wanted, and stands in somebody else's EPG of the VRF too."""
        return tuple(
            (one.epg, one.prefix)
            for one in self._ours
            if one.classifies and self.wishes.has(one.epg, one.prefix)
            if any(
                other.epg != one.epg and not self.picture.has(other, self.uid8)
                for other in self.picture.holders(one.vrf, one.prefix)
                if one.vrf
            )
        )

    @cached_property
    def _ours(self) -> tuple[Subnet, ...]:
        return tuple(one for one in self.picture.subnets.values() if self.picture.has(one, self.uid8))

    @cached_property
    def _unwanted(self) -> tuple[Subnet, ...]:
        return tuple(one for one in self._ours if not self.wishes.has(one.epg, one.prefix))

    @cached_property
    def _homeless(self) -> tuple[str, ...]:
        """EPGs that are wanted and not there."""
        return tuple(epg for epg in self.wishes.addresses if epg not in self.picture.objects)

    @cached_property
    def _in_use(self) -> tuple[str, ...]:
        """EPGs of ours that nobody names and that somebody uses."""
        return tuple(epg for epg in self._own_epgs if epg not in self.wishes.addresses and self._is_used(epg))

    @cached_property
    def _own_epgs(self) -> tuple[str, ...]:
        picture = self.picture
        return tuple(
            epg
            for epg in picture.of_class(EPG)
            if picture.owner(epg) == self.uid8 and not picture.released(epg, self.uid8)
        )

    def _missing(self) -> Iterator[tuple[str, str, bool]]:
        for epg, prefixes in self.wishes.addresses.items():
            for prefix in prefixes:
                here = [
                    one for one in self.picture.subnets.values() if (one.epg, one.prefix) == (epg, prefix)
                ]
                if not any(one.classifies for one in here):
                    theirs = any(not self.picture.has(one, self.uid8) for one in here)
                    yield epg, prefix, theirs or epg in self.forgone or self._is_excused(epg, prefix)

    def _is_excused(self, epg: str, prefix: str) -> bool:
        vrf = self.picture.vrf(epg)
        if not vrf or prefix in self.wishes.protected or self.picture.released(epg, self.uid8):
            return True  # no VRF: neither is there one without its L3Out
        return any(
            not self.picture.has(one, self.uid8) or self.wishes.has(one.epg, prefix)
            for one in self.picture.holders(vrf, prefix)
        )

    def _twice(self) -> Iterator[str]:
        held: dict[tuple[str, str], str] = {}
        for one in self._ours:
            if one.classifies and one.vrf:
                other = held.setdefault((one.vrf, one.prefix), one.epg)
                if other != one.epg:
                    yield f"{one.prefix} is ours in {other} and in {one.epg}"

    def _epgs(self) -> Iterator[str]:
        kept = {one.epg for one in self.kept}
        for epg in self._own_epgs:
            held = self.wishes.undecided or epg in kept or self._is_used(epg)
            if epg not in self.wishes.addresses and not held:
                yield f"{epg} is ours and nobody names it"
        for epg in self.wishes.addresses.keys() - self.forgone:
            l3out = epg.partition("/instP-")[0]
            if epg in self._homeless and l3out in self.picture.objects and self.wishes.addresses[epg]:
                yield f"{epg} is wanted and not there"

    def _is_used(self, epg: str) -> bool:
        picture = self.picture
        return any(
            picture.owner(dn) != self.uid8 and picture.objects[dn][0] != IMPLIED for dn in picture.below(epg)
        )


def _is_open(item: Item | None) -> bool:
    """Whether an item tells people that something is not as it is wanted."""
    return item is not None and (item.changes or item.reason is not Reason.IN_SYNC)


def _shown(item: Item) -> str:
    hold = f", held: {item.hold.reason}" if item.hold else ""
    return f"{item.action} {item.dn} ({item.reason}{hold})"
