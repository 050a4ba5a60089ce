"""The floor of a floor: the same, but of each object only the fields that are needed are made at all.

A parser that is told what will be looked at passes over the rest as bytes: as low as it gets in Python.
"""

from __future__ import annotations

from typing import Any, TypedDict

import msgspec

from .floor import work
from .task import run


class Owner(TypedDict, total=False):
    """The controller."""

    uid: str


class Meta(TypedDict, total=False):
    """Metadata."""

    name: str
    namespace: str
    uid: str
    annotations: dict[str, str] | None
    ownerReferences: list[Owner]


class Address(TypedDict, total=False):
    """An address of a Pod or a load balancer."""

    ip: str


class Balancer(TypedDict, total=False):
    """The status of a load balancer."""

    ingress: list[Address]


class Status(TypedDict, total=False):
    """Addresses."""

    podIPs: list[Address]
    loadBalancer: Balancer


class TemplateMeta(TypedDict, total=False):
    """Labels of Pods to be."""

    labels: dict[str, str]


class Template(TypedDict, total=False):
    """A Pod template."""

    metadata: TemplateMeta


class Spec(TypedDict, total=False):
    """What Services and workloads select."""

    selector: dict[str, Any]
    template: Template


class Item(TypedDict, total=False):
    """Any object that is listed."""

    metadata: Meta
    spec: Spec
    status: Status


ListMeta = TypedDict("ListMeta", {"continue": str}, total=False)


class Page(TypedDict):
    """One page of a list."""

    metadata: ListMeta
    items: list[Item]


if __name__ == "__main__":
    decode = msgspec.json.Decoder(Page).decode
    run(lambda task: work(task, decode))
