"""The project's own source, read once: files, syntax trees and imports.

The tests of this folder look at code as data. They import none of it (but for the error tree), so
they work while a package is unfinished.
"""

from __future__ import annotations

import ast
import functools
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("app", "datagen", "sync")
FOLDERS = (*PACKAGES, "tests", "benchmarks", "requirements")

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """One Python file: its dotted ``name``, its ``path`` from the root, its text and its tree."""

    name: str
    path: str
    text: str
    tree: ast.Module

    @property
    def is_package(self) -> bool:
        return self.path.endswith("__init__.py")

    def within(self, *prefixes: str) -> bool:
        """Whether the module is one of these packages or lies inside one."""
        return any(under(self.name, prefix) for prefix in prefixes)


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name. ``target`` is the module it comes from, as far as it can be told."""

    target: str
    line: int
    inner: bool
    """Made inside a function, when that runs."""
    typing_only: bool
    """Made under ``if TYPE_CHECKING``, for annotations."""

    @property
    def root(self) -> str:
        return self.target.partition(".")[0]


def under(name: str, prefix: str) -> bool:
    """Whether a dotted name is ``prefix`` or begins with it."""
    return name == prefix or name.startswith(prefix + ".")


@functools.cache
def modules(*folders: str) -> tuple[Module, ...]:
    """Every module below the folders (all of ``FOLDERS`` when none is given), in path order."""
    paths = [path for folder in folders or FOLDERS for path in (ROOT / folder).rglob("*.py")]
    return tuple(read(path.relative_to(ROOT)) for path in sorted(paths))


@functools.cache
def read(path: Path) -> Module:
    """Parse one file, given relative to the root."""
    parts = list(path.with_suffix("").parts)
    if parts[-1] == "__init__":
        parts.pop()
    text = (ROOT / path).read_text(encoding="utf-8")
    return Module(".".join(parts), path.as_posix(), text, ast.parse(text, str(path)))


@functools.cache
def module_names() -> frozenset[str]:
    """Dotted names of all modules and folders of the three packages."""
    names = [module.name for module in modules(*PACKAGES)]
    return frozenset(prefix for name in names for prefix in parents(name))


def parents(name: str) -> list[str]:
    """``a.b.c`` as ``[a, a.b, a.b.c]``: what Python imports on the way."""
    parts = name.split(".")
    return [".".join(parts[: count + 1]) for count in range(len(parts))]


@functools.cache
def imports(module: Module) -> tuple[Import, ...]:
    """Every import of a module, wherever in the file it stands."""
    return tuple(_imports(module, module.tree, inner=False, typing_only=False))


def _imports(module: Module, node: ast.AST, inner: bool, typing_only: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            for target in _targets(module, child):
                yield Import(target, child.lineno, inner, typing_only)
        elif isinstance(child, ast.If) and is_type_checking(child.test):
            for branch, typed in ((child.body, True), (child.orelse, typing_only)):
                holder = ast.Module(body=branch, type_ignores=[])
                yield from _imports(module, holder, inner, typed)
        else:
            function = isinstance(child, FunctionNode | ast.Lambda)
            yield from _imports(module, child, inner or function, typing_only)


def is_type_checking(test: ast.expr) -> bool:
    """Whether an ``if`` asks for ``TYPE_CHECKING``."""
    return ast.unparse(test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def _targets(module: Module, node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    base = node.module or ""
    if node.level:
        package = module.name.split(".")
        package = package[: len(package) - node.level + module.is_package]
        base = ".".join([*package, *filter(None, [node.module])])
    for alias in node.names:
        submodule = f"{base}.{alias.name}"
        yield submodule if submodule in module_names() else base


def third_party(name: str) -> bool:
    """Whether a top-level module comes from neither Python nor this project."""
    return name not in sys.stdlib_module_names and name not in (*FOLDERS, "main")


def requirement_name(requirement: str) -> str:
    """``PyJWT[crypto]>=2.15,<3`` as ``pyjwt``."""
    return re.split(r"[^\w.-]", requirement)[0].lower()


def functions(tree: ast.AST) -> Iterator[FunctionNode]:
    """Every function and method, nested ones too."""
    return (node for node in ast.walk(tree) if isinstance(node, FunctionNode))


def pyproject() -> dict[str, Any]:
    """The parsed project file."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@functools.cache
def tracked_texts() -> dict[str, str]:
    """Path and text of every file that git tracks or would add; binary files are left out."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    texts = {}
    for path in filter(None, listing.split("\0")):
        data = (ROOT / path).read_bytes() if (ROOT / path).is_file() else b"\0"
        if b"\0" not in data:
            texts[path] = data.decode("utf-8")
    return texts


def report(violations: list[str]) -> str:
    """The message of a failed rule: one finding a line."""
    return "\n" + "\n".join(violations)
