"""Runs plays with `ansible-playbook` as a process, and gives back what each task said on each host.

The plays are written by the tests from lists of tasks, so that the same tasks can be run as `present` and,
in reverse order, as `absent`. What a host needs to reach its APIC are variables of the inventory.
"""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.conformance.ansible.environment import Environment

HERE = Path(__file__).resolve().parent
SECONDS = 900

Task = dict[str, Any]
# By host and name of the task: what the module gave back.
Results = dict[tuple[str, str], dict[str, Any]]


@dataclass(frozen=True)
class Host:
    """A host of the inventory: the APIC that its modules talk to, and how they log in there."""

    name: str
    variables: Mapping[str, Any]


def tasks(name: str) -> list[Task]:
    """The tasks of a file beside this one."""
    found: list[Task] = yaml.safe_load((HERE / name).read_text())
    return found


def module_of(task: Task) -> str:
    """The module that a task calls."""
    (module,) = (key for key in task if key.startswith("cisco.aci."))
    return module


def in_state(tasks: Sequence[Task], state: str) -> list[Task]:
    """The tasks with their `state` given, and a failure of one no reason to stop."""
    given = deepcopy(list(tasks))
    for task in given:
        task[module_of(task)]["state"] = state
        task["ignore_errors"] = True
    return given


class Runner:
    """Runs plays on some hosts.

    Args:
        environment: where Ansible is.
        hosts: the inventory.
        ca_file: certificates of the authorities that the hosts' servers have.
        folder: for everything that is written.
    """

    def __init__(self, environment: Environment, hosts: Sequence[Host], ca_file: Path, folder: Path) -> None:
        self._environment = environment
        self._folder = folder
        self._ca_file = ca_file
        self._inventory = folder / "inventory.yml"
        self._inventory.write_text(
            yaml.safe_dump({"all": {"hosts": {host.name: dict(host.variables) for host in hosts}}})
        )
        (folder / "ansible.cfg").touch()

    def run(self, plays: Sequence[Sequence[Task]]) -> list[Results]:
        """Run each list of tasks as a play on all hosts; the results of each play."""
        book = self._folder / "playbook.json"
        book.write_text(json.dumps([_play(tasks) for tasks in plays]))
        command = [str(self._environment.playbook), "--inventory", str(self._inventory), str(book)]
        done = subprocess.run(
            command, env=self._variables(), capture_output=True, text=True, timeout=SECONDS, check=False
        )
        if not done.stdout.lstrip().startswith("{"):
            raise AssertionError(
                f"ansible-playbook ended with {done.returncode}:\n{done.stdout}{done.stderr}"
            )
        return [_results(play) for play in json.loads(done.stdout)["plays"]]

    def _variables(self) -> dict[str, str]:
        """An environment in which no settings of the machine's user have a say."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        return kept | {
            "ANSIBLE_COLLECTIONS_PATH": str(self._environment.collections),
            "ANSIBLE_CONFIG": str(self._folder / "ansible.cfg"),
            "ANSIBLE_HOME": str(self._folder / "home"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_PIPELINING": "true",
            "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
            "LC_ALL": "C.UTF-8",
            "SSL_CERT_FILE": str(self._ca_file),
        }


def _play(tasks: Sequence[Task]) -> dict[str, Any]:
    # The two ways to log in exclude each other, so each host has the variables of one of them.
    login = {
        name: f"{{{{ {name} | default(omit) }}}}" for name in ("password", "private_key", "certificate_name")
    }
    address = {name: f"{{{{ {name} }}}}" for name in ("host", "port", "username")}
    return {
        "hosts": "all",
        "gather_facts": False,
        "connection": "local",
        "module_defaults": {
            "group/cisco.aci.all": {**address, **login, "validate_certs": True, "output_level": "debug"}
        },
        "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
        "tasks": list(tasks),
    }


def _results(play: Mapping[str, Any]) -> Results:
    return {
        (host, task["task"]["name"]): result
        for task in play["tasks"]
        for host, result in task["hosts"].items()
    }
