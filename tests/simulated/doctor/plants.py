"""What can be wrong, planted one at a time: what each plant does, and which checks have to see it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from akb_sync.mark import Identity
from akb_sync.simulators.apic.accounts import user_document
from akb_sync.state import Pause, State, Waiting
from akb_sync.state_file import StateFile
from tests.simulated.engine.stage import L3OUT, PAUSED, TENANT, binding, epg_dn, subnet_dn

from .conftest import CONTRACT, Ward

L3OUT_DN = f"uni/tn-{TENANT}/out-{L3OUT}"
OTHER = Identity.of("elsewhere", "deadbeef-0000-0000-0000-000000000000")
NAMESAKE = Identity.of("k8s", "deadbeef-0000-0000-0000-000000000000")


@dataclass(frozen=True)
class Plant:
    """One thing that is wrong, and every check that has to turn, no other."""

    name: str
    do: Callable[[Ward], Any]
    turned: dict[str, str]

    def __str__(self) -> str:
        return self.name


def _set(**changes: Any) -> Callable[[Ward], Any]:
    return lambda ward: ward.settings.update(changes)


def _open_password_file(ward: Ward) -> None:
    file = ward.stage.folder / "password"
    file.write_text("secret")
    file.chmod(0o644)
    ward.settings.update(apic_password="", apic_password_file=file)


def _missing_password_file(ward: Ward) -> None:
    ward.settings.update(apic_password="", apic_password_file=ward.stage.folder / "none")


def _bad_token(ward: Ward) -> None:
    path = ward.stage.cluster.write_kubeconfig(ward.stage.folder / "other-kubeconfig", token="stolen")
    ward.settings["kubeconfig"] = path


def _reader(domains: dict[str, dict[str, str]]) -> Callable[[Ward], Any]:
    def plant(ward: Ward) -> None:
        ward.stage.apic.post("uni/userext", user_document("reader", "secret", domains))
        ward.settings["apic_username"] = "reader"

    return plant


def _one_domain_only(ward: Ward) -> None:
    ward.stage.apic.post("uni/userext", {"aaaDomain": {"attributes": {"name": "DOM"}}})
    ward.stage.apic.post(f"uni/tn-{TENANT}", {"aaaDomainRef": {"attributes": {"name": "DOM"}}})
    _reader({"DOM": {"tenant-admin": "writePriv"}})(ward)


def _shift(seconds: float) -> Callable[[Ward], Any]:
    def plant(ward: Ward) -> None:
        ward.shift = seconds

    return plant


def _workload(
    annotation: str, namespace: str = "shop", *pods: str, name: str = "more"
) -> Callable[[Ward], Any]:
    def plant(ward: Ward) -> None:
        made = ward.stage.workload(name, annotation=annotation, namespace=namespace)
        for address in pods:
            ward.stage.pod(made, address)

    return plant


def _near_miss(ward: Ward) -> None:
    made = ward.stage.workload("more")
    ward.stage.annotate(made, None)
    ward.stage.annotate(made, binding(), "aci.haystacknetworks.com/l3out")


def _host_network(ward: Ward) -> None:
    ward.stage.pod(ward.web, "192.0.2.200", hostNetwork=True)


def _hostname(ward: Ward) -> None:
    ward.stage.service("named", app="web")
    status = {"status": {"loadBalancer": {"ingress": [{"hostname": "lb.example"}]}}}
    ward.stage.cluster.patch("Service", "shop", "named", status, subresource="status")


def _ambiguous(ward: Ward) -> None:
    made = ward.stage.workload("web2", epg="EPG_TWO")
    labels = {"spec": {"template": {"metadata": {"labels": {"app": "web2", "tier": "all"}}}}}
    for workload in (ward.web, made):
        name = workload["metadata"]["name"]
        labels = {"spec": {"template": {"metadata": {"labels": {"app": name, "tier": "all"}}}}}
        ward.stage.cluster.patch("Deployment", "shop", name, labels)
    ward.stage.service("both", "192.0.2.8")
    patch = {"spec": {"selector": {"app": None, "tier": "all"}}}
    ward.stage.cluster.patch("Service", "shop", "both", patch)


def _bare_l3out(ward: Ward) -> None:
    ward.stage.apic.post(f"uni/tn-{TENANT}", {"l3extOut": {"attributes": {"name": "L3O_BARE"}}})
    _workload(binding("EPG_BARE", "L3O_BARE"))(ward)


def _unenforced(ward: Ward) -> None:
    vrf = next(dn for dn in ward.stage.apic.of_class("fvCtx") if f"tn-{TENANT}/" in dn)
    ward.stage.apic.post(vrf, {"fvCtx": {"attributes": {"pcEnfPref": "unenforced"}}})


def _no_contract(ward: Ward) -> None:
    ward.stage.apic.delete(f"{epg_dn()}/rsprov-web")


def _covered(ward: Ward) -> None:
    ward.epg("catch_all", "10.244.0.0/16")
    ward.stage.apic.post(epg_dn("catch_all"), {"l3extInstP": {"attributes": {}, "children": [CONTRACT]}})
    _workload(binding("EPG_NEW"), "shop", "10.244.2.1")(ward)


def _fault(ward: Ward) -> None:
    ward.epg("first", "10.9.9.9/32")
    ward.subnet("10.9.9.9/32")  # the leaf has the other one already, so ours gets F0467


def _many_epgs(ward: Ward) -> None:
    children = [{"l3extInstP": {"attributes": {"name": f"E{number}"}}} for number in range(201)]
    ward.stage.apic.post(L3OUT_DN, {"l3extOut": {"attributes": {}, "children": children}})


def _too_many_epgs(ward: Ward) -> None:
    children = [{"l3extInstP": {"attributes": {"name": f"E{number}"}}} for number in range(260)]
    ward.stage.apic.post(L3OUT_DN, {"l3extOut": {"attributes": {}, "children": children}})


def _unmanaged(ward: Ward) -> None:
    ward.epg("EPG_HAND")
    _workload(binding("EPG_HAND"))(ward)


def _released(ward: Ward) -> None:
    ward.epg("EPG_HAND")
    tag = {"tagAnnotation": {"attributes": {"key": ward.identity.release_tag, "value": "released"}}}
    ward.stage.apic.post(epg_dn("EPG_HAND"), {"l3extInstP": {"attributes": {}, "children": [tag]}})
    _workload(binding("EPG_HAND"))(ward)


def _marked(identity: Identity, prefix: str, at: str = "") -> Callable[[Ward], Any]:
    return lambda ward: ward.subnet(prefix, annotation=identity.mark(at or subnet_dn(prefix)))


def _copied(ward: Ward) -> None:
    ward.subnet("10.9.9.9/32", annotation=ward.identity.mark(subnet_dn("10.244.1.1/32")))


def _marks_lost(ward: Ward) -> None:
    for number in range(1, 13):
        ward.stage.pod(ward.web, f"10.244.3.{number}")
    ward.sync()
    for number in range(1, 13):
        ward.subnet(f"10.244.3.{number}/32", annotation="")


def _orphan(ward: Ward) -> None:
    ward.epg("EPG_OLD", annotation=ward.identity.mark(epg_dn("EPG_OLD")))


def _rebuilt(ward: Ward) -> None:
    ward.epg("EPG_DEAD", annotation=NAMESAKE.mark(epg_dn("EPG_DEAD")))


def _no_success(ward: Ward) -> None:
    now = datetime.now(UTC)
    ward.record(State("pod-1", now, last_success=now - timedelta(hours=1)))


def _ended(ward: Ward) -> None:
    ward.record(State("", datetime.now(UTC), last_success=datetime.now(UTC)))


def _rejected(ward: Ward) -> None:
    now = datetime.now(UTC)
    item = Waiting("rejected", "Rejected", now, now + timedelta(minutes=1), "code 801: no")
    ward.record(State("pod-1", now, last_success=now, items={subnet_dn("10.244.1.1/32"): item}))


def _paused_engine(ward: Ward) -> None:
    StateFile(ward.state_file).set_pause(Pause("ann@laptop", datetime.now(UTC)))


def _mass_delete(ward: Ward) -> None:
    pods = [ward.stage.pod(ward.web, f"10.244.4.{number}") for number in range(1, 15)]
    ward.sync()
    for pod in pods:
        ward.stage.remove(pod)


def _forget(ward: Ward) -> None:
    ward.stage.annotate(ward.web, None)


W, F, U = "warning", "failed", "unknown"
PLANTS = (
    Plant("resync is very short", _set(resync=5.0), {"settings": W}),
    Plant("hold-down is less than nothing", _set(hold_down=-1.0), {"settings": F}),
    Plant("allow is unset", _set(allow=()), {"allow": W}),
    Plant("allow allows everything", _set(allow=("*=*/*/*",)), {"allow": W}),
    Plant("pod-cidrs is unset", _set(pod_cidrs=()), {"ranges": W}),
    Plant("service-cidrs is unset", _set(service_cidrs=()), {"ranges": W}),
    Plant("the password file is open to all", _open_password_file, {"secret-files": W}),
    Plant("the password file is missing", _missing_password_file, {"secret-files": F, "apic-config": F}),
    Plant(
        "the journal is in no folder",
        lambda ward: ward.settings.update(journal=ward.stage.folder / "none" / "journal"),
        {"journal": F},
    ),
    Plant("no such context", _set(context="nowhere"), {"kubernetes-config": F}),
    Plant("the API server is down", lambda ward: ward.stage.cluster.stop(), {"kubernetes-api": F}),
    Plant("the token is not accepted", _bad_token, {"kubernetes-credentials": F}),
    Plant(
        "kube-system may not be read",
        lambda ward: ward.stage.cluster.deny("get", "namespaces"),
        {"kubernetes-credentials": F},
    ),
    Plant(
        "DaemonSets may not be watched",
        lambda ward: ward.stage.cluster.deny("watch", "daemonsets"),
        {"kubernetes-read-rights": F},
    ),
    Plant(
        "Pods may not be listed",
        lambda ward: ward.stage.cluster.deny("list", "pods"),
        {"kubernetes-read-rights": F, "kubernetes-view": F},
    ),
    Plant(
        "Events may not be written",
        lambda ward: ward.stage.cluster.deny("create", "events"),
        {"kubernetes-write-rights": W},
    ),
    Plant(
        "the Lease may not be renewed",
        lambda ward: ward.stage.cluster.deny("update", "leases"),
        {"kubernetes-write-rights": W},
    ),
    Plant(
        "one kind answers with errors",
        lambda ward: ward.stage.cluster.faults.error(503, "services", "list"),
        {"kubernetes-view": F},
    ),
    Plant("no APIC is named", _set(apic=""), {"apic-config": F}),
    Plant(
        "a key has no certificate's name",
        _set(apic_password="", apic_certificate_name="x"),
        {"apic-config": F},
    ),
    Plant(
        "one of two controllers is dead",
        lambda ward: ward.settings.update(apic=f"{ward.stage.apic.url},https://127.0.0.1:1"),
        {"apic-reachable": W},
    ),
    Plant("no controller answers", lambda ward: ward.stage.apic.stop(), {"apic-reachable": F}),
    Plant("the certificate is not verified", _set(apic_insecure=True, apic_ca_file=None), {"apic-tls": W}),
    Plant(
        "the certificate is of another CA",
        lambda ward: ward.settings.update(apic_ca_file=ward.stage.cluster.ca_file),
        {"apic-tls": F},
    ),
    Plant("the password is wrong", _set(apic_password="guess"), {"apic-login": F}),
    Plant("the user may only read", _reader({"all": {"read-all": "readPriv"}}), {"apic-rights": F}),
    Plant(
        "the user has a role of another field",
        _reader({"all": {"read-all": "readPriv", "fabric-admin": "writePriv"}}),
        {"apic-rights": W},
    ),
    Plant("other tenants may not be read", _one_domain_only, {"conflict-check": W}),
    Plant("our clock is a minute behind", _shift(-60.0), {"clocks": W}),
    Plant("our clock is an hour ahead", _shift(3600.0), {"clocks": F}),
    Plant("nobody bears the annotation", _forget, {"workloads": W, "orphans": W, "mass-delete": W}),
    Plant("an annotation is no JSON", _workload("{"), {"annotations": W}),
    Plant("an annotation names an EPG only", _workload('{"epg": "EPG_X"}'), {"home": W}),
    Plant(
        "an annotation nearly is ours",
        _near_miss,
        {"near-miss": W},
    ),
    Plant("an annotation has an unknown key", _workload(binding(colour="red")), {"unknown-keys": W}),
    Plant("a namespace names what it may not", _workload(binding(), "other"), {"not-allowed": W}),
    Plant(
        "a Pod has an address out of range",
        lambda ward: ward.stage.pod(ward.web, "172.16.0.1"),
        {"out-of-range": W},
    ),
    Plant("a Pod is on its node's network", _host_network, {"host-network": W}),
    Plant("a load balancer gives a hostname", _hostname, {"hostnames": W}),
    Plant("a Service stands before two EPGs", _ambiguous, {"ambiguous-services": W}),
    Plant(
        "a workload is paused",
        lambda ward: ward.stage.annotate(ward.web, "true", PAUSED),
        {"paused-workloads": W},
    ),
    Plant("a tenant is missing", _workload(binding("E", "L", "TEN_NONE")), {"parents": F}),
    Plant("an L3Out has no VRF", _bare_l3out, {"vrf": F}),
    Plant("the VRF is unenforced", _unenforced, {"vrf-enforced": W}),
    Plant(
        "somebody has our prefix too",
        lambda ward: ward.epg("by_hand", "10.244.1.1/32"),
        {"vrf-conflicts": F},
    ),
    Plant("an EPG has no contract", _no_contract, {"contracts": W}),
    Plant("an address loses contracts", _covered, {"shifts": W}),
    Plant("the fabric raises a fault", _fault, {"faults": W, "vrf-conflicts": W}),
    Plant("an L3Out is nearly full of EPGs", _many_epgs, {"scale": W}),
    Plant("an L3Out has too many EPGs", _too_many_epgs, {"scale": F}),
    Plant("max-prefixes is nearly reached", _set(max_prefixes=4), {"max-prefixes": W}),
    Plant("a named EPG is somebody's", _unmanaged, {"unmanaged": W}),
    Plant("a named EPG is released", _released, {"released": W}),
    Plant("another cluster works in our EPG", _marked(OTHER, "10.9.9.9/32"), {"foreign-marks": W}),
    Plant(
        "Terraform works in our EPG",
        lambda ward: ward.subnet("10.9.9.9/32", annotation="orchestrator:terraform"),
        {"other-orchestrators": W},
    ),
    Plant("our mark was copied", _copied, {"copied-marks": W}),
    Plant("our marks were emptied", _marks_lost, {"marks-lost": W}),
    Plant("an EPG of ours is wanted by nobody", _orphan, {"orphans": W}),
    Plant("this cluster was rebuilt", _rebuilt, {"other-clusters": W}),
    Plant("the engine has no success", _no_success, {"engine": W}),
    Plant("the engine has ended", _ended, {"engine": W}),
    Plant("the engine's record cannot be read", lambda ward: ward.state_file.mkdir(), {"engine": U}),
    Plant("the engine is paused", _paused_engine, {"engine-paused": W}),
    Plant("the APIC refused an object", _rejected, {"rejected": W}),
    Plant("a mass delete waits", _mass_delete, {"mass-delete": W}),
)
