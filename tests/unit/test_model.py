"""The words of the domain."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akb_sync.model import (
    Binding,
    Desired,
    Exposure,
    Freshness,
    L3Out,
    ObjectRef,
    Observed,
    ObservedEpg,
    ObservedL3Out,
    ObservedSubnet,
    Source,
    SourceView,
    Workload,
)

NAMES = st.from_regex(r"\A[a-zA-Z0-9_.:-]{1,63}\Z")
BINDING = Binding("T", "L", "E")


def _exposure(kind: str = "Pod", name: str = "p", created: str = "2026", namespace: str = "ns") -> Exposure:
    owner = Workload(ObjectRef("Deployment", "ns", "d", "u"), BINDING, "2026")
    return Exposure("10.0.0.1/32", owner, ObjectRef(kind, namespace, name), created, frozenset())


@given(NAMES, NAMES, NAMES)
def test_names_can_be_read_back_from_a_dn(tenant: str, l3out: str, epg: str) -> None:
    binding = Binding(tenant, l3out, epg)
    for dn in (binding.dn, binding.subnet_dn("2001:db8::/64"), f"{binding.dn}/rsprov-x"):
        assert Binding.of_dn(dn) == binding
        assert L3Out.of_dn(dn) == binding.parent
    assert Binding.of_dn(binding.parent.dn) is None
    assert L3Out.of_dn(binding.parent.dn) == binding.parent


@pytest.mark.parametrize(
    "dn", ["", "uni", "uni/tn-T", "uni/tn-T/ctx-V", "uni/fabric/out-x", "topology/pod-1"]
)
def test_a_dn_elsewhere_names_no_l3out(dn: str) -> None:
    assert L3Out.of_dn(dn) is None
    assert Binding.of_dn(dn) is None


def test_things_read_as_people_write_them() -> None:
    assert str(BINDING) == "T/L/E"
    assert str(BINDING.parent) == "T/L"
    assert str(ObjectRef("Deployment", "ns", "web")) == "Deployment ns/web"


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_subnets_name_always_fits_the_apic(namespace: str, name: str) -> None:
    assert re.fullmatch(r"[a-zA-Z0-9_.:-]{2,63}", _exposure(name=name, namespace=namespace).subnet_name)


def test_a_subnets_name_is_namespace_and_name_cut_to_63() -> None:
    assert _exposure(name="web-0").subnet_name == "ns::web-0"
    assert _exposure(name="a/b c").subnet_name == "ns::a_b_c"
    assert _exposure(name="x" * 100).subnet_name == "ns::" + "x" * 59


def test_a_pod_names_its_subnet_before_a_service_then_age_then_namespace_and_name() -> None:
    order = [
        _exposure("Pod", "z", "2020"),
        _exposure("Pod", "a", "2021"),
        _exposure("Pod", "b", "2021"),
        _exposure("Service", "a", "2019"),
    ]
    told = order[::-1]
    assert sorted(told, key=lambda one: one.precedence) == order


def test_the_oldest_workload_is_first() -> None:
    old, young = (Workload(ObjectRef("Deployment", "ns", "a"), BINDING, year) for year in ("2020", "2021"))
    assert old.seniority < young.seniority


def test_what_was_never_read_is_not_fresh() -> None:
    assert Desired().freshness(Source.PODS) is Freshness.NEVER
    assert not Desired().fresh
    fresh = {source: SourceView(Freshness.FRESH) for source in Source}
    assert Desired(sources=fresh).fresh
    assert not Desired(sources=fresh | {Source.PODS: SourceView(Freshness.STALE)}).fresh
    assert Observed().of(BINDING.parent).freshness is Freshness.NEVER
    assert Observed().epg(BINDING) is None


def test_an_epg_is_found_by_its_binding() -> None:
    epg = ObservedEpg(BINDING)
    here = ObservedL3Out(BINDING.parent, Freshness.FRESH, exists=True, epgs={"E": epg})
    assert Observed({BINDING.parent: here}).epg(BINDING) is epg
    assert epg.dn == "uni/tn-T/out-L/instP-E"


def test_only_import_security_takes_part_in_policy() -> None:
    for scope, expected in (
        (("import-security",), True),
        (("export-rtctrl", "shared-security"), False),
        ((), False),
    ):
        assert ObservedSubnet("dn", "ip", "prefix", scope=frozenset(scope)).classifies is expected
