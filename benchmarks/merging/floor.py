"""What SQLite itself costs: the rows that the product ends with, made beforehand, written again.

The same file, the same tables and indexes, the same transactions; no reading, no merging.
"""

from __future__ import annotations

import pickle
import shutil
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from benchmarks.merging import ours, ours_hub
from benchmarks.merging.scene import Scene
from sync.local.database import Database
from sync.local.schema import collection_table

TABLES = (f"c_{ours.NAME}", "losses")


def prepare(wanted: Scene, folder: Path, of_ours: Path) -> dict[str, Any]:
    """Let the product do the work once, and keep the rows it wrote."""
    done = folder / "done"
    shutil.copytree(of_ours, done)
    contestant = (ours_hub if wanted.on_hub else ours).Contestant(wanted, done)
    database = contestant.replica.parts.database
    before = contestant.replica.identity.seq
    contestant.run()
    written: dict[str, list[Any]] = {}
    for table in TABLES:
        names = [row[1] for row in database.query(f"PRAGMA table_info({table})")]
        if "seq" in names:
            sql = f"SELECT {', '.join(names)} FROM {table} WHERE seq > ? ORDER BY seq"
            rows = database.query(sql, (before,))
            place = names.index("seq")
            written[_upsert(table, names)] = [(row[place], row) for row in rows]
    contestant.close()
    shutil.rmtree(done)
    for path in of_ours.glob("*.db"):
        shutil.copy(path, folder)
    (folder / "rows.pickle").write_bytes(pickle.dumps(written))
    return {"rows": sum(len(rows) for rows in written.values())}


def _upsert(table: str, names: list[str]) -> str:
    key, *others = names
    marks = ",".join("?" * len(names))
    kept = ", ".join(f"{name} = excluded.{name}" for name in others)
    return f"INSERT INTO {table} VALUES({marks}) ON CONFLICT({key}) DO UPDATE SET {kept}"


class Contestant:
    """SQLite and rows."""

    def __init__(self, wanted: Scene, folder: Path) -> None:
        name = "hub.db" if wanted.on_hub else "b.db"
        self._database = Database(folder / name, full_sync=wanted.full_sync)
        if not self._database.query("SELECT 1 FROM collections WHERE name = ?", (ours.NAME,)):
            for statement in collection_table(ours.NAME):
                self._database.execute(statement)
        written = pickle.loads((folder / "rows.pickle").read_bytes())
        commits: dict[int, list[Any]] = {}
        for sql, rows in written.items():
            for seq, group in groupby(rows, itemgetter(0)):
                commits.setdefault(seq, []).append((sql, [row for _, row in group]))
        self._commits = [commits[seq] for seq in sorted(commits)]

    def run(self) -> None:
        for statements in self._commits:
            with self._database.transaction():
                for sql, rows in statements:
                    self._database.executemany(sql, rows)

    def check(self) -> dict[str, Any]:
        """Nothing to agree about; facts."""
        return {"commits": len(self._commits)}

    def close(self) -> None:
        self._database.close()
