"""Makes the tool environment in which Ansible and its collection `cisco.aci` live.

Why its own: Ansible pins other versions of libraries than this project, and nothing of it belongs into what
users install. It is built once into `.cache/ansible`, and again when one of the two lists beside this file
changes. The collection comes in the package `ansible`, of which 3 of 210 MB are wanted: its wheel is
fetched, and only those are unpacked; ansible-core, which runs them, is installed as usual.

Run as `python tests/conformance/ansible/environment.py` (the standard library is enough), or imported for
`ensure_environment()`. Exit codes: 0 it is there, 1 it cannot be made and `CI` is `true`, 3 it cannot be
made.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = HERE.parents[2] / ".cache" / "ansible"
PROGRAMS = HERE / "requirements.txt"
COLLECTIONS = HERE / "collections.txt"
# The second has the callback that prints results as JSON.
WANTED = ("ansible_collections/cisco/aci/", "ansible_collections/ansible/posix/")
EXIT_FAILED = 1
EXIT_MISSING = 3

Report = Callable[[str], None]


class EnvironmentMissingError(Exception):
    """Ansible is not there and could not be installed; one sentence for a person."""


@dataclass(frozen=True)
class Environment:
    """Where the parts of the tool environment are."""

    folder: Path

    @property
    def python(self) -> Path:
        """The interpreter that has Ansible, which its modules run in too."""
        return self.folder / "venv" / "bin" / "python"

    @property
    def playbook(self) -> Path:
        """The program `ansible-playbook`."""
        return self.folder / "venv" / "bin" / "ansible-playbook"

    @property
    def collections(self) -> Path:
        """What goes into `ANSIBLE_COLLECTIONS_PATH`."""
        return self.folder / "collections"


def ensure_environment(report: Report) -> Environment:
    """The tool environment, made first if need be; raises EnvironmentMissingError when it cannot be made."""
    environment = Environment(CACHE)
    CACHE.mkdir(parents=True, exist_ok=True)
    with _one_builder_at_a_time(report):
        stamp = CACHE / "stamp"
        if not stamp.exists() or stamp.read_text() != _fingerprint():
            stamp.unlink(missing_ok=True)
            report(f"installing Ansible into {CACHE} (once, less than a minute)")
            _install_programs(environment)
            _unpack_collections(environment)
            stamp.write_text(_fingerprint())
    return environment


def is_ci() -> bool:
    """Whether what is missing is an error: every common CI service sets `CI=true`."""
    return os.environ.get("CI", "").lower() == "true"


def report_to_stderr(line: str) -> None:
    """Show a line of progress."""
    sys.stderr.write(f"ansible: {line}\n")
    sys.stderr.flush()


def _fingerprint() -> str:
    """Changes with what is installed and with the Python that runs it."""
    digest = hashlib.sha256(sys.version.encode())
    for path in (PROGRAMS, COLLECTIONS, Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _install_programs(environment: Environment) -> None:
    folder = environment.folder / "venv"
    try:
        venv.create(folder, clear=True, symlinks=True, with_pip=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise EnvironmentMissingError(f"No virtual environment can be made in {folder}: {error}.") from error
    _pip(environment, "install", "--requirement", str(PROGRAMS))


def _unpack_collections(environment: Environment) -> None:
    shutil.rmtree(environment.collections, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=environment.folder) as folder:
        _pip(environment, "download", "--no-deps", "--only-binary=:all:", "--dest", folder,
             "--requirement", str(COLLECTIONS))  # fmt: skip
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            names = [name for name in archive.namelist() if name.startswith(WANTED)]
            archive.extractall(environment.collections, names)


def _pip(environment: Environment, *arguments: str) -> None:
    """Run pip as this machine has it configured."""
    command = [str(environment.python), "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip() or done.stdout.strip() or "it says nothing").splitlines()[-1]
        raise EnvironmentMissingError(f"pip could not {arguments[0]} Ansible: {reason}")


@contextlib.contextmanager
def _one_builder_at_a_time(report: Report) -> Iterator[None]:
    with (CACHE / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("waiting for another installation of Ansible")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> int:
    """Make the environment; the result is an exit code."""
    try:
        ensure_environment(report_to_stderr)
    except EnvironmentMissingError as error:
        report_to_stderr(str(error))
        return EXIT_FAILED if is_ci() else EXIT_MISSING
    return 0


if __name__ == "__main__":
    sys.exit(main())
