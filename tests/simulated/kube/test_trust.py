from __future__ import annotations

from pathlib import Path

import pytest

from akb_sync.errors import KubernetesError, KubernetesUnreachable
from akb_sync.simulators.certificates import Authority
from tests.simulated.kube.connecting import PODS, Serve, connect, one_sentence
from tests.simulated.kube.scripted import answer_json


def test_a_certificate_of_the_configured_authority_is_trusted(tmp_path: Path, serve: Serve) -> None:
    authority = Authority()
    server = serve(answer_json({"ok": 1}), authority)
    ca = authority.write(tmp_path)
    assert connect(tmp_path, server.url, ca=ca).get("/version") == {"ok": 1}


def test_a_certificate_of_another_authority_is_one_sentence(tmp_path: Path, serve: Serve) -> None:
    server = serve(answer_json({}), Authority())
    ca = Authority("somebody else").write(tmp_path)
    with pytest.raises(KubernetesUnreachable) as caught:
        connect(tmp_path, server.url, ca=ca).get("/version")
    one_sentence(
        caught.value, "is not trusted", server.url, "context here", str(tmp_path), "certificate-authority"
    )


def test_a_certificate_for_another_host_is_not_trusted_either(tmp_path: Path, serve: Serve) -> None:
    authority = Authority()
    server = serve(answer_json({}), authority)
    options = {"tls-server-name": "kubernetes.example"}
    with pytest.raises(KubernetesUnreachable) as caught:
        connect(tmp_path, server.url, ca=authority.write(tmp_path), cluster=options).get("/version")
    one_sentence(caught.value, "is not trusted", "kubernetes.example")


def test_a_server_that_speaks_no_tls_is_told(tmp_path: Path, serve: Serve) -> None:
    server = serve(answer_json({}))
    with pytest.raises(KubernetesUnreachable) as caught:
        connect(tmp_path, server.url.replace("http:", "https:")).get("/version")
    one_sentence(caught.value, "no TLS connection")


def test_verification_that_somebody_switched_off_gives_no_warning(
    tmp_path: Path, serve: Serve, recwarn: pytest.WarningsRecorder
) -> None:
    server = serve(answer_json({"ok": 1}), Authority())
    options = {"insecure-skip-tls-verify": True}
    assert connect(tmp_path, server.url, cluster=options).get("/version") == {"ok": 1}
    assert len(recwarn) == 0


def test_an_authority_that_is_no_certificate_is_one_sentence(tmp_path: Path, serve: Serve) -> None:
    server = serve(answer_json({}), Authority())
    ca = tmp_path / "ca.pem"
    ca.write_text("no certificate")
    with pytest.raises(KubernetesError) as caught:
        connect(tmp_path, server.url, ca=ca).get(PODS)
    one_sentence(caught.value, server.url)
