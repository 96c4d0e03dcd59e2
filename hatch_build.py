"""Compiles what may be compiled, in the ordinary build: the modules of ``COMPILED``.

Where there is no compiler, or it fails, the package is built without, and works without
(docs/decisions/0015-compiled.md). In an editable install the result lies beside its source.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

COMPILED = ("sync/core/_compiled.pyx", "sync/wire/_compiled.pyx")
FLAGS = [] if os.name == "nt" else ["-O3", "-Wno-unreachable-code"]


class Compiled(BuildHookInterface[Any]):
    """Called by hatchling for every wheel, editable ones included."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and put the result into the wheel."""
        root = Path(self.root)
        for ending in ("so", "pyd"):
            for old in root.glob(f"sync/*/_compiled.*{ending}"):
                old.unlink()  # of another state of the source
        try:
            made = compiled(root)
        except Exception as error:  # no compiler, or another than we know: it is optional
            self.app.display_warning(f"built without the compiled merge loop: {error}")
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        build_data["artifacts"] += [path.relative_to(root).as_posix() for path in made]


def compiled(root: Path) -> list[Path]:
    """Compile; the paths of the modules, which lie beside their sources."""
    from Cython.Build import cythonize
    from setuptools import Distribution, Extension
    from setuptools.command.build_ext import build_ext

    with tempfile.TemporaryDirectory() as scratch:
        extensions = []
        for source in COMPILED:
            copy = Path(scratch) / source
            copy.parent.mkdir(parents=True)
            copy.write_bytes((root / source).read_bytes())
            name = source.removesuffix(".pyx").replace("/", ".")
            extensions.append(Extension(name, [str(copy)], extra_compile_args=FLAGS))
        made = cythonize(extensions, quiet=True, language_level=3)
        command = build_ext(Distribution({"ext_modules": made}))
        command.build_lib = str(root)
        command.build_temp = scratch
        command.ensure_finalized()
        command.run()
        return [root / command.get_ext_filename(each.name) for each in made]
