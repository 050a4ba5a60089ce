"""One piece of behaviour cut out of a module's text: named by what it is, never by a line number.

A place is found in the syntax tree and changed in the text, so that everything else stays as it is written.
A cut that no longer finds its place, or finds it twice, is an error: a row must not rot unnoticed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

Function = ast.FunctionDef | ast.AsyncFunctionDef
Scope = ast.Module | ast.ClassDef | Function
Collection = ast.Tuple | ast.List | ast.Set
Node = TypeVar("Node", bound=ast.AST)
_FORMS: dict[type, str] = {ast.Tuple: "(%s)", ast.List: "[%s]", ast.Set: "{%s}"}


class LostPlaceError(LookupError):
    """The code no longer has what a cut names, or has it more than once."""


class Edit(Protocol):
    """What is done at a place."""

    @property
    def words(self) -> str:
        """Say it for people, in Markdown."""
        ...

    def spot(self, scope: Scope) -> tuple[ast.AST, ast.AST, str]:
        """Give the first and the last node that are replaced, and the text that takes their place.

        Raises:
            LostPlaceError: There is no such place, or more than one.
        """
        ...


@dataclass(frozen=True, slots=True)
class Cut:
    """An edit at a place: a module by its dotted name, and a function or class in it (empty: the module)."""

    module: str
    where: str
    edit: Edit

    @property
    def file(self) -> Path:
        """The module's file, from the project's root."""
        return Path(*self.module.split(".")).with_suffix(".py")

    def __str__(self) -> str:
        """Name the place and what is done there, in Markdown."""
        place = ".".join(filter(None, (self.module.removeprefix("akb_sync."), self.where)))
        return f"`{place}`: {self.edit.words}"

    def applied(self, source: str) -> str:
        """Give the module's text with the cut.

        Raises:
            LostPlaceError: The text has no such place, or more than one.
        """
        try:
            first, last, text = self.edit.spot(_scope(ast.parse(source), self.where))
        except LostPlaceError as error:
            raise LostPlaceError(f"{self}: {error}") from None
        begin = _offset(source, first.lineno, first.col_offset)  # type: ignore[attr-defined]
        end = _offset(source, last.end_lineno, last.end_col_offset)  # type: ignore[attr-defined]
        raw = source.encode()
        return (raw[:begin] + text.encode() + raw[end:]).decode()


@dataclass(frozen=True, slots=True)
class Gives:
    """The function does nothing but give this."""

    value: str

    @property
    def words(self) -> str:
        """Say it."""
        return f"gives `{self.value}` and does nothing else"

    def spot(self, scope: Scope) -> tuple[ast.AST, ast.AST, str]:
        """Take the body, but for the docstring."""
        if not isinstance(scope, Function):
            raise LostPlaceError("it is no function")
        body = scope.body[1:] if ast.get_docstring(scope) and len(scope.body) > 1 else scope.body
        return body[0], body[-1], f"return {self.value}"


@dataclass(frozen=True, slots=True)
class Decides:
    """A condition of an `if`, of a conditional expression or of a comprehension is settled."""

    condition: str
    always: bool

    @property
    def words(self) -> str:
        """Say it."""
        return f"`if {self.condition}` is {'always' if self.always else 'never'} so"

    def spot(self, scope: Scope) -> tuple[ast.AST, ast.AST, str]:
        """Find the condition by what it says; the same words elsewhere are left alone."""
        wanted = ast.dump(ast.parse(self.condition, mode="eval").body)
        tests = [test for node in _below(scope) for test in _tests_of(node) if ast.dump(test) == wanted]
        found = _only(tests, f"if {self.condition}")
        return found, found, str(self.always)


@dataclass(frozen=True, slots=True)
class Swaps:
    """An expression, or a simple statement, becomes another one."""

    old: str
    new: str

    @property
    def words(self) -> str:
        """Say it."""
        return f"`{self.old}` becomes `{self.new}`"

    def spot(self, scope: Scope) -> tuple[ast.AST, ast.AST, str]:
        """Find it by what it says, however it is laid out."""
        statement = ast.parse(self.old).body[0]
        wanted = statement.value if isinstance(statement, ast.Expr) else statement
        found = _only([node for node in _below(scope) if ast.dump(node) == ast.dump(wanted)], self.old)
        return found, found, self.new if wanted is statement else f"({self.new})"


@dataclass(frozen=True, slots=True)
class Drops:
    """A statement is left out."""

    statement: str

    @property
    def words(self) -> str:
        """Say it."""
        return f"`{self.statement}` is left out"

    def spot(self, scope: Scope) -> tuple[ast.AST, ast.AST, str]:
        """Find the statement by what it says."""
        wanted = ast.dump(ast.parse(self.statement).body[0])
        found = _only([node for node in _below(scope) if ast.dump(node) == wanted], self.statement)
        return found, found, "pass"


@dataclass(frozen=True, slots=True)
class Lacks:
    """An element is taken out of a tuple, list or set."""

    element: str

    @property
    def words(self) -> str:
        """Say it."""
        return f"without `{self.element}`"

    def spot(self, scope: Scope) -> tuple[ast.AST, ast.AST, str]:
        """Find the collection that has the element."""
        wanted = ast.dump(ast.parse(self.element, mode="eval").body)
        having = [
            node
            for node in _below(scope)
            if isinstance(node, Collection) and any(ast.dump(one) == wanted for one in node.elts)
        ]
        found = _only(having, self.element)
        kept = "".join(f"{ast.unparse(one)}, " for one in found.elts if ast.dump(one) != wanted)
        form = _FORMS[type(found)] if kept else "(%s)"
        return found, found, form % kept.rstrip()


def gives(module: str, where: str, value: str) -> Cut:
    """Let a function do nothing but give a value."""
    return Cut(module, where, Gives(value))


def swaps(module: str, where: str, old: str, new: str) -> Cut:
    """Let an expression be another one."""
    return Cut(module, where, Swaps(old, new))


def never(module: str, where: str, condition: str) -> Cut:
    """Let a condition never be so."""
    return Cut(module, where, Decides(condition, always=False))


def always(module: str, where: str, condition: str) -> Cut:
    """Let a condition always be so."""
    return Cut(module, where, Decides(condition, always=True))


def drops(module: str, where: str, statement: str) -> Cut:
    """Leave a statement out."""
    return Cut(module, where, Drops(statement))


def lacks(module: str, name: str, element: str) -> Cut:
    """Take an element out of what a name is assigned, or out of a collection within a function."""
    return Cut(module, name, Lacks(element))


def _only(found: list[Node], what: str) -> Node:
    if len(found) != 1:
        raise LostPlaceError(f"`{what}` stands there {len(found)} times")
    return found[0]


def _below(scope: Scope) -> Iterator[ast.AST]:
    for statement in getattr(scope, "body", []):
        yield from ast.walk(statement)


def _tests_of(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.If | ast.IfExp):
        return [node.test]
    return node.ifs if isinstance(node, ast.comprehension) else []


def _scope(tree: ast.Module, where: str) -> Scope:
    scope: Scope = tree
    for name in where.split(".") if where else ():
        named = [one for one in scope.body if _name(one) == name]
        if len(named) != 1:
            raise LostPlaceError(f"{name} is there {len(named)} times")
        scope = named[0] if isinstance(named[0], Scope) else ast.Module([named[0]], [])
    return scope


def _name(node: ast.stmt) -> str:
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id
    return getattr(node, "name", "")


def _offset(source: str, line: int, column: int) -> int:
    """The place in the text's bytes of a line (from 1) and a column (in bytes)."""
    return sum(len(one.encode()) + 1 for one in source.split("\n")[: line - 1]) + column
