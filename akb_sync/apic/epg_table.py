"""One external EPG and what is below it, as answers and events tell it.

Subnets are kept in the form in which they are observed, since there can be thousands of them and an event
concerns one; whatever else is below the EPG is rare and kept as it came.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from akb_sync.model import Binding, ObservedEpg, ObservedSubnet
from akb_sync.prefix import canonical

from .change import EPG, SUBNET
from .children import CONTRACT_NAMES, people_made
from .dn import subnet_ip

Attributes = dict[str, str]
Node = tuple[str, Attributes]
"""Class and attributes."""
_DETAILS = ("aggregate", "descr", "nameAlias")
"""What people may set on a subnet of ours; not compared, but needed to post a deleted one back."""


class EpgTable:
    """A mutable picture of one EPG; `observed()` gives an immutable one."""

    def __init__(self, binding: Binding) -> None:
        """Begin with nothing known, not even that the EPG exists."""
        self.binding = binding
        self._attributes: Attributes | None = None
        self._subnets: dict[str, ObservedSubnet] = {}
        self._details: dict[str, Attributes] = {}
        self._children: dict[str, Node] = {}
        self._below: dict[str, dict[str, Node]] = {}
        self._changed_at: dict[str, str] = {}
        self._observed: ObservedEpg | None = None

    @property
    def known(self) -> bool:
        """Whether the EPG itself was seen; children alone prove that something was missed."""
        return self._attributes is not None

    @property
    def empty(self) -> bool:
        """Whether there is nothing here, neither the EPG nor anything below it."""
        return not (self.known or self._subnets or self._children or self._below)

    def knows(self, cls: str, dn: str, subnet: str = "") -> bool:
        """Whether the object is here; `subnet` is the DN of the subnet that it is below, if it is."""
        if cls == EPG:
            return self.known
        if cls == SUBNET:
            return dn in self._subnets
        return dn in (self._below.get(subnet, {}) if subnet else self._children)

    def put(self, cls: str, dn: str, attributes: Mapping[str, str], subnet: str = "") -> bool:
        """Take over an object with all its attributes; False when nothing changes by that."""
        if cls == EPG:
            changed = self._attributes != attributes
            self._attributes = dict(attributes)
        elif cls == SUBNET:
            changed = self._put_subnet(dn, _subnet(dn, attributes), attributes)
        else:
            nodes = self._below.setdefault(subnet, {}) if subnet else self._children
            changed = nodes.get(dn) != (cls, attributes)
            nodes[dn] = (cls, dict(attributes))
        return self._note(changed=changed)

    def merge(self, cls: str, dn: str, attributes: Mapping[str, str], subnet: str = "") -> bool:
        """Take over some attributes of an object that is here; False when nothing changes by that."""
        if cls == SUBNET:
            merged = {**_attributes(self._subnets[dn]), **self._details.get(dn, {}), **attributes}
        elif cls == EPG:
            merged = {**(self._attributes or {}), **attributes}
        else:
            nodes = self._below[subnet] if subnet else self._children
            merged = {**nodes[dn][1], **attributes}
        return self.put(cls, dn, merged, subnet)

    def note_change(self, dn: str, mod_ts: str) -> None:
        """Keep when the APIC last changed the EPG or a subnet. It takes no part in what is compared."""
        self._changed_at[dn] = mod_ts

    def changed_at(self, dn: str) -> str:
        """Give when the APIC last changed the EPG or a subnet, in its own words; empty when not known."""
        return self._changed_at.get(dn, "")

    def annotation(self, cls: str, dn: str) -> str:
        """Give the mark of the EPG or of a subnet; empty for what is neither or not here."""
        if cls == EPG:
            return (self._attributes or {}).get("annotation", "")
        found = self._subnets.get(dn) if cls == SUBNET else None
        return found.annotation if found else ""

    def remove(self, cls: str, dn: str, subnet: str = "") -> bool:
        """Take out an object (not the EPG itself) and what is below it; False when it was not here."""
        if cls == SUBNET:
            self._changed_at.pop(dn, None)
            self._details.pop(dn, None)
            below = self._below.pop(dn, None)
            return self._note(changed=self._subnets.pop(dn, None) is not None or below is not None)
        nodes = self._below.get(subnet, {}) if subnet else self._children
        changed = nodes.pop(dn, None) is not None
        if subnet and not nodes:
            self._below.pop(subnet, None)
        return self._note(changed=changed)

    def observed(self) -> ObservedEpg:
        """Give an immutable picture; the same object until something changes."""
        if self._observed is None:
            self._observed = self._project()
        return self._observed

    def nodes(self, dn: str) -> Iterator[tuple[str, str, Attributes]]:
        """Give DN, class and attributes of the object at `dn` and of those below it, parents first."""
        whole = dn == self.binding.dn
        if whole and self._attributes is not None:
            yield dn, EPG, self._attributes
        for each in self._subnets.values() if whole else filter(None, [self._subnets.get(dn)]):
            yield each.dn, SUBNET, {**_attributes(each), **self._details.get(each.dn, {})}
        below = self._below if whole else {dn: self._below.get(dn, {})}
        for nodes in (self._children if whole else {}, *below.values()):
            yield from ((child, cls, attributes) for child, (cls, attributes) in nodes.items())

    def _put_subnet(self, dn: str, subnet: ObservedSubnet, attributes: Mapping[str, str]) -> bool:
        details = {name: attributes[name] for name in _DETAILS if attributes.get(name)}
        if details:
            self._details[dn] = details
        else:
            self._details.pop(dn, None)
        changed = self._subnets.get(dn) != subnet
        self._subnets[dn] = subnet
        return changed

    def _note(self, *, changed: bool) -> bool:
        if changed:
            self._observed = None
        return changed

    def _project(self) -> ObservedEpg:
        attributes = self._attributes or {}
        nodes = [self._children, *self._below.values()]
        return ObservedEpg(
            binding=self.binding,
            annotation=attributes.get("annotation", ""),
            subnets=dict(self._subnets),
            contracts=tuple(sorted(set(self._contracts()))),
            others=tuple(sorted(dn for group in nodes for dn, node in group.items() if people_made(*node))),
            tags={
                node["key"]: node.get("value", "")
                for cls, node in self._children.values()
                if cls == "tagAnnotation" and "key" in node
            },
            preferred_group=attributes.get("prefGrMemb") == "include",
        )

    def _contracts(self) -> Iterator[str]:
        for cls, attributes in self._children.values():
            name = attributes.get(CONTRACT_NAMES.get(cls, ""))
            if name:
                yield name


def _subnet(dn: str, attributes: Mapping[str, str]) -> ObservedSubnet:
    ip = attributes.get("ip") or subnet_ip(dn)
    return ObservedSubnet(
        dn=dn,
        ip=ip,
        prefix=canonical(ip),
        name=attributes.get("name", ""),
        scope=_flags(attributes.get("scope", "")),
        annotation=attributes.get("annotation", ""),
    )


def _attributes(subnet: ObservedSubnet) -> Attributes:
    return {
        "ip": subnet.ip,
        "name": subnet.name,
        "scope": ",".join(sorted(subnet.scope)),
        "annotation": subnet.annotation,
    }


@lru_cache(maxsize=64)
def _flags(text: str) -> frozenset[str]:
    """Read a comma list; cached, because thousands of subnets share a handful of them."""
    return frozenset(flag.strip() for flag in text.split(",") if flag.strip())
