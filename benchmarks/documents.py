"""The bulk of Kubernetes objects: what a Pod of today has beside the few fields that matter here.

What a list costs is its bytes, so these are as many as real Pods have: some 4 kB, managed fields included.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

BORN = "2026-01-01T00:00:00Z"


def owner(version: str, kind: str, name: str, uid: str) -> Json:
    """A controller's ownerReference."""
    return {
        "apiVersion": version,
        "kind": kind,
        "name": name,
        "uid": uid,
        "controller": True,
        "blockOwnerDeletion": True,
    }


def pod_spec(name: str) -> Json:
    """What a chart of today writes: one container with probes, settings and resources."""
    probe = {
        "httpGet": {"path": "/healthz", "port": 8080, "scheme": "HTTP"},
        "periodSeconds": 10,
        "timeoutSeconds": 1,
    }
    container = {
        "name": "app",
        "image": f"registry.example.com/shop/{name}:1.27.3",
        "imagePullPolicy": "IfNotPresent",
        "ports": [{"containerPort": 8080, "name": "http", "protocol": "TCP"}],
        "env": [{"name": f"SETTING_{number}", "value": f"value-{number}"} for number in range(8)],
        "resources": {"limits": {"memory": "256Mi"}, "requests": {"cpu": "100m", "memory": "128Mi"}},
        "livenessProbe": probe,
        "readinessProbe": probe,
        "volumeMounts": [
            {
                "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount",
                "name": "kube-api-access",
                "readOnly": True,
            }
        ],
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
    }
    token = {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}}
    return {
        "containers": [container],
        "volumes": [{"name": "kube-api-access", "projected": {"defaultMode": 420, "sources": [token]}}],
        "restartPolicy": "Always",
        "dnsPolicy": "ClusterFirst",
        "schedulerName": "default-scheduler",
        "securityContext": {},
        "terminationGracePeriodSeconds": 30,
        "tolerations": [
            {
                "effect": "NoExecute",
                "key": f"node.kubernetes.io/{taint}",
                "operator": "Exists",
                "tolerationSeconds": 300,
            }
            for taint in ("not-ready", "unreachable")
        ],
    }


def running() -> Json:
    """The status of a Pod that runs and is Ready, without its addresses."""
    kinds = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
    image = "registry.example.com/shop/app:1.27.3"
    return {
        "phase": "Running",
        "qosClass": "Burstable",
        "hostIP": "192.0.2.11",
        "hostIPs": [{"ip": "192.0.2.11"}],
        "startTime": BORN,
        "conditions": [
            {"type": kind, "status": "True", "lastProbeTime": None, "lastTransitionTime": BORN}
            for kind in kinds
        ],
        "containerStatuses": [
            {
                "name": "app",
                "image": image,
                "imageID": f"{image}@sha256:{'0123456789abcdef' * 4}",
                "containerID": f"containerd://{'0123456789abcdef' * 4}",
                "ready": True,
                "started": True,
                "restartCount": 0,
                "state": {"running": {"startedAt": BORN}},
                "lastState": {},
            }
        ],
    }


def managed_fields() -> list[Json]:
    """Who set which field, as the API server keeps it with every object."""

    def fields(*names: str) -> Json:
        return {
            f"f:{name}": {f"f:{part}": {} for part in ("type", "status", "name", "value")} for name in names
        }

    managers = (
        ("kube-controller-manager", ("metadata", "spec", "containers", "tolerations", "volumes")),
        ("kubelet", ("conditions", "containerStatuses", "hostIP", "phase", "podIP", "podIPs", "startTime")),
    )
    return [
        {
            "manager": manager,
            "operation": "Update",
            "apiVersion": "v1",
            "time": BORN,
            "fieldsType": "FieldsV1",
            "fieldsV1": fields(*names),
        }
        for manager, names in managers
    ]
