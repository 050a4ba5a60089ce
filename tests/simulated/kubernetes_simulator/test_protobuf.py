"""Bodies in protobuf, built by hand here, since the simulator only reads them."""

from typing import Any

import pytest

from akb_sync.simulators.kubernetes import KubernetesSimulator
from akb_sync.simulators.kubernetes.schema.protobuf import ProtobufError, decode
from tests.simulated.kubernetes_simulator.client import Api


def varint(value: int) -> bytes:
    out = b""
    value %= 2**64
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def field(number: int, value: Any) -> bytes:
    """A field: bytes, text or a number by what it is."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    raw = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(raw)) + raw


def envelope(api_version: str, kind: str, message: bytes) -> bytes:
    return b"k8s\x00" + field(1, field(1, api_version) + field(2, kind)) + field(2, message)


def entry(key: str, value: str) -> bytes:
    return field(1, key) + field(2, value)


def test_text_and_maps_are_read_and_empty_text_is_absent() -> None:
    meta = field(1, "a") + field(2, "") + field(11, entry("x", "y")) + field(11, entry("z", ""))
    body = envelope("v1", "ConfigMap", field(1, meta) + field(2, entry("k", "v")))
    assert decode(body) == {
        "kind": "ConfigMap",
        "apiVersion": "v1",
        "metadata": {"name": "a", "labels": {"x": "y", "z": ""}},
        "data": {"k": "v"},
    }


def test_a_zero_behind_a_pointer_is_kept_and_another_is_not() -> None:
    # DeploymentSpec: replicas (1) is a pointer, minReadySeconds (5) is not.
    spec = field(1, 0) + field(5, 0)
    body = envelope("apps/v1", "Deployment", field(2, spec))
    assert decode(body)["spec"] == {"replicas": 0}


def test_times_numbers_and_bytes_get_their_json_form() -> None:
    moment = field(1, 1_700_000_000) + field(2, 5_000)
    spec = field(2, 15) + field(4, moment)
    assert decode(envelope("coordination.k8s.io/v1", "Lease", field(2, spec)))["spec"] == {
        "leaseDurationSeconds": 15,
        "renewTime": "2023-11-14T22:13:20.000005Z",
    }
    secret = envelope("v1", "Secret", field(2, field(1, "k") + field(2, b"\x00\x01")))
    assert decode(secret)["data"] == {"k": "AAE="}


def test_numbers_or_strings_are_either() -> None:
    # ServicePort: port (3), targetPort (4) is an IntOrString: type (1), number (2), text (3).
    ports = field(1, field(3, 80) + field(4, field(1, 1) + field(3, "http")))
    ports += field(1, field(3, 81) + field(4, field(1, 0) + field(2, 8081)))
    spec = decode(envelope("v1", "Service", field(2, ports)))["spec"]
    assert spec["ports"] == [{"port": 80, "targetPort": "http"}, {"port": 81, "targetPort": 8081}]


def test_a_negative_number_keeps_its_sign() -> None:
    body = envelope("autoscaling/v1", "Scale", field(2, field(1, -1)))
    assert decode(body)["spec"] == {"replicas": -1}


@pytest.mark.parametrize(
    "body",
    [b"{}", b"k8s\x00\x0a", envelope("v9", "Nothing", b""), envelope("v1", "Pod", b"\x0a\xff\x01a")],
)
def test_bytes_that_are_something_else_are_refused(body: bytes) -> None:
    with pytest.raises(ProtobufError):
        decode(body)


def test_an_object_can_be_created_in_protobuf(still_cluster: KubernetesSimulator, still_client: Api) -> None:
    body = envelope("v1", "Namespace", field(1, field(1, "shop")))
    response = still_client.session.post(
        f"{still_client.url}/api/v1/namespaces",
        data=body,
        headers={"Content-Type": "application/vnd.kubernetes.protobuf"},
        timeout=5,
    )
    assert response.status_code == 201
    assert still_cluster.get("ns", "", "shop")["status"]["phase"] == "Active"
