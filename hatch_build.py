"""Compiles what may be compiled, in the ordinary build: ``sync/core/_compiled.pyx``.

Where there is no compiler, or it fails, the package is built without, and works without
(docs/decisions/0015-compiled.md). In an editable install the result lies beside its source.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

MODULE = "sync.core._compiled"
SOURCE = "sync/core/_compiled.pyx"
FLAGS = [] if os.name == "nt" else ["-O3", "-Wno-unreachable-code"]


class Compiled(BuildHookInterface[Any]):
    """Called by hatchling for every wheel, editable ones included."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and put the result into the wheel."""
        root = Path(self.root)
        for ending in ("so", "pyd"):
            for old in root.glob(f"sync/core/_compiled.*{ending}"):
                old.unlink()  # of another state of the source
        try:
            made = compiled(root)
        except Exception as error:  # no compiler, or another than we know: it is optional
            self.app.display_warning(f"built without the compiled merge loop: {error}")
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        build_data["artifacts"].append(made.relative_to(self.root).as_posix())


def compiled(root: Path) -> Path:
    """Compile; the path of the module, which lies beside its source."""
    from Cython.Build import cythonize
    from setuptools import Distribution, Extension
    from setuptools.command.build_ext import build_ext

    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch) / Path(SOURCE).name
        source.write_bytes((root / SOURCE).read_bytes())
        extension = Extension(MODULE, [str(source)], extra_compile_args=FLAGS)
        made = cythonize([extension], quiet=True, language_level=3)
        command = build_ext(Distribution({"ext_modules": made}))
        command.build_lib = str(root)
        command.build_temp = scratch
        command.ensure_finalized()
        command.run()
        return root / command.get_ext_filename(MODULE)
