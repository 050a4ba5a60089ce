"""The one tree of managed objects: what the fabric is configured to be.

It knows parents, children and an index by class, nothing of rules. An object keeps only what differs from
its class's defaults, so that ten thousand subnets stay small.
"""

from collections.abc import Iterator

from akb_sync.simulators.apic.schema import ClassSchema


class Mo:
    """One managed object.

    Attributes:
        values: naming properties, bookkeeping, and what differs from the defaults.
        parent: None for `uni` and for what the fabric keeps outside of the policy tree.
    """

    __slots__ = ("children", "dn", "parent", "rn", "schema", "values")

    def __init__(
        self, schema: ClassSchema, dn: str, rn: str, values: dict[str, str], parent: "Mo | None"
    ) -> None:
        self.schema = schema
        self.dn = dn
        self.rn = rn
        self.values = values
        self.parent = parent
        self.children: dict[str, Mo] = {}

    def __repr__(self) -> str:
        return f"<{self.schema.name} {self.dn}>"

    def get(self, prop: str) -> str:
        """A property's value; the default where nothing was set. Secrets too: this is not what is shown."""
        if prop == "dn":
            return self.dn
        value = self.values.get(prop)
        return self.schema.properties[prop].default if value is None else value

    def attributes(self) -> dict[str, str]:
        """Every readable property in alphabetical order, as answers show them."""
        values = self.values
        shown = {prop: values.get(prop, default) for prop, default in self.schema.template.items()}
        shown["dn"] = self.dn
        return shown

    def subtree(self) -> Iterator["Mo"]:
        """This object and everything below it, parents before children."""
        stack = [self]
        while stack:
            mo = stack.pop()
            yield mo
            stack.extend(reversed(mo.children.values()))

    def ancestors(self) -> Iterator["Mo"]:
        """The objects above this one, the nearest first."""
        mo = self.parent
        while mo is not None:
            yield mo
            mo = mo.parent


class Tree:
    """All objects by dn and by class."""

    def __init__(self) -> None:
        self._by_dn: dict[str, Mo] = {}
        self._by_class: dict[str, dict[str, Mo]] = {}

    def __len__(self) -> int:
        return len(self._by_dn)

    def get(self, dn: str) -> Mo | None:
        """The object with that dn."""
        return self._by_dn.get(dn)

    def of_class(self, name: str) -> list[Mo]:
        """The objects of a class, the oldest first."""
        return list(self._by_class.get(name, {}).values())

    def everything(self) -> list[Mo]:
        """All objects, the oldest first."""
        return list(self._by_dn.values())

    def attach(self, mo: Mo) -> None:
        """Put an object, with what hangs below it, into the tree."""
        if mo.parent is not None:
            mo.parent.children[mo.rn] = mo
        for each in mo.subtree():
            self._by_dn[each.dn] = each
            self._by_class.setdefault(each.schema.name, {})[each.dn] = each

    def detach(self, mo: Mo) -> None:
        """Take an object out with everything below it; the objects keep their links to each other."""
        if mo.parent is not None:
            del mo.parent.children[mo.rn]
        for each in mo.subtree():
            del self._by_dn[each.dn]
            del self._by_class[each.schema.name][each.dn]
