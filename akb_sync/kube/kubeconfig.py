"""Which cluster, and as whom: the official client's configuration, with errors that people can act on.

The Pod's own service account comes first, then the kubeconfig; a kubeconfig or context that was asked
for by name comes before both. The official client loads it, so that tokens, client certificates, exec
plugins and their renewal are the same as everywhere.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kubernetes import client
from kubernetes.config import incluster_config, kube_config

from akb_sync.errors import KubernetesConfigError

from .prose import one_line, shown

CONNECTIONS = 16
"""Connections that are kept: a watch and a list for each kind, and some for who else reads."""


@dataclass(frozen=True, slots=True)
class Login:
    """A loaded configuration and where it came from, for sentences."""

    configuration: client.Configuration
    origin: str


def load(kubeconfig: Path | None, context: str | None) -> Login:
    """Load the configuration of the cluster to talk to.

    Raises:
        KubernetesConfigError: there is none, or it cannot be used.
    """
    if kubeconfig is None and context is None and _in_cluster():
        return _from_service_account()
    return _from_kubeconfig(_location(kubeconfig), context)


def _in_cluster() -> bool:
    return bool(os.environ.get(incluster_config.SERVICE_HOST_ENV_NAME)) and os.path.isfile(  # noqa: PTH113 (the client's constant is text)
        incluster_config.SERVICE_TOKEN_FILENAME
    )


def _location(kubeconfig: Path | None) -> str:
    if kubeconfig is not None:
        return str(kubeconfig.expanduser())
    # Read now: the client reads the variable once, when it is imported.
    return os.environ.get("KUBECONFIG") or str(Path("~/.kube/config").expanduser())


def _configuration() -> client.Configuration:
    configuration = client.Configuration()
    configuration.retries = False  # waiting is the watcher's
    configuration.connection_pool_maxsize = CONNECTIONS
    return configuration


def _from_service_account() -> Login:
    configuration = _configuration()
    try:
        incluster_config.load_incluster_config(client_configuration=configuration)  # type: ignore[no-untyped-call]
    except Exception as error:
        raise KubernetesConfigError(
            f"the Pod's service account cannot be used: {one_line(str(error))}",
            "mount a service account token into the Pod, or give --kubeconfig",
        ) from error
    return Login(configuration, "the Pod's service account")


def _from_kubeconfig(location: str, context: str | None) -> Login:
    merged = _merged(location)
    name = context or _text(merged, "current-context")
    known = _names(merged, "contexts")
    if not name:
        raise KubernetesConfigError(
            f"the kubeconfig {location} has no current context", f"give --context; there are: {_list(known)}"
        )
    if name not in known:
        raise KubernetesConfigError(
            f"the kubeconfig {location} has no context {shown(name)}", f"there are: {_list(known)}"
        )
    configuration = _configuration()
    origin = f"context {shown(name)} of {location}"
    with root_log_captured() as captured:
        _load_into(configuration, location, name)
    if _uses_exec(merged, name) and not (configuration.api_key or configuration.cert_file):
        raise KubernetesConfigError(
            f"the exec plugin of {origin} gave no credentials"
            + (f": {one_line(captured[-1])}" if captured else ""),
            "run the plugin's command by hand, or log in again",
        )
    return Login(configuration, origin)


def _merged(location: str) -> dict[str, Any]:
    """Read the file or files (`KUBECONFIG` may name several) as one document."""
    try:
        config = kube_config.KubeConfigMerger(location).config  # type: ignore[no-untyped-call]
    except Exception as error:
        raise KubernetesConfigError(
            f"the kubeconfig {location} cannot be read: {one_line(str(error))}",
            "mend the file or give another with --kubeconfig",
        ) from error
    if config is None:
        raise KubernetesConfigError(
            f"there is no kubeconfig {location}, and this is no Pod with a service account",
            "give --kubeconfig, or set KUBECONFIG",
        )
    value: dict[str, Any] = config.value
    return value


def _load_into(configuration: client.Configuration, location: str, context: str) -> None:
    try:
        kube_config.load_kube_config(  # type: ignore[no-untyped-call]
            config_file=location, context=context, client_configuration=configuration
        )
    except Exception as error:
        raise KubernetesConfigError(
            f"context {shown(context)} of {location} cannot be used: {one_line(str(error))}",
            "mend the kubeconfig or give another context with --context",
        ) from error


@contextmanager
def root_log_captured() -> Iterator[list[str]]:
    """Collect what the client logs and does not raise when an exec plugin fails.

    It writes to the root logger (`kube_config._load_from_exec_plugin`), where no name can silence it.
    """
    captured: list[str] = []

    def capture(record: logging.LogRecord) -> bool:
        if record.module != "kube_config":
            return True
        captured.append(record.getMessage())
        return False

    root = logging.getLogger()
    root.addFilter(capture)
    try:
        yield captured
    finally:
        root.removeFilter(capture)


def _uses_exec(merged: dict[str, Any], context: str) -> bool:
    user = _part(_named(merged, "contexts", context), "context").get("user")
    return "exec" in _part(_named(merged, "users", user), "user")


def _named(merged: dict[str, Any], section: str, name: object) -> dict[str, Any]:
    return next((entry for entry in _entries(merged, section) if entry.get("name") == name), {})


def _names(merged: dict[str, Any], section: str) -> list[str]:
    return [str(entry.get("name")) for entry in _entries(merged, section)]


def _entries(merged: dict[str, Any], section: str) -> list[dict[str, Any]]:
    """The mappings of a section; the client's merger wraps each in a node."""
    values = (getattr(node, "value", node) for node in merged.get(section) or [])
    return [value for value in values if isinstance(value, dict)]


def _part(entry: dict[str, Any], key: str) -> dict[str, Any]:
    value = entry.get(key)
    return value if isinstance(value, dict) else {}


def _text(merged: dict[str, Any], key: str) -> str:
    value = merged.get(key)
    return value if isinstance(value, str) else ""


def _list(names: list[str]) -> str:
    return ", ".join(shown(name) for name in sorted(names)[:20]) or "none"
