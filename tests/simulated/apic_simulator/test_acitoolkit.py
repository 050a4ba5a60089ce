"""acitoolkit's own Session and models against the simulator, used as its samples use them."""

import gc
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from akb_sync.simulators.apic import ApicSimulator
from tests.simulated.apic_simulator.client import mo, until

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:acitoolkit"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:acitoolkit.*"),
    pytest.mark.filterwarnings("ignore:Unverified HTTPS request"),
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def session(apic: ApicSimulator, acitoolkit: ModuleType) -> Iterator[Any]:
    session = acitoolkit.Session(apic.url, "admin", "secret")
    assert session.login(timeout=10).ok
    yield session
    session.login_thread.exit()
    session.subscription_thread.exit()
    session.subscription_thread._ws.close()
    session.close()
    # On a new login acitoolkit lets go of its old connections unclosed: collect them here, not elsewhere.
    del session
    gc.collect()


def test_a_login_with_a_wrong_password_is_not_ok(apic: ApicSimulator, acitoolkit: ModuleType) -> None:
    session = acitoolkit.Session(apic.url, "admin", "wrong")
    assert not session.login(timeout=10).ok
    session.login_thread.join(timeout=10)
    session.close()
    assert not session.logged_in()


def test_a_tenant_with_everything_is_pushed_and_read_back_deeply(
    apic: ApicSimulator, acitoolkit: ModuleType, session: Any
) -> None:
    tenant = acitoolkit.Tenant("toolkit")
    context = acitoolkit.Context("vrf", tenant)
    domain = acitoolkit.BridgeDomain("bd", tenant)
    domain.add_context(context)
    subnet = acitoolkit.Subnet("net", domain)
    subnet.set_addr("10.10.10.1/24")
    contract = acitoolkit.Contract("web", tenant)
    acitoolkit.FilterEntry(
        "http",
        applyToFrag="no",
        arpOpc="unspecified",
        dFromPort="80",
        dToPort="80",
        etherT="ip",
        prot="tcp",
        sFromPort="1",
        sToPort="65535",
        tcpRules="unspecified",
        parent=contract,
    )
    group = acitoolkit.EPG("epg", acitoolkit.AppProfile("app", tenant))
    group.add_bd(domain)
    group.provide(contract)
    outside = acitoolkit.OutsideL3("out", tenant)
    outside.add_context(context)
    external = acitoolkit.OutsideEPG("ext", outside)
    external.consume(contract)
    network = acitoolkit.OutsideNetwork("net", external)
    network.set_addr("10.1.0.0/16")

    answer = tenant.push_to_apic(session)
    assert answer.ok, answer.text
    assert apic.get("uni/tn-toolkit/out-out/instP-ext/extsubnet-[10.1.0.0/16]") is not None
    assert apic.get("uni/tn-toolkit/out-out/instP-ext/rscons-web") is not None
    assert apic.get("uni/tn-toolkit/BD-bd/subnet-[10.10.10.1/24]") is not None
    before = apic.subtree()
    assert tenant.push_to_apic(session).ok
    assert apic.subtree() == before

    (deep,) = acitoolkit.Tenant.get_deep(session, names=["toolkit"])
    assert [each.name for each in deep.get_children(acitoolkit.OutsideL3)] == ["out"]
    (epg,) = deep.get_children(acitoolkit.OutsideL3)[0].get_children(acitoolkit.OutsideEPG)
    assert [each.addr for each in epg.get_children(acitoolkit.OutsideNetwork)] == ["10.1.0.0/16"]

    tenant.mark_as_deleted()
    assert tenant.push_to_apic(session).ok
    assert apic.get("uni/tn-toolkit") is None


def test_get_lists_the_tenants(acitoolkit: ModuleType, session: Any) -> None:
    names = {tenant.name for tenant in acitoolkit.Tenant.get(session)}
    assert names == {"common", "infra", "mgmt", "TEN_K8_C1"}


def test_a_class_subscription_gives_events_for_what_changes(
    apic: ApicSimulator, acitoolkit: ModuleType, session: Any
) -> None:
    acitoolkit.Tenant.subscribe(session, only_new=True)
    apic.post("uni", mo("fvTenant", name="new"))
    until(lambda: acitoolkit.Tenant.has_events(session))
    event = acitoolkit.Tenant.get_event(session)
    assert (event.name, event.is_deleted()) == ("new", False)
    apic.delete("uni/tn-new")
    until(lambda: acitoolkit.Tenant.has_events(session))
    assert acitoolkit.Tenant.get_event(session).is_deleted()


def test_a_url_subscription_is_refreshed_and_resubscribed(apic: ApicSimulator, session: Any) -> None:
    url = (
        "/api/mo/uni/tn-TEN_K8_C1/out-L3O_K8_C1.json"
        "?query-target=subtree&target-subtree-class=l3extSubnet&subscription=yes"
    )
    session.subscribe(url)
    apic.clock.advance(40)
    session.subscription_thread.refresh_subscriptions()
    apic.clock.advance(40)
    assert apic.subscriptions == 1
    session.resubscribe()
    apic.post(
        "uni/tn-TEN_K8_C1/out-L3O_K8_C1",
        mo("l3extInstP", [mo("l3extSubnet", ip="10.0.0.0/8")], name="web"),
    )
    until(lambda: bool(session.has_events(url)))
    attributes = session.get_event(url)["imdata"][0]["l3extSubnet"]["attributes"]
    assert (attributes["status"], attributes["ip"]) == ("created", "10.0.0.0/8")


def test_an_expired_token_is_answered_by_a_new_login(apic: ApicSimulator, session: Any) -> None:
    apic.faults.expire_sessions()
    assert session.get("/api/class/fvTenant.json").ok
    assert apic.counts["logins"] == 2


def test_a_refresh_gives_the_session_its_next_token(session: Any) -> None:
    before = session.token
    assert session.refresh_login(timeout=10).ok
    assert session.token != before
    assert session.get("/api/class/fvTenant.json").ok
