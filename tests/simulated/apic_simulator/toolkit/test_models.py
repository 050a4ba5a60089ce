"""acitoolkit's models of a tenant: pushed, read back flat and deep, changed and deleted."""

from types import ModuleType
from typing import Any

from akb_sync.simulators.apic import ApicSimulator


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


def test_what_is_left_out_of_a_push_stays(acitoolkit: ModuleType, session: Any) -> None:
    tenant = acitoolkit.Tenant("toolkit")
    acitoolkit.Context("one", tenant)
    assert tenant.push_to_apic(session).ok
    later = acitoolkit.Tenant("toolkit")
    acitoolkit.Context("two", later)
    assert later.push_to_apic(session).ok
    assert {context.name for context in acitoolkit.Context.get(session, later)} == {"one", "two"}


def test_a_child_that_is_marked_as_deleted_goes_alone(
    apic: ApicSimulator, acitoolkit: ModuleType, session: Any
) -> None:
    tenant = acitoolkit.Tenant("toolkit")
    acitoolkit.Context("kept", tenant)
    gone = acitoolkit.Context("gone", tenant)
    assert tenant.push_to_apic(session).ok
    gone.mark_as_deleted()
    assert tenant.push_to_apic(session).ok
    assert apic.get("uni/tn-toolkit/ctx-gone") is None
    assert apic.get("uni/tn-toolkit/ctx-kept") is not None


def test_relations_are_taken_back(apic: ApicSimulator, acitoolkit: ModuleType, session: Any) -> None:
    tenant = acitoolkit.Tenant("toolkit")
    contract = acitoolkit.Contract("web", tenant)
    outside = acitoolkit.OutsideL3("out", tenant)
    external = acitoolkit.OutsideEPG("ext", outside)
    external.provide(contract)
    assert tenant.push_to_apic(session).ok
    assert apic.get("uni/tn-toolkit/out-out/instP-ext/rsprov-web") is not None
    external.dont_provide(contract)
    assert tenant.push_to_apic(session).ok
    assert apic.get("uni/tn-toolkit/out-out/instP-ext/rsprov-web") is None


def test_get_reads_models_below_a_tenant(acitoolkit: ModuleType, session: Any) -> None:
    tenant = acitoolkit.Tenant("toolkit")
    context = acitoolkit.Context("vrf", tenant)
    domain = acitoolkit.BridgeDomain("bd", tenant)
    domain.add_context(context)
    app = acitoolkit.AppProfile("app", tenant)
    acitoolkit.EPG("epg", app).add_bd(domain)
    acitoolkit.Contract("web", tenant)
    assert tenant.push_to_apic(session).ok
    assert [each.name for each in acitoolkit.BridgeDomain.get(session, tenant)] == ["bd"]
    assert [each.name for each in acitoolkit.AppProfile.get(session, tenant)] == ["app"]
    assert [each.name for each in acitoolkit.EPG.get(session, app, tenant)] == ["epg"]
    assert [each.name for each in acitoolkit.Contract.get(session, tenant)] == ["web"]
    assert acitoolkit.Tenant.exists(session, tenant)
    assert not acitoolkit.Tenant.exists(session, acitoolkit.Tenant("nobody"))


def test_get_deep_keeps_relations_between_models(acitoolkit: ModuleType, session: Any) -> None:
    tenant = acitoolkit.Tenant("toolkit")
    context = acitoolkit.Context("vrf", tenant)
    domain = acitoolkit.BridgeDomain("bd", tenant)
    domain.add_context(context)
    contract = acitoolkit.Contract("web", tenant)
    group = acitoolkit.EPG("epg", acitoolkit.AppProfile("app", tenant))
    group.add_bd(domain)
    group.consume(contract)
    assert tenant.push_to_apic(session).ok
    (deep,) = acitoolkit.Tenant.get_deep(session, names=["toolkit"])
    (found_domain,) = deep.get_children(acitoolkit.BridgeDomain)
    assert found_domain.get_context().name == "vrf"
    (app,) = deep.get_children(acitoolkit.AppProfile)
    (found_group,) = app.get_children(acitoolkit.EPG)
    assert found_group.get_bd().name == "bd"
    assert [each.name for each in found_group.get_all_consumed()] == ["web"]


def test_a_refused_push_answers_with_the_error_of_the_apic(
    apic: ApicSimulator, acitoolkit: ModuleType, session: Any
) -> None:
    tenant = acitoolkit.Tenant("toolkit")
    acitoolkit.Context("vrf", tenant).descr = "This is an [invalid] description"
    answer = tenant.push_to_apic(session)
    assert not answer.ok
    assert answer.json()["imdata"][0]["error"]["attributes"] == {
        "code": "801",
        "text": "property descr of uni/tn-toolkit/ctx-vrf failed validation for value "
        "'This is an [invalid] description'",
    }
    assert apic.get("uni/tn-toolkit") is None
