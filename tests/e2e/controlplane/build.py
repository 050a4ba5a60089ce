"""Finds or builds the programs of the control plane that the end-to-end tests run against.

Why: what the engine does is believed when it holds on the real apiserver, controllers and MetalLB. Nobody
publishes all of these programs for every machine, but each is a Go module. So the three `go.mod` files beside
this one pin them, and the ordinary Go toolchain builds them: no container engine and no system package
manager.

Run as `python tests/e2e/controlplane/build.py` (the standard library is enough), or imported for
`ensure_programs()`. Exit codes: 0 all programs are there, 1 a build failed, 3 Go is missing and so are
programs (1 if `CI` is `true`).
"""

import contextlib
import fcntl
import functools
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = HERE.parents[2] / ".cache" / "controlplane"
HEARTBEAT_SECONDS = 15.0
EXIT_FAILED = 1
EXIT_NO_GO = 3

Report = Callable[[str], None]


class BuildError(Exception):
    """A program could not be built, although Go is there."""


class GoMissingError(Exception):
    """A program is missing and there is no Go, or only an old one, to build it."""


@dataclass(frozen=True)
class Program:
    """One program: its file name, the folder of the Go module that pins it, and its main package."""

    name: str
    module: str
    package: str

    @property
    def module_folder(self) -> Path:
        return HERE / self.module

    @property
    def path(self) -> Path:
        return CACHE / self.name

    @property
    def stamp(self) -> Path:
        return CACHE / f"{self.name}.stamp"


PROGRAMS = (
    Program("etcd", "kubernetes", "go.etcd.io/etcd/server/v3"),
    Program("kube-apiserver", "kubernetes", "k8s.io/kubernetes/cmd/kube-apiserver"),
    Program("kube-controller-manager", "kubernetes", "k8s.io/kubernetes/cmd/kube-controller-manager"),
    Program("kube-scheduler", "kubernetes", "k8s.io/kubernetes/cmd/kube-scheduler"),
    Program("kubectl", "kubernetes", "k8s.io/kubernetes/cmd/kubectl"),
    Program("kwok", "kwok", "sigs.k8s.io/kwok/cmd/kwok"),
    Program("metallb-controller", "metallb", "go.universe.tf/metallb/controller"),
)


def ensure_programs(report: Report) -> dict[str, Path]:
    """Where each program of the control plane is, built first if need be.

    A program in the folder that `KUBEBUILDER_ASSETS` names (the variable of controller-runtime's envtest) is
    used as it is. The others are built into `.cache/controlplane` and built again when their go.mod or go.sum
    changed.

    Args:
        report: is given each line of progress.

    Raises:
        GoMissingError: programs are missing, and Go is absent or older than their go.mod asks.
        BuildError: Go could not build one of them.
    """
    found = _from_assets_folder()
    CACHE.mkdir(parents=True, exist_ok=True)
    with _one_builder_at_a_time(report):
        missing = [program for program in PROGRAMS if program.name not in found and not _is_current(program)]
        if missing:
            _build_all(missing, report)
    return {program.name: found.get(program.name, program.path) for program in PROGRAMS}


def _from_assets_folder() -> dict[str, Path]:
    folder = os.environ.get("KUBEBUILDER_ASSETS")
    if not folder:
        return {}
    candidates = {program.name: Path(folder) / program.name for program in PROGRAMS}
    return {name: path for name, path in candidates.items() if os.access(path, os.X_OK)}


