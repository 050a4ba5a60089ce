"""The acitoolkit models that a write is made of, with what acitoolkit lacks for it.

`Tenant > OutsideL3 > OutsideEPG > OutsideNetwork` know the classes, the parents and the JSON. Added here:

- the `annotation` that says whose an object is, and the `status` that keeps a POST from creating a parent
  that was deleted in between;
- attributes that are left out are left alone: acitoolkit always writes `name`, which on an `l3extSubnet` is
  a label and no naming property;
- children known by identity: acitoolkit compares each new child with every sibling, so that 10,000 subnets
  in one EPG take a minute.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .toolkit import BaseACIObject, OutsideEPG, OutsideL3, OutsideNetwork, Tenant

MODIFIED = "modified"
Json = dict[str, Any]


class _Family:
    """Has children without comparing them with each other; an object is the child that it is."""

    _children: list[Any]

    def has_child(self, obj: object) -> bool:
        """Whether this very object was added already."""
        return id(obj) in self._identities()

    def add_child(self, obj: Any) -> None:
        """Add a child that is not here yet."""
        self._identities().add(id(obj))
        self._children.append(obj)

    def remove_child(self, obj: object) -> None:
        """Take this very object out."""
        self._identities().discard(id(obj))
        self._children[:] = [child for child in self._children if child is not obj]

    def _identities(self) -> set[int]:
        # Made on first use: acitoolkit's constructor may ask before a subclass's is through.
        known: set[int] = self.__dict__.setdefault("_known", set())
        return known


class _Written:
    """Gives only the attributes that are to be written, and no empty list of children."""

    written: Mapping[str, str]

    def _generate_attributes(self) -> dict[str, str]:
        return dict(self.written)

    def get_json(self, *arguments: Any, **options: Any) -> Json:
        """Give the JSON that is posted."""
        answer: Json = super().get_json(*arguments, **options)  # type: ignore[misc] # it stands before a model
        for body in answer.values():
            if not body.get("children"):
                body.pop("children", None)
        return answer


class ConfirmedTenant(_Family, _Written, Tenant):  # type: ignore[misc] # acitoolkit has no types
    """A tenant that has to exist: it is modified, never created."""

    def __init__(self, name: str) -> None:
        """Name it; a tenant has no parent in a write."""
        self.written = {"name": name, "status": MODIFIED}
        super().__init__(name)


class ConfirmedL3Out(_Family, _Written, OutsideL3):  # type: ignore[misc] # acitoolkit has no types
    """An L3Out that has to exist: it is modified, never created."""

    def __init__(self, name: str, parent: ConfirmedTenant) -> None:
        """Name it within its tenant."""
        self.written = {"name": name, "status": MODIFIED}
        super().__init__(name, parent)


class MarkedEPG(_Family, _Written, OutsideEPG):  # type: ignore[misc] # acitoolkit has no types
    """An external EPG that is created with its mark, has to exist, or goes."""

    def __init__(
        self, name: str, parent: ConfirmedL3Out, *, annotation: str | None, status: str = ""
    ) -> None:
        """Name it; `annotation` None is not written, an empty `status` creates what is absent."""
        self.written = _given(name=name, annotation=annotation, status=status or None)
        super().__init__(name, parent)


class MarkedSubnet(_Written, OutsideNetwork):  # type: ignore[misc] # acitoolkit has no types
    """A subnet of an external EPG."""

    def __init__(self, parent: MarkedEPG, attributes: Mapping[str, str], *, status: str = "") -> None:
        """Take `ip` and whatever else is to be written; an empty `status` creates what is absent."""
        self.written = _given(**attributes, status=status or None)
        super().__init__(attributes.get("name", ""), parent)
        self.set_addr(attributes["ip"])
        if "scope" in attributes:
            self.set_scope(attributes["scope"])

    def set_scope(self, scope: str) -> None:
        """Keep the flags as they are given.

        acitoolkit refuses a flag that it does not know, but whatever flags people added stay.
        """
        self._scope = scope


class EpgTag(_Written, BaseACIObject):  # type: ignore[misc] # acitoolkit has no types
    """A `tagAnnotation` of an external EPG, a class that acitoolkit does not know."""

    def __init__(self, parent: MarkedEPG, key: str, value: str) -> None:
        """Set the tag; an empty `value` takes it off."""
        self.written = {"key": key, "value": value} if value else {"key": key, "status": "deleted"}
        super().__init__(key, parent)

    def get_json(self) -> Json:
        """Give the JSON that is posted."""
        return super().get_json("tagAnnotation", attributes=self._generate_attributes())


def _given(**attributes: str | None) -> dict[str, str]:
    return {name: value for name, value in attributes.items() if value is not None}
