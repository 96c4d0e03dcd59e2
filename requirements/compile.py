"""Compile the pins: `python requirements/compile.py [--upgrade]` (needs uv on the PATH).

Reads the bounded ranges of `pyproject.toml`, writes `requirements/all.txt` (exact versions with
hashes, for pip and `uv pip`) and copies its versions into `tool.uv.constraint-dependencies` (for
`uv run`, which reads no requirements file). Without `--upgrade` every pin that still satisfies its
range stays as it is.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PINS = ROOT / "requirements" / "all.txt"
PROJECT = ROOT / "pyproject.toml"
HEADER = "# The exact versions to install. Made by requirements/compile.py from pyproject.toml.\n"

# No configuration is read (--no-config): it would feed the old constraints back in, and could
# name an index. The file names no address either, so that it serves whatever mirror one has.
COMPILE = """
uv pip compile pyproject.toml --output-file requirements/all.txt --quiet --no-config
--all-extras --group test --group mongo --group lint --group build
--universal --python-version 3.11 --generate-hashes
--no-header --no-annotate --no-emit-index-url --no-emit-find-links
"""
CONSTRAINTS = re.compile(r"^constraint-dependencies = \[.*?\]$", flags=re.MULTILINE | re.DOTALL)


def pinned_versions(text: str) -> list[str]:
    """The requirements of a compiled file without hashes: `name==version` and the marker."""
    lines = (line.removesuffix("\\").strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith(("#", "--hash"))]


def constraints(pins: list[str]) -> str:
    """The TOML assignment that holds the pins."""
    return "constraint-dependencies = [\n" + "".join(f'  "{pin}",\n' for pin in pins) + "]"


def main(arguments: list[str]) -> int:
    """Write both files; the exit code is uv's."""
    upgrade = ["--upgrade"] if "--upgrade" in arguments else []
    done = subprocess.run([*COMPILE.split(), *upgrade], cwd=ROOT, check=False)
    if done.returncode == 0:
        text = PINS.read_text(encoding="utf-8")
        PINS.write_text(HEADER + text.removeprefix(HEADER), encoding="utf-8")
        block = constraints(pinned_versions(text))
        project = PROJECT.read_text(encoding="utf-8")
        PROJECT.write_text(CONSTRAINTS.sub(lambda _: block, project, count=1), encoding="utf-8")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
