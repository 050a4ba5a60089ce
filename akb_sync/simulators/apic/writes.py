"""A write request, from its URL and body to the answer: POST and DELETE of managed objects."""

import time
from typing import Any
from urllib.parse import unquote

from akb_sync.simulators.apic import documents, parameters, rendering
from akb_sync.simulators.apic.documents import Operation
from akb_sync.simulators.apic.errors import ApicError
from akb_sync.simulators.apic.exchange import Reply, Request
from akb_sync.simulators.apic.fabric import Fabric
from akb_sync.simulators.apic.faults import Faults
from akb_sync.simulators.apic.forms import Form
from akb_sync.simulators.apic.journal import Journal, Write
from akb_sync.simulators.apic.queries import DEPTHS
from akb_sync.simulators.apic.rendering import Json, Nesting
from akb_sync.simulators.apic.rights import Rights
from akb_sync.simulators.apic.transactions import Author, Change
from akb_sync.simulators.apic.tree import Mo

ANSWERS = ("no", "children", "full", "modified")


class Writes:
    """Carries out the write requests of one APIC."""

    def __init__(self, fabric: Fabric, faults: Faults, journal: Journal) -> None:
        self._fabric = fabric
        self._faults = faults
        self._journal = journal

    def answer(
        self,
        request: Request,
        name: str,
        given: dict[str, str],
        *,
        author: Author,
        rights: Rights,
        form: Form = Form.JSON,
    ) -> Reply:
        """Carry out a request, whole or not at all; raises ApicError.

        Args:
            request: the request.
            name: its path below `/api/`, the suffix taken off.
            given: its parameters.
            author: who writes.
            rights: what the author may write.
            form: the form of the body.
        """
        dn = _written_dn(name)
        self._journal.count("posts" if request.method == "POST" else "deletes")
        document = form.read(request.body) if request.method == "POST" else None
        operations = self._operations(request.method, dn, document)
        answer = parameters.option(given, "rsp-subtree", ANSWERS)
        rights.check(operations, self._fabric.behaviour.no_rights_status)
        self._faults.check(operations)
        changes = self._fabric.write(operations, author)
        touched = tuple((str(change.kind), change.mo.dn) for change in changes)
        now = self._fabric.clock.wall()
        self._journal.accepted(
            Write(
                request.method,
                dn,
                author.name,
                document,
                len(changes),
                now,
                touched,
                arrived=request.arrived,
                committed=time.monotonic(),
            )
        )
        imdata = self._shown(answer, operations, changes)
        return Reply(200, {"totalCount": str(len(imdata)), "imdata": imdata}, committed=True)

    def _operations(self, method: str, dn: str, document: Any) -> list[Operation]:
        schema = self._fabric.schema
        if method == "DELETE":
            return [documents.deletion(schema, dn)]
        return documents.operations(schema, dn, document)

    def _shown(self, answer: str, operations: list[Operation], changes: list[Change]) -> list[Json]:
        if answer == "modified":
            return rendering.modified_answer(changes)
        mo = self._fabric.tree.get(operations[0].dn) if operations else None
        if answer == "no" or mo is None:
            return []
        nesting = Nesting(DEPTHS[answer], _configured, _nothing)
        child_dn = self._fabric.behaviour.nested_child_dn
        return [rendering.render(mo, "all", nesting, child_dn=child_dn)]


def _written_dn(name: str) -> str:
    kind, _, dn = name.removeprefix("node/").partition("/")
    if kind != "mo":
        raise ApicError("400", f"Invalid request. Cannot write to '{name}'")
    return unquote(dn)


def _configured(mo: Mo) -> bool:
    return not mo.schema.record


def _nothing(mo: Mo, *, top: bool) -> tuple[Mo, ...]:  # noqa: ARG001 - there are no records to add
    return ()
