"""What the Ansible tests share: the tool environment, two simulators, and one run of all playbooks.

Modules take half a second each, so everything is run once, on two hosts at the same time: one logs in with
a password, the other signs its requests. The tests judge what was recorded.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from akb_sync.simulators.apic import ApicSimulator
from tests.conformance.ansible.environment import (
    Environment,
    EnvironmentMissingError,
    ensure_environment,
    is_ci,
    report_to_stderr,
)
from tests.conformance.ansible.playbooks import Host, Results, Runner, in_state, tasks
from tests.conformance.key_pairs import self_signed

PASSWORD = "password"
CERTIFICATE = "certificate"
SECONDS_FOR_THE_FIRST_TEST = 1800

Subtree = dict[str, tuple[str, dict[str, str]]]


_ENVIRONMENT = pytest.StashKey[Environment | EnvironmentMissingError]()


def pytest_itemcollected(item: pytest.Item) -> None:
    item.add_marker(pytest.mark.timeout(SECONDS_FOR_THE_FIRST_TEST))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Without Ansible the tests are skipped, or fail where `CI=true`.

    Skipped from here and not from the fixture, so that the summary has one line for all of them.
    """
    if "environment" not in getattr(item, "fixturenames", ()):
        return
    found = _found(item.config)
    if isinstance(found, EnvironmentMissingError):
        if is_ci():
            pytest.fail(f"no Ansible: {found}", pytrace=False)
        pytest.skip(f"no Ansible: {found}")


def _found(config: pytest.Config) -> Environment | EnvironmentMissingError:
    """The tool environment, looked for only once."""
    if _ENVIRONMENT not in config.stash:
        try:
            config.stash[_ENVIRONMENT] = ensure_environment(report_to_stderr)
        except EnvironmentMissingError as error:
            config.stash[_ENVIRONMENT] = error
    return config.stash[_ENVIRONMENT]


@dataclass
class Recording:
    """What the playbooks did.

    Attributes:
        created, created_again, deleted, deleted_again: the results of the four passes over objects.yml.
        queried, rest: the results of queries.yml and rest.yml.
        before, between, after: the policy tree by host: at first, with all objects, and at last.
    """

    created: Results = field(default_factory=dict)
    created_again: Results = field(default_factory=dict)
    queried: Results = field(default_factory=dict)
    rest: Results = field(default_factory=dict)
    deleted: Results = field(default_factory=dict)
    deleted_again: Results = field(default_factory=dict)
    before: dict[str, Subtree] = field(default_factory=dict)
    between: dict[str, Subtree] = field(default_factory=dict)
    after: dict[str, Subtree] = field(default_factory=dict)


@pytest.fixture(scope="session")
def environment(pytestconfig: pytest.Config) -> Environment:
    """Where Ansible is."""
    found = pytestconfig.stash[_ENVIRONMENT]
    assert isinstance(found, Environment)
    return found


@pytest.fixture(scope="session")
def recording(environment: Environment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recording]:
    folder = tmp_path_factory.mktemp("ansible")
    with ApicSimulator() as one, ApicSimulator() as other:
        simulators = {PASSWORD: one, CERTIFICATE: other}
        key, certificate = self_signed("ansible")
        key_file = folder / "ansible.key"
        key_file.write_text(key)
        other.add_certificate("admin", "ansible", certificate)
        hosts = [
            Host(PASSWORD, {**_address(one), "password": "secret", "pem": certificate}),
            Host(
                CERTIFICATE,
                {
                    **_address(other),
                    "private_key": str(key_file),
                    "certificate_name": "ansible",
                    "pem": certificate,
                },
            ),
        ]
        runner = Runner(environment, hosts, _authorities(folder, one, other), folder)
        yield _record(runner, simulators)


def _record(runner: Runner, simulators: dict[str, ApicSimulator]) -> Recording:
    done = Recording(before=_trees(simulators))
    objects = tasks("objects.yml")
    present, absent = in_state(objects, "present"), in_state(objects[::-1], "absent")
    done.created, done.created_again, done.queried = runner.run([present, present, tasks("queries.yml")])
    done.between = _trees(simulators)
    done.rest, done.deleted, done.deleted_again = runner.run([tasks("rest.yml"), absent, absent])
    done.after = _trees(simulators)
    return done


def _trees(simulators: dict[str, ApicSimulator]) -> dict[str, Subtree]:
    return {name: simulator.subtree() for name, simulator in simulators.items()}


def _address(simulator: ApicSimulator) -> dict[str, Any]:
    host, _, port = simulator.url.removeprefix("https://").rpartition(":")
    return {"host": host, "port": int(port), "username": "admin"}


def _authorities(folder: Path, *simulators: ApicSimulator) -> Path:
    path = folder / "authorities.pem"
    path.write_text("".join(each.ca_file.read_text() for each in simulators if each.ca_file is not None))
    return path
