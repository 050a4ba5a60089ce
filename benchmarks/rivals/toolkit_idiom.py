"""acitoolkit as its samples use it: objects below a Tenant, and one `push_to_apic`.

`before` is how long it takes until the first byte leaves: `add_child` compares each new child with every
sibling.
"""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Mapping
from typing import Any

from akb_sync.apic.toolkit import OutsideEPG, OutsideL3, OutsideNetwork, Tenant

from .task import Task, run


def work(task: Task) -> Mapping[str, Any]:
    """Build all addresses in their EPGs, and push."""
    began = time.monotonic()
    _, _, name = task.l3outs[0].partition("uni/tn-")
    tenant = Tenant(name.partition("/")[0])
    out = OutsideL3(name.rpartition("/out-")[2], tenant)
    epgs = [OutsideEPG(f"TOOLKIT_{number}", out) for number in range(task.epgs)]
    for number in range(task.addresses):
        network = OutsideNetwork(f"n-{number}", epgs[number % task.epgs])
        network.set_addr(f"198.{18 + (number >> 16)}.{number >> 8 & 255}.{number & 255}/32")
    document = tenant.get_json()
    length = len(json.dumps(document))
    ready = time.monotonic()
    _push(task, tenant)
    ended = time.monotonic()
    return {"before": ready - began, "push": ended - ready, "bytes": length, "addresses": task.addresses}


def _push(task: Task, tenant: Any) -> None:
    # The module that mends its import has the models only; its Session is what people use.
    from acitoolkit.acisession import Session  # noqa: PLC0415

    access = task.apic
    session = Session(access["url"], access["user"], access["password"], subscription_enabled=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it does not verify certificates, and says so each time
        session.login()
        answer = tenant.push_to_apic(session)
        session.close()
    if not answer.ok:
        raise RuntimeError(f"{answer.status_code} {answer.text[:500]}")


if __name__ == "__main__":
    run(work)
