"""The durable side of a library that merges in memory: its updates in a table of SQLite.

Pragmas are the product's, so that a commit waits for the disk as long here as there.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.merging.scene import Scene

GROUP = 1_000
"""Small updates that one read of a network brings, hence one commit."""
_PRAGMAS = (
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA page_size = 8192",
    "PRAGMA journal_mode = WAL",
    "PRAGMA wal_autocheckpoint = 10000",
    "PRAGMA cache_size = -65536",
    "PRAGMA temp_store = MEMORY",
)


def packed_bytes(updates: list[bytes]) -> int:
    """What updates take on a wire that packs as ours does."""
    packer = zlib.compressobj(6)
    sizes = (len(packer.compress(each) + packer.flush(zlib.Z_SYNC_FLUSH)) for each in updates)
    return sum(sizes)


class Blobs:
    """A file of updates in their order."""

    def __init__(self, path: Path, *, full_sync: bool = False) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        run = self._connection.execute
        for pragma in (*_PRAGMAS, f"PRAGMA synchronous = {'FULL' if full_sync else 'NORMAL'}"):
            run(pragma)
        run("CREATE TABLE IF NOT EXISTS updates(n INTEGER PRIMARY KEY, body BLOB NOT NULL)")

    @classmethod
    @contextmanager
    def at(cls, path: Path) -> Iterator[Blobs]:
        """The file, closed at the end."""
        blobs = cls(path)
        try:
            yield blobs
        finally:
            blobs.close()

    def all(self) -> list[bytes]:
        """Every update, oldest first."""
        rows = self._connection.execute("SELECT body FROM updates ORDER BY n").fetchall()
        return [body for (body,) in rows]

    def put(self, updates: list[bytes]) -> None:
        """Append updates in one commit."""
        run = self._connection.execute
        run("BEGIN IMMEDIATE")
        for update in updates:
            run("INSERT INTO updates(body) VALUES(?)", (update,))
        run("COMMIT")

    @staticmethod
    def commits(updates: list[bytes], scene: Scene) -> Iterator[list[bytes]]:
        """Updates in the groups that are committed together: as the product groups its own."""
        each = GROUP if len(updates) > GROUP and not scene.one_by_one else 1
        for start in range(0, len(updates), each):
            yield updates[start : start + each]

    def close(self) -> None:
        self._connection.close()