@contextlib.contextmanager
def _one_builder_at_a_time(report: Report) -> Iterator[None]:
    with (CACHE / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("waiting for another build of the control plane")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_current(program: Program) -> bool:
    return (
        program.path.exists()
        and program.stamp.exists()
        and program.stamp.read_text() == _fingerprint(program)
    )


def _fingerprint(program: Program) -> str:
    """Changes with all that decides what a program does; the version of Go is no part of that."""
    digest = hashlib.sha256()
    for name in ("go.mod", "go.sum"):
        digest.update((program.module_folder / name).read_bytes())
    digest.update(f"{program.package} {_ldflags(program)}".encode())
    return digest.hexdigest()


def _ldflags(program: Program) -> str:
    """Kubernetes' own build sets its version by linker flags; without them `kubectl version` shows v0.0.0."""
    flags = ["-s", "-w"]
    if program.package.startswith("k8s.io/kubernetes/"):
        version, major, minor = _kubernetes_version()
        values = {"gitVersion": version, "gitMajor": major, "gitMinor": minor}
        flags += [f"-X k8s.io/component-base/version.{key}={value}" for key, value in values.items()]
    return " ".join(flags)


@functools.cache
def _kubernetes_version() -> tuple[str, str, str]:
    text = (HERE / "kubernetes" / "go.mod").read_text()
    match = re.search(r"^\s*(?:require )?k8s\.io/kubernetes (v(\d+)\.(\d+)\.\S+)", text, re.MULTILINE)
    if match is None:
        raise BuildError(f"{HERE / 'kubernetes' / 'go.mod'} does not require k8s.io/kubernetes")
    return match[1], match[2], match[3]


def _build_all(programs: list[Program], report: Report) -> None:
    go = _go(programs)
    started = time.monotonic()
    report(f"{len(programs)} programs to build; the first time takes about 10 minutes on 2 cores")
    for number, program in enumerate(programs, start=1):
        _build(go, program, _prefixed(report, f"[{number}/{len(programs)}] "))
    report(f"built in {time.monotonic() - started:.0f} s, into {CACHE}")


def _prefixed(report: Report, prefix: str) -> Report:
    return lambda line: report(prefix + line)


def _go(programs: list[Program]) -> str:
    names = ", ".join(program.name for program in programs)
    go = shutil.which("go")
    if go is None:
        raise GoMissingError(
            f"Go is not installed, and {names} cannot be built without it (https://go.dev/dl)"
        )
    for folder in {program.module_folder for program in programs}:
        _check_go_version(go, folder)
    return go


def _check_go_version(go: str, folder: Path) -> None:
    """From 1.21 on `go` itself fetches the toolchain that is needed, or refuses; older ones just try."""
    match = re.search(r"^go (\d+\.\d+(?:\.\d+)?)", (folder / "go.mod").read_text(), re.MULTILINE)
    needed = match[1] if match else "1.24"
    asked = subprocess.run(
        [go, "env", "GOVERSION"], cwd=folder, env=_environment(), capture_output=True, text=True, check=False
    )
    has = asked.stdout.strip().removeprefix("go")
    if asked.returncode or _numbers(has) < _numbers(needed):
        reason = asked.stderr.strip().splitlines()[-1:] or [f"this is Go {has}"]
        raise GoMissingError(f"Go {needed} or newer is needed to build the control plane; {reason[0]}")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


def _environment() -> Mapping[str, str]:
    return {**os.environ, "CGO_ENABLED": "0", "GOWORK": "off"}


def _build(go: str, program: Program, report: Report) -> None:
    """Builds beside the target and renames, so that no half-written program is ever run."""
    report(f"building {program.name}")
    started = time.monotonic()
    with tempfile.TemporaryDirectory(dir=CACHE, prefix=f"{program.name}.") as folder:
        new = Path(folder) / program.name
        command = [
            go,
            "build",
            "-buildvcs=false",
            "-ldflags",
            _ldflags(program),
            "-o",
            str(new),
            program.package,
        ]
        _run_with_heartbeat(command, program, report)
        new.replace(program.path)
        new_stamp = Path(folder) / "stamp"
        new_stamp.write_text(_fingerprint(program))
        new_stamp.replace(program.stamp)
    report(f"{program.name} built in {time.monotonic() - started:.0f} s")


def _run_with_heartbeat(command: list[str], program: Program, report: Report) -> None:
    started = time.monotonic()
    with (
        tempfile.TemporaryFile("w+") as output,
        subprocess.Popen(
            command, cwd=program.module_folder, env=_environment(), stdout=output, stderr=subprocess.STDOUT
        ) as process,
    ):
        while not _ended_within(process, HEARTBEAT_SECONDS):
            report(f"still building {program.name}, {time.monotonic() - started:.0f} s so far")
        output.seek(0)
        if process.returncode:
            raise BuildError(f"go could not build {program.name}:\n{output.read()[-4000:].strip()}")


def _ended_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def report_to_stderr(line: str) -> None:
    sys.stderr.write(f"control plane: {line}\n")
    sys.stderr.flush()


def is_ci() -> bool:
    """Whether what is missing is an error: every common CI service sets `CI=true`."""
    return os.environ.get("CI", "").lower() == "true"


def main() -> int:
    try:
        ensure_programs(report_to_stderr)
    except GoMissingError as error:
        report_to_stderr(str(error))
        return EXIT_FAILED if is_ci() else EXIT_NO_GO
    except BuildError as error:
        report_to_stderr(str(error))
        return EXIT_FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main())
