"""`zava version`: what is installed, as a bug report needs it."""

from __future__ import annotations

import platform
import sqlite3
from importlib.metadata import PackageNotFoundError, version

from app.cli import output

PACKAGES = ("flet", "tinydb", "httpx", "starlette", "uvicorn")
NOT_INSTALLED = "not installed"


def tell_versions(*, as_json: bool) -> None:
    """Print the versions of the program and of what it runs on."""
    versions = {
        "zava-edge": _version("zava-edge"),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        **{name: _version(name) for name in PACKAGES},
    }
    if as_json:
        output.say_json(**versions)
        return
    for name, number in versions.items():
        output.screen.print(f"{name:<12}{number}")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return NOT_INSTALLED
