"""The official client's informer: one for each kind, until each has its list."""

from __future__ import annotations

import os
import threading
import time
from typing import Any, NoReturn

from kubernetes import client, config
from kubernetes.informer import SharedInformer

from .task import Task, tell


def work(task: Task) -> NoReturn:
    """Start them, and wait until the last kind is there: it fills its cache before it calls anybody."""
    began = time.monotonic()
    config.load_kube_config(task.kubernetes["kubeconfig"])  # type: ignore[no-untyped-call]
    core, apps = client.CoreV1Api(), client.AppsV1Api()
    lists = (
        apps.list_deployment_for_all_namespaces,
        apps.list_replica_set_for_all_namespaces,
        core.list_service_for_all_namespaces,
        core.list_pod_for_all_namespaces,
    )
    filled = [threading.Event() for _ in lists]
    make: Any = SharedInformer  # it has no annotations
    informers = [make(list_func=listed) for listed in lists]
    for informer, event in zip(informers, filled, strict=True):
        informer.add_event_handler("ADDED", lambda _object, event=event: event.set())
        informer.start()
    for event in filled:
        event.wait()
    seconds = time.monotonic() - began
    objects = sum(len(informer.cache.list()) for informer in informers)
    tell({"seconds": seconds, "objects": objects})
    os._exit(0)  # its threads do not end while a watch is silent, and keep the interpreter from ending


if __name__ == "__main__":
    work(Task.read())
