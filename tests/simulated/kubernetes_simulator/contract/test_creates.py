import re
from typing import Any

import pytest

from tests.simulated.kubernetes_simulator.client import Api
from tests.simulated.kubernetes_simulator.contract.bodies import config_map, deployment, pod


def test_the_server_names_dates_and_numbers_what_it_stores(api: Api, maps: str, namespace: str) -> None:
    response = api.post(maps, config_map("a"))
    assert response.status_code == 201
    body = response.json()
    assert (body["kind"], body["apiVersion"]) == ("ConfigMap", "v1")
    meta = body["metadata"]
    assert meta["namespace"] == namespace
    assert re.fullmatch(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", meta["uid"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", meta["creationTimestamp"])
    assert int(meta["resourceVersion"]) > 0
    assert "generation" not in meta


def test_what_a_client_says_of_system_fields_and_status_is_dropped(api: Api, deployments: str) -> None:
    body = deployment()
    body["metadata"] |= {"uid": "mine", "creationTimestamp": "2001-01-01T00:00:00Z", "generation": 9}
    made = api.post(deployments, {**body, "status": {"replicas": 4}}).json()
    assert made["metadata"]["uid"] != "mine"
    assert not made["metadata"]["creationTimestamp"].startswith("2001")
    assert made["metadata"]["generation"] == 1
    assert made["status"] == {}


def test_a_deployment_gets_its_defaults(api: Api, deployments: str) -> None:
    spec = api.post(deployments, deployment(replicas=None)).json()["spec"]
    assert (spec["replicas"], spec["revisionHistoryLimit"], spec["progressDeadlineSeconds"]) == (1, 10, 600)
    rolling = {"maxUnavailable": "25%", "maxSurge": "25%"}
    assert spec["strategy"] == {"type": "RollingUpdate", "rollingUpdate": rolling}
    template = spec["template"]["spec"]
    assert template["containers"] == [
        {
            "name": "main",
            "image": "nginx:1",
            "ports": [{"containerPort": 80, "protocol": "TCP"}],
            "resources": {},
            "terminationMessagePath": "/dev/termination-log",
            "terminationMessagePolicy": "File",
            "imagePullPolicy": "IfNotPresent",
        }
    ]
    assert (template["restartPolicy"], template["terminationGracePeriodSeconds"]) == ("Always", 30)


def test_a_pod_begins_pending(api: Api, pods: str) -> None:
    made = api.post(pods, pod("one")).json()
    assert made["status"] == {"phase": "Pending", "qosClass": "BestEffort"}
    assert made["metadata"]["generation"] == 1
    assert made["spec"]["serviceAccountName"] == "default"


@pytest.mark.parametrize(
    ("kind", "spec", "status"),
    [
        ("statefulsets", {"serviceName": "x"}, {"replicas": 0, "availableReplicas": 0}),
        (
            "daemonsets",
            {},
            {
                "currentNumberScheduled": 0,
                "numberMisscheduled": 0,
                "desiredNumberScheduled": 0,
                "numberReady": 0,
            },
        ),
        ("replicasets", {}, {"replicas": 0}),
    ],
)
def test_other_workloads_begin_with_zeros(
    api: Api, namespace: str, kind: str, spec: dict[str, Any], status: dict[str, int]
) -> None:
    body = deployment(replicas=None)
    body["spec"] |= spec | ({} if kind == "daemonsets" else {"replicas": 0})
    made = api.post(f"/apis/apps/v1/namespaces/{namespace}/{kind}", body).json()
    assert made["status"] == status


def test_a_name_can_be_generated(api: Api, maps: str) -> None:
    made = api.post(maps, {"metadata": {"generateName": "some-"}}).json()
    assert re.fullmatch(r"some-[bcdfghjklmnpqrstvwxz2456789]{5}", made["metadata"]["name"])
    assert made["metadata"]["generateName"] == "some-"


def test_a_second_object_of_the_name_is_refused(api: Api, five_maps: str) -> None:
    response = api.post(five_maps, config_map("a"))
    assert response.status_code == 409
    body = response.json()
    assert (body["reason"], body["message"]) == ("AlreadyExists", 'configmaps "a" already exists')
    assert body["details"] == {"name": "a", "kind": "configmaps"}


def test_a_dry_run_stores_nothing(api: Api, maps: str) -> None:
    response = api.post(maps, config_map("a"), dryRun="All")
    assert response.status_code == 201
    assert response.json()["metadata"]["uid"]
    assert api.get(f"{maps}/a").status_code == 404


def test_nothing_is_created_in_an_absent_namespace(api: Api) -> None:
    response = api.post("/api/v1/namespaces/no-such-namespace/configmaps", config_map("a"))
    assert response.status_code == 404
    assert response.json()["message"] == 'namespaces "no-such-namespace" not found'
    assert response.json()["details"] == {"name": "no-such-namespace", "kind": "namespaces"}


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"metadata": {}}, "metadata.name: Required value: name or generateName is required"),
        (
            config_map("Bad_Name"),
            'metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must',
        ),
        (
            config_map("a", labels={"a b": "x"}),
            'metadata.labels: Invalid value: "a b": name part must consist of',
        ),
        (
            config_map("a", labels={"a": "-"}),
            'metadata.labels: Invalid value: "-": a valid label must be an empty',
        ),
        (
            config_map("a", annotations={"a b": "x"}),
            'metadata.annotations: Invalid value: "a b": name part must',
        ),
        (
            config_map("a", annotations={"a": "x" * 262144}),
            "metadata.annotations: Too long: may not be more than 262144 bytes",
        ),
        (config_map("x" * 254), "must be no more than 253 characters"),
    ],
)
def test_metadata_that_breaks_the_rules_is_invalid(
    api: Api, maps: str, body: dict[str, Any], text: str
) -> None:
    response = api.post(maps, body)
    assert response.status_code == 422
    status = response.json()
    assert status["reason"] == "Invalid"
    assert text in status["message"]
    assert status["details"]["causes"][0]["field"] in text + "metadata.name"


