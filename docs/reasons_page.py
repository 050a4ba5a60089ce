"""The page of the reasons: the table of `akb_sync/reasons.py`, and a paragraph for each of them.

The paragraphs are prose for people and no part of the program, so they are kept beside the page. Where a
reason is seen is held against the program by a test that makes each of them happen.
"""  # noqa: INP001 - a part of a script of the documents, in no package

from __future__ import annotations

from collections.abc import Iterator

from reasons_table import PARAGRAPHS, Paragraph

from akb_sync.reasons import Reason

INTRO = """\
# Reasons

One word for one thing: tables, documents, Events, log lines and this page use the same codes, the same words
and the same next steps. `plan` shows why an object is to change and what holds it back, `status` how each
object is; both print notices below the table. A reason that has a next step says what a person can do.
Without one it ends by itself, or is nothing to mend.

An Event is about a workload, so that `kubectl describe` tells its people. What is done for them is told there
by the one word `Synced`, with numbers. The commands below use these names: `shop` and `web` for a namespace
and a Deployment in it, `TEN_K8_C1/L3O_K8_C1/EPG_WEB` for tenant, L3Out and external EPG.
"""
NOTHING = "Nothing is to be done."


def parts() -> Iterator[str]:
    """Give the parts of `reasons.md`."""
    yield INTRO
    yield _table()
    for reason in sorted(Reason):
        yield section(reason, PARAGRAPHS[reason])


def section(reason: Reason, told: Paragraph) -> str:
    """Give the section of one reason."""
    step = f"Next step: {reason.next_step}." if reason.next_step else told.after or NOTHING
    commands = "\n".join(told.commands)
    block = f"\n```console\n{commands}\n```\n" if commands else ""
    return f"## {reason}\n\n{_sentence(reason.meaning)} {told.when}\n\n{told.where.text} {step}\n{block}"


def _table() -> str:
    rows = [f"| {link(one)} | {one.meaning} | {one.next_step} |\n" for one in sorted(Reason)]
    return "".join(["| Reason | Meaning | Next step |\n| --- | --- | --- |\n", *rows])


def link(reason: Reason) -> str:
    """Name a reason, with the way to its section."""
    return f"[`{reason}`](#{reason.lower()})"


def _sentence(meaning: str) -> str:
    return f"{meaning[:1].upper()}{meaning[1:]}."
