"""A stage with neighbours for each test, and a story on it: at its end all is as it has to be."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from akb_sync.simulators.kubernetes.options import Options
from tests.simulated.engine.stage import Json, Stage, eventually, hosts, opened

from .neighbours import settle_in, unchanged
from .running import Running
from .told import Told


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with opened(tmp_path, options=Options(bookmark_interval=1.0)) as stage:
        settle_in(stage)
        yield stage


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Told:
    """What a person reads in the log of `akb-sync watch`."""
    caplog.set_level(logging.INFO, "akb_sync")
    return Told(caplog)


@pytest.fixture
def untouched(stage: Stage) -> Iterator[None]:
    """Whatever happens, the neighbours' objects are in the end as they were."""
    with unchanged(stage):
        yield


@pytest.fixture
def story(stage: Stage) -> Iterator[Running]:
    """A running engine; when it has stopped, a pass of a fresh process finds nothing to do."""
    with unchanged(stage), Running(stage) as running:
        yield running.until_live()
    posts = stage.posts
    outcome = stage.sync(wait=False)
    assert (outcome.written, stage.posts) == ([], posts)


@pytest.fixture
def web(stage: Stage, story: Running) -> Json:
    """A workload whose three Pods stand on the fabric, with both sides followed."""
    web = stage.workload("web")
    stage.pods(web, 3)
    eventually("the Pods are on the fabric", lambda: stage.prefixes() == hosts("10.244.1", 3))
    story.until_followed()
    return web
