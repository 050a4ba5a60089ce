"""What can be spoiled: a request on its way in, the objects of a write, a frame on its way out.

Each occasion answers one question: whether it is about an object whose dn a pattern finds and whose class
is one of some names.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qs, unquote

_CLASS_IN_BODY = re.compile(rb'"(\w+)"\s*:\s*\{\s*"(?:attributes|children)"|<([A-Za-z]\w*)')


@dataclass(frozen=True)
class RequestOccasion:
    """A request before anything is done about it.

    Its dn is the one of the URL. Its classes are those of the URL, of `target-subtree-class`, and every class
    that the body names.

    Attributes:
        path: raw, with the query string.
        controller: the number of the controller that got it, from 1.
        tokens: the values of its token cookies.
    """

    method: str
    path: str
    body: bytes = b""
    controller: int = 1
    tokens: tuple[str, ...] = ()

    def about(self, dn: re.Pattern[str] | None, classes: Collection[str]) -> bool:
        """Whether the URL's dn fits, and one of the classes."""
        if dn is not None and dn.search(self._target) is None:
            return False
        return not classes or not self._classes.isdisjoint(classes)

    @cached_property
    def _target(self) -> str:
        path = unquote(self.path.partition("?")[0]).removeprefix("/api/").removeprefix("node/")
        kind, _, dn = path.rpartition(".")[0].partition("/")
        return dn if kind == "mo" else ""

    @cached_property
    def _classes(self) -> frozenset[str]:
        path, _, query = self.path.partition("?")
        found = {json or xml for json, xml in _CLASS_IN_BODY.findall(self.body)}
        names = {name.decode() for name in found}
        names.update(*(text.split(",") for text in parse_qs(query).get("target-subtree-class", ())))
        if "/class/" in path:
            names.add(path.rpartition("/")[2].rpartition(".")[0])
        return frozenset(names)


@dataclass(frozen=True, slots=True)
class WriteOccasion:
    """The objects that a request is about to write: (class, dn) of each."""

    objects: tuple[tuple[str, str], ...]
    controller: int = 1
    method: str = ""
    path: str = ""

    def about(self, dn: re.Pattern[str] | None, classes: Collection[str]) -> bool:
        """Whether one of the objects fits in both."""
        return any(
            (dn is None or dn.search(name) is not None) and (not classes or kind in classes)
            for kind, name in self.objects
        )


@dataclass(frozen=True, slots=True)
class EventOccasion:
    """A frame about one object, for one websocket."""

    class_name: str
    dn: str
    controller: int = 1
    method: str = ""
    path: str = ""

    def about(self, dn: re.Pattern[str] | None, classes: Collection[str]) -> bool:
        """Whether the object fits in both."""
        return (dn is None or dn.search(self.dn) is not None) and (not classes or self.class_name in classes)


Occasion = RequestOccasion | WriteOccasion | EventOccasion
