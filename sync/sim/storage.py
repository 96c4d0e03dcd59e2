"""Files under replicas that can die at any statement, be copied, and be put back (L2).

A process that is killed leaves its database and the logs beside it as they are. Here the same
files are copied aside at the moment of death, and what the dying process still does to the
originals is undone, so the next start finds exactly what a kill leaves.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from sync.errors import DatabaseUnwritable
from sync.local.database import Database, Waiting
from sync.local.files import SUFFIXES

Moment: TypeAlias = Literal["before", "after", "full"]


class Crash(BaseException):
    """The process died here. Not an ``Exception``: no handler of the engine may survive it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong at the ``statements``-th statement from now: death before or after it, or a
    full disk, which the process survives."""

    statements: int
    moment: Moment


class FaultyDatabase(Database):
    """A replica's file on a machine that fails when told to."""

    def __init__(self, path: Path | str) -> None:
        self._fault: Fault | None = None
        self._left = 0
        super().__init__(path)
        self.execute("PRAGMA synchronous = OFF")  # processes die here, power does not fail

    def arm(self, fault: Fault | None) -> None:
        """Have ``fault`` happen; None: all is well from here on."""
        self._fault = fault
        self._left = 0 if fault is None else fault.statements

    @contextmanager
    def watched(self) -> Iterator[None]:
        """While an observer reads the file, nothing goes wrong and no statement counts."""
        fault, self._fault = self._fault, None
        try:
            yield
        finally:
            self._fault = fault

    @property
    def armed(self) -> bool:
        """Whether a fault is still to come."""
        return self._fault is not None

    def query(
        self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()
    ) -> list[tuple[Any, ...]]:
        self._before(writes=False)
        rows = super().query(sql, parameters)
        self._after()
        return rows

    def peek(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        self._before(writes=False)
        rows = super().peek(sql, parameters)
        self._after()
        return rows

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        self._before(writes=sql != "ROLLBACK")
        count = super().execute(sql, parameters)
        self._after()
        return count

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        self._before(writes=True)
        super().executemany(sql, rows)
        self._after()

    def keep(self, text: bytes, waiting: Waiting) -> bool:
        self._before(writes=True)
        is_kept = super().keep(text, waiting)
        self._after()
        return is_kept

    def _before(self, *, writes: bool) -> None:
        fault = self._fault
        if fault is None:
            return
        self._left -= 1
        if self._left > 0 or (fault.moment == "full" and not writes):
            return
        if fault.moment == "before":
            self._fault = None
            raise Crash
        if fault.moment == "full":
            self._fault = None
            raise DatabaseUnwritable("The simulated disk is full.")

    def _after(self) -> None:
        if self._fault is not None and self._fault.moment == "after" and self._left <= 0:
            self._fault = None
            raise Crash


def copy_file(source: Path, target: Path) -> None:
    """Copy a replica's file and what lies beside it, as they stand between two statements."""
    for suffix in SUFFIXES:
        here, there = (path.with_name(path.name + suffix) for path in (source, target))
        if here.exists():
            shutil.copyfile(here, there)
        else:
            there.unlink(missing_ok=True)


def kill(database: Database, path: Path) -> None:
    """End a process without a farewell: the file is left as its last statement left it."""
    aside = path.with_name(path.name + ".killed")
    copy_file(path, aside)
    database.close()
    copy_file(aside, path)


def sizes_of(path: Path) -> tuple[int, int]:
    """Bytes of a replica's file, and of its write-ahead log."""
    files = path, path.with_name(path.name + "-wal")
    size, wal = (file.stat().st_size if file.exists() else 0 for file in files)
    return size, wal
