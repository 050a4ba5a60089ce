"""What the tests of a connection share: how one is made to a scripted server, and what an error must be."""

from collections.abc import Callable
from pathlib import Path

from akb_sync.errors import KubernetesError
from akb_sync.kube import KubeConnection
from tests.simulated.kube.scripted import ScriptedServer, write_kubeconfig

PODS = "/api/v1/pods"
Serve = Callable[..., ScriptedServer]


def connect(tmp_path: Path, url: str, **more: object) -> KubeConnection:
    return KubeConnection.connect(write_kubeconfig(tmp_path / "config", url, **more))  # type: ignore[arg-type]


def one_sentence(error: KubernetesError, *words: str) -> None:
    """What and where and the next step, on one line, without the token."""
    text = str(error)
    assert text.isprintable(), text
    assert "secret-token" not in text
    assert error.next_step
    for word in words:
        assert word in text, text
