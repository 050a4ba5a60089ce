"""The fabric of the matrix: one APIC for all cells, that can go away, and that remembers who wrote what.

The APIC simulator runs in this process. So its tree outlives an outage as a real APIC's does, and its
journal tells for every write which objects it touched. What is believed of the fabric is read by REST.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from akb_sync.simulators.apic import ApicSimulator, Write
from tests.e2e.apic_client import ApicClient, Attributes
from tests.e2e.controlplane.ports import free_port
from tests.e2e.matrix.oracle import Wishes, subnet_dn

ENGINE, PEOPLE, READER = "akb-sync", "people", "reader"
_PASSWORDS = {"admin": "secret", ENGINE: "of-akb-sync", PEOPLE: "of-people", READER: "of-reader"}
_EPG, _SUBNET = "l3extInstP", "l3extSubnet"
_BOOKKEEPING = frozenset({"modTs", "childAction", "status", "lcOwn", "rn"})
_OF_THE_SYSTEM = ("aaaModLR", "faultInst", "faultDelegate")

Dump = dict[str, tuple[str, Attributes]]


def mo(cls: str, *children: Mapping[str, Any], **attributes: str) -> dict[str, Any]:
    """An APIC document."""
    body: dict[str, Any] = {"attributes": attributes}
    return {cls: body | ({"children": list(children)} if children else {})}


def subnet(prefix: str, **attributes: str) -> dict[str, Any]:
    return mo(_SUBNET, ip=prefix, **{"scope": "import-security", **attributes})


def mark(uid8: str, dn: str, name: str = "k8s") -> str:
    """The mark of a cluster for an object, as the documentation of `akb-sync` describes it."""
    return f"orchestrator:akb-sync:{name}.{uid8}:{hashlib.sha256(dn.encode()).hexdigest()[:8]}"


class Fabric:
    """An APIC with some users; used as a context manager."""

    def __init__(self, folder: Path) -> None:
        # A port of the system's choice could be its client's own end of a connection while it is away.
        self.simulator = ApicSimulator(port=free_port(), users=_PASSWORDS, output_dir=folder)
        self.reader: ApicClient
        self.people: ApicClient

    def __enter__(self) -> Self:
        self.simulator.start()
        self.reader, self.people = self._client(READER), self._client(PEOPLE)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.reader.close()
        self.people.close()
        self.simulator.stop()

    def _client(self, user: str) -> ApicClient:
        assert self.simulator.ca_file is not None
        return ApicClient(self.simulator.url, user, _PASSWORDS[user], self.simulator.ca_file)

    @property
    def environment(self) -> Mapping[str, str]:
        """What the engine is given."""
        return {
            "ACI_APIC": self.simulator.url,
            "ACI_USERNAME": ENGINE,
            "ACI_PASSWORD": _PASSWORDS[ENGINE],
            "AKB_SYNC_APIC_CA_FILE": str(self.simulator.ca_file),
        }

    def managed(self, tenants: Iterable[str], uid8: str) -> Wishes:
        """What bears the mark of a cluster in some tenants: EPG -> prefix -> name, by REST.

        A managed subnet whose EPG is not managed, or which does not classify, is told by an odd name.
        """
        found: Wishes = {}
        subnets: list[Attributes] = []
        for tenant in tenants:
            path = f"mo/uni/tn-{tenant}.json?query-target=subtree&target-subtree-class={_EPG},{_SUBNET}"
            for dn, (cls, attributes) in self.reader.objects(path).items():
                if attributes["annotation"] != mark(uid8, dn):
                    continue
                if cls == _EPG:
                    found[dn] = {}
                else:
                    subnets.append(attributes)
        for one in subnets:
            epg = one["dn"].partition("/extsubnet-[")[0]
            fine = epg in found and "import-security" in one["scope"].split(",")
            name = one["name"] if fine else f"({one['name']}: scope {one['scope']})"
            found.setdefault(epg, {})[one["ip"]] = name
        return found

    def dump(self) -> Dump:
        """Every object below `uni`, without what the APIC keeps for itself, by REST."""
        return {
            dn: (cls, {name: value for name, value in attributes.items() if name not in _BOOKKEEPING})
            for dn, (cls, attributes) in self.reader.objects("mo/uni.json?query-target=subtree").items()
            if cls not in _OF_THE_SYSTEM
        }

    def writes(self, user: str, below: Iterable[str]) -> list[Write]:
        """The write requests of a user since the last reset that named something below some DNs.

        One that changed nothing counts too: it is in nobody's audit log, and yet it was sent.
        """
        below = tuple(below)
        return [
            write
            for write in self.simulator.journal
            if write.user == user and any(_names(write, dn) for dn in below)
        ]

    def touched(self, user: str, below: Iterable[str]) -> Counter[tuple[str, str]]:
        """How often a user created, modified and deleted each object: (kind, dn) -> count."""
        return Counter(each for write in self.writes(user, below) for each in write.touched)


def _names(write: Write, dn: str) -> bool:
    return f"{write.dn}/".startswith(f"{dn}/") or any(
        f"{one}/".startswith(f"{dn}/") for _, one in write.touched
    )


def subnets_of(epg: str, prefixes: Iterable[str]) -> list[str]:
    """The DNs of prefixes in an EPG."""
    return [subnet_dn(epg, prefix) for prefix in prefixes]
