"""Whether the APIC can be reached, trusted, logged in to, read, written and followed."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import timedelta

from akb_sync.apic.query import class_path, mo_path
from akb_sync.errors import AkbSyncError, ApicCertificateError, ApicError
from akb_sync.kube.prose import shown

from .case import Case
from .finding import Finding, failed, named, ok, unknown, warning
from .probe import Probe
from .registry import Group, Table

TABLE = Table(Group.APIC)
_log = logging.getLogger(__name__)
check = TABLE.check
OLDEST = (5, 2)
"""The releases that the facts about the APIC were gathered for begin here."""
SOON = timedelta(days=14)
CLOCK_WARNING, CLOCK_FAILED = 10.0, 300.0
WRITERS = frozenset({"admin", "tenant-admin", "tenant-ext-admin"})
"""Predefined roles with which external EPGs can be written (Cisco APIC Roles and Privileges Matrix)."""


@check(
    "apic-config",
    "Is it said where the APIC is, and as whom we log in?",
    "A setting of the APIC is missing or contradicts another. The row says which flag or variable to set.",
)
def config(case: Case) -> Finding:
    """Read the options."""
    options = case.apic_options
    how = "a key" if options.key_pem else "a password"
    return ok(f"{named(options.controllers)} as {options.username}, with {how}")


@check(
    "apic-reachable",
    "Does every controller answer?",
    "A controller that does not answer is no help when another fails. Look at its address and the way to it.",
    needs=("apic-config",),
)
def reachable(case: Case) -> Finding:
    """Open a connection to each."""
    dead = [probe for probe in case.apic_probes if not probe.answers]
    if not dead:
        return ok(f"{len(case.apic_probes)} of {len(case.apic_probes)} controllers answer")
    told = f"{named(one.url for one in dead)} does not answer: {shown(dead[0].trouble)}"
    step = f"curl -vk {dead[0].url}/api/aaaListDomains.json"
    return failed(told, step) if len(dead) == len(case.apic_probes) else warning(told, step)


@check(
    "apic-tls",
    "Is the controllers' certificate verified, and good for a while?",
    "Without verification whoever is on the path can read the password; an expired certificate ends "
    "every connection.",
    needs=("apic-reachable",),
)
def tls(case: Case) -> Finding:
    """Look at the trust and at the end of each certificate."""
    plain = [probe.url for probe in case.apic_probes if not probe.encrypted]
    if plain:
        return failed(
            f"{plain[0]} is not encrypted: the password can be read on the way", "name it with https://"
        )
    ends = {probe.url: probe.expires for probe in case.apic_probes if probe.expires}
    now = case.clock.now()
    for url, end in ends.items():
        if end < now:
            return failed(f"the certificate of {url} ended on {end:%Y-%m-%d}", "renew it on the APIC")
    if case.settings.apic_insecure:
        return warning(
            "the certificate is not verified (--apic-insecure)", "akb-sync doctor --apic-ca-file FILE"
        )
    try:
        case.session.login()  # this connection verifies
    except ApicCertificateError as error:
        return failed(error.message, error.next_step)
    except ApicError:
        _log.debug("what else is wrong with the login has a check of its own", exc_info=True)
    for url, end in ends.items():
        if end - now < SOON:
            return warning(f"the certificate of {url} ends on {end:%Y-%m-%d}", "renew it on the APIC")
    return ok(f"verified, good until {min(ends.values()):%Y-%m-%d}" if ends else "verified")


@check(
    "apic-login",
    "Are our credentials accepted?",
    "The APIC refuses the user, the password or the key. It is not tried again here, so that nobody "
    "gets locked out.",
    needs=("apic-tls",),
)
def login(case: Case) -> Finding:
    """Log in once."""
    return ok(f"{case.apic_options.username} is logged in on {case.session.login().controller}")


@check(
    "apic-version",
    "Do the controllers run a release that we know?",
    "The release is older than those for which the APIC's answers are known, or the controllers run several.",
    needs=("apic-login",),
)
def version(case: Case) -> Finding:
    """Ask for the firmware of the controllers; the login's answer tells it too."""
    answer = case.session.get(class_path("firmwareCtrlrRunning"))
    found = {body["attributes"].get("version", "") for item in answer for body in item.values()}
    found = (found - {""}) or ({case.session.login().version} - {""})
    if not found:
        return unknown("the APIC does not tell its release", "see System > Controllers on the APIC")
    if len(found) > 1:
        return warning(
            f"the controllers run {named(sorted(found))}", "finish the upgrade of the APIC cluster"
        )
    release = found.pop()
    match = re.match(r"(\d+)\.(\d+)", release)
    if match and (int(match[1]), int(match[2])) < OLDEST:
        return warning(f"APIC {release} is older than what akb-sync is made for", "upgrade to 5.2 or later")
    return ok(f"APIC {release}")


