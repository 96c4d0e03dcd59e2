"""Document rows: one table a collection, one row a document (L1). Rows in, rows out; no merging."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import repeat
from operator import itemgetter
from typing import Any, NamedTuple, Protocol

from sync.core.intact import opened, sealed
from sync.core.overwriting import Moved, Stored
from sync.core.packing import NO_LEAF, unpack
from sync.core.state import EXISTS, State
from sync.core.text import compact, parse
from sync.core.visible import overlaid
from sync.errors import DatabaseCorrupt
from sync.ids import Document, ReplicaId
from sync.local.database import Database
from sync.local.schema import collection_table, deleted_index
from sync.query import EVERYTHING, Node, evaluate, prefilter

_ROW = "id, body, meta, ghost"
_READ_ROWS_MAX = 2_000
"""Ids per SELECT: large enough to amortise it, small enough to bound memory."""
_WRITTEN_ROWS = (250, 50)
"""Rows per INSERT, as many as there are: what a statement costs beside its rows is shared by them.
A rest has a statement of its own size; those of few sizes stay prepared."""
_SCAN_ROWS_MAX = 500
"""Rows read at once while scanning: between pages other threads get their turn."""


class Row(NamedTuple):
    """A document as stored: see ``schema.collection_table`` and ``core.packing``."""

    body: str | None
    meta: str
    ghost: str | None = None

    @property
    def undeleted(self) -> Document | None:
        """The fields without ``_id``, a delete ignored: what scopes and rights look at (S3)."""
        if self.ghost is None:
            return None if self.body is None else parse(self.body)
        return overlaid(parse(self.ghost), parse(self.body or "{}"))


row_of: Callable[[tuple[Any, ...]], Row] = partial(tuple.__new__, Row)
"""``Row`` without the Python call that makes a named tuple."""

_COLUMNS = 5
"""id, body, meta, ghost, seq."""


class Watcher(Protocol):
    """Who wants to know what documents were before they change."""

    def before(self, documents: Documents, collection: str, ids: list[str]) -> None:
        """These documents are about to be written or forgotten."""
        ...


class Documents:
    """The document tables of one replica."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.watchers: list[Watcher] = []
        self._load_caches()
        database.on_rollback(self._load_caches)

    def _load_caches(self) -> None:
        names = self._database.query("SELECT name FROM collections ORDER BY name")
        self._names = {name for (name,) in names}
        sites = self._database.query("SELECT site, replica FROM sites")
        self._replicas = {site: ReplicaId(replica) for site, replica in sites}
        self._sites = {replica: site for site, replica in self._replicas.items()}

    @property
    def collections(self) -> list[str]:
        """Names of the collections that have ever held a document here, sorted."""
        return sorted(self._names)

    def has(self, collection: str) -> bool:
        """Whether a collection has ever held a document here."""
        return collection in self._names

    def site_of(self, replica: ReplicaId) -> int:
        """The small integer that stands for a replica in this file; made on first use."""
        site = self._sites.get(replica)
        if site is None:
            site = max(self._replicas, default=0) + 1
            self._database.execute("INSERT INTO sites(site, replica) VALUES(?, ?)", (site, replica))
            self._sites[replica], self._replicas[site] = site, replica
        return site

    def replica_of(self, site: int) -> ReplicaId:
        """The inverse of ``site_of``."""
        try:
            return self._replicas[site]
        except KeyError as error:
            raise DatabaseCorrupt(f"{self._database.path}: a replica's id is gone.") from error

    def state(self, row: Row | None) -> tuple[State, Document | None]:
        """The state a row holds and the document it shows."""
        return ({}, None) if row is None else unpack(row.body, row.meta, self.replica_of)

    def is_whole(self, row: Row | None) -> bool:
        """Whether a document is held, not only own work on one that left the scope (S4)."""
        if row is None or row.ghost is not None:
            return row is not None
        if row.body is not None and NO_LEAF not in row.meta:
            return True
        return EXISTS in self.state(row)[0]

    def row(self, doc_id: str, body: Any, stored: Any, ghost: Any) -> Row:
        """The row that ``columns`` were made of; ``DatabaseCorrupt`` if they are not any more."""
        meta = opened(doc_id, body, stored, ghost)
        if meta is None:
            raise DatabaseCorrupt(f"{self._database.path}: a document was altered on the disk.")
        return row_of((body, meta, ghost))

    @staticmethod
    def columns(doc_id: str, row: Row) -> tuple[str | None, str, str | None]:
        """A row as it is stored: body, meta with the check of all, ghost."""
        return row.body, sealed(doc_id, *row), row.ghost

    def table(self, collection: str) -> str:
        """The quoted table of a collection; made on first use, inside a transaction."""
        if collection not in self._names:
            for statement in collection_table(collection):
                self._database.execute(statement)
            self._database.execute("INSERT INTO collections(name) VALUES(?)", (collection,))
            self._names.add(collection)
        return f'"c_{collection}"'

    def count_deleted(self, collection: str) -> None:
        """Make sure that ``count`` is quick, in files of earlier versions too."""
        self.table(collection)
        self._database.execute(deleted_index(collection))

    def rows(self, collection: str, ids: Sequence[str]) -> dict[str, Row]:
        """The rows of some ids; ids without a row are absent."""
        if collection not in self._names:
            return {}
        if len(ids) == 1:
            row = self.of(collection, ids[0])
            return {} if row is None else {ids[0]: row}
        return {row[0]: self.row(*row[:4]) for row in self.stored(collection, ids)}

    def stored(self, collection: str, ids: Iterable[str]) -> list[Stored]:
        """The rows of some ids as they lie in the file, in their order there."""
        if collection not in self._names:
            return []
        sql = (
            "SELECT held.id, body, meta, ghost, held.rowid FROM json_each(?) AS wanted"
            f" CROSS JOIN {self.table(collection)} AS held ON held.id = wanted.value"
        )
        found: list[Stored] = []
        in_order = sorted(ids)  # neighbours share a page
        for start in range(0, len(in_order), _READ_ROWS_MAX):
            chunk = compact(in_order[start : start + _READ_ROWS_MAX])
            found += self._database.query(sql, (chunk,))
        return found

    def of(self, collection: str, doc_id: str) -> Row | None:
        """The row of one id."""
        if collection not in self._names:
            return None
        sql = f'SELECT body, meta, ghost FROM "c_{collection}" WHERE id = ?'
        rows = self._database.query(sql, (doc_id,))
        return self.row(doc_id, *rows[0]) if rows else None

    def peek(self, collection: str, doc_id: str) -> Stored | None:
        """The row of one id, for who knows what of it is in no table yet."""
        if collection not in self._names:
            return None
        sql = f'SELECT id, body, meta, ghost, rowid FROM "c_{collection}" WHERE id = ?'
        rows = self._database.peek(sql, (doc_id,))
        return rows[0] if rows else None

    def commits(self, collection: str, ids: Sequence[str]) -> dict[str, tuple[int, bool]]:
        """When documents changed last: (commit, whether they are deleted); absent: no row."""
        if collection not in self._names:
            return {}
        sql = (
            "SELECT held.id, seq, body IS NULL FROM json_each(?) AS wanted"
            f" CROSS JOIN {self.table(collection)} AS held ON held.id = wanted.value"
        )
        rows = self._database.query(sql, (json.dumps(ids),))
        return {doc_id: (seq, bool(gone)) for doc_id, seq, gone in rows}

    def save(self, collection: str, seq: int, rows: Iterable[tuple[str, Row]]) -> None:
        """Write rows at commit ``seq``; one of two with the same id wins."""
        named = [(doc_id, *row) for doc_id, row in rows]
        named.sort(key=itemgetter(0))  # as they lie in the file
        if named:
            self.save_columns(collection, seq, *zip(*named, strict=True))

    def save_columns(
        self,
        collection: str,
        seq: int,
        ids: Sequence[str],
        bodies: Sequence[str | None],
        metas: Sequence[str],
        ghosts: Sequence[str | None],
    ) -> None:
        """``save`` of rows that come column by column, as many pass from the hub into the file."""
        self.tell(collection, [*ids])
        self._write(collection, [seq] * len(ids), ids, bodies, metas, ghosts)

    def write(self, collection: str, rows: Sequence[tuple[str, int, Row]]) -> None:
        """Write rows, each at a commit of its own, in the order of their ids. Watchers have been
        told of them."""
        ids, seqs, kept = zip(*rows, strict=True)
        self._write(collection, seqs, ids, *zip(*kept, strict=True))

    def _write(
        self,
        collection: str,
        seqs: Sequence[int],
        ids: Sequence[str],
        bodies: Sequence[str | None],
        metas: Sequence[str],
        ghosts: Sequence[str | None],
    ) -> None:
        table = self.table(collection)
        values: list[str | int | None] = [None] * (_COLUMNS * len(ids))
        values[0::_COLUMNS], values[1::_COLUMNS], values[3::_COLUMNS] = ids, bodies, ghosts
        values[2::_COLUMNS] = map(sealed, ids, bodies, metas, ghosts)
        values[4::_COLUMNS] = seqs
        first = 0
        while left := len(ids) - first:
            count = next((n for n in _WRITTEN_ROWS if n <= left), left)
            some = values[_COLUMNS * first : _COLUMNS * (first + count)]
            first += count
            marks = ",".join(["(?,?,?,?,?)"] * count)
            self._database.execute(
                f"INSERT INTO {table}(id, body, meta, ghost, seq) VALUES{marks} ON CONFLICT(id)"
                " DO UPDATE SET body=excluded.body, meta=excluded.meta,"
                " ghost=excluded.ghost, seq=excluded.seq",
                some,
            )

    def overwrite(self, collection: str, seq: int, doc_id: str, row: Row) -> None:
        """``save`` of one row in the place of the one that is there."""
        self.tell(collection, [doc_id])
        body, meta, ghost = row
        self._database.run(
            f'UPDATE "c_{collection}" SET body = ?, meta = ?, ghost = ?, seq = ? WHERE id = ?',
            (body, sealed(doc_id, body, meta, ghost), ghost, seq, doc_id),
        )

    def overwrite_all(self, collection: str, seq: int, moved: Moved) -> None:
        """``overwrite`` of many rows that were ``stored`` in the same transaction."""
        self.tell(collection, moved.ids)
        rows = sorted(zip(moved.places, moved.bodies, moved.metas, repeat(seq), strict=False))
        self._database.executemany(
            f'UPDATE "c_{collection}" SET body = ?2, meta = ?3, seq = ?4 WHERE rowid = ?1', rows
        )

    def holds_between(self, collection: str, first: str, last: str) -> bool:
        """Whether there is any row from one id to another."""
        if collection not in self._names:
            return False
        sql = f"SELECT 1 FROM {self.table(collection)} WHERE id BETWEEN ? AND ? LIMIT 1"
        return bool(self._database.query(sql, (first, last)))

    def drop(self, collection: str, doc_id: str) -> None:
        """Forget a row without a trace (EVICT, retraction)."""
        self.tell(collection, [doc_id])
        self._database.execute(f"DELETE FROM {self.table(collection)} WHERE id = ?", (doc_id,))

    def tell(self, collection: str, ids: list[str]) -> None:
        """Have the watchers know that rows are about to be written."""
        for watcher in self.watchers:
            watcher.before(self, collection, ids)

    def get(self, collection: str, doc_id: str) -> Document | None:
        """The visible document, with its ``_id``."""
        row = self.rows(collection, [doc_id]).get(doc_id)
        if row is None or row.body is None:
            return None
        return {"_id": doc_id, **json.loads(row.body)}

    def find(self, collection: str, where: Node = EVERYTHING) -> Iterator[Document]:
        """Visible documents that meet the condition, by id; read in pages as they are asked for."""
        if collection not in self._names:
            return
        condition, parameters = prefilter(where)
        if condition != "1":
            sql = f"SELECT {_ROW} FROM {self.table(collection)} WHERE ({condition})"
            rows = self._database.query(f"{sql} AND body IS NOT NULL", parameters)
            yield from self._matching(sorted(rows), where)
            return
        last = ""
        sql = f"SELECT {_ROW} FROM {self.table(collection)} WHERE id > ? AND body IS NOT NULL"
        sql += " ORDER BY id LIMIT ?"
        while rows := self._database.query(sql, (last, _SCAN_ROWS_MAX)):
            yield from self._matching(rows, where)
            last = rows[-1][0]

    def page(
        self, collection: str, after: str, limit: int, bytes_max: int
    ) -> list[tuple[str, Row]]:
        """Rows in id order, deleted documents included: what a snapshot reads. Empty at the end."""
        if collection not in self._names:
            return []
        sql = f"SELECT {_ROW} FROM {self.table(collection)}"
        sql += " WHERE id > ? ORDER BY id LIMIT ?"
        rows = self._database.query_up_to(bytes_max, sql, (after, limit))
        return [(i, self.row(i, b, m, g)) for i, b, m, g in rows]

    def count(self, collection: str, where: Node = EVERYTHING) -> int:
        """How many visible documents meet the condition."""
        if where == EVERYTHING:
            if collection not in self._names:
                return 0
            table = self.table(collection)
            gone = f"SELECT count(*) FROM {table} WHERE body IS NULL"
            sql = f"SELECT (SELECT count(*) FROM {table}) - ({gone})"
            return int(self._database.query(sql)[0][0])
        return sum(1 for _ in self.find(collection, where))

    def _matching(self, rows: Iterable[tuple[Any, ...]], where: Node) -> Iterator[Document]:
        for doc_id, *columns in rows:
            body = self.row(doc_id, *columns).body
            if body is not None:
                document = {"_id": doc_id, **json.loads(body)}
                if evaluate(where, document):
                    yield document
