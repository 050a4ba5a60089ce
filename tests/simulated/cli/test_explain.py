"""`explain` follows one object through both views, and says where it stops."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from akb_sync.mark import Identity
from tests.simulated.engine.stage import ANNOTATION, EPG, PAUSED, Json, Stage, binding, epg_dn, subnet_dn

from .program import Program

SCHEMA = Path(__file__).parents[3] / "docs" / "schemas" / "explanation.schema.json"


@pytest.fixture
def web(stage: Stage) -> Json:
    """One Pod with an address, on the fabric."""
    made = stage.workload("web")
    stage.pod(made, "10.244.1.1", name="web-1")
    stage.sync()
    return made


def explained(akb: Program, *arguments: str, code: int = 0) -> dict[str, Any]:
    """The document, which has to fit its schema."""
    ended = akb.run("explain", *arguments, "-o", "json")
    assert ended.code == code, ended.said
    jsonschema.validate(ended.document, json.loads(SCHEMA.read_text()))
    return ended.document


def steps(document: dict[str, Any]) -> dict[str, str]:
    """The verdict of each step; of several of one name the last."""
    return {step["name"]: step["verdict"] for step in document["steps"]}


def stopped(document: dict[str, Any]) -> dict[str, Any]:
    """The first step at which it gets no further."""
    return next(step for step in document["steps"] if step["verdict"] == "no")


@pytest.mark.usefixtures("web")
@pytest.mark.parametrize("asked", ["10.244.1.1", "10.244.1.1/32", "pod/shop/web-1", "po/shop/web-1"])
def test_an_address_that_is_right_is_ok_all_the_way(akb: Program, asked: str) -> None:
    document = explained(akb, asked)
    assert document["conclusion"] == "it is as it is wanted"
    assert steps(document) == dict.fromkeys(
        ("address", "owner", "annotated", "readable", "allowed", "wanted", "parent", "epg", "fabric", "next"),
        "ok",
    )
    owner = next(step["text"] for step in document["steps"] if step["name"] == "owner")
    assert owner == "Pod shop/web-1 -> ReplicaSet shop/web -> Deployment shop/web"
    assert [item["prefix"] for item in document["items"]] == ["10.244.1.1/32"]


@pytest.mark.usefixtures("web")
def test_people_read_the_steps_and_what_it_comes_down_to(akb: Program) -> None:
    ended = akb.run("explain", "-n", "shop", "deploy/web")
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert lines[0] == "Deployment shop/web"
    assert lines[1] == "  ok annotated  Deployment shop/web bears the annotation"
    assert (
        "  ok address    Deployment shop/web has 1 Pod(s), and gives 1 address(es) of Pods, 0 of Services"
        in lines
    )
    assert lines[-1] == "So: it is as it is wanted."


@pytest.mark.usefixtures("web")
def test_yaml_is_the_same_document(akb: Program) -> None:
    as_yaml = yaml.safe_load(akb.run("explain", "10.244.1.1", "-o", "yaml").out)
    assert as_yaml == explained(akb, "10.244.1.1")


def test_a_pod_without_a_workload_stops_at_its_owner(stage: Stage, akb: Program) -> None:
    body = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "bare", "namespace": "shop"}}
    stage.cluster.create({**body, "spec": {"containers": [{"name": "c", "image": "registry.example/c:1"}]}})
    status = {"status": {"podIP": "10.244.7.7", "podIPs": [{"ip": "10.244.7.7"}]}}
    stage.cluster.patch("Pod", "shop", "bare", status, subresource="status")
    document = explained(akb, "pod/shop/bare")
    assert stopped(document)["name"] == "owner"
    assert "has no controller" in document["conclusion"]
    assert explained(akb, "10.244.7.7")["conclusion"] == document["conclusion"]


def test_a_workload_without_the_annotation_gets_the_command_that_sets_it(stage: Stage, akb: Program) -> None:
    made = stage.workload("web")
    stage.annotate(made, None)
    document = explained(akb, "deployment/shop/web")
    assert stopped(document)["name"] == "annotated"
    assert document["nextStep"].startswith(f"kubectl -n shop annotate deployment web '{ANNOTATION}=")


def test_an_annotation_that_nearly_fits_is_told_where_ours_is_missing(stage: Stage, akb: Program) -> None:
    made = stage.workload("web")
    stage.annotate(made, None)
    stage.annotate(made, binding(), "aci.haystacknetworks.com/l3out")
    assert "aci.haystacknetworks.com/l3out" in explained(akb, "deploy/shop/web")["conclusion"]


@pytest.mark.usefixtures("web")
def test_a_pod_on_its_nodes_network_and_one_without_an_address_stop_at_the_address(
    stage: Stage, akb: Program
) -> None:
    web = stage.cluster.get("Deployment", "shop", "web")
    stage.pod(
        {**web, "kind": "Deployment", "apiVersion": "apps/v1"}, "192.0.2.9", name="host", hostNetwork=True
    )
    document = explained(akb, "pod/shop/host")
    assert stopped(document)["name"] == "address"
    assert "hostNetwork" in document["conclusion"]
    body = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "new", "namespace": "shop"}}
    stage.cluster.create({**body, "spec": {"containers": [{"name": "c", "image": "registry.example/c:1"}]}})
    assert "no address yet" in explained(akb, "pod/shop/new")["conclusion"]


@pytest.mark.parametrize(
    ("annotation", "settings", "step", "words"),
    [
        ("{", {}, "readable", "the annotation cannot be read"),
        (binding(), {"AKB_SYNC_ALLOW": "other=*/*/*"}, "allowed", "does not let the namespace shop"),
        (binding(expose=["services"]), {}, "exposed", "exposes services, and not its pods"),
        (binding(), {"AKB_SYNC_POD_CIDRS": "10.9.0.0/16"}, "wanted", "outside --pod-cidrs"),
        (binding(tenant="TEN_NONE"), {}, "parent", "uni/tn-TEN_NONE does not exist"),
    ],
)
def test_each_thing_that_is_in_the_way_is_named_where_it_is(  # noqa: PLR0917 - each is a column of the table
    stage: Stage, akb: Program, annotation: str, settings: dict[str, str], step: str, words: str
) -> None:
    stage.pod(stage.workload("web", annotation=annotation), "10.244.1.1", name="web-1")
    document = explained(akb.with_(**settings), "pod/shop/web-1")
    assert stopped(document)["name"] == step
    assert words in document["conclusion"]
    assert document["nextStep"]


def test_a_prefix_that_somebody_else_has_is_in_conflict_and_says_with_whom(
    stage: Stage, akb: Program
) -> None:
    stage.epg("by_hand", "10.244.1.1/32")
    stage.pod(stage.workload("web"), "10.244.1.1")
    document = explained(akb, "10.244.1.1")
    assert stopped(document)["name"] == "conflict"
    assert "by_hand has it" in document["conclusion"]
    fabric = [step["text"] for step in document["steps"] if step["name"] == "fabric"]
    assert fabric == ["TEN_K8_C1/L3O_K8_C1/by_hand holds 10.244.1.1/32 (not ours: its annotation is empty)"]


def test_an_address_of_nobody_is_looked_for_on_the_fabric_all_the_same(stage: Stage, akb: Program) -> None:
    stage.workload("web")
    stage.epg("catch_all", "10.0.0.0/8", "10.50.0.0/16")
    document = explained(akb, "10.50.1.1")
    assert steps(document) == {"address": "note", "wanted": "note", "fabric": "note", "covered": "note"}
    covered = next(step["text"] for step in document["steps"] if step["name"] == "covered")
    assert covered.startswith("10.50.0.0/16 in TEN_K8_C1/L3O_K8_C1/catch_all (no contract) covers it")
    assert document["conclusion"] == "there is nothing to do for it"


def test_what_is_foreign_released_paused_or_about_to_be_made_says_so(stage: Stage, akb: Program) -> None:
    other = Identity.of("prod", "deadbeef-0000-0000-0000-000000000000")
    stage.epg("theirs", annotation=other.mark(epg_dn("theirs")))
    stage.edit(
        subnet_dn("10.244.9.9/32", "theirs"),
        "l3extSubnet",
        annotation=other.mark(subnet_dn("10.244.9.9/32", "theirs")),
    )
    stage.pod(stage.workload("web"), "10.244.1.1")
    paused = stage.workload("calm", epg="EPG_CALM")
    stage.annotate(paused, "true", PAUSED)
    stage.pod(paused, "10.244.2.1")
    made = explained(akb, "10.244.1.1")
    assert made["conclusion"] == "it is about to be put right"
    assert "create is due, Wanted" in made["steps"][-1]["text"]
    theirs = explained(akb, "10.244.9.9")
    assert any("it bears the mark of prod.deadbeef" in step["text"] for step in theirs["steps"])
    calm = explained(akb, "10.244.2.1")
    assert stopped(calm)["name"] == "paused"
    assert calm["nextStep"].endswith("/paused-")


def test_a_service_is_followed_to_the_workloads_behind_it(stage: Stage, akb: Program) -> None:
    stage.workload("web")
    stage.service("web", "192.0.2.7")
    document = explained(akb, "svc/shop/web")
    assert steps(document)["owner"] == "ok"
    assert "Service shop/web stands before Deployment shop/web" in [
        step["text"] for step in document["steps"]
    ]
    assert document["items"][0]["prefix"] == "192.0.2.7/32"
    stage.service("alone", "192.0.2.8")
    assert stopped(explained(akb, "svc/shop/alone"))["name"] == "owner"
    plain = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "plain", "namespace": "shop"}}
    stage.cluster.create({**plain, "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}})
    assert "not of type LoadBalancer" in explained(akb, "svc/shop/plain")["conclusion"]


def test_what_could_not_be_read_is_unknown_and_not_absent(stage: Stage, akb: Program) -> None:
    stage.pod(stage.workload("web"), "10.244.1.1")
    stage.cluster.deny("list", "pods")
    document = explained(akb, "10.244.1.1", code=1)
    assert document["steps"][0]["verdict"] == "unknown"
    assert "pods cannot be believed" in document["conclusion"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("10.244.1.300", "is no address and no prefix"),
        ("nonsense", "is no address and no prefix"),
        ("job/shop/web", "'job' is no kind that can be explained; write 10.1.2.3"),
        ("pod/web-1", "does not say which Pod; write pod/NAMESPACE/NAME, or add -n"),
        ("pod/shop/wbe-1", "the cluster has no Pod shop/wbe-1; did you mean shop/web-1?"),
        ("deploy/other/web", "the cluster has no Deployment other/web; did you mean shop/web?"),
        ("sts/shop/web", "the cluster has no StatefulSet shop/web; there is none"),
    ],
)
@pytest.mark.usefixtures("web")
def test_bad_input_is_one_sentence_with_the_near_matches(akb: Program, asked: str, words: str) -> None:
    ended = akb.run("explain", asked)
    assert ended.code == 64
    assert words in ended.error


def test_two_namespaces_in_one_call_are_refused_before_anything_is_read(akb: Program) -> None:
    ended = akb.with_(ACI_APIC="https://127.0.0.1:1").run("explain", "-n", "other", "pod/shop/web-1")
    assert ended.code == 64
    assert "name two namespaces" in ended.error
    assert EPG not in ended.said
