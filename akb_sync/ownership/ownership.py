"""Reads what an ownership command needs, says what it would do, and carries it out.

Everything is computed from the fabric as it is, and nothing is remembered: a command that was cut in the
middle is finished by running it again, and one that was finished finds nothing to do.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import timedelta
from pathlib import Path

from akb_sync.engine import Engine, Report
from akb_sync.errors import ApicRejected, OwnershipRefused, SettingsError
from akb_sync.item import Item
from akb_sync.mark import Mark
from akb_sync.model import Binding, Freshness, L3Out, Observed, ObservedEpg
from akb_sync.naming import meant_epg
from akb_sync.plan import Plan
from akb_sync.plan.world import World
from akb_sync.reasons import Reason

from . import census
from .adopt import Terms, adoption
from .deed import Deed, epgs_first
from .journal_file import read_journal
from .origin import Origin, parse_cluster, whose
from .posting import body, parts
from .purge import purge
from .release import ours, release, release_everything
from .restore import Present, Restoration, Revival, restoration

QUIET = timedelta(minutes=10)
"""A cluster whose marks changed within this time is taken to live."""


def nobody() -> str | None:
    """Name the living leader of this cluster's engine: none is known of."""
    return None


class Ownership:
    """Takes over and lets go through one engine, which must not be turning meanwhile."""

    def __init__(self, engine: Engine, leader: Callable[[], str | None] = nobody) -> None:
        """Work through `engine`; `leader` names the engine that leads this cluster now, if any does."""
        self._engine = engine
        self._leader = leader

    # What would be done.

    def adoption(self, asked: str, terms: Terms) -> Deed:
        """Say what adopting one EPG would write.

        Raises:
            SettingsError: The EPG is not named well, or does not exist.
            OwnershipRefused: The EPG is another's, or the cluster whose objects are to be taken over lives.
            AkbSyncError: Something that this rests on could not be read.
        """
        self._must_be_gone(terms.origin)
        binding, _ = self._find(asked)
        self._cluster_must_be_known()
        items = adoption(self._world(), [binding], terms)
        for item in items:
            if item.is_epg and item.hold:
                step = _how_to_take(item)
                raise OwnershipRefused(f"EPG {binding} is not adopted: {item.hold.message}", step)
        return Deed("Adoption", (items,))

    def adoption_of_all(self, terms: Terms) -> Deed:
        """Say what taking over everything of one party would write.

        Raises:
            SettingsError: No party is named.
            OwnershipRefused: The cluster whose objects are to be taken over lives.
            AkbSyncError: Something that this rests on could not be read.
        """
        if terms.origin is None:
            raise SettingsError("--all takes over what one party left", "name it with --from")
        found = self._must_be_gone(terms.origin)
        if terms.origin.cluster is None:
            found = census.of_the_prior_application(self._engine.reader)
        self._read(found)
        self._cluster_must_be_known()
        items = adoption(self._world(), found, terms)
        return Deed("Adoption", (items,), remarks=() if found else self._clusters())

    def release(self, asked: str) -> Deed:
        """Say what releasing one EPG would write.

        Raises:
            SettingsError: The EPG is not named well, or does not exist.
            OwnershipRefused: The EPG is another's, and nothing in it is ours.
            AkbSyncError: Something that this rests on could not be read.
        """
        binding, epg = self._find(asked)
        named = any(one.binding == binding for one in self._engine.cluster.desired().workloads)
        if not ours(self._engine.identity, epg) and (epg.annotation or not named):
            raise OwnershipRefused(
                f"EPG {binding} is not ours to release: {whose(epg.annotation)}, and nothing in it is ours",
                "look at `akb-sync status` for what is ours",
            )
        # The EPG's own mark goes first: an engine that sees that reads the tag before it does anything else.
        return Deed("Release", epgs_first(release(self._engine.identity, self._observed(), [binding])))

    def release_of_all(self) -> Deed:
        """Say what leaving the fabric would write.

        Raises:
            OwnershipRefused: An engine of this cluster lives, and would put the marks back.
            AkbSyncError: Something that this rests on could not be read.
        """
        leader = self._leader()
        if leader:
            raise OwnershipRefused(
                f"{leader} leads this cluster's engine and would put the marks back", "stop it first"
            )
        uid8 = self._engine.identity.uid8
        reader = self._engine.reader
        found = {one for each in census.marked(reader) if (one := _binding_of(each, uid8)) is not None}
        self._read(found | census.tagged(reader, uid8))
        epgs, subnets = epgs_first(release_everything(self._engine.identity, self._observed()))
        return Deed("Release", (subnets, epgs))

    def purge(self, text: str) -> Deed:
        """Say what of a dead cluster would be deleted.

        Our own cluster is refused, without exception: what no workload of ours asks for `sync` deletes under
        its own guards, and whatever else were deleted here the engine would make again.

        Raises:
            SettingsError: No cluster is named.
            OwnershipRefused: It is our own cluster, or it lives, or its marks have another name.
            AkbSyncError: Something that this rests on could not be read.
        """
        dead = parse_cluster(text, "--cluster")
        if dead.uid8 == self._engine.identity.uid8:
            raise OwnershipRefused(
                f"{text} is the cluster that this command runs for",
                "`akb-sync sync` deletes what it no longer wants, `akb-sync release --all` leaves the fabric",
            )
        found = self._must_be_gone(Origin(dead)) | census.tagged(self._engine.reader, dead.uid8)
        self._read(found)
        self._cluster_must_be_known()
        items = purge(dead, self._engine.cluster.desired(), self._observed())
        return Deed("Purge", (items,), on_behalf=dead, remarks=() if items else self._clusters())

    def restoration(self, journal: Path) -> Restoration:
        """Say which objects of a journal would be posted back.

        Raises:
            SettingsError: The journal cannot be read, or a line of it is malformed.
            AkbSyncError: Something that this rests on could not be read.
        """
        deleted = read_journal(journal)
        bindings = sorted({one.binding for one in deleted})
        self._read(bindings)
        present: Present = dict(
            found for binding in bindings for found in census.below(self._engine.reader, binding)
        )
        return restoration(deleted, present, self._world())

    # Doing it.

    def must_not_be_paused(self) -> None:
        """Refuse to write while a person has frozen every engine of the cluster.

        Raises:
            OwnershipRefused: It is so.
        """
        why = self._engine.freeze.why
        if why:
            raise OwnershipRefused(f"nothing is written: {why}", Reason.ENGINE_PAUSED.next_step)

    def carry_out(self, deed: Deed) -> Report:
        """Write a deed, stage by stage; a stage that does not pass as a whole is the last.

        Partial failure is in the report. Run the same again to finish.

        Raises:
            OwnershipRefused: Every engine of the cluster is paused.
        """
        self.must_not_be_paused()
        report = Report()
        for stage in deed.stages:
            report += self._engine.write(Plan().of(stage), on_behalf=deed.on_behalf)
            if report.error or report.rejected or report.overtaken:
                break
        return report

    def bring_back(self, found: Restoration) -> tuple[tuple[Revival, ...], tuple[tuple[Revival, str], ...]]:
        """Post objects back; give those that are back, and those that the APIC refuses, with its words.

        Raises:
            OwnershipRefused: Every engine of the cluster is paused.
            ApicError: Something could not be sent, or its outcome is not known. Run the same again.
        """
        self.must_not_be_paused()
        back: list[Revival] = []
        refused: list[tuple[Revival, str]] = []
        for part in parts(found.changes):
            self._post(part, back, refused)
        return tuple(back), tuple(refused)

    def _post(
        self, part: tuple[Revival, ...], back: list[Revival], refused: list[tuple[Revival, str]]
    ) -> None:
        """Post one part; one that is refused is halved until the culprit is alone."""
        try:
            self._engine.post(part[0].deleted.binding.parent.dn, body(part))
        except ApicRejected as error:
            if len(part) == 1:
                refused.append((part[0], error.text))
                return
            half = len(part) // 2
            self._post(part[:half], back, refused)
            self._post(part[half:], back, refused)
        else:
            back.extend(part)

    # Reading.

    def _find(self, asked: str) -> tuple[Binding, ObservedEpg]:
        binding = meant_epg(asked, census.all_epgs(self._engine.reader))
        self._read([binding])
        epg = self._observed().epg(binding)
        if epg is None:
            raise OwnershipRefused(f"EPG {binding} went while it was read", "run it again")
        return binding, epg

    def _read(self, bindings: Iterable[Binding]) -> None:
        """Read both sides, these EPGs' L3Outs included, and see to it that these can be believed."""
        l3outs = {binding.parent for binding in bindings}
        self._engine.read(l3outs)
        self._must_be_fresh(l3outs)

    def _must_be_fresh(self, l3outs: Collection[L3Out]) -> None:
        observed = self._observed()
        for l3out in sorted(l3outs):
            view = observed.of(l3out)
            if view.freshness is not Freshness.FRESH:
                why = view.trouble or "it was not read"
                raise OwnershipRefused(
                    f"L3Out {l3out} is not known: {why}", "run it again when it can be read"
                )

    def _cluster_must_be_known(self) -> None:
        """What could not be read must not look like what nobody asks for."""
        desired = self._engine.cluster.desired()
        if not desired.fresh:
            troubles = self._engine.cluster.troubles() or {"cluster": "it was not read"}
            name, why = min(troubles.items())
            raise OwnershipRefused(
                f"what the workloads ask for is not known: {name}: {why}", "run it again when it can be read"
            )

    def _must_be_gone(self, origin: Origin | None) -> frozenset[Binding]:
        """Refuse a cluster that lives, by its marks; give the EPGs where these are."""
        if origin is None or origin.cluster is None:
            return frozenset()
        cluster = origin.cluster
        if cluster.uid8 == self._engine.identity.uid8:
            raise OwnershipRefused(
                f"{origin} is the cluster that this command runs for", "name the other one"
            )
        found = [one for one in census.marked(self._engine.reader) if one.mark.uid8 == cluster.uid8]
        names = sorted({one.mark.name for one in found})
        if names and cluster.name not in names:
            raise OwnershipRefused(
                f"the marks of {cluster.uid8} say {', '.join(names)}, not {cluster.name}",
                f"name it {names[0]}.{cluster.uid8} if that is the one",
            )
        self._must_be_quiet(origin, found)
        return frozenset(one for each in found if (one := Binding.of_dn(each.dn)) is not None)

    def _must_be_quiet(self, origin: Origin, found: Iterable[census.Marked]) -> None:
        times = [(one.changed, one.dn) for one in found if one.changed is not None]
        if not times:
            return
        newest, dn = max(times)
        now = census.fabric_time(self._engine.reader) or self._engine.clock.now()
        if now - newest < QUIET:
            when = newest.isoformat(timespec="seconds")
            raise OwnershipRefused(
                f"the cluster {origin} lives: its object {dn} changed at {when}",
                f"wait until none of its marks changed for {QUIET.seconds // 60} minutes",
            )

    def _clusters(self) -> tuple[str, ...]:
        found = sorted({one.mark.cluster for one in census.marked(self._engine.reader)})
        return (f"the fabric has marks of {', '.join(found) or 'no cluster'}",)

    def _observed(self) -> Observed:
        return self._engine.fabric.observed()

    def _world(self) -> World:
        engine = self._engine
        desired = engine.cluster.desired()
        return World.of(engine.identity, desired, self._observed(), engine.clock.monotonic())


def _binding_of(one: census.Marked, uid8: str) -> Binding | None:
    return Binding.of_dn(one.dn) if one.mark.uid8 == uid8 else None


def _how_to_take(item: Item) -> str:
    """Say how an EPG that is another's can be adopted all the same."""
    annotation = item.observed.annotation if item.observed else ""
    mark = Mark.parse(annotation)
    if mark:
        return f"if that cluster is gone, add --from {mark.cluster}"
    if Origin().covers(annotation, item.dn):
        return f"add --from {Origin()}"
    return "let that party give it up, or add --force"
