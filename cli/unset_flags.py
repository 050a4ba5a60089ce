"""Flags that nobody typed, such as `--help` itself, read as false instead of none.

For a flag without a value Typer (0.29) imports pydantic, to find that None is not true: half of a start.
"""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand, TyperGroup


class Command(TyperCommand):
    """A command whose flags are false when they were not typed."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Give all parameters, `--help` included."""
        return unset(super().get_params(ctx))


class Group(TyperGroup):
    """The same of a group of commands."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Give all parameters, `--help` included."""
        return unset(super().get_params(ctx))


def unset(params: list[Any]) -> list[Any]:
    """Let the flags among parameters be false by default."""
    for one in params:
        descriptor = getattr(one, "type_descriptor", None)  # Typer's own: another release may lack it
        if getattr(descriptor, "annotation", None) is bool and one.default is None:
            one.default = False
    return params