def test_annotations_of_256_kib_are_stored(api: Api, maps: str) -> None:
    value = "x" * (262144 - 1)
    assert api.post(maps, config_map("a", annotations={"k": value})).status_code == 201
    assert api.get(f"{maps}/a").json()["metadata"]["annotations"] == {"k": value}


def test_everything_wrong_with_a_deployment_is_said_at_once(api: Api, deployments: str) -> None:
    response = api.post(deployments, {"metadata": {"name": "a"}, "spec": {}})
    assert response.status_code == 422
    body = response.json()
    assert body["message"] == (
        'Deployment.apps "a" is invalid: [spec.selector: Required value, spec.template.metadata.labels: '
        "Invalid value: null: `selector` does not match template `labels`, "
        "spec.template.spec.containers: Required value]"
    )
    assert (body["details"]["group"], body["details"]["kind"]) == ("apps", "Deployment")
    assert [cause["reason"] for cause in body["details"]["causes"]] == [
        "FieldValueRequired",
        "FieldValueInvalid",
        "FieldValueRequired",
    ]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            {"apiVersion": "v1", "kind": "Pod", **config_map("a")},
            'Pod in version "v1" cannot be handled as a ConfigMap',
        ),
        (
            {"apiVersion": "v2", "kind": "ConfigMap", **config_map("a")},
            'ConfigMap in version "v2" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered',
        ),
        (
            config_map("a", namespace="kube-system"),
            "the namespace of the provided object does not match the namespace sent on the request",
        ),
        (
            {"metadata": {"name": 5}},
            "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.name of type string",
        ),
    ],
)
def test_a_body_that_is_something_else_is_a_bad_request(
    api: Api, maps: str, body: dict[str, Any], text: str
) -> None:
    response = api.post(maps, body)
    assert (response.status_code, response.json()["reason"]) == (400, "BadRequest")
    assert text in response.json()["message"]


def test_a_value_of_the_wrong_type_is_a_bad_request(api: Api, deployments: str) -> None:
    body = deployment()
    body["spec"]["replicas"] = "three"
    response = api.post(deployments, body)
    assert response.status_code == 400
    assert response.json()["message"] == (
        'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into '
        "Go struct field DeploymentSpec.spec.replicas of type int32"
    )


def test_an_old_version_of_the_group_is_a_bad_request(api: Api, deployments: str) -> None:
    response = api.post(deployments, {"apiVersion": "apps/v1beta1", "kind": "Deployment", **deployment()})
    assert response.json()["message"] == (
        "the API version in the data (apps/v1beta1) does not match the expected API version (apps/v1)"
    )


def test_a_resource_version_may_not_be_created(api: Api, maps: str) -> None:
    response = api.post(maps, config_map("a", resourceVersion="5"))
    assert response.status_code == 500
    assert response.json()["message"] == "resourceVersion should not be set on objects to be created"


def test_an_unknown_field_is_refused_warned_about_or_ignored(api: Api, maps: str) -> None:
    body = {**config_map("a"), "foo": 1}
    strict = api.post(maps, body, fieldValidation="Strict")
    assert strict.status_code == 400
    assert strict.json()["message"].endswith('strict decoding error: unknown field "foo"')
    ignored = api.post(maps, body, fieldValidation="Ignore")
    assert (ignored.status_code, ignored.headers.get("Warning")) == (201, None)
    warned = api.post(maps, {**body, "metadata": {"name": "b"}})
    assert warned.status_code == 201
    assert warned.headers["Warning"] == '299 - "unknown field \\"foo\\""'
    assert "foo" not in warned.json()


def test_the_keys_of_a_config_map_follow_a_pattern(api: Api, maps: str) -> None:
    response = api.post(maps, {**config_map("a"), "data": {"a/b": "c"}})
    assert response.status_code == 422
    assert "data[a/b]: Invalid value" in response.json()["message"]


def test_bodies_that_are_no_json_are_refused(api: Api, maps: str) -> None:
    broken = api.session.post(
        api.url + maps, data='{"metadata":', headers={"Content-Type": "application/json"}, timeout=5
    )
    assert (broken.status_code, broken.json()["reason"]) == (400, "BadRequest")
    text = api.session.post(api.url + maps, data="a", headers={"Content-Type": "text/plain"}, timeout=5)
    assert (text.status_code, text.json()["reason"]) == (415, "UnsupportedMediaType")


def test_yaml_is_understood(api: Api, maps: str) -> None:
    text = "metadata:\n  name: a\ndata:\n  k: v\n"
    made = api.session.post(
        api.url + maps, data=text, headers={"Content-Type": "application/yaml"}, timeout=5
    )
    assert made.status_code == 201
    assert api.get(f"{maps}/a").json()["data"] == {"k": "v"}