@check(
    "apic-rights",
    "Has our user a role with which external EPGs can be written?",
    "The user may read only, or nothing. Give it the role tenant-ext-admin (or tenant-admin) with "
    "write privilege "
    "in the tenant's security domain.",
    needs=("apic-login",),
)
def rights(case: Case) -> Finding:
    """Read the user's roles off the login, or off the user itself."""
    writing = _written_roles(case)
    user = case.apic_options.username
    if writing is None:
        return unknown(
            f"the roles of {user} cannot be read", f"see uni/userext/user-{user} on the APIC (aaaUserRole)"
        )
    roles = {role for roles in writing.values() for role in roles}
    if not roles:
        return failed(
            f"{user} has no role that may write", f"give {user} the role tenant-ext-admin on the APIC"
        )
    if roles.isdisjoint(WRITERS) and not any(role.isdigit() for role in roles):
        return warning(
            f"{user} may write as {named(sorted(roles))}, which is none of {named(sorted(WRITERS))}",
            f"see whether the role of {user} has the privilege tenant-ext-connectivity",
        )
    where = ", ".join(f"{named(roles)} in {domain}" for domain, roles in sorted(writing.items()) if roles)
    return ok(f"{user} may write as {where}")


@check(
    "apic-subscription",
    "Can changes be followed over the websocket?",
    "Without events a change on the fabric is seen at the next full read only. See what stands "
    "between here and the "
    "controller: a proxy or firewall that does not let websockets through.",
    needs=("apic-login",),
)
def subscription(case: Case) -> Finding:
    """Open the websocket and subscribe to one object."""
    try:
        made, _ = case.session.subscribe(mo_path("uni"), {"query-target": "self"}, _ignore)
    except ApicError as error:
        return failed(f"no subscription: {error.message}", error.next_step or "akb-sync doctor --debug")
    case.session.unsubscribe(made)
    return ok("the websocket opens and takes a subscription")


@check(
    "clocks",
    "Do this machine, the cluster and the APIC agree on the time?",
    "Certificates, the Lease and every age rest on the time. Set the clocks by NTP.",
)
def clocks(case: Case) -> Finding:
    """Compare the Date of both sides' answers with ours."""
    seen = {probe.url: probe.ahead for probe in _probes(case) if probe.ahead is not None}
    if not seen:
        return unknown("no side told its time", "timedatectl")
    url, ahead = max(seen.items(), key=lambda one: abs(one[1]))
    text = f"{url} is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} this machine"
    if abs(ahead) > CLOCK_FAILED:
        return failed(text, "timedatectl")
    if abs(ahead) > CLOCK_WARNING:
        return warning(text, "timedatectl")
    return ok(f"all within {max(1.0, abs(ahead)):.0f} s")


def _probes(case: Case) -> Iterator[Probe]:
    """Both sides, as far as their addresses are known: what is wrong with those has checks of its own."""
    with suppress(AkbSyncError):
        yield case.kubernetes_probe
    with suppress(AkbSyncError):
        yield from case.apic_probes


def _written_roles(case: Case) -> Mapping[str, tuple[str, ...]] | None:
    """By security domain, the roles that may write; None when that cannot be read."""
    grants = case.session.login().grants
    if grants is not None:
        return {grant.domain: grant.writes for grant in grants}
    user = mo_path(f"uni/userext/user-{case.apic_options.username}")
    params = {"query-target": "subtree", "target-subtree-class": "aaaUserRole"}
    answer = [body["attributes"] for item in case.session.get(user, params) for body in item.values()]
    if not answer:
        return None
    found: dict[str, tuple[str, ...]] = {}
    for role in answer:
        domain = re.search(r"/userdomain-([^/]+)/", role.get("dn", ""))
        if domain and role.get("privType") == "writePriv":
            found[domain[1]] = (*found.get(domain[1], ()), role.get("name", ""))
    return found


def _ignore(_events: object) -> None:
    """Nothing is waited for."""
