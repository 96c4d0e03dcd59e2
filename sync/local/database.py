"""One SQLite file: opening it with suspicion, running SQL, translating every failure.

The only module that calls ``sqlite3``. One connection serves all threads behind one lock; the file
is held exclusively, so a second process is told so instead of corrupting anything.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Protocol

from sync.errors import DatabaseCorrupt, DatabaseForeign, DatabaseNewer, DatabaseUnwritable
from sync.local.failures import FAILURES, kind_of
from sync.local.journal import Journal
from sync.local.schema import APPLICATION_ID, CACHE_MIB, MIGRATIONS, PAGE_BYTES

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = {synchronous}",
    "PRAGMA wal_autocheckpoint = 10000",
    "PRAGMA cache_size = -{cache_kib}",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cell_size_check = ON",
)
_LOCK_SECONDS_MAX = 0.2
"""How long to wait for another process: only as long as a closing one needs."""


class Waiting(Protocol):
    """What the texts in the journal say, of one who knows to bring it into the tables."""

    def write(self) -> None:
        """Do so; part of a transaction."""
        ...

    def written(self) -> None:
        """That is committed: what is kept from here on comes after it."""
        ...


class Database:
    """A replica's file. Use ``transaction`` for writes; everything in it happens or nothing."""

    def __init__(
        self, path: Path | str, *, full_sync: bool = False, cache_mib: int = CACHE_MIB["device"]
    ) -> None:
        """Open or create the file. ``full_sync`` waits for the disk at every commit, so that even
        a power cut loses nothing; without it a power cut may lose the last commits, never a part
        of one, and a killed process loses nothing (L2). ``cache_mib`` of the file at most are kept
        in memory."""
        self.path = str(path)
        self.lock = threading.RLock()
        self.in_transaction = False
        """Whether a transaction is open; of interest to who holds the lock."""
        self.writes = 0
        """Counts statements that may have written, for who remembers, under the lock, what is in a
        table."""
        self.asked = 0
        """Counts statements, but for those of ``peek``, for who wants to know, under the lock,
        whether anybody has looked."""
        in_file = None if self.path == ":memory:" else Path(self.path)
        self.journal = Journal(in_file, full_sync=full_sync)
        self._waiting: Waiting | None = None
        self._is_shown = False
        """Whether what waits is in the tables, in a transaction that the disk has no room for."""
        self._transaction = _Transaction(self, self.rollback)
        self._aside = _Transaction(self, self._undo)  # nobody remembers anything of it
        self._rolled_back: list[Callable[[], None]] = []
        self._look_before_touching()
        try:
            self._connection = sqlite3.connect(
                self.path,
                timeout=_LOCK_SECONDS_MAX,
                isolation_level=None,
                check_same_thread=False,
                cached_statements=256,
            )
            try:
                self._prepare("FULL" if full_sync else "NORMAL", cache_mib * 1_024)
            except BaseException:
                self._connection.close()
                raise
        except FAILURES as error:
            self.translate(error)
            raise

    def _look_before_touching(self) -> None:
        """Refuse what is not ours through a connection that cannot write: one that can would move
        what a killed writer left in the WAL into the file, if only by closing.

        Whatever else keeps this connection from reading, the real one will say.
        """
        path = Path(self.path).absolute()
        if not path.is_file():
            return
        # Without a WAL nothing needs to be put in place beside the file to read it.
        whole = "" if path.with_name(path.name + "-wal").exists() else "&immutable=1"
        uri = f"{path.as_uri()}?mode=ro{whole}"
        with suppress(*FAILURES), closing(sqlite3.connect(uri, uri=True, timeout=0)) as looking:
            self._version(looking)

    def _version(self, connection: sqlite3.Connection) -> tuple[int, bool]:
        """(migrations that have run, whether the file is empty), if it can be ours."""
        names = ("user_version", "application_id")
        version, application = (connection.execute(f"PRAGMA {n}").fetchone()[0] for n in names)
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        fresh = tables == 0 and version == 0
        if not fresh and application != APPLICATION_ID:
            raise DatabaseForeign(f"{self.path} is a database, but not one of ours.")
        if version > len(MIGRATIONS):
            raise DatabaseNewer(
                f"{self.path} has format {version}; this program knows up to {len(MIGRATIONS)}."
            )
        return version, fresh

    def _prepare(self, synchronous: str, cache_kib: int) -> None:
        run = self._connection.execute
        # First of all: the index of the WAL is then in memory, for which a full disk has room.
        run("PRAGMA locking_mode = EXCLUSIVE")
        version, fresh = self._version(self._connection)
        if fresh:
            run(f"PRAGMA page_size = {PAGE_BYTES}")
        for pragma in _PRAGMAS:
            run(pragma.format(synchronous=synchronous, cache_kib=cache_kib))
        run("BEGIN IMMEDIATE")
        try:
            for number, statements in enumerate(MIGRATIONS[version:], version + 1):
                for statement in statements:
                    run(statement)
                run(f"PRAGMA user_version = {number}")
            if version < len(MIGRATIONS):
                run(f"PRAGMA application_id = {APPLICATION_ID}")
        except BaseException:
            run("ROLLBACK")
            raise
        run("COMMIT")

    def close(self) -> None:
        """Close the file; further use is an error."""
        with self.lock:
            self.journal.close()
            self._connection.close()

    def keep(self, text: bytes, waiting: Waiting) -> bool:
        """Commit a text into the journal; False where that does not take it. What the texts there
        say is brought into the tables before the next statement, but for those of ``peek``."""
        is_kept = self.journal.add(text)
        if not is_kept:
            self.settle()
            is_kept = self.journal.add(text)
        if is_kept:
            if self._is_shown:
                self._hide()
            self._waiting = waiting
        return is_kept

    def settle(self) -> None:
        """Bring what waits into the tables. Where that fails, it goes on waiting."""
        with self.lock:
            waiting = self._waiting
            if waiting is not None:
                self._hide()
                self._waiting = None
                try:
                    with self._aside:
                        waiting.write()
                except BaseException:
                    self._waiting = waiting
                    raise
                self.journal.start_over()
                waiting.written()

    def _noticing(self, *, reading: bool = False) -> None:
        """A statement is about to run that may notice what waits. A full disk keeps nobody from
        reading: until there is room, a transaction stays open that shows what waits."""
        self.asked += 1
        if self._waiting is None or (reading and self._is_shown):
            return
        try:
            self.settle()
        except DatabaseUnwritable:
            if not reading:
                raise
            self._show(self._waiting)

    def _show(self, waiting: Waiting) -> None:
        self._waiting, self._is_shown = None, True
        try:
            self.run("BEGIN IMMEDIATE")
            waiting.write()
        except BaseException:
            self._hide()
            raise
        finally:
            self._waiting = waiting

    def _hide(self) -> None:
        if self._is_shown:
            self._is_shown = False
            self._undo()

    def peek(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """``query`` of what no small commit changes, or by who knows of them."""
        with self.lock:
            return self._rows(sql, parameters)

    def query(
        self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()
    ) -> list[tuple[Any, ...]]:
        """All rows of a SELECT."""
        with self.lock:
            self._noticing(reading=True)
            return self._rows(sql, parameters)

    def _rows(
        self, sql: str, parameters: Sequence[Any] | Mapping[str, Any]
    ) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(sql, parameters).fetchall()
        except FAILURES as error:
            self.translate(error)
            raise

    def query_up_to(
        self, bytes_max: int, sql: str, parameters: Sequence[Any] = ()
    ) -> list[tuple[Any, ...]]:
        """Rows of a SELECT until their text makes more than ``bytes_max``; at least one row."""
        rows: list[tuple[Any, ...]] = []
        size = 0
        with self.lock:
            self._noticing(reading=True)
            try:
                for row in self._connection.execute(sql, parameters):
                    size += sum([_bytes_in(value) for value in row if isinstance(value, str)])
                    if rows and size > bytes_max:
                        break
                    rows.append(row)
            except FAILURES as error:
                self.translate(error)
                raise
        return rows

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run one statement; the number of rows it changed."""
        with self.lock:
            self.writes += 1
            return self.run(sql, parameters)

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """``execute`` without counting it among ``writes``: for what nobody remembers."""
        with self.lock:
            self._noticing()
            try:
                return self._connection.execute(sql, parameters).rowcount
            except FAILURES as error:
                self.translate(error)
                raise

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for many rows."""
        with self.lock:
            self._noticing()
            self.writes += 1
            try:
                self._connection.executemany(sql, rows)
            except FAILURES as error:
                self.translate(error)
                raise

    def parse(self, text: str) -> Any:
        """The JSON value in a text of this file; ``DatabaseCorrupt`` if it is none any more."""
        try:
            return json.loads(text)
        except (TypeError, ValueError) as error:
            raise DatabaseCorrupt(f"{self.path}: a text was altered on the disk.") from error

    def on_rollback(self, forget: Callable[[], None]) -> None:
        """Have ``forget`` called after a rollback, to drop what was cached from the transaction."""
        self._rolled_back.append(forget)

    def transaction(self) -> _Transaction:
        """One durable unit (L2): committed when the block ends, rolled back when it raises."""
        return self._transaction

    def rollback(self) -> None:
        """Undo what the open transaction has done."""
        self._undo()
        for forget in self._rolled_back:
            forget()

    def _undo(self) -> None:
        self.writes += 1
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def translate(self, error: Exception) -> None:
        """Raise one of SQLite's errors as ours; what is no storage failure is our bug."""
        kind = kind_of(error)
        if kind is not None:
            raise kind(f"{self.path}: {error}.") from error


class _Transaction:
    """``with`` around a transaction. A class, because a generator costs as much as a statement."""

    __slots__ = ("_database", "_rollback")

    def __init__(self, database: Database, rollback: Callable[[], None]) -> None:
        self._database = database
        self._rollback = rollback

    def __enter__(self) -> None:
        database = self._database
        database.lock.acquire()
        try:
            if database.in_transaction:
                raise RuntimeError("a transaction is open already on this replica")
            database.run("BEGIN IMMEDIATE")
        except BaseException:
            database.lock.release()
            raise
        database.in_transaction = True

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        database = self._database
        try:
            if error is None:
                try:
                    database.run("COMMIT")
                except BaseException:
                    self._rollback()
                    raise
            else:
                self._rollback()
        finally:
            database.in_transaction = False
            database.lock.release()


def _bytes_in(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())
