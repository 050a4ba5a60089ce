"""`akb-sync status`: every object that is wanted or ours, and how it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Annotated, Any

import typer

from akb_sync.engine import Engine
from akb_sync.errors import SettingsError
from akb_sync.explain.near import near
from akb_sync.model import Binding, ObjectRef, ObservedEpg
from akb_sync.naming import meant_epg
from akb_sync.plan import Plan
from akb_sync.settings import Settings

from .completion import completed, epgs, remember, workloads
from .details import Details, FaultBook, Faults
from .document import STATES, Shown, state, status_document
from .epg_story import story_document, story_lines
from .exits import Exit, finish, one_sentence
from .leader import overlaid, read_record
from .narrowing import Narrow, narrowed, narrowing, shown
from .options import NamespaceOption, Output, OutputOption, SelectorOption, with_settings
from .progress import working
from .render import print_document, print_lines
from .status_table import status_lines
from .status_watch import watch_status


@one_sentence
@with_settings
def status(
    settings: Settings,
    epg: Annotated[
        str,
        typer.Argument(
            help="One EPG: its name, tenant/l3out/epg, or its DN.",
            metavar="EPG",
            show_default=False,
            autocompletion=epgs,
        ),
    ] = "",
    output: OutputOption = Output.TABLE,
    namespace: NamespaceOption = "",
    selector: SelectorOption = "",
    workload: Annotated[
        str,
        typer.Option(
            "--workload",
            metavar="[NS/]NAME",
            help="Show only what concerns this workload.",
            autocompletion=workloads,
        ),
    ] = "",
    states: Annotated[
        list[str] | None,
        typer.Option(
            "--state",
            metavar="STATE",
            help="Show only objects in this state, such as Held; repeatable.",
            autocompletion=completed(STATES),
        ),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Go on, and show each change until stopped.")
    ] = False,
) -> None:
    """Show every object that is wanted or ours, and how it is.

    Nothing is written. With an EPG, the whole story of that one: workloads, contracts, faults,
    what is held and until when.

    Exit code 0: all is right; 3: something is held, in conflict or not right yet;
    1: failed, or something could not be read.

    Examples:
        akb-sync status

        akb-sync status EPG_K8_APP_MCAST

        akb-sync status -n multicast --state Held --state Conflict -o wide

        akb-sync status --watch
    """
    asked = Asked(settings, epg, output, namespace, workload, _states(states or ()))
    with Engine.connect(settings, read_only=True) as engine:
        with working("reading the cluster and the fabric"):
            engine.read()
        keep = narrowing(engine, namespace, selector)
        if watch:
            watch_status(engine, settings.resync, partial(asked.look, engine, keep), output)
            return
        picture = asked.look(engine, keep)
        picture.print(output)
        finish(Exit.DONE if picture.settled else Exit.OPEN, engine.troubles)


@dataclass(frozen=True)
class Picture:
    """What `status` shows at one moment."""

    shown: Shown
    details: Details
    epg: Binding | None = None
    settled: bool = True
    """Whether all is right that was asked about, whatever its state."""

    def lines(self, *, wide: bool) -> Iterable[str]:
        """Give the lines for people."""
        story = story_lines(self.shown, self.details, self.epg) if self.epg else ()
        return (*story, *status_lines(self.shown, self.details, wide=wide))

    def document(self) -> dict[str, Any]:
        """Give the document for programs."""
        story = story_document(self.details, self.epg) if self.epg else None
        return {**status_document(self.shown, self.details), "epg": story}

    def print(self, output: Output) -> None:
        """Print it."""
        if output in (Output.JSON, Output.YAML):
            print_document(self.document(), output)
        else:
            print_lines(self.lines(wide=output is Output.WIDE))


@dataclass
class Asked:
    """What a person asked to be shown. What they named is looked up at the first look, and stays named."""

    settings: Settings
    epg: str
    output: Output
    namespace: str
    workload: str
    states: frozenset[str]
    _binding: Binding | None = None
    _looked: bool = False
    _faults: FaultBook = field(default_factory=FaultBook)

    def look(self, engine: Engine, keep: Narrow) -> Picture:
        """Look once.

        Raises:
            SettingsError: At the first look: the EPG or workload that is named is none, or is ambiguous.
        """
        record = read_record(self.settings, engine.kube)
        found = overlaid(engine.look(), record, engine.clock)
        if not self._looked:
            remember(found, (epg.binding for epg in _epgs(engine)))
        if self.epg and self._binding is None:
            self._binding = meant_epg(self.epg, _known(found, engine))
        found = narrowed(found, keep, self.namespace)
        found = of_epg(found, self._binding) if self._binding else found
        found = of_workload(found, self.workload, must_be=not self._looked) if self.workload else found
        self._looked, settled = True, found.settled
        if self.states:
            found = found.narrowed(lambda item: state(item) in self.states)
        details = Details(engine, record, self._read_faults(engine, found))
        return Picture(shown(engine, found), details, self._binding, settled)

    def _read_faults(self, engine: Engine, found: Plan) -> Faults | None:
        if self.output is Output.TABLE and self._binding is None:
            return None
        return self._faults.read(engine, {item.binding.parent for item in found.items})


def of_epg(found: Plan, binding: Binding) -> Plan:
    """Give the part of a plan that is about one EPG, with the notices about its workloads."""
    part = found.narrowed(lambda item: item.binding == binding)
    refs = {ref for item in part.items for ref in (*item.workloads, *item.sources)}
    return replace(part, notices=tuple(one for one in found.notices if one.subject in refs), shifts=())


def of_workload(found: Plan, asked: str, *, must_be: bool = True) -> Plan:
    """Give the part of a plan that is about one workload.

    Raises:
        SettingsError: No workload of that name is behind anything, and one must be.
    """
    part = found.narrowed(lambda item: any(asked in _names(ref) for ref in item.workloads))
    notices = tuple(one for one in found.notices if asked in _names(one.subject))
    if must_be and not part.items and not notices:
        known = sorted({f"{ref.namespace}/{ref.name}" for item in found.items for ref in item.workloads})
        raise SettingsError(f"no annotated workload is called {asked!r}", near(asked, known))
    return replace(part, notices=notices)


def _known(found: Plan, engine: Engine) -> Iterable[Binding]:
    """The EPGs that may be named: those of the plan, and every other that is in view."""
    yield from (item.binding for item in found.items)
    yield from (epg.binding for epg in _epgs(engine))


def _epgs(engine: Engine) -> Iterable[ObservedEpg]:
    """Every EPG that is in view."""
    for l3out in engine.fabric.observed().l3outs.values():
        yield from l3out.epgs.values()


def _names(ref: ObjectRef) -> tuple[str, str]:
    return (ref.name, f"{ref.namespace}/{ref.name}")


def _states(asked: Iterable[str]) -> frozenset[str]:
    by_lower = {one.lower(): one for one in STATES}
    for one in asked:
        if one.lower() not in by_lower:
            raise SettingsError(f"--state {one!r} is no state", f"the states are {', '.join(sorted(STATES))}")
    return frozenset(by_lower[one.lower()] for one in asked)
