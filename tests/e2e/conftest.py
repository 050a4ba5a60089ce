"""What every end-to-end test has: the marker, more time, the control plane and a namespace of its own.

Why the programs are looked for before the first test: building them for the first time takes minutes, and the
time limit of a test counts its fixtures too.
"""

import contextlib
import re
import secrets
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path

import pytest

from tests.e2e.controlplane.build import BuildError, GoMissingError, ensure_programs, is_ci, report_to_stderr
from tests.e2e.controlplane.cluster import ControlPlane

SECONDS_PER_TEST = 600
_PROGRAMS = pytest.StashKey[Mapping[str, Path] | GoMissingError | BuildError]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "e2e: runs against a real Kubernetes control plane (tests/e2e)")


def pytest_itemcollected(item: pytest.Item) -> None:
    item.add_marker(pytest.mark.e2e)
    if item.get_closest_marker("timeout") is None:
        item.add_marker(pytest.mark.timeout(SECONDS_PER_TEST))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Has the programs built, with progress shown, if a test that was selected will need them."""
    if session.config.option.collectonly or not any(map(_needs_programs, session.items)):
        return
    with _shown_output(session.config):
        try:
            session.config.stash[_PROGRAMS] = ensure_programs(report_to_stderr)
        except (GoMissingError, BuildError) as error:
            session.config.stash[_PROGRAMS] = error


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Without Go the tests are skipped, or fail where `CI=true`.

    Skipped from here and not from the fixture, so that the summary has one line for all of them.
    """
    if not _needs_programs(item):
        return
    found = item.config.stash[_PROGRAMS]
    if isinstance(found, BuildError) or (isinstance(found, GoMissingError) and is_ci()):
        pytest.fail(f"no control plane: {found}", pytrace=False)
    if isinstance(found, GoMissingError):
        pytest.skip(f"no control plane: {found}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Says of a failed test where the logs of its control plane are."""
    report = yield
    cluster = getattr(item, "funcargs", {}).get("control_plane")
    if report.failed and cluster is not None:
        report.sections.append(("control plane", f"logs: {cluster.folder}/*.log"))
    return report


def _needs_programs(item: pytest.Item) -> bool:
    return "programs" in getattr(item, "fixturenames", ())


def _shown_output(config: pytest.Config) -> contextlib.AbstractContextManager[None]:
    """Lets what is written to stderr through to the terminal."""
    capture = config.pluginmanager.getplugin("capturemanager")
    return capture.global_and_fixture_disabled() if capture else contextlib.nullcontext()


@pytest.fixture(scope="session")
def programs(pytestconfig: pytest.Config) -> Mapping[str, Path]:
    """The path of each program of the control plane."""
    found = pytestconfig.stash[_PROGRAMS]
    assert isinstance(found, Mapping)
    return found


@pytest.fixture(scope="session")
def control_plane(
    programs: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ControlPlane]:
    """The one control plane of the session: three nodes, IPv4. Its logs are in pytest's temporary folder."""
    with ControlPlane(programs, tmp_path_factory.mktemp("control-plane")) as running:
        yield running


@pytest.fixture
def namespace(control_plane: ControlPlane, request: pytest.FixtureRequest) -> Iterator[str]:
    """A new namespace for one test.

    It is deleted afterwards, without waiting: what is in it goes within a second or two, the namespace itself
    some seconds later.
    """
    words = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).removeprefix("test-")
    name = f"{words[:40].strip('-')}-{secrets.token_hex(3)}"
    control_plane.create_namespace(name)
    yield name
    control_plane.api.delete(f"/api/v1/namespaces/{name}")
