"""Small objects to write."""

from typing import Any

Json = dict[str, Any]


def config_map(name: str, **metadata: Any) -> Json:
    return {"metadata": {"name": name, **metadata}}


def deployment(name: str = "web", replicas: int | None = 0) -> Json:
    spec: Json = {
        "selector": {"matchLabels": {"app": name}},
        "template": {"metadata": {"labels": {"app": name}}, "spec": pod_spec()},
    }
    if replicas is not None:
        spec["replicas"] = replicas
    return {"metadata": {"name": name}, "spec": spec}


def pod_spec() -> Json:
    ports = [{"containerPort": 80}]
    # Bound to no scheduler, so that it stays where the test puts it, wherever the test runs.
    return {"schedulerName": "nobody", "containers": [{"name": "main", "image": "nginx:1", "ports": ports}]}


def pod(name: str, **metadata: Any) -> Json:
    return {"metadata": {"name": name, **metadata}, "spec": pod_spec()}


def service(name: str, **spec: Any) -> Json:
    return {"metadata": {"name": name}, "spec": {"ports": [{"port": 80}], "selector": {"app": "web"}, **spec}}
