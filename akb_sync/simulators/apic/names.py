"""Distinguished names: how they split, and how a class's relative name is built and read.

A dn is relative names joined by slashes; naming values in brackets may hold slashes of their own
(`extsubnet-[10.0.0.0/8]`), so a dn is never split on slashes alone.
"""

import re
from collections.abc import Iterator, Mapping

_FIELD = re.compile(r"\{(\w+)\}")


def split(dn: str) -> Iterator[tuple[int, str]]:
    """Yield (position, rn) for each relative name of a dn."""
    depth = start = 0
    for position, char in enumerate(dn):
        if char == "[":
            depth += 1
        elif char == "]":
            depth = max(depth - 1, 0)
        elif char == "/" and depth == 0:
            yield start, dn[start:position]
            start = position + 1
    if dn:
        yield start, dn[start:]


def parent_of(dn: str) -> str:
    """The dn without its last relative name; empty for a dn of one name."""
    parts = list(split(dn))
    return dn[: max(parts[-1][0] - 1, 0)] if parts else ""


class RelativeName:
    """A class's rn format, such as `rsinstPToProfile-[{name}]-{direction}`.

    Attributes:
        naming: the naming properties in order.
        prefix: the constant text before the first of them, by which rns are told apart.
    """

    def __init__(self, template: str) -> None:
        self.template = template
        self.naming: tuple[str, ...] = tuple(_FIELD.findall(template))
        self.prefix = template.split("{", 1)[0]
        pattern = "".join(
            f"(?P<{part}>.+)" if index % 2 else re.escape(part)
            for index, part in enumerate(_FIELD.split(template))
        )
        self._pattern = re.compile(pattern, re.DOTALL)

    def build(self, values: Mapping[str, str]) -> str:
        """The rn of an object with these naming values."""
        return self.template.format_map(values) if self.naming else self.template

    def read(self, rn: str) -> dict[str, str] | None:
        """The naming values in an rn, or None when it is not of this class."""
        match = self._pattern.fullmatch(rn)
        return None if match is None else match.groupdict()
