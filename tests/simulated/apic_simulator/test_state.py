"""The state as a snapshot and as a file: put back exactly, with the events that tell the differences."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from akb_sync.simulators import SimulatorError
from akb_sync.simulators.apic import ApicSimulator
from akb_sync.simulators.apic.loading import load_file
from akb_sync.simulators.apic.snapshots import Snapshot, check_writable, save
from tests.simulated.apic_simulator.client import Client, mo

TENANT = "uni/tn-TEN_K8_C1"
L3OUT = f"{TENANT}/out-L3O_K8_C1"


def fill(apic: ApicSimulator) -> None:
    """External EPGs that quarrel about a prefix, a relation to nothing, a user, and records of it all."""
    for name, ips in (("web", ("10.0.0.0/8", "11.0.0.0/8")), ("db", ("10.0.0.0/8",))):
        subnets = [mo("l3extSubnet", ip=ip) for ip in ips]
        epg = mo("l3extInstP", [*subnets, mo("fvRsProv", tnVzBrCPName="none")], name=name)
        apic.post(L3OUT, epg, user="admin")
    apic.add_user("ops", "pw", {"all": {"read-all": "readPriv"}})


def everything(apic: ApicSimulator) -> dict[str, Any]:
    """All objects by dn with class and properties; the nodes' clocks go on."""
    return {
        dn: (
            name,
            {prop: value for prop, value in found.items() if prop not in {"currentTime", "systemUpTime"}},
        )
        for name, dn, found in apic.snapshot().objects
    }


def test_a_saved_file_loads_back_to_the_same_tree(apic: ApicSimulator, tmp_path: Path) -> None:
    fill(apic)
    assert apic.of_class("faultInst")
    apic.save(tmp_path / "state.json")
    other = ApicSimulator()
    load_file(other, tmp_path / "state.json")
    assert everything(other) == everything(apic)
    other.save(tmp_path / "again.json")
    first, second = (json.loads((tmp_path / name).read_text()) for name in ("state.json", "again.json"))
    assert first.keys() == second.keys()
    assert len(first["imdata"]) == len(second["imdata"])


def test_a_loaded_state_goes_on_where_it_was(apic: ApicSimulator, tmp_path: Path) -> None:
    fill(apic)
    apic.save(tmp_path / "state.json")
    other = ApicSimulator()
    load_file(other, tmp_path / "state.json")
    with other, Client(other) as client:
        client.login("ops", "pw")
        tags = [found["pcTag"] for name in ("fvCtx", "l3extInstP") for found in other.of_class(name).values()]
        other.post(L3OUT, mo("l3extInstP", name="new"), user="admin")
        assert (other.get(f"{L3OUT}/instP-new") or {})["pcTag"] not in tags
        faults = len(other.of_class("faultInst"))
        other.delete(f"{L3OUT}/instP-web")
        assert not any("F0467" in dn for dn in other.of_class("faultInst")), "the quarrel is over"
        assert len(other.of_class("faultInst")) < faults


def test_the_one_that_came_first_keeps_its_prefix_after_a_reload(apic: ApicSimulator, tmp_path: Path) -> None:
    apic.post(L3OUT, mo("l3extInstP", name="aaa"))
    fill(apic)
    apic.post(f"{L3OUT}/instP-aaa", mo("l3extSubnet", ip="11.0.0.0/8"))
    apic.save(tmp_path / "state.json")
    other = ApicSimulator()
    load_file(other, tmp_path / "state.json")
    losers = {dn for dn in other.of_class("faultInst") if "F0467" in dn}
    assert losers == {dn for dn in apic.of_class("faultInst") if "F0467" in dn}
    apic.delete(f"{L3OUT}/instP-db")
    other.delete(f"{L3OUT}/instP-db")
    assert everything(other).keys() == everything(apic).keys()


def test_putting_a_snapshot_back_tells_every_difference_as_an_event(
    apic: ApicSimulator, client: Client
) -> None:
    fill(apic)
    known = {dn: found for _name, dn, found in apic.snapshot().objects if dn.startswith("uni")}
    before = apic.snapshot()
    client.open_socket().subscribe("mo/uni", **{"query-target": "subtree"})
    apic.delete(f"{L3OUT}/instP-web")
    apic.post(L3OUT, mo("l3extInstP", [mo("l3extSubnet", ip="12.0.0.0/8")], name="new"))
    apic.post(f"{L3OUT}/instP-db", mo("l3extInstP", descr="changed"))
    assert apic.restore(before) > 0
    apic.post("uni", mo("fvTenant", name="last"))
    shown = dict(known)
    while True:
        _name, status, found = client.event()
        if found["dn"] == "uni/tn-last":
            break
        if status == "deleted":
            shown.pop(found["dn"])
        else:
            shown[found["dn"]] = {**shown.get(found["dn"], {}), **found}
    assert shown.keys() == known.keys()
    assert shown[f"{L3OUT}/instP-db"]["descr"] == ""
    assert (
        everything(apic).items()
        >= {dn: (name, found) for dn, (name, found) in _plain(before).items() if dn.startswith("uni")}.items()
    )


def _plain(snapshot: Snapshot) -> dict[str, tuple[str, dict[str, str]]]:
    return {dn: (name, found) for name, dn, found in snapshot.objects}


def test_putting_back_what_is_there_changes_nothing(apic: ApicSimulator, client: Client) -> None:
    fill(apic)
    client.open_socket().subscribe("mo/uni", **{"query-target": "subtree"})
    assert apic.restore(apic.snapshot()) == 0
    apic.post("uni", mo("fvTenant", name="last"))
    assert client.event()[2]["dn"] == "uni/tn-last"


