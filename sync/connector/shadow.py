"""The shadow: each document as MongoDB had it at the saved position, bound to its id here (M1, M3).

A record lives as long as its id is known, whether or not MongoDB has the document at present.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import bson
from bson.codec_options import CodecOptions, DatetimeConversion

from sync.connector.events import BsonDocument
from sync.connector.paths import Path
from sync.core.text import compact, parse
from sync.local.database import Database
from sync.local.documents import Documents, Row
from sync.local.schema import commit_index

_CODEC: CodecOptions[BsonDocument] = CodecOptions(
    tz_aware=True, datetime_conversion=DatetimeConversion.DATETIME_AUTO
)
_COLUMNS = "rowid, collection, id, key, body, at, read, stamps, seq, round, due"
_WIDTH = len(_COLUMNS.split(", "))
_BOUND_MAX = 500
"""Ids in one SELECT."""


class Record:
    """What is known of one document. Changed in memory, then saved in the same transaction.

    ``at`` is the newest stamp the shadow contains, ``stamps`` those of fields that are newer
    still; ``read`` is when it was read as a whole, so that events up to then are old news; ``seq``
    the commit of the hub whose form MongoDB has; ``round`` the snapshot that saw it last; ``due``
    whether the hub's form has to be compared with it.

    ``row`` is the hub's own, where somebody looked, and ``commit`` when that changed last; -1
    where there is none.
    """

    __slots__ = (
        *("at", "collection", "doc_id", "due", "exists", "key", "name", "read", "round", "seq"),
        *("commit", "row", "stamps"),
        *("_bound", "_document", "body", "changed", "rowid"),
    )

    def __init__(self, collection: str, doc_id: str, key: str | None) -> None:
        self.collection = collection
        self.doc_id = doc_id
        self.name = (collection, doc_id)
        self.key = key
        self.at = self.read = self.round = 0
        self.seq = self.commit = -1
        self.row: Row | None = None
        self.due = False
        self.stamps: dict[Path, int] = {}
        self.rowid: int | None = None
        self._bound: str | None = None
        self.body: bytes | None = None
        self._document: BsonDocument | None = None
        self.exists = self.changed = False

    @property
    def is_new(self) -> bool:
        """Whether the table has it not yet."""
        return self.rowid is None

    @property
    def is_rebound(self) -> bool:
        """Whether the table has it under another key, or none."""
        return self.key != self._bound

    @property
    def is_here(self) -> bool:
        """Whether the hub has a row of the document, deleted or not."""
        return self.row is not None

    @property
    def is_deleted(self) -> bool:
        """Whether the hub holds the document as deleted."""
        return self.row is not None and self.row.body is None

    @property
    def is_level(self) -> bool:
        """Whether MongoDB is known to have the hub's present form of it."""
        return self.commit <= self.seq

    @property
    def document(self) -> BsonDocument | None:
        """The document in MongoDB, without ``_id``; change it in place, then ``put`` it."""
        if self._document is None and self.body is not None:
            self._document = bson.decode(self.body, _CODEC)
        return self._document

    def put(self, document: BsonDocument | None, body: bytes | None) -> None:
        """Set the document, in both forms; the first may be left out."""
        self._document, self.body = document, body
        self.exists = body is not None
        self.changed = True

    def newest(self) -> int:
        """A stamp that no stamp of the shadow exceeds."""
        return max(self.at, *self.stamps.values()) if self.stamps else self.at

    def stamp_of(self, path: Path) -> int:
        """The newest stamp the shadow contains at a path, above it or below it (M4)."""
        found = self.at
        if not self.stamps:
            return found
        for other, stamp in self.stamps.items():
            depth = min(len(path), len(other))
            if stamp > found and other[:depth] == path[:depth]:
                found = stamp
        return found

    def note(self, at: int, lifted: Iterable[tuple[Path, int]] = ()) -> None:
        """Something up to cluster time ``at`` is contained, and fields stamped later than that."""
        if at > self.at:
            self.at = at
        for path, stamp in lifted:
            self.stamps[path] = max(stamp, self.stamps.get(path, 0))
        if self.stamps:
            self.stamps = {path: stamp for path, stamp in self.stamps.items() if stamp > self.at}
        self.changed = True

    def columns(self) -> tuple[object, ...]:
        """What of it may change but its key, as it is kept."""
        stamps = compact([[list(p), h] for p, h in self.stamps.items()]) if self.stamps else None
        return self.body, self.at, self.read, stamps, self.seq, self.round, self.due

    @classmethod
    def of(cls, row: tuple[Any, ...]) -> Record:
        """The record of a row of ``_COLUMNS``."""
        record = cls(row[1], row[2], row[3])
        record.rowid, _, _, record._bound, record.body, record.at, record.read, *rest = row
        stamps, record.seq, record.round, due = rest
        record.exists, record.due = record.body is not None, bool(due)
        if stamps is not None:
            record.stamps = {tuple(path): stamp for path, stamp in parse(stamps)}
        return record


