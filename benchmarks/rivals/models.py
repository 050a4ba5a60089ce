"""The official client's models: the same lists, in pages, as objects of Python classes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from kubernetes import client, config

from .task import Task, run

PAGE = 500


def work(task: Task) -> Mapping[str, Any]:
    """List everything and keep it."""
    began = time.monotonic()
    config.load_kube_config(task.kubernetes["kubeconfig"])  # type: ignore[no-untyped-call]
    core, apps = client.CoreV1Api(), client.AppsV1Api()
    lists: tuple[Callable[..., Any], ...] = (
        apps.list_deployment_for_all_namespaces,
        apps.list_stateful_set_for_all_namespaces,
        apps.list_daemon_set_for_all_namespaces,
        apps.list_replica_set_for_all_namespaces,
        core.list_service_for_all_namespaces,
        core.list_pod_for_all_namespaces,
    )
    found = [item for listed in lists for item in _all(listed)]
    return {"seconds": time.monotonic() - began, "objects": len(found)}


def _all(listed: Callable[..., Any]) -> list[Any]:
    items: list[Any] = []
    token = ""
    while True:
        page = listed(limit=PAGE, _continue=token) if token else listed(limit=PAGE)
        items += page.items
        token = page.metadata._continue  # noqa: SLF001 - the name that the client gives it
        if not token:
            return items


if __name__ == "__main__":
    run(work)
