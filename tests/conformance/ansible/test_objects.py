"""Each object of objects.yml is made by its module, found as it should be, and removed."""

from typing import Any

import pytest

from tests.conformance.ansible.conftest import CERTIFICATE, PASSWORD, Recording
from tests.conformance.ansible.playbooks import module_of, tasks

OBJECTS = tasks("objects.yml")
NAMES = [task["name"] for task in OBJECTS]
both_logins = pytest.mark.parametrize("login", [PASSWORD, CERTIFICATE])
every_object = pytest.mark.parametrize("name", NAMES)

# What differs between two fabrics that were configured alike.
TIMES = {"modTs", "created", "lastTransition"}


def test_the_objects_take_at_least_forty_modules() -> None:
    assert len({module_of(task) for task in OBJECTS}) >= 40
    assert len(set(NAMES)) == len(NAMES)


@both_logins
@every_object
def test_a_module_makes_its_object_once(recording: Recording, login: str, name: str) -> None:
    assert changed(recording.created[login, name])
    assert not changed(recording.created_again[login, name])


@both_logins
@every_object
def test_a_module_reads_back_what_it_made(recording: Recording, login: str, name: str) -> None:
    first, second = recording.created[login, name], recording.created_again[login, name]
    assert len(first["current"]) == 1
    assert second["current"] == second["previous"] == first["current"] or name in GROWING


# Later tasks add children to these, which their modules show.
GROWING = {"a security domain of a user", "a static route"}


@both_logins
@every_object
def test_a_module_removes_its_object_once(recording: Recording, login: str, name: str) -> None:
    first = recording.deleted[login, name]
    assert changed(first)
    assert not changed(recording.deleted_again[login, name])


@both_logins
def test_in_the_end_the_fabric_is_as_it_was(recording: Recording, login: str) -> None:
    assert recording.after[login] == recording.before[login]


def test_both_logins_make_the_same_fabric(recording: Recording) -> None:
    one, other = (recording.between[login] for login in (PASSWORD, CERTIFICATE))
    extra = {dn for dn in one.keys() ^ other.keys() if "/usercert-ansible" not in dn}
    assert not extra
    assert [dn for dn in one if dn in other and essence(one[dn]) != essence(other[dn])] == []


def changed(result: dict[str, Any]) -> bool:
    """Whether a module says that it changed something; a module that failed fails the test."""
    assert not result.get("failed"), f"{result.get('msg')} ({result.get('method')} {result.get('url')})"
    found: bool = result["changed"]
    return found


def essence(found: tuple[str, dict[str, str]]) -> tuple[str, dict[str, str]]:
    name, attributes = found
    return name, {prop: value for prop, value in attributes.items() if prop not in TIMES}
