"""Who talks to the apiserver: one static token per program, and kubeconfig files that carry tokens.

Why: RBAC is real here. The controllers run under the user names that Kubernetes' own roles are bound to, so
what they may do is what they may do in production; only the administrator, kwok (it plays every kubelet) and
MetalLB (its own manifests are not part of these tests) are in `system:masters`.
"""

import base64
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Identity:
    """A user that the apiserver knows by a bearer token."""

    user: str
    groups: tuple[str, ...]
    token: str

    @classmethod
    def create(cls, user: str, *groups: str) -> "Identity":
        return cls(user, groups, secrets.token_urlsafe(32))


def new_identities() -> dict[str, Identity]:
    """An identity with a fresh token for each client program, and `admin` for the tests."""
    return {
        "admin": Identity.create("kubernetes-admin", "system:masters"),
        "kube-controller-manager": Identity.create("system:kube-controller-manager"),
        "kube-scheduler": Identity.create("system:kube-scheduler"),
        "kwok": Identity.create("kwok", "system:masters"),
        "metallb-controller": Identity.create("metallb-controller", "system:masters"),
    }


def write_token_file(path: Path, identities: Iterable[Identity]) -> None:
    """The apiserver's `--token-auth-file`: lines of token, user, uid and, in quotes, the groups."""
    rows = (f'{who.token},{who.user},{who.user},"{",".join(who.groups)}"' for who in identities)
    _write_secret(path, "\n".join(rows) + "\n")


def write_kubeconfig(path: Path, *, url: str, ca_file: Path, token: str, name: str) -> Path:
    """A kubeconfig with one context, called `name`, for the user that `token` belongs to."""
    authority = base64.b64encode(ca_file.read_bytes()).decode()
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [{"name": name, "cluster": {"server": url, "certificate-authority-data": authority}}],
        "users": [{"name": name, "user": {"token": token}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
    }
    _write_secret(path, yaml.safe_dump(config))
    return path


def _write_secret(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(text)
