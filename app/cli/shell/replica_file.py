"""The replica a shell looks at: which file it is, and how to look without disturbing anybody.

A replica's file is held by one process. A shell that only reads works on a copy of its own, so a
running app is neither asked to stop nor slowed down, and nothing a statement does can reach the
file. ``--write`` opens the file itself.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import quote

from app.cli.data_dir import DataDir
from app.cli.shell.answering import equip
from app.domain.errors import DomainError
from sync.errors import DatabaseLocked, StorageError
from sync.local import Replica
from sync.local.files import SUFFIXES
from sync.system import SystemClock, SystemEntropy

COPIES_MAX = 20
"""How often a copy is begun again because the file was written to meanwhile."""
_LOG_HEAD_BYTES = 32
"""The head of a write-ahead log; two numbers in it are drawn anew each time the log begins."""
Stamp = tuple[tuple[int, int], ...]


def chosen_file(db: Path | None, data_dir: Path, account: str | None) -> Path:
    """The file a person means: ``--db``, or the newest file of ``--as`` in a data directory, or
    that directory's hub. Raises ``DomainError`` (file_missing, account_unknown)."""
    if db is not None:
        return _existing(db)
    directory = DataDir(data_dir)
    if account is None:
        return _existing(directory.hub)
    name = f"{quote(account.strip().casefold(), safe='')}.sqlite3"
    files = sorted(directory.devices.glob(f"*/{name}"), key=lambda file: file.stat().st_mtime_ns)
    if not files:
        known = sorted({file.stem for file in directory.devices.glob("*/*.sqlite3")})
        raise DomainError(
            "account_unknown",
            f"No device in {data_dir} belongs to {account!r}.",
            f"Use one of: {', '.join(known)}." if known else "Sign in on a device first.",
        )
    return files[-1]


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise DomainError(
            "file_missing",
            f"There is no file {path}.",
            "Name a replica's file with --db, or a data directory with --data-dir and --as.",
        )
    return path


class ReplicaFile:
    """One replica's file, open for reading (a copy, made anew after each commit of somebody else)
    or for writing (the file itself). Use it in a ``with`` block."""

    def __init__(self, path: Path, *, writable: bool = False) -> None:
        self.path = path
        self.writable = writable
        self._held = ExitStack()
        self._replica: Replica | None = None
        self._seen: Stamp | None = None

    def __enter__(self) -> ReplicaFile:
        try:
            self.replica()
        except BaseException:
            self._held.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def replica(self) -> Replica:
        """The open replica, as the file is now.

        Raises a ``StorageError`` that says what is wrong with the file.
        """
        stamp = self.stamp()
        if self._replica is None or (not self.writable and stamp != self._seen):
            self._held.close()
            path = self.path if self.writable else self._copy()
            self._replica = self._held.enter_context(closing(self._opened(path)))
            self._seen = stamp
        return self._replica

    def _opened(self, path: Path) -> Replica:
        """The replica at ``path``; what is wrong with a copy is told of the file it is of."""
        try:
            return _open(path)
        except StorageError as error:
            raise type(error)(str(error).replace(str(path), str(self.path))) from error

    def stamp(self) -> Stamp:
        """Changes whenever somebody commits to the file."""
        return tuple(_stamp_of(self._beside(suffix)) for suffix in SUFFIXES)

    def _copy(self) -> Path:
        """Copy the file and its write-ahead log while neither the file was written to nor the log
        begun anew. What is appended to the log meanwhile is a later commit, which SQLite takes
        whole or leaves out; so does a replica with the small commits beside them."""
        folder = tempfile.TemporaryDirectory(prefix="zava-dql-", ignore_cleanup_errors=True)
        target = Path(self._held.enter_context(folder)) / self.path.name
        for _ in range(COPIES_MAX):
            before = self._generation()
            for suffix in SUFFIXES:
                copy = target.with_name(target.name + suffix)
                copy.unlink(missing_ok=True)
                if self._beside(suffix).is_file():
                    shutil.copyfile(self._beside(suffix), copy)
            if self._generation() == before:
                return target
        raise DatabaseLocked(f"{self.path} is written to all the time.")

    def _generation(self) -> tuple[object, bytes]:
        """Changes when the file itself is written to, and when its log begins anew."""
        log = self._beside(SUFFIXES[1])
        head = b""
        if log.is_file():
            with log.open("rb") as file:
                head = file.read(_LOG_HEAD_BYTES)
        return _stamp_of(self.path), head

    def _beside(self, suffix: str) -> Path:
        return self.path.with_name(self.path.name + suffix)


def _stamp_of(path: Path) -> tuple[int, int]:
    if not path.is_file():
        return 0, 0
    status = path.stat()
    return status.st_mtime_ns, status.st_size


def _open(path: Path) -> Replica:
    replica = Replica.open(path, clock=SystemClock(), entropy=SystemEntropy())
    equip(replica)
    return replica
