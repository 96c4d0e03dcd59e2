"""The permissions a hub has in force, and where they came from (S3)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Final, TypeAlias

from sync.config import Config, parse_config, read_config, watched
from sync.errors import ConfigError
from sync.hub.permission_checks import check
from sync.hub.permission_file import PermissionFile
from sync.peer.access import Access
from sync.peer.identity import Identity
from sync.peer.rules import Rules

BUILT_IN: Final = "permissions.yaml"
"""Beside this module, and the same as ``config/permissions.yaml``."""

Found: TypeAlias = Config[PermissionFile] | ConfigError

_log = logging.getLogger(__name__)


def read_permissions(path: Path, *, force: bool = False) -> Config[PermissionFile]:
    """A permission file without a mistake, or a ``ConfigError`` that names all of them. ``force``
    takes rules that lock people out."""
    config = read_config(path, PermissionFile)
    check(config, force=force)
    return config


@lru_cache(1)
def built_in() -> Config[PermissionFile]:
    """The permissions of a hub that is given none."""
    text = files("sync.hub").joinpath(BUILT_IN).read_text(encoding="utf-8")
    config = parse_config(text, BUILT_IN, PermissionFile)
    check(config)
    return config


@lru_cache(1)
def default_rules() -> Rules:
    """The rules of ``built_in``."""
    return built_in().value.rules()


def access(identity: Identity, now_ms: int = 0) -> Access:
    """The rights of a person under the built-in permissions."""
    return default_rules().access(identity, now_ms)


class Permissions:
    """The rules in force, and what is wrong with the file they should come from, if anything."""

    def __init__(self, rules: Rules, since_ms: int = 0, file: str = BUILT_IN) -> None:
        self.rules = rules
        self.since_ms = since_ms
        self.file = file
        self.error: ConfigError | None = None

    @classmethod
    def of(cls, file: Config[PermissionFile] | None, now_ms: int = 0) -> Permissions:
        """Those of a file; None: the built-in ones."""
        found = file or built_in()
        return cls(found.value.rules(), now_ms, found.name)

    def take(self, found: Found, now_ms: int) -> bool:
        """Follow a new state of the file: its rules, or, where it is broken, the former ones.

        Whether other rules are in force now."""
        if isinstance(found, ConfigError):
            self.error = found
            _log.error("The former permissions stay in force:\n%s", found.told())
            return False
        self.error = None
        rules = found.value.rules()
        if rules == self.rules:
            return False
        self.rules, self.since_ms = rules, now_ms
        _log.warning("New permissions are in force: %s (%s)", found.name, rules.digest)
        return True

    def status(self) -> dict[str, object]:
        """What is in force, for health checks. The log tells what is wrong with a broken file."""
        return {
            "digest": self.rules.digest,
            "since_ms": self.since_ms,
            "broken": self.error is not None,
        }


async def follow(path: Path, seen: str, take: Callable[[Found], None], stop: asyncio.Event) -> None:
    """Give every new state of a permission file after the text ``seen`` to ``take``, until
    ``stop``. Where the file cannot be watched, what is in force stays so and the log tells."""
    try:
        async for found in watched(path, lambda: read_permissions(path), seen, stop):
            take(found)
    except OSError as error:
        _log.error("%s is watched no more, start the hub again to have it read: %s", path, error)
