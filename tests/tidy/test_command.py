"""The `zava` script: what it installs, when, and what it says when it cannot.

The script runs for real, in a copy of the project's root, with recorders in the place of uv,
python3 and pip. It needs a POSIX shell.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.tidy.source import ROOT

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the zava script needs a POSIX shell")

# A Python that claims a version, has `venv` unless told otherwise, and makes an environment whose
# programs tell what they were asked.
PYTHON = """#!/bin/sh
case "$*" in
    *"sys.version_info"*) exit {too_old} ;;
    *"import ensurepip"*) exit {no_venv} ;;
    --version) echo "Python 3.9.2" ;;
    "-m venv --clear "*) mkdir -p "$4/bin" && cp "$0" "$4/bin/python"
        printf '#!/bin/sh\\necho "program: $*"\\n' >"$4/bin/zava"; chmod +x "$4/bin/zava" ;;
    "-m pip --version") [ "${{0%/.venv/bin/python}}" != "$0" ] ;;
    "-m pip "*) shift 2; echo "pip $*" >>"$LOG" ;;
    "-m pytest"*) shift 2; echo "pytest in $(pwd): $*" ;;
esac
"""
UV = """#!/bin/sh
case "$1" in
    venv) python3 -m venv --clear "$4" ;;
esac
echo "uv $*" >>"$LOG"
exit {status}
"""


MADE_OF = (
    "pyproject.toml",
    "requirements/all.txt",
    "hatch_build.py",
    "sync/core/_compiled.pyx",
    "sync/wire/_compiled.pyx",
)
"""What an installation follows from."""


class Project:
    """A copy of the project's root with a PATH of its own."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "the project"
        self.bin = folder / "bin"
        self.log = folder / "log"
        self.bin.mkdir(parents=True)
        for name in ("zava", *MADE_OF):
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.root / name)
        for tool in ("sh", "cat", "cksum", "cp", "dirname", "mkdir", "chmod", "readlink"):
            found = shutil.which(tool)
            assert found is not None
            (self.bin / tool).symlink_to(found)

    def add(self, name: str, script: str) -> None:
        (self.bin / name).write_text(script, encoding="utf-8")
        (self.bin / name).chmod(0o755)

    def add_python(self, *, too_old: bool = False, no_venv: bool = False) -> None:
        self.add("python3", PYTHON.format(too_old=int(too_old), no_venv=int(no_venv)))

    def run(self, *arguments: str, script: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [script or self.root / "zava", *arguments],
            env={"PATH": str(self.bin), "LOG": str(self.log)},
            cwd=self.root.parent,
            check=False,
            capture_output=True,
            text=True,
        )

    def installs(self) -> list[str]:
        """The installer calls since the last look, without their options' paths."""
        lines = self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return lines


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_pip_installs_the_hashed_pins_and_then_the_project(project: Project) -> None:
    project.add_python()
    done = project.run("demo", "--port", "1")
    assert (done.returncode, done.stdout) == (0, "program: demo --port 1\n")
    pins, package = project.installs()
    assert pins.startswith("pip ")
    assert "--require-hashes" in pins
    assert "requirements/all.txt" in pins
    assert "--no-deps --no-build-isolation --editable ." in package


def test_uv_is_used_when_there_is_one(project: Project) -> None:
    project.add_python()
    project.add("uv", UV.format(status=0))
    assert project.run("demo").stdout == "program: demo\n"
    made, pins, package = project.installs()
    assert made.startswith("uv venv ")
    assert pins.startswith("uv pip install ")
    assert "--require-hashes" in pins
    assert "--no-deps" in package


def test_nothing_is_installed_or_said_while_nothing_changed(project: Project) -> None:
    project.add_python()
    assert "installing" in project.run("demo").stderr
    project.installs()
    again = project.run("demo")
    assert (again.stderr, project.installs()) == ("", [])


@pytest.mark.parametrize("name", MADE_OF)
def test_a_changed_project_is_installed_again(project: Project, name: str) -> None:
    project.add_python()
    project.run("demo")
    project.installs()
    with (project.root / name).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    project.run("demo")
    assert len(project.installs()) == 2


def test_a_moved_project_is_installed_again(project: Project) -> None:
    project.add_python()
    project.run("demo")
    project.installs()
    project.root = project.root.rename(project.root.with_name("moved"))
    assert project.run("demo").returncode == 0
    assert len(project.installs()) == 2


def test_a_failed_installation_is_told_and_tried_again(project: Project) -> None:
    project.add_python()
    project.add("uv", UV.format(status=2))
    done = project.run("demo")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "uv could not install the dependencies" in done.stderr
    assert "Traceback" not in done.stderr
    project.installs()
    project.add("uv", UV.format(status=0))
    assert project.run("demo").stdout == "program: demo\n"


def test_tests_run_from_the_root_with_the_arguments_as_given(project: Project) -> None:
    project.add_python()
    done = project.run("test", "-k", "two words")
    assert done.stdout == f"pytest in {project.root}: -k two words\n"


def test_the_script_finds_its_folder_through_a_link(project: Project) -> None:
    project.add_python()
    link = project.bin / "zava"
    link.symlink_to(project.root / "zava")
    assert project.run("demo", script=link).stdout == "program: demo\n"
    assert (project.root / ".venv").is_dir()


def test_an_old_python_is_named_with_the_remedy(project: Project) -> None:
    project.add_python(too_old=True)
    done = project.run("demo")
    assert done.returncode == 1
    assert "needs Python 3.11 to 3.14, found Python 3.9.2" in done.stderr


def test_no_python_at_all_is_told(project: Project) -> None:
    done = project.run("demo")
    assert done.returncode == 1
    assert "found no python3" in done.stderr


def test_a_python_without_venv_is_told_with_the_remedy(project: Project) -> None:
    project.add_python(no_venv=True)
    done = project.run("demo")
    assert done.returncode == 1
    assert "apt-get install python3-venv" in done.stderr
    assert not (project.root / ".venv").exists()


def test_a_signal_reaches_the_program_itself(project: Project) -> None:
    project.add_python()
    project.run("demo")
    (project.root / ".venv" / "bin" / "zava").write_text("#!/bin/sh\necho $$; read -r line\n")
    command = [project.root / "zava", "demo"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    environment = {"PATH": str(project.bin)}
    with subprocess.Popen(command, env=environment, **pipes) as process:
        assert process.stdout is not None
        assert int(process.stdout.readline()) == process.pid
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == -signal.SIGINT
