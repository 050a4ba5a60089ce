"""Whether the settings make sense, and whether they limit what should be limited."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from akb_sync.engine.wiring import check_numbers
from akb_sync.errors import AkbSyncError
from akb_sync.kube.whereabouts import in_cluster

from .case import Case
from .finding import Finding, failed, named, ok, warning
from .registry import Group, Table

TABLE = Table(Group.SETTINGS)
check = TABLE.check
_KEY = re.compile(r"([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")
"""A key of an annotation: prefix and name (Kubernetes documentation, "Annotations")."""
SHORT_RESYNC, SHORT_HOLD_DOWN = 60.0, 10.0


@check(
    "settings",
    "Do all settings have values that make sense together?",
    "A setting is refused by every command, or is set so that it does harm. Mend it as the row says; "
    "`akb-sync config show` tells where each value comes from.",
)
def settings(case: Case) -> Finding:
    """Read the settings as the engine would."""
    check_numbers(case.settings)
    limits = case.cluster_options.limits
    if not limits.expose:
        return failed("--expose names nothing, so no address is exposed at all", "set --expose pods,services")
    if not _KEY.fullmatch(case.settings.annotation_key):
        return failed(
            f"--annotation-key {case.settings.annotation_key!r} is no key of an annotation",
            "write it as DOMAIN/NAME",
        )
    odd = []
    if case.settings.resync < SHORT_RESYNC:
        odd.append(f"--resync {case.settings.resync:g} reads both sides very often")
    if case.settings.hold_down < SHORT_HOLD_DOWN:
        odd.append(f"--hold-down {case.settings.hold_down:g} lets an EPG go on a hiccup")
    if odd:
        return warning("; ".join(odd), "akb-sync config show")
    return ok(f"policy {case.settings.policy}, resync {case.settings.resync:g} s")


@check(
    "allow",
    "Is it limited who may name which EPG?",
    "Whoever can annotate a workload chooses its security zone. Set `allow` so that each namespace may name "
    "its own EPGs only.",
)
def allow(case: Case) -> Finding:
    """Look at the setting `allow`."""
    lines = case.settings.allow
    if not lines:
        return warning(
            "allow is unset: every namespace may name every EPG",
            "akb-sync watch --allow 'NAMESPACE=TENANT/L3OUT/EPG'",
        )
    wide = [line for line in lines if line.split("=", 1)[0] == "*" and line.endswith("*/*/*")]
    if wide:
        return warning(f"allow has {wide[0]}, which limits nothing", "remove that line from allow")
    return ok(f"{len(lines)} line(s), such as {lines[0]}")


@check(
    "ranges",
    "Are the ranges set that Pod and Service addresses have to be in?",
    "Status of Pods and Services can be written by others than the cluster's admin. With the ranges set, an "
    "address from elsewhere is refused.",
)
def ranges(case: Case) -> Finding:
    """Look at --pod-cidrs and --service-cidrs."""
    limits = case.cluster_options.limits
    wanted = {"pods": limits.pod_cidrs, "services": limits.service_cidrs}
    unset = [
        f"--{what[:-1]}-cidrs" for what, ranges in wanted.items() if what in limits.expose and not ranges
    ]
    if unset:
        return warning(
            f"{' and '.join(unset)} unset: any address may be exposed",
            f"akb-sync watch {unset[0]} 10.244.0.0/16",
        )
    return ok(named((*limits.pod_cidrs, *limits.service_cidrs)))


@check(
    "secret-files",
    "Can nobody else on this machine read the password or the key?",
    "The file is readable by every user of the machine. In a Pod the files of a Secret are, and that "
    "is fine there.",
)
def secret_files(case: Case) -> Finding:
    """Look at the modes of the files that hold secrets."""
    files = [file for file in (case.settings.apic_password_file, case.settings.apic_key_file) if file]
    if not files:
        return ok("no secret is in a file")
    missing = [file for file in files if not os.access(file, os.R_OK)]
    if missing:
        return failed(f"{missing[0]} cannot be read", f"ls -l {missing[0]}")
    open_to_all = [file for file in files if _readable_by_all(file)]
    if open_to_all and not in_cluster():
        return warning(f"{open_to_all[0]} can be read by everybody", f"chmod 600 {open_to_all[0]}")
    return ok(named(files))


@check(
    "journal",
    "Can deleted objects be written down before they go?",
    "The file of --journal cannot be written, and nothing is deleted without it. Name a file in a "
    "folder that "
    "is there and writable.",
)
def journal(case: Case) -> Finding:
    """Look whether the journal could be written; it is not touched."""
    file = case.settings.journal
    if file is None:
        return ok("deleted objects go to the log")
    place = file if file.exists() else file.parent
    if not place.exists() or not os.access(place, os.W_OK) or file.is_dir():
        return failed(f"the journal {file} cannot be written", f"mkdir -p {file.parent} && touch {file}")
    return ok(f"deleted objects go to {file}")


@check(
    "acitoolkit",
    "Can the models of the APIC be loaded?",
    "The package acitoolkit is missing or broken, and nothing can be written without it. Install the "
    "program again.",
)
def acitoolkit(_case: Case) -> Finding:
    """Import it the way the writer does."""
    try:
        from akb_sync.apic import toolkit  # noqa: PLC0415 - the import is what is tried
    except Exception as error:
        raise AkbSyncError(
            f"acitoolkit cannot be imported: {error}", "pip install --force-reinstall akb-sync"
        ) from error
    return ok(f"{toolkit.OutsideEPG.__module__} is there")


def _readable_by_all(file: Path) -> bool:
    return bool(file.stat().st_mode & stat.S_IROTH)
