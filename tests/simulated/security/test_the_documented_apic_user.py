"""The APIC user of `docs/security.md`, made by the very calls of that page, is enough and no more."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.key_pairs import self_signed
from tests.simulated.apic_simulator.client import Client
from tests.simulated.cli.program import Program
from tests.simulated.engine.stage import Stage, binding, hosts

PAGE = Path(__file__).parents[3] / "docs" / "security.md"
_CALL = re.compile(r"^`POST /api/([^`]+)\.json`.*?\n```json\n(.*?)^```", re.MULTILINE | re.DOTALL)
PASSWORD = "a long random password"


@pytest.fixture
def key_settings(stage: Stage) -> dict[str, Any]:
    """Follow the page as an administrator; give the settings of who was made by it."""
    key, certificate = self_signed("akb-sync")
    calls = _CALL.findall(PAGE.read_text(encoding="utf-8"))
    assert len(calls) == 4
    with Client(stage.apic) as administrator:
        administrator.login()
        for path, body in calls:
            filled = body.replace("A-LONG-RANDOM-PASSWORD", PASSWORD)
            filled = filled.replace("CERTIFICATE-PEM", certificate.replace("\n", "\\n"))
            answer = administrator.post(path, filled)
            assert answer.status_code == 200, answer.text
    file = stage.folder / "akb-sync.key"
    file.write_text(key)
    return {
        "apic_username": "akb-sync",
        "apic_password": "",
        "apic_key_file": file,
        "apic_certificate_name": "akb-sync",
    }


def test_with_its_key_it_writes_what_is_wanted(stage: Stage, key_settings: dict[str, Any]) -> None:
    stage.pods(stage.workload("web"), 2)
    outcome = stage.sync(**key_settings)
    assert stage.prefixes() == hosts("10.244.1", 2)
    assert not outcome.plan.changes
    assert {entry.user for entry in stage.apic.journal if entry.dn.startswith("uni/tn-")} - {"admin"} == {
        "akb-sync"
    }


def test_it_sees_a_conflict_in_the_vrf_that_it_may_not_write(
    stage: Stage, key_settings: dict[str, Any]
) -> None:
    vrf = {"fvCtx": {"attributes": {"name": "VRF_SHARED"}}}
    stage.apic.post("uni/tn-common", vrf)
    relation = {"l3extRsEctx": {"attributes": {"tnFvCtxName": "VRF_SHARED"}}}
    theirs = {"l3extOut": {"attributes": {"name": "L3O_X"}, "children": [relation]}}
    stage.apic.post("uni", {"fvTenant": {"attributes": {"name": "TEN_X"}, "children": [theirs]}})
    stage.apic.post("uni/tn-TEN_K8_C1/out-L3O_K8_C1", relation)
    stage.epg("EPG_X", "10.244.1.1/32", l3out="L3O_X", tenant="TEN_X")
    stage.pods(stage.workload("web"), 2)
    outcome = stage.sync(wait=False, **key_settings)
    assert stage.prefixes() == {"10.244.1.2/32"}
    assert outcome.held == {"10.244.1.1/32": "Conflict"}


def test_it_may_not_write_into_a_tenant_outside_of_its_domain(
    stage: Stage, key_settings: dict[str, Any]
) -> None:
    l3out = {"l3extOut": {"attributes": {"name": "L3O_X"}}}
    stage.apic.post("uni", {"fvTenant": {"attributes": {"name": "TEN_X"}, "children": [l3out]}})
    stage.pods(stage.workload("web", annotation=binding("EPG_X", "L3O_X", "TEN_X")), 1)
    before = stage.apic.subtree("uni/tn-TEN_X")
    outcome = stage.sync(wait=False, **key_settings)
    assert stage.apic.subtree("uni/tn-TEN_X") == before
    assert outcome.plan.changes


def test_it_may_not_make_users_or_give_itself_rights(stage: Stage, key_settings: dict[str, Any]) -> None:
    assert key_settings
    role = {"aaaUserRole": {"attributes": {"name": "admin", "privType": "writePriv"}}}
    more = {"aaaUserDomain": {"attributes": {"name": "all"}, "children": [role]}}
    another = {"aaaUser": {"attributes": {"name": "x", "pwd": "y"}}}
    with Client(stage.apic) as itself:
        itself.login("akb-sync", PASSWORD)
        assert itself.post("mo/uni/userext/user-akb-sync", more).status_code == 400
        assert itself.post("mo/uni/userext", another).status_code == 400


@pytest.mark.usefixtures("key_settings")
def test_doctor_finds_its_rights_sufficient(stage: Stage, akb: Program) -> None:
    stage.pods(stage.workload("web"), 1)
    found = akb.with_(ACI_USERNAME="akb-sync", ACI_PASSWORD=PASSWORD).run("doctor", "-o", "json")
    rows = {row["name"]: row for row in found.document["checks"]}
    assert rows["apic-rights"]["verdict"] == "ok", rows["apic-rights"]
    assert "tenant-ext-admin in SD_K8_C1" in rows["apic-rights"]["seen"]
    assert rows["conflict-check"]["verdict"] == "ok", rows["conflict-check"]
