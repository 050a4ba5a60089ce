"""The page of all error messages, read off the source: what each says, and the next step that it names.

Errors are read by people in trouble. To see all of them side by side is the only way to notice the one that
leaves its reader alone.
"""  # noqa: INP001 - a part of a script of the documents, in no package

from __future__ import annotations

import ast
import inspect
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from akb_sync import errors

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("akb_sync", "cli")
LEFT_OUT = ("akb_sync/simulators",)
"""A simulator's errors are the APIC's and the API server's own."""
KINDS = {
    name: kind
    for name, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.AkbSyncError)
}
OWN_WORDS = frozenset({"ApicRejected"})
"""Its sentence is made in `akb_sync/errors.py`, of the APIC's words; `reasons.md` has what to do."""


@dataclass(frozen=True, order=True)
class Message:
    """One place where an error is made."""

    module: str
    line: int
    kind: str
    sentence: str
    next_step: str


def messages(root: Path = ROOT) -> Iterator[Message]:
    """Go through all places where an error of the tree is made with words of its own."""
    for path in sorted(path for folder in FOLDERS for path in (root / folder).rglob("*.py")):
        module = path.relative_to(root).as_posix()
        if not module.startswith(LEFT_OUT):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            yield from _of_module(module, tree)


def _of_module(module: str, tree: ast.Module) -> Iterator[Message]:
    for scope in [tree, *(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))]:
        names = _assigned(scope)
        for node in _inside(scope):
            if isinstance(node, ast.Call) and _kind(node) in KINDS.keys() - OWN_WORDS and node.args:
                if isinstance(node.args[0], ast.Starred):
                    continue
                sentences = _sentences(node.args[0], names)
                steps = _sentences(node.args[1], names) if len(node.args) > 1 else [""]
                for sentence, step in itertools.product(sentences, steps):
                    yield Message(module, node.lineno, _kind(node), sentence, step)


def _inside(scope: ast.Module | ast.FunctionDef) -> Iterator[ast.AST]:
    """Everything in a scope but what is in the functions in it."""
    waiting: list[ast.AST] = list(scope.body)
    while waiting:
        node = waiting.pop()
        if not isinstance(node, ast.FunctionDef):
            yield node
            waiting.extend(ast.iter_child_nodes(node))


def _assigned(scope: ast.Module | ast.FunctionDef) -> dict[str, list[ast.expr]]:
    """What each name of a scope is set to; `LATER` is known everywhere."""
    found: dict[str, list[ast.expr]] = {"LATER": [ast.Constant(errors.LATER)]}
    for node in _inside(scope):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, []).append(node.value)
    return found


def _sentences(node: ast.expr, names: dict[str, list[ast.expr]]) -> list[str]:
    """The texts that an argument may be: a name's are those that it is set to."""
    if isinstance(node, ast.Name) and node.id in names:
        return [_words(value) for value in names[node.id]]
    if isinstance(node, ast.IfExp):
        return [*_sentences(node.body, names), *_sentences(node.orelse, names)]
    return [_words(node)]


def page() -> str:
    """Give the page without its first line."""
    parts = [_INTRO]
    for kind, found in _by_kind(messages()):
        rows = "".join(f"| {_cell(one.sentence)} | {_cell(one.next_step)} |\n" for one in found)
        about = (inspect.getdoc(KINDS[kind]) or "").splitlines()[0]
        parts.append(f"## {kind}\n\n{about}\n\n| Message | Next step |\n| --- | --- |\n{rows}")
    return "\n".join(parts)


_INTRO = """\
# Error messages

Every error is one sentence that says what went wrong and where, a semicolon, and the next step. `…` stands
for names, addresses and the words of the other side. A command says it on stderr and ends with exit code 1,
or 64 if the command line or a setting is wrong; `watch` logs it once when it begins and once when it is over.

What the APIC refuses (`ApicRejected`) is told in its own words, with its code, as the reason `Rejected`.
"""


def _by_kind(found: Iterable[Message]) -> Iterator[tuple[str, list[Message]]]:
    by_kind: dict[str, dict[tuple[str, str], Message]] = {}
    for one in found:
        by_kind.setdefault(one.kind, {})[one.sentence, one.next_step] = one
    for kind in KINDS:
        if kind in by_kind:
            yield kind, [by_kind[kind][key] for key in sorted(by_kind[kind])]


def _kind(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _words(node: ast.expr) -> str:
    """A text as it stands in the source, with what is filled in as `…`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_words(part) if isinstance(part, ast.Constant) else "…" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _words(node.left) + _words(node.right)
    return "…"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split()) or "(none)"
