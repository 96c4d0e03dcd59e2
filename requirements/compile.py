"""Compile the pins: `python requirements/compile.py [--upgrade]` (needs uv on the PATH).

Reads the bounded ranges of `pyproject.toml`, writes `requirements/all.txt` (exact versions with hashes, for pip and
`uv pip`) and copies its versions into `tool.uv.constraint-dependencies` (for `uv run`, which reads no requirements
file). Without `--upgrade` every pin that still satisfies its range stays as it is.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PINS = ROOT / "requirements" / "all.txt"
PROJECT = ROOT / "pyproject.toml"
GROUPS = ("test", "mongo", "lint", "build")
HEADER = "# Exact versions of everything the project installs. Made by requirements/compile.py; edit pyproject.toml instead.\n"
CONSTRAINTS = re.compile(r"^constraint-dependencies = \[.*?\]$", re.MULTILINE | re.DOTALL)


def command(upgrade: bool) -> list[str]:
    """The compile command. No configuration is read: it would feed the old constraints back in, and name an index."""
    groups = [part for group in GROUPS for part in ("--group", group)]
    return [
        *("uv", "pip", "compile", "--quiet", "--no-config", "pyproject.toml", "--all-extras", *groups),
        *("--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", "--no-annotate"),
        *("--no-emit-index-url", "--no-emit-find-links", "--output-file", str(PINS.relative_to(ROOT))),
        *(["--upgrade"] if upgrade else []),
    ]


def pinned_versions(text: str) -> list[str]:
    """The requirement lines of a compiled file, hashes left out: `name==version` and its marker if it has one."""
    lines = (line.removesuffix("\\").strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith(("#", "--hash"))]


def constraints(pins: list[str]) -> str:
    """The TOML assignment that holds the pins."""
    return "constraint-dependencies = [\n" + "".join(f'  "{pin}",\n' for pin in pins) + "]"


def main(arguments: list[str]) -> int:
    """Write both files; the exit code is uv's."""
    done = subprocess.run(command("--upgrade" in arguments), cwd=ROOT, check=False)
    if done.returncode == 0:
        text = PINS.read_text(encoding="utf-8")
        PINS.write_text(HEADER + text.removeprefix(HEADER), encoding="utf-8")
        block = constraints(pinned_versions(text))
        project = PROJECT.read_text(encoding="utf-8")
        PROJECT.write_text(CONSTRAINTS.sub(lambda _: block, project, count=1), encoding="utf-8")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
