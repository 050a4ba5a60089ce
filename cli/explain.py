"""`akb-sync explain`: one prefix, Pod, Service or workload followed through both views."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from akb_sync.engine import Engine
from akb_sync.explain import Evidence, Explanation, Step, Verdict
from akb_sync.explain import explain as explained
from akb_sync.explain.subject import parse
from akb_sync.plan import Plan
from akb_sync.settings import Settings

from .colour import painted
from .completion import namespaces, objects
from .document import API_VERSION, item_document
from .exits import Exit, finish, one_sentence
from .leader import overlaid, read_record
from .options import Output, OutputOption, with_settings
from .progress import working
from .render import print_document, print_lines
from .text import harmless

_SIGNS = {Verdict.OK: "ok", Verdict.NO: "NO", Verdict.NOTE: "-", Verdict.UNKNOWN: "??"}


@one_sentence
@with_settings
def explain(
    settings: Settings,
    subject: Annotated[
        str,
        typer.Argument(
            metavar="OBJECT",
            help="A prefix or an address, or pod/NAMESPACE/NAME, svc/..., deploy/..., sts/..., ds/...",
            show_default=False,
            autocompletion=objects,
        ),
    ],
    output: OutputOption = Output.TABLE,
    namespace: Annotated[
        str,
        typer.Option(
            "--namespace",
            "-n",
            help="The namespace of an object that is named without one.",
            autocompletion=namespaces,
        ),
    ] = "",
) -> None:
    """Say why an object is on the fabric as it is, or why not.

    Nothing is written. Each step says ok, NO (here it stops), - (to know), or ?? (could not be read).

    Exit code 0: explained; 1: failed, or something could not be read; 64: there is no such object.

    Examples:
        akb-sync explain 10.244.1.7

        akb-sync explain pod/shop/web-5f7d9c-x2x8l

        akb-sync explain -n shop deploy/web -o json
    """
    parse(subject, namespace)  # what is no object at all is said before anything is read
    with Engine.connect(settings, read_only=True) as engine:
        with working("reading the cluster and the fabric"):
            engine.read()
        found = overlaid(engine.look(), read_record(settings, engine.kube), engine.clock)
        told = explained(subject, evidence_of(engine, found, settings.annotation_key), namespace)
        if output in (Output.JSON, Output.YAML):
            print_document(explanation_document(told, engine), output)
        else:
            print_lines(explanation_lines(told, wide=output is Output.WIDE))
        finish(Exit.DONE, engine.troubles)


def evidence_of(engine: Engine, plan: Plan, annotation_key: str) -> Evidence:
    """Put together what an explanation rests on."""
    return Evidence(
        identity=engine.identity,
        snapshot=engine.cluster.snapshot(),
        claims=engine.cluster.claims(),
        desired=engine.cluster.desired(),
        observed=engine.fabric.observed(),
        plan=plan,
        now=engine.clock.monotonic(),
        annotation_key=annotation_key,
    )


def explanation_lines(told: Explanation, *, wide: bool) -> Iterator[str]:
    """Give the steps for people, and at the end what it comes down to."""
    yield harmless(told.subject)
    width = max((len(step.name) for step in told.steps), default=0)
    for step in told.steps:
        yield from _step_lines(step, width, wide=wide)
    yield harmless(f"So: {told.conclusion}.")
    if told.next_step:
        yield harmless(f"Next: {told.next_step}")


def _step_lines(step: Step, width: int, *, wide: bool) -> Iterator[str]:
    yield f"  {painted(_SIGNS[step.verdict], 2)} {harmless(f'{step.name:<{width}}  {step.text}')}"
    if step.next_step and (wide or step.verdict in (Verdict.NO, Verdict.UNKNOWN)):
        yield harmless(f"     {'':<{width}}  next: {step.next_step}")


def explanation_document(told: Explanation, engine: Engine) -> dict[str, Any]:
    """The document of `akb-sync explain`."""
    now = engine.clock.monotonic()
    return {
        "apiVersion": API_VERSION,
        "kind": "Explanation",
        "cluster": f"{engine.identity.name}.{engine.identity.uid8}",
        "subject": told.subject,
        "conclusion": told.conclusion,
        "nextStep": told.next_step,
        "steps": [
            {
                "name": step.name,
                "verdict": str(step.verdict),
                "text": step.text,
                "nextStep": step.next_step,
                "prefix": step.about,
            }
            for step in told.steps
        ],
        "items": [item_document(item, now) for item in told.items],
        "troubles": dict(engine.troubles),
    }
