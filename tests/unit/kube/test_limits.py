from __future__ import annotations

import pytest

from akb_sync.errors import SettingsError
from akb_sync.kube.limits import Limits
from akb_sync.model import Binding

BINDING = Binding("TEN", "OUT", "EPG_WEB")


@pytest.mark.parametrize("tenant", ["infra", "mgmt"])
def test_the_fabrics_own_tenants_are_never_used(tenant: str) -> None:
    binding = Binding(tenant, "OUT", "EPG")
    assert "belongs to the fabric" in Limits().refusal("shop", binding)
    assert "belongs to the fabric" in Limits(allow={"*": ["*/*/*"]}).refusal("shop", binding)


def test_with_nothing_set_everything_else_is_allowed() -> None:
    assert Limits().refusal("shop", BINDING) == ""
    assert Limits().refusal("shop", Binding("common", "OUT", "EPG")) == ""


@pytest.mark.parametrize(
    ("namespaces", "pattern", "allowed"),
    [
        ("shop", "TEN/OUT/EPG_WEB", True),
        ("sh*", "TEN/*/EPG_*", True),
        ("*", "TEN/OUT/EPG_[VW]EB", True),
        ("shop-2", "TEN/OUT/EPG_WEB", False),
        ("shop", "ten/OUT/EPG_WEB", False),
        ("shop", "TEN/OUT/EPG", False),
        ("shop", "T*/EPG_WEB/*", False),
    ],
)
def test_allow_maps_namespaces_to_epgs(namespaces: str, pattern: str, allowed: bool) -> None:
    refusal = Limits(allow={namespaces: ["NO/NO/NO", pattern]}).refusal("shop", BINDING)
    assert (refusal == "") is allowed


def test_a_star_stays_within_its_part() -> None:
    limits = Limits(allow={"*": ["TEN/*/EPG"]})
    assert limits.refusal("shop", Binding("TEN", "A", "EPG")) == ""
    assert limits.refusal("shop", Binding("TEN", "A", "OTHER_EPG")) != ""


@pytest.mark.parametrize("pattern", ["TEN", "TEN/*", "TEN/OUT/EPG/X", ""])
def test_a_pattern_without_three_parts_is_a_settings_error(pattern: str) -> None:
    with pytest.raises(SettingsError, match="no tenant/l3out/epg pattern"):
        Limits(allow={"*": [pattern]})


def test_a_range_with_host_bits_is_a_settings_error() -> None:
    with pytest.raises(SettingsError, match="--pod-cidrs"):
        Limits(pod_cidrs=("10.0.0.1/8",))
    with pytest.raises(SettingsError, match="--service-cidrs"):
        Limits(service_cidrs=("nonsense",))
    with pytest.raises(SettingsError, match="nodes"):
        Limits(expose=frozenset({"nodes"}))


@pytest.mark.parametrize(
    ("prefix", "kind"),
    [
        ("0.0.0.0/32", "unspecified"),
        ("127.0.0.53/32", "loopback"),
        ("169.254.169.254/32", "link-local"),
        ("224.0.0.1/32", "multicast"),
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("fe80::1/128", "link-local"),
        ("ff02::1/128", "multicast"),
        ("::ffff:127.0.0.1/128", "IPv4-mapped"),
    ],
)
def test_some_addresses_are_never_exposed(prefix: str, kind: str) -> None:
    wide = Limits(pod_cidrs=("0.0.0.0/0", "::/0"), service_cidrs=("0.0.0.0/0", "::/0"))
    assert wide.pod_out_of_range(prefix) == f"{kind} address"
    assert wide.service_out_of_range(prefix) == f"{kind} address"


def test_ranges_hold_for_their_kind_and_both_families() -> None:
    limits = Limits(pod_cidrs=("10.0.0.0/8", "2001:db8::/32"))
    assert limits.pod_out_of_range("10.255.255.255/32") == ""
    assert limits.pod_out_of_range("2001:db8::1/128") == ""
    assert limits.pod_out_of_range("11.0.0.0/32") == "outside --pod-cidrs"
    assert limits.service_out_of_range("11.0.0.0/32") == ""


def test_a_range_without_a_length_is_refused_since_it_would_be_one_address() -> None:
    with pytest.raises(SettingsError, match=r"`10\.0\.0\.0` in --pod-cidrs has no length"):
        Limits(pod_cidrs=("10.0.0.0",))
