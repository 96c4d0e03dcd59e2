"""The directory everything of one installation lives in, and the care taken before deleting there.

zava-data.json      says that the directory is ours
.gitignore          keeps it out of everybody's repository
hub.sqlite3         the hub's replica, accounts and keys
hub.log             what the hub had to say
devices/…           the replicas of the browsers that signed in
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sync.errors import DatabaseForeign

SETTING = "ZAVA_DATA_DIR"
DEFAULT = ".zava-data"
MARKER = "zava-data.json"
FORMAT = 1
_DEVICE_SUFFIX = ".sqlite3"


def default_directory() -> Path:
    """Where the data lives when nobody says otherwise."""
    return Path(os.environ.get(SETTING) or DEFAULT)


@dataclass(frozen=True, slots=True)
class DataDir:
    """One directory of ours. Make it with ``open_directory``."""

    root: Path

    @property
    def hub(self) -> Path:
        return self.root / "hub.sqlite3"

    @property
    def unfinished_hub(self) -> Path:
        """The hub's file while its first data is loaded; renamed when it is whole."""
        return self.root / "hub.sqlite3.new"

    @property
    def hub_log(self) -> Path:
        return self.root / "hub.log"

    @property
    def devices(self) -> Path:
        return self.root / "devices"

    def forget(self, path: Path) -> None:
        """Delete one database of ours with the files that lie beside it."""
        from sync.local.files import SUFFIXES_EVER  # the engine: not for every command

        for suffix in SUFFIXES_EVER:
            path.with_name(path.name + suffix).unlink(missing_ok=True)

    def wipe(self) -> None:
        """Delete every file we made, and none that we did not."""
        for path in (self.hub, self.unfinished_hub):
            self.forget(path)
        self.hub_log.unlink(missing_ok=True)
        for path in self._device_files():
            self.forget(path)
        if not self.devices.is_symlink():
            for folder in sorted(self.devices.glob("*"), reverse=True):
                _remove_if_empty(folder)
            _remove_if_empty(self.devices)

    def _device_files(self) -> Iterator[Path]:
        """Replicas as the app lays them out: ``devices/<browser>/<account>.sqlite3``."""
        if self.devices.is_symlink():
            return
        for folder in self.devices.glob("*"):
            if not folder.is_symlink():
                yield from folder.glob(f"*{_DEVICE_SUFFIX}")


def open_directory(root: Path) -> DataDir:
    """The directory, made if it is missing.

    Raises ``DatabaseForeign`` for a directory that holds something and does not say it is ours.
    """
    directory = DataDir(root)
    marker = root / MARKER
    if marker.is_file():
        return directory
    if root.exists() and not root.is_dir():
        raise DatabaseForeign(f"{root} is a file, not a directory.")
    if root.is_dir() and any(root.iterdir()):
        raise DatabaseForeign(f"{root} holds files and is no Zava data directory.")
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    what = {"what": "data of Zava Edge; `zava demo --fresh` empties it", "format": FORMAT}
    (root / ".gitignore").write_text("*\n", encoding="utf-8")
    marker.write_text(json.dumps(what) + "\n", encoding="utf-8")
    return directory


def _remove_if_empty(folder: Path) -> None:
    if folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir()):
        folder.rmdir()