def test_a_state_that_does_not_fit_is_refused_and_nothing_is_changed(apic: ApicSimulator) -> None:
    before = everything(apic)
    document = apic.snapshot().document()
    document["imdata"].append({"fvNoSuch": {"attributes": {"dn": "uni/nosuch"}}})
    with pytest.raises(SimulatorError, match="no class fvNoSuch"):
        apic.load(document)
    document["imdata"][-1] = {"fvTenant": {"attributes": {"dn": "uni/tn-x", "nosuch": "1"}}}
    with pytest.raises(SimulatorError, match="fvTenant has no nosuch"):
        apic.load(document)
    assert everything(apic) == before


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        (mo("fvCtx", dn="uni/tn-none/ctx-a", name="a"), "its parent uni/tn-none does not stand before it"),
        (mo("fvTenant", dn="uni/tn-common", name="common"), "an object is there twice"),
        (mo("fvTenant", dn="uni/tn-a", name="b"), "fvTenant is not named so"),
        (mo("fvTenant", dn="uni/ctx-a", name="a"), "fvTenant is not named so"),
        (mo("l3extInstP", dn="uni/instP-a", name="a"), "l3extInstP cannot stand below polUni"),
        (mo("fvTenant", dn="uni/tn-a", name="a", descr="<b>"), "descr of fvTenant cannot be '<b>'"),
        (mo("fvTenant", dn="tn-a", name="a"), "it needs a parent"),
    ],
)
def test_a_state_that_somebody_edited_wrongly_is_refused_with_the_object(
    apic: ApicSimulator, item: dict[str, Any], problem: str
) -> None:
    before, document = everything(apic), apic.snapshot().document()
    document["imdata"].append(item)
    with pytest.raises(SimulatorError) as refused:
        apic.load(document)
    (body,) = item.values()
    assert str(refused.value) == f"The state cannot be put back: {problem} ({body['attributes']['dn']})."
    assert everything(apic) == before


@pytest.mark.parametrize("item", [1, {}, {"fvTenant": {}}, {"fvTenant": {"attributes": {"name": "x"}}}])
def test_a_saved_file_that_was_spoiled_is_one_sentence_with_the_place(tmp_path: Path, item: object) -> None:
    path = tmp_path / "state.json"
    path.write_text(json.dumps({"format": "akb-sync-apic-state/1", "imdata": [item]}))
    with pytest.raises(SimulatorError, match=rf"{path}, imdata\[0\] is no object with attributes and a dn\."):
        load_file(ApicSimulator(), path)


def test_a_saved_file_that_does_not_fit_is_one_sentence_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    item = mo("fvTenant", dn="uni/tn-a", name="a")
    path.write_text(json.dumps({"format": "akb-sync-apic-state/1", "imdata": [item]}))
    with pytest.raises(SimulatorError, match=rf"^{path}: The state cannot be put back: its parent uni does"):
        load_file(ApicSimulator(), path)


def test_a_file_is_written_whole_or_not_at_all_and_for_its_owner_only(
    apic: ApicSimulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state.json"
    apic.save(path)
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.read_text()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SimulatorError, match=r"state.json cannot be written: No space left on device\."):
        save(apic.snapshot(), path)
    assert path.read_text() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_found_before(tmp_path: Path) -> None:
    with pytest.raises(SimulatorError, match="it is a directory; name a file"):
        check_writable(tmp_path)
    with pytest.raises(SimulatorError, match="No such file or directory"):
        check_writable(tmp_path / "none" / "state.json")
    check_writable(tmp_path / "state.json")
    assert list(tmp_path.iterdir()) == []


# ---- documents


def test_an_xml_document_is_loaded(apic: ApicSimulator, tmp_path: Path) -> None:
    path = tmp_path / "tenants.xml"
    path.write_text('<?xml version="1.0"?>\n<imdata><fvTenant name="x"><fvBD name="y"/></fvTenant></imdata>')
    load_file(apic, path)
    assert apic.get("uni/tn-x/BD-y")


def test_an_export_with_what_only_the_apic_writes_is_loaded_without_that(
    apic: ApicSimulator, tmp_path: Path
) -> None:
    fill(apic)
    with Client(apic) as client:
        export = client.login().get(
            f"mo/{TENANT}", **{"rsp-subtree": "full", "rsp-subtree-include": "faults"}
        )
    assert "faultInst" in export.text
    path = tmp_path / "export.json"
    path.write_text(export.text)
    other = ApicSimulator()
    load_file(other, path)
    assert other.get(f"{L3OUT}/instP-web/extsubnet-[10.0.0.0/8]")
    assert other.subtree(TENANT).keys() == apic.subtree(TENANT).keys()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "cannot be read: No such file or directory."),
        ("{\n 1}", "is not JSON: Expecting property name enclosed in double quotes at line 2, column 2."),
        ("<fvTenant>\n<a></b>", "is not XML: "),
        (
            '{"fvFoo": {"attributes": {}}}',
            "the APIC refuses it with 122, unknown managed object class fvFoo.",
        ),
    ],
)
def test_a_file_that_cannot_be_loaded_is_one_sentence(
    tmp_path: Path, text: str | None, sentence: str
) -> None:
    path = tmp_path / "fabric"
    if text is not None:
        path.write_text(text)
    with pytest.raises(SimulatorError) as caught:
        load_file(ApicSimulator(), path)
    assert str(caught.value).startswith(f"{path} ")
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
