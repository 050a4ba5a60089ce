"""A connection to an API server that is not verified, or not encrypted, is made only with a warning."""

from __future__ import annotations

import logging

import pytest
from kubernetes import client

from akb_sync.kube.connection import KubeConnection
from akb_sync.kube.kubeconfig import Login

from .builders import HandClock


def _warnings(caplog: pytest.LogCaptureFixture, host: str, *, verified: bool) -> list[str]:
    configuration = client.Configuration()
    configuration.host, configuration.verify_ssl = host, verified
    with caplog.at_level(logging.WARNING, logger="akb_sync.trust"):
        KubeConnection(lambda: Login(configuration, "context lab"), HandClock()).close()
    return caplog.messages


def test_a_certificate_that_is_not_verified_is_told(caplog: pytest.LogCaptureFixture) -> None:
    [told] = _warnings(caplog, "https://10.0.0.1:6443", verified=False)
    assert told.startswith("the certificate of https://10.0.0.1:6443 is not verified")
    assert "context lab" in told


def test_a_server_without_tls_is_told(caplog: pytest.LogCaptureFixture) -> None:
    [told] = _warnings(caplog, "http://10.0.0.1:8080", verified=True)
    assert told.startswith("http://10.0.0.1:8080 (context lab) is not encrypted")


def test_a_server_that_is_verified_is_nothing_to_tell(caplog: pytest.LogCaptureFixture) -> None:
    assert _warnings(caplog, "https://10.0.0.1:6443", verified=True) == []
