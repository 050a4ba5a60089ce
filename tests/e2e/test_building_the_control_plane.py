"""Finding and building the programs: what happens without Go, with an old one, after a change, twice at once.

A stand-in for `go` writes files as the real one does; nothing is compiled here.
"""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.e2e.controlplane import build

FAKE_GO = """#!{python}
import os, sys, time
if sys.argv[1:] == ["env", "GOVERSION"]:
    print("{version}")
    sys.exit()
with open("{record}", "a") as record:
    record.write(sys.argv[-1] + "\\n")
if {failing} in sys.argv[-1:]:
    sys.exit("cannot find module")
with open(sys.argv[sys.argv.index("-o") + 1], "w") as program:
    program.write(sys.argv[-1])
"""


class FakeGo:
    """A folder with nothing but a `go` in it, which is the whole PATH."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self._record = folder / "record"
        monkeypatch.setenv("PATH", str(folder))
        monkeypatch.setattr(build, "CACHE", folder / "cache")
        monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
        monkeypatch.delenv("CI", raising=False)

    def install(self, version: str = "go1.99.0", failing: str = "") -> None:
        go = self._folder / "go"
        values = {
            "python": sys.executable,
            "version": version,
            "record": self._record,
            "failing": repr(failing),
        }
        go.write_text(FAKE_GO.format(**values))
        go.chmod(0o755)

    def built(self) -> list[str]:
        """The packages built since this was last asked."""
        if not self._record.exists():
            return []
        packages = self._record.read_text().split()
        self._record.unlink()
        return packages


@pytest.fixture
def go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeGo:
    return FakeGo(tmp_path, monkeypatch)


def silent(line: str) -> None:
    assert line


ALL_PACKAGES = [program.package for program in build.PROGRAMS]


def test_without_go_it_ends_with_3_and_one_line_that_says_so(
    go: FakeGo, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build.main() == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("control plane: Go is not installed, and etcd, kube-apiserver")
    assert go.built() == []


def test_without_go_it_is_an_error_where_ci_is_true(go: FakeGo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    assert build.main() == 1
    assert go.built() == []


def test_an_old_go_is_named_together_with_what_is_needed(go: FakeGo) -> None:
    go.install(version="go1.20.5")
    with pytest.raises(
        build.GoMissingError, match=r"^Go 1\.24\.0 or newer is needed .*; this is Go 1\.20\.5$"
    ):
        build.ensure_programs(silent)


def test_every_program_is_built_once_and_progress_is_shown(
    go: FakeGo, capsys: pytest.CaptureFixture[str]
) -> None:
    go.install()
    assert build.main() == 0
    assert go.built() == ALL_PACKAGES
    lines = capsys.readouterr().err
    assert "control plane: [2/7] building kube-apiserver" in lines
    assert "control plane: [7/7] metallb-controller built in" in lines
    assert build.main() == 0
    assert go.built() == []
    assert capsys.readouterr().err == ""


def test_a_program_whose_module_changed_is_built_again(
    go: FakeGo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modules = tmp_path / "modules"
    for name in {program.module for program in build.PROGRAMS}:
        (modules / name).mkdir(parents=True)
        for file in ("go.mod", "go.sum"):
            (modules / name / file).write_bytes((build.HERE / name / file).read_bytes())
    monkeypatch.setattr(build, "HERE", modules)
    go.install()
    build.ensure_programs(silent)
    assert go.built() == ALL_PACKAGES
    (modules / "kwok" / "go.sum").write_text("changed")
    build.ensure_programs(silent)
    assert go.built() == ["sigs.k8s.io/kwok/cmd/kwok"]


def test_a_build_that_fails_says_why_and_leaves_no_half_program(
    go: FakeGo, capsys: pytest.CaptureFixture[str]
) -> None:
    go.install(failing="k8s.io/kubernetes/cmd/kubectl")
    assert build.main() == 1
    assert "go could not build kubectl:\ncannot find module" in capsys.readouterr().err
    left = {path.name for path in build.CACHE.iterdir()}
    assert {"etcd", "etcd.stamp"} <= left
    assert not {name for name in left if name.startswith(("kubectl", "kwok"))}
    go.built()
    go.install()
    assert build.main() == 0
    assert go.built() == ALL_PACKAGES[4:]


def test_programs_in_the_envtest_folder_are_used_and_only_the_others_built(
    go: FakeGo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assets = tmp_path / "assets"
    assets.mkdir()
    for name in ("etcd", "kube-apiserver", "kubectl"):
        (assets / name).touch(mode=0o755)
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(assets))
    go.install()
    found = build.ensure_programs(silent)
    assert found["kubectl"] == assets / "kubectl"
    assert found["kwok"] == build.CACHE / "kwok"
    assert len(go.built()) == 4


def test_two_that_run_at_once_build_each_program_once(go: FakeGo) -> None:
    go.install()
    lines: list[str] = []
    threads = [threading.Thread(target=build.ensure_programs, args=(lines.append,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(go.built()) == sorted(ALL_PACKAGES)
    assert "waiting for another build of the control plane" in lines


def test_a_long_build_shows_that_it_lives(
    go: FakeGo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build, "HEARTBEAT_SECONDS", 0.001)
    go.install()
    assert build.main() == 0
    assert "[1/7] still building etcd, 0 s so far" in capsys.readouterr().err


def test_it_runs_as_a_script_with_nothing_but_the_standard_library() -> None:
    command = [sys.executable, "-S", "-I", str(build.HERE / "build.py")]
    done = subprocess.run(
        command, env={"PATH": "", "KUBEBUILDER_ASSETS": ""}, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 3), done.stderr
