"""The package is built with its compiled part where there is a compiler, and without where not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.tidy.source import ROOT

MADE_OF = ("pyproject.toml", "README.md", "LICENSE", "hatch_build.py", "sync/core", "sync/wire")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """As much of the project as its build looks at."""
    root = tmp_path / "project"
    for name in MADE_OF:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("*.so"))
        else:
            shutil.copy(ROOT / name, root / name)
    return root


def built(project: Path, **environment: str) -> tuple[list[str], str]:
    """The names in the wheel, and what was said."""
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "made"],
        cwd=project,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    (wheel,) = (project / "made").glob("*.whl")
    return zipfile.ZipFile(wheel).namelist(), done.stderr + done.stdout


def test_without_a_compiler_it_is_built_all_the_same(project: Path) -> None:
    (project / "sync/core/_compiled.cpython-0-old.so").write_bytes(b"of an earlier state")
    names, told = built(project, CC="false")
    assert "built without the compiled merge loop" in told
    assert "sync/core/overwriting.py" in names
    assert not [name for name in names if name.endswith(".so")]


@pytest.mark.skipif(shutil.which("cc") is None or "CI" not in os.environ, reason="no compiler")
def test_with_a_compiler_the_wheel_holds_it(project: Path) -> None:
    names, _ = built(project)
    for part in ("core", "wire"):
        assert [name for name in names if name.startswith(f"sync/{part}/_compiled.cpython")]
