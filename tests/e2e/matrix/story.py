"""What a story is: how it begins, what happens in it, and what is there at its end."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from tests.e2e.matrix.cell import Cell

Act = Callable[[Cell], Iterator[None]]


@dataclass(frozen=True)
class Story:
    """One thing that happens to a cluster.

    Attributes:
        title: what it is called in the table.
        prepare: makes what is there before; the matrix waits until the fabric is exact.
        act: does it, and yields wherever a change has begun and is not done.
        ends_with: how many prefixes each EPG has at the end, by the name that `Cell.epg` takes (or with its
            L3Out and tenant: `A@L3O_OTHER`, `A@2`); EPGs that are not named do not exist any more.
        sites: the clusters that it plays on.
        not_at: moments at which its end is another one, with the reason; a test of its own is there for each.
        open: whether something is left that only a person can settle, so that `sync` ends with exit code 3.
    """

    title: str
    prepare: Callable[[Cell], None]
    act: Act
    ends_with: Mapping[str, int] = field(default_factory=dict)
    sites: tuple[int, ...] = (0,)
    open: bool = False
    not_at: Mapping[str, str] = field(default_factory=dict)

    def expected(self, cell: Cell) -> dict[str, int]:
        """How many prefixes each EPG has at the end, by DN."""
        found: dict[str, int] = {}
        for text, count in self.ends_with.items():
            name, _, where = text.partition("@")
            if where == "2":
                found[cell.epg(name, tenant=1)] = count
            else:
                found[cell.epg(name, l3out=where or "L3O")] = count
        return found
