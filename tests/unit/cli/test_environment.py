"""A variable that is nearly a setting is refused; another that begins as ours do is told, and no more."""

import pytest
from akb_sync_cli.environment import unknown

from akb_sync.errors import SettingsError
from akb_sync.settings import table

LINKS = [
    "AKB_SYNC_SERVICE_HOST",
    "AKB_SYNC_SERVICE_PORT",
    "AKB_SYNC_SERVICE_PORT_METRICS",
    "AKB_SYNC_PORT",
    "AKB_SYNC_PORT_9090_TCP",
    "AKB_SYNC_PORT_9090_TCP_PROTO",
    "AKB_SYNC_PORT_9090_TCP_PORT",
    "AKB_SYNC_PORT_9090_TCP_ADDR",
    "AKB_SYNC_METRICS_SERVICE_HOST",
    "AKB_SYNC_METRICS_PORT_53_UDP",
    "AKB_SYNC_POLICY_SERVICE_PORT",
]
"""What Kubernetes gives a container for the Services `akb-sync`, `akb-sync-metrics` and `akb-sync-policy`."""


def test_every_setting_is_known() -> None:
    assert list(unknown(setting.env for setting in table())) == []


def test_what_kubernetes_and_a_simulator_put_there_is_no_reason_to_speak() -> None:
    ours = ["AKB_SYNC_CONFIG", "AKB_SYNC_PROFILE", "AKB_SYNC_APIC_ADMIN", "AKB_SYNC_APIC_ADMIN_TOKEN"]
    assert list(unknown([*LINKS, *ours, "PATH", "ACI_NODE", "KUBERNETES_PORT", "_AKB_SYNC_COMPLETE"])) == []


def test_one_that_is_no_setting_is_told_and_ignored() -> None:
    assert list(unknown(["AKB_SYNC_IMAGE", "HOME", "AKB_SYNC_BUILD"])) == [
        "$AKB_SYNC_BUILD is no setting of akb-sync, and is ignored",
        "$AKB_SYNC_IMAGE is no setting of akb-sync, and is ignored",
    ]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("AKB_SYNC_POLCY", "AKB_SYNC_POLICY"),
        ("AKB_SYNC_MASSDELETE", "AKB_SYNC_MASS_DELETE"),
        ("AKB_SYNC_POD_CIDR", "AKB_SYNC_POD_CIDRS"),
        ("AKB_SYNC_HOLDDOWN", "AKB_SYNC_HOLD_DOWN"),
        ("AKB_SYNC_ALLOWED", "AKB_SYNC_ALLOW"),
    ],
)
def test_one_that_is_nearly_a_setting_is_refused(typed: str, meant: str) -> None:
    with pytest.raises(SettingsError) as error:
        list(unknown([typed]))
    assert str(error.value) == f"${typed} is no setting; did you mean {meant}?"


@pytest.mark.parametrize(
    "name", ["AKB_SYNC_VERSION", "AKB_SYNC_SEED", "AKB_SYNC_HOME", "AKB_SYNC_NAMESPACE_X"]
)
def test_names_that_people_have_for_themselves_are_not_taken_for_settings(name: str) -> None:
    assert len(list(unknown([name]))) == 1