class Shadow:
    """The table of records. Nothing is kept in memory between two transactions."""

    def __init__(self, database: Database, documents: Documents) -> None:
        self._database = database
        self._documents = documents

    def by_key(self, collection: str, keys: Iterable[str]) -> dict[str, Record]:
        """Records by the key of MongoDB, with the hub's rows."""
        found = self._select("key", collection, keys)
        return {record.key: record for record in found if record.key is not None}

    def by_id(self, collection: str, ids: Iterable[str]) -> dict[str, Record]:
        """Records by the id of the hub, with its rows."""
        return {record.doc_id: record for record in self._select("id", collection, ids)}

    def _select(self, column: str, collection: str, values: Iterable[str]) -> Iterator[Record]:
        sql = (
            f"SELECT {', '.join(f'held.{name}' for name in _COLUMNS.split(', '))}{{here}}"
            " FROM json_each(?) AS wanted CROSS JOIN mongo_documents AS held"
            f" ON held.collection = ? AND held.{column} = wanted.value"
        )
        if self._documents.has(collection):
            here = ", here.seq, here.body, here.meta, here.ghost"
            table = self._documents.table(collection)
            sql = f"{sql.format(here=here)} LEFT JOIN {table} AS here ON here.id = held.id"
        else:
            sql = sql.format(here="")
        wanted = list(values)
        for start in range(0, len(wanted), _BOUND_MAX):
            chunk = json.dumps(wanted[start : start + _BOUND_MAX])
            yield from map(self._record, self._database.query(sql, (chunk, collection)))

    def _record(self, row: tuple[Any, ...]) -> Record:
        record = Record.of(row[:_WIDTH])
        if len(row) > _WIDTH and row[_WIDTH] is not None:
            record.commit = row[_WIDTH]
            record.row = self._documents.row(record.doc_id, *row[_WIDTH + 1 :])
        return record

    def save(self, records: Iterable[Record]) -> None:
        """Write records that changed; of those that are there only what can have, because each
        column of an index costs as much as all the others."""
        changed = [record for record in records if record.changed or record.is_new]
        self._rebind(changed)
        run = self._database.executemany
        run(
            "UPDATE mongo_documents SET body = ?, at = ?, read = ?, stamps = ?, seq = ?, round = ?,"
            " due = ? WHERE rowid = ?",
            ((*each.columns(), each.rowid) for each in changed if not each.is_new),
        )
        run(
            "INSERT INTO mongo_documents(collection, id, key, body, at, read, stamps, seq, round,"
            " due) VALUES(?,?,?,?,?,?,?,?,?,?) ON CONFLICT(collection, id) DO UPDATE SET"
            " key = excluded.key, body = excluded.body, at = excluded.at, read = excluded.read,"
            " stamps = excluded.stamps, seq = excluded.seq, round = excluded.round,"
            " due = excluded.due",
            ((*each.name, each.key, *each.columns()) for each in changed if each.is_new),
        )

    def save_compared(self, records: Iterable[Record]) -> None:
        """The same where documents were compared, and perhaps bound, and nothing else."""
        held = list(records)
        self._rebind(held)
        self._database.executemany(
            "UPDATE mongo_documents SET due = ?, seq = ? WHERE rowid = ?",
            ((each.due, each.seq, each.rowid) for each in held),
        )

    def _rebind(self, records: Iterable[Record]) -> None:
        self._database.executemany(
            "UPDATE mongo_documents SET key = ? WHERE rowid = ?",
            ((each.key, each.rowid) for each in records if each.is_rebound and not each.is_new),
        )

    def mark_changed(self, collection: str, table: str, after: int, up_to: int) -> None:
        """Have every document due that the hub changed in a span of commits and that MongoDB is
        not known to have so; new ones get a record without a key."""
        self._database.execute(commit_index(collection))
        self._database.execute(
            "INSERT INTO mongo_documents(collection, id, at, read, seq, round, due)"
            f" SELECT ?, held.id, 0, 0, -1, 0, 1 FROM {table} AS held"
            " WHERE held.seq > ? AND held.seq <= ? ORDER BY held.seq"
            " ON CONFLICT(collection, id) DO UPDATE SET due = 1"
            f" WHERE seq < (SELECT held.seq FROM {table} AS held WHERE held.id = excluded.id)",
            (collection, after, up_to),
        )

    def due(self, collection: str, limit: int) -> list[str]:
        """Ids to compare that no write is under way for and nothing is parked for."""
        sql = (
            "SELECT id FROM mongo_documents AS d WHERE collection = ?1 AND due"
            " AND NOT EXISTS (SELECT 1 FROM mongo_writes AS w"
            "  WHERE w.collection = d.collection AND w.id = d.id)"
            " AND NOT EXISTS (SELECT 1 FROM mongo_letters AS l"
            "  WHERE l.collection = d.collection AND l.id = d.id AND l.way = 'in')"
            " LIMIT ?2"
        )
        return [doc_id for (doc_id,) in self._database.query(sql, (collection, limit))]

    def unseen(self, collection: str, turn: int, limit: int) -> list[Record]:
        """Documents the shadow has and the snapshot ``turn`` has not seen."""
        sql = (
            f"SELECT {_COLUMNS} FROM mongo_documents WHERE collection = ? AND round < ?"
            " AND body IS NOT NULL LIMIT ?"
        )
        return [Record.of(row) for row in self._database.query(sql, (collection, turn, limit))]

    def seen(self, collection: str, turn: int) -> bool:
        """Whether the snapshot ``turn`` has seen any document."""
        sql = "SELECT 1 FROM mongo_documents WHERE collection = ? AND round >= ? LIMIT 1"
        return bool(self._database.query(sql, (collection, turn)))

    def waiting(self) -> int:
        """How many documents are to be compared; asked every second, so of an index alone."""
        ((due,),) = self._database.query("SELECT count(*) FROM mongo_documents WHERE due")
        return int(due)
