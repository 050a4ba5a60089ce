"""The APIC's options are read from files that may be replaced while the engine runs."""

from pathlib import Path

import pytest

from akb_sync.engine.credential import Credential
from akb_sync.errors import SettingsError
from akb_sync.settings import Settings
from akb_sync.simulators.certificates import Authority


def of_file(path: Path) -> Credential:
    return Credential(Settings(apic="a, b,", apic_username="admin", apic_password_file=path))


def test_a_password_in_a_file_that_is_replaced_is_taken_over_once(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_text("old\n")
    credential = of_file(path)
    assert credential.options.controllers == ("https://a", "https://b")
    assert credential.changed() is None
    path.write_text("new")
    options = credential.changed()
    assert options is not None
    assert options.password == "new"
    assert credential.changed() is None


@pytest.mark.parametrize("text", [None, ""])
def test_a_file_that_is_just_being_replaced_changes_nothing(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "password"
    path.write_text("old")
    credential = of_file(path)
    path.unlink()
    if text is not None:
        path.write_text(text)
    assert credential.changed() is None
    assert credential.options.password == "old"


def test_a_ca_that_is_rotated_in_its_file_is_taken_over_once(tmp_path: Path) -> None:
    ca = Authority("the old one").write(tmp_path)
    credential = Credential(Settings(apic="a", apic_username="u", apic_password="p", apic_ca_file=ca))
    assert credential.changed() is None
    ca.write_bytes(Authority("the new one").pem)
    options = credential.changed()
    assert options is not None
    assert options.ca_file == ca
    assert credential.changed() is None


@pytest.mark.parametrize("text", [None, "", "half of a cert"])
def test_a_ca_file_that_is_just_being_replaced_changes_nothing(tmp_path: Path, text: str | None) -> None:
    ca = Authority().write(tmp_path)
    credential = Credential(Settings(apic="a", apic_username="u", apic_password="p", apic_ca_file=ca))
    ca.unlink()
    if text is not None:
        ca.write_text(text)
    assert credential.changed() is None


def test_what_is_wrong_from_the_start_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"--apic-password-file"):
        of_file(tmp_path / "none")
