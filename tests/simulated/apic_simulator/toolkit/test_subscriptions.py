"""acitoolkit's subscriptions: by class, by object and by URL, refreshed and made anew."""

from types import ModuleType
from typing import Any

import pytest

from akb_sync.simulators.apic import ApicSimulator
from tests.simulated.apic_simulator.client import mo, until


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


def test_a_class_subscription_begins_with_what_is_there(acitoolkit: ModuleType, session: Any) -> None:
    assert acitoolkit.Tenant.subscribe(session)
    seen = set()
    while acitoolkit.Tenant.has_events(session):
        seen.add(acitoolkit.Tenant.get_event(session).name)
    assert seen == {"common", "infra", "mgmt", "TEN_K8_C1"}


def test_a_subscription_of_an_object_gives_events_for_it_alone(
    apic: ApicSimulator, acitoolkit: ModuleType, session: Any
) -> None:
    tenant = acitoolkit.Tenant("new")
    tenant._instance_subscribe(session)
    apic.post("uni", mo("fvTenant", name="other"))
    apic.post("uni", mo("fvTenant", name="new"))
    until(lambda: bool(tenant._instance_has_events(session)))
    event = tenant._instance_get_event(session)
    assert (event.name, event.is_deleted()) == ("new", False)
    assert not tenant._instance_has_events(session)
    apic.delete("uni/tn-new")
    until(lambda: bool(tenant._instance_has_events(session)))
    assert tenant._instance_get_event(session).is_deleted()


TENANT = "uni/tn-TEN_K8_C1"
BY_MODEL = {
    "Context": (TENANT, "fvCtx"),
    "BridgeDomain": (TENANT, "fvBD"),
    "AppProfile": (TENANT, "fvAp"),
    "Contract": (TENANT, "vzBrCP"),
    "OutsideL3": (TENANT, "l3extOut"),
    "OutsideEPG": (f"{TENANT}/out-L3O_K8_C1", "l3extInstP"),
}


@pytest.mark.parametrize("model", BY_MODEL)
def test_every_model_can_be_subscribed_to_by_class(
    apic: ApicSimulator, acitoolkit: ModuleType, session: Any, model: str
) -> None:
    kind = getattr(acitoolkit, model)
    parent, name = BY_MODEL[model]
    assert kind.subscribe(session, only_new=True)
    apic.post(parent, mo(name, name="new"))
    until(lambda: bool(kind.has_events(session)))
    event = kind.get_event(session)
    assert (type(event), event.name) == (kind, "new")


def test_a_new_login_takes_the_subscriptions_along(
    apic: ApicSimulator, acitoolkit: ModuleType, session: Any
) -> None:
    acitoolkit.Tenant.subscribe(session, only_new=True)
    apic.faults.expire_sessions()
    # The websocket goes with its session. acitoolkit's reader must have noticed before the next login, or
    # it may go on reading from the new websocket beside the new reader.
    until(lambda: not session.subscription_thread.event_handler_thread.is_alive())
    assert session.push_to_apic("/api/mo/uni.json", mo("fvTenant", name="first")).ok
    assert apic.subscriptions == 1
    apic.post("uni", mo("fvTenant", name="second"))
    names = set()

    def seen() -> bool:
        while acitoolkit.Tenant.has_events(session):
            names.add(acitoolkit.Tenant.get_event(session).name)
        return "second" in names

    until(seen)


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
