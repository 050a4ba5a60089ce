"""Where in the cluster an engine keeps what is its own: the Lease and the state.

Each instance has a pair of its own, since each owns objects of its own. The names are derived here and
nowhere else, so that a command on a laptop finds what the engine in the cluster writes.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from kubernetes.config import incluster_config

NAMESPACE_FILE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
"""The Pod's own namespace (Kubernetes: "Accessing the Kubernetes API from a Pod")."""
DEFAULT_NAMESPACE = "akb-sync"
LEASE, STATE = "akb-sync", "akb-sync-status"
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")


def in_cluster() -> bool:
    """Whether this process runs in a Pod with a service account."""
    return bool(os.environ.get(incluster_config.SERVICE_HOST_ENV_NAME)) and NAMESPACE_FILE.is_file()


def own_namespace(asked: str) -> str:
    """Give the namespace that was asked for; else the Pod's own; else the one of the installation guide."""
    if asked:
        return asked
    try:
        return NAMESPACE_FILE.read_text(encoding="utf-8").strip() or DEFAULT_NAMESPACE
    except OSError:
        return DEFAULT_NAMESPACE


def of_instance(name: str, instance: str) -> str:
    """Give the name of an instance's own object; an instance whose name is no DNS label goes by its hash."""
    if not instance:
        return name
    label = instance if _LABEL.fullmatch(instance) else hashlib.sha256(instance.encode()).hexdigest()[:10]
    return f"{name}-{label}"
