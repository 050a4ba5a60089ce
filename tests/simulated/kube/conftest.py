"""Servers that end with their test."""

from collections.abc import Iterator

import pytest

from akb_sync.simulators.certificates import Authority
from tests.simulated.kube.connecting import Serve
from tests.simulated.kube.scripted import Answer, ScriptedServer


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[ScriptedServer] = []

    def begin(answer: Answer, authority: Authority | None = None) -> ScriptedServer:
        servers.append(ScriptedServer(answer, authority))
        return servers[-1]

    yield begin
    for server in servers:
        server.close()
