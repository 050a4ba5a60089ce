"""What a hostile or broken other side may say: any bytes, any JSON, and names that nobody sane would give."""

import json
from typing import Any

from hypothesis import strategies as st

KEYS = [
    "imdata",
    "totalCount",
    "subscriptionId",
    "error",
    "attributes",
    "children",
    "code",
    "text",
    "dn",
    "status",
    "name",
    "token",
    "value",
    "key",
    "aaaLogin",
    "aaaUserDomain",
    "rolesR",
    "rolesW",
    "refreshTimeoutSeconds",
    "maximumLifetimeSeconds",
    "version",
    "l3extOut",
    "l3extInstP",
    "l3extSubnet",
    "l3extRsEctx",
    "tagAnnotation",
    "faultInst",
    "fvRsProv",
    "annotation",
    "ip",
    "scope",
    "tDn",
    "state",
    "type",
    "object",
    "kind",
    "metadata",
    "items",
    "continue",
    "resourceVersion",
    "uid",
    "namespace",
    "annotations",
    "labels",
    "spec",
    "template",
    "selector",
    "loadBalancer",
    "ingress",
    "hostname",
    "podIPs",
    "podIP",
    "phase",
    "ownerReferences",
    "controller",
    "deletionTimestamp",
    "creationTimestamp",
    "message",
    "reason",
    "holderIdentity",
    "leaseDurationSeconds",
    "renewTime",
    "acquireTime",
    "leaseTransitions",
    "data",
    "since",
    "until",
    "words",
    "writtenAt",
    "lastSuccess",
    "paused",
    "omitted",
    "leader",
    "who",
    "why",
]
L3OUT_DN = "uni/tn-T/out-L"
TEXTS = st.sampled_from(
    [
        "",
        "[",
        "]",
        "/",
        "deleted",
        "modified",
        "created",
        "ADDED",
        "DELETED",
        "BOOKMARK",
        "ERROR",
        "PodList",
        "5",
        "10.0.0.1",
        "10.0.0.1/32",
        "fe80::1%eth0",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-01-01T00:00:00Z",
        "aci.haystacknetworks.com/l3o",
        L3OUT_DN,
        f"{L3OUT_DN}/instP-E",
        f"{L3OUT_DN}/instP-E/extsubnet-[10.0.0.1/32]",
        f"{L3OUT_DN}/instP-E/extsubnet-[",
        f"{L3OUT_DN}/instP-",
        f"{L3OUT_DN}/rsectx",
        f"{L3OUT_DN}/instP-E/annotationKey-[k]",
        '{"tenant": "T", "l3out": "L", "epg": "E"}',
    ]
) | st.text(max_size=12)
NUMBERS = st.integers() | st.floats() | st.sampled_from([10**400, -(10**400), 1e308, 2**63])
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)
        | st.dictionaries(st.sampled_from(KEYS), inner, min_size=1, max_size=1)
    ),
    max_leaves=24,
)
OBJECTS = st.dictionaries(st.sampled_from(KEYS), JSON, max_size=6)
DEEP = st.sampled_from([b"[" * 5_000, b'{"a":' * 2_000, b"1" * 5000, b"\xff\xfe", b"NaN", b"1e999"])


def as_bytes(value: Any) -> bytes:
    return json.dumps(value).encode()


BYTES = st.binary(max_size=60) | DEEP | JSON.map(as_bytes) | OBJECTS.map(as_bytes)

ATTRIBUTES = st.dictionaries(st.sampled_from(KEYS), TEXTS, max_size=6)
DNS = st.sampled_from(["", "/rsectx", "/instP-E", "/instP-E/extsubnet-[10.0.0.1/32]", "/instP-F/rsprov-c"])
MOS = st.tuples(
    st.sampled_from(
        ["l3extOut", "l3extRsEctx", "l3extInstP", "l3extSubnet", "tagAnnotation", "fvRsProv", "x"]
    ),
    ATTRIBUTES,
    DNS.map(L3OUT_DN.__add__) | TEXTS,
).map(lambda made: {made[0]: {"attributes": {**made[1], "dn": made[2]}}})
"""Managed objects as the envelope lets them through: attributes are texts, and nothing else is sure."""

NASTY = st.text(
    alphabet=st.sampled_from("ab0.-_:/[]()\"'\\ \t\r\n\0\x1b\x7f\x85\u202e\u2028\ufeff%?#&={},;$`<>é\ud800"),
    max_size=40,
) | st.sampled_from(
    [
        "\x1b[31mred\x1b[0m",
        "\x1b]0;title\x07",
        "a\nlevel=error msg=forged",
        "x" * 253,
        "a]/extsubnet-[0.0.0.0/0",
        'x",eq(fvTenant.name,"y")',
        "../../secrets",
        "%2e%2e%2f",
        "{{7*7}}",
        "%s%n",
        "$(id)",
        "\u202egnp.exe",
    ]
)
