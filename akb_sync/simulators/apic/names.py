"""Distinguished names: how they split, and how a class's relative name is built and read.

A dn is relative names joined by slashes; naming values in brackets may hold slashes of their own
(`extsubnet-[10.0.0.0/8]`), so a dn is never split on slashes alone.
"""

import re
from collections.abc import Iterator, Mapping

NESTED_BRACKETS = 8
MOST_BARE = 2  # naming values without brackets in one rn, each of which may hold anything
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


def parent_of(dn: str, parts: int = 1) -> str:
    """The dn without its last relative name, which may have several parts; empty for a dn of one name."""
    found = list(split(dn))
    return dn[: max(found[-parts][0] - 1, 0)] if len(found) >= parts else ""


class RelativeName:
    """A class's rn format, such as `rsinstPToProfile-[{name}]-{direction}`.

    Attributes:
        naming: the naming properties in order.
        prefix: the constant text at the beginning, by which rns are told apart.
        parts: how many names between slashes it has: one, but for what hangs below objects that this
            simulator does not keep (`subj-[{affected}]/mod-{id}`).

    Args:
        template: the format.
        also: an older format without brackets that requests may still use; answers never do.
    """

    def __init__(self, template: str, also: str | None = None) -> None:
        self.template = template
        self.naming: tuple[str, ...] = tuple(_FIELD.findall(template))
        formats = [template] if also is None else [template, also]
        self.prefix = min((each.split("{", 1)[0] for each in formats), key=len)
        self.parts = sum(1 for _ in split(template))
        self._patterns = [_pattern(each) for each in formats]

    def build(self, values: Mapping[str, str]) -> str:
        """The rn of an object with these naming values."""
        return self.template.format_map(values) if self.naming else self.template

    def read(self, rn: str) -> dict[str, str] | None:
        """The naming values in an rn, or None when it is not of this class."""
        for pattern in self._patterns:
            if (match := pattern.fullmatch(rn)) is not None:
                return match.groupdict()
        return None


def _pattern(template: str) -> re.Pattern[str]:
    parts = _FIELD.split(template)
    # Several values with nothing but hyphens between them have none of their own, or nobody could tell.
    bare = "[^-]+" if len(parts) > 2 * MOST_BARE + 1 and "[{" not in template else ".+"
    text = "".join(
        f"(?P<{part}>{_value(parts[index - 1], parts[index + 1], bare)})" if index % 2 else re.escape(part)
        for index, part in enumerate(parts)
    )
    return re.compile(text, re.DOTALL)


def _value(before: str, after: str, bare: str) -> str:
    """What a naming value looks like between two texts.

    Between brackets its own brackets are in pairs. The quantifiers never give back what they took: an rn of
    megabytes must not take hours to be refused.
    """
    if not (before.endswith("[") and after.startswith("]")):
        return bare
    inner = r"[^\[\]]*+"
    for _ in range(NESTED_BRACKETS):
        inner = rf"(?:[^\[\]]++|\[{inner}\])*+"
    return rf"(?:[^\[\]]++|\[{inner}\])++"
