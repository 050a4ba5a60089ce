"""The other side's people: what fabric admins and their tools do to and around what is ours."""

import contextlib

import requests

from tests.e2e.apic_client import Attributes
from tests.e2e.matrix.cell import Cell
from tests.e2e.matrix.fabric import mo, subnet

_RENAMED = "_RENAMED"
_ANSIBLE = "orchestrator:ansible"
_MOST_VISITS = 2
_COPIED = ("ip", "name", "scope", "annotation")


class People:
    """Work in the first tenant of a cell."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        self._client = cell.fabric.people
        self._l3out = f"uni/tn-{cell.tenants[0]}/out-L3O"
        self._copies: list[str] = []
        self._edited = ""
        self._visits = 0

    def automate(self) -> None:
        """A tool that marks what it makes keeps its own EPG beside ours."""
        subnets = [subnet(f"172.22.{number}.0/24", annotation=_ANSIBLE) for number in range(5)]
        self._client.post(self._l3out, mo("l3extInstP", *subnets, name="EPG_ANSIBLE", annotation=_ANSIBLE))

    def meddle(self) -> None:
        """First edit in one EPG and rename the others, the next time rename that one too; no more then."""
        self._visits += 1
        if self._visits > _MOST_VISITS:
            return
        for epg in sorted(self._ours()):
            self._edited = self._edited or epg
            if epg == self._edited and self._visits == 1:
                self._edit(epg)
            elif not self._has_copy(epg):
                self._rename(epg)

    def tidy_up(self) -> None:
        """Take the renamed copies away: as long as they hold our prefixes we must not write them."""
        if self._visits == 0:
            self.meddle()
        for copy in self._copies:
            self._client.delete(copy)
        self._client.post(
            self._l3out, mo("l3extInstP", name="EPG_ANSIBLE", annotation=_ANSIBLE, descr="run again")
        )

    def _ours(self) -> dict[str, list[Attributes]]:
        """The EPGs of this story with their subnets, but not the bystander's."""
        path = f"mo/{self._l3out}.json?query-target=subtree&target-subtree-class=l3extInstP,l3extSubnet"
        found: dict[str, list[Attributes]] = {}
        for dn, (cls, attributes) in sorted(self._client.objects(path).items()):
            if f"/instP-EPG_{self._cell.key}_" not in dn or self._cell.is_bystander(dn):
                continue
            if cls == "l3extInstP":
                found.setdefault(dn, [])
            else:
                found.setdefault(dn.partition("/extsubnet-[")[0], []).append(attributes)
        return found

    def _has_copy(self, epg: str) -> bool:
        return f"{epg}{_RENAMED}" in self._copies or epg.endswith(_RENAMED)

    def _edit(self, epg: str) -> None:
        """Delete a subnet, take the scope of the next, change the name of another, widen the scope of one."""
        edits = (
            None,
            {"scope": "export-rtctrl"},
            {"name": "edited-by-hand"},
            {"scope": "import-security,shared-security"},
        )
        for one, edit in zip(self._ours()[epg], edits, strict=False):
            if edit is None:
                self._client.delete(one["dn"])
            else:
                self._edit_one(one["dn"], edit)

    def _edit_one(self, dn: str, edit: dict[str, str]) -> None:
        """Only what is still there: the engine may take it away at the same time, which the APIC refuses."""
        with contextlib.suppress(requests.HTTPError):
            self._client.post(dn, mo("l3extSubnet", status="modified", **edit))

    def _rename(self, epg: str) -> None:
        """There is no renaming on the APIC: people export, change the name, post it back, delete the old one.

        The marks are copied along.
        """
        name = f"{epg.partition('/instP-')[2]}{_RENAMED}"
        subnets = [mo("l3extSubnet", **{key: one[key] for key in _COPIED}) for one in self._ours()[epg]]
        self._copies.append(f"{self._l3out}/instP-{name}")
        old = mo("l3extInstP", dn=epg, status="deleted")
        new = mo("l3extInstP", *subnets, name=name)
        self._client.post(self._l3out, mo("l3extOut", new, old, dn=self._l3out))
