"""A kubeconfig for a simulated cluster: the CA inside, a token, and a context of a fixed name."""

import base64
import os
from pathlib import Path

import yaml

CONTEXT = "akb-sync-simulator"


def kubeconfig_text(
    url: str, ca_pem: bytes, token: str, *, context: str = CONTEXT, namespace: str = "default"
) -> str:
    """The file's text, as kubectl and every client library read it."""
    cluster = {"server": url, "certificate-authority-data": base64.b64encode(ca_pem).decode()}
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": context, "cluster": cluster}],
            "users": [{"name": context, "user": {"token": token}}],
            "contexts": [
                {"name": context, "context": {"cluster": context, "user": context, "namespace": namespace}}
            ],
            "current-context": context,
        },
        sort_keys=False,
    )


def write_private(path: Path, text: str) -> Path:
    """Write a file that holds a credential: readable by its owner only, in place at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    return temporary.replace(path)
