"""Documents by the value of one field, deleted ones by what they were: whom a change of something
else concerns (S4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sync.ids import Document, Json
from sync.local.database import Database
from sync.local.documents import Documents
from sync.local.indexes import Indexes
from sync.query import EVERYTHING, Equals, Node, lookup, prefilter
from sync.query.nodes import Path
from sync.query.sql import expression
from sync.query.values import SCALAR_KINDS, Value, hashable, kind

LOOKUP_INDEXES_MAX: Final = 12
"""Of one collection: every index slows every write, and anybody may ask for anything."""
PAGE_ROWS: Final = 500
"""Rows read at once: between pages others get their turn."""
_ROW: Final = "id, body, meta, ghost"
_ID: Final = ("_id",)


class Lookups:
    """Reads the documents of one replica."""

    def __init__(self, database: Database, documents: Documents, indexes: Indexes) -> None:
        self._database = database
        self._documents = documents
        self._indexes = indexes

    def lacks_index(self, collection: str, path: Path) -> bool:
        """Whether documents are found by this field one by one, and an index could help."""
        known = self._indexes.by_collection.get(collection, ())
        if path == _ID or len(known) >= LOOKUP_INDEXES_MAX or not all(map(_is_plain, path)):
            return False
        return all(each.paths[0] != (path, False) for each in known)

    def ensure(self, collection: str, path: Path) -> None:
        """Make that index, inside a transaction; deleted documents have one of their own."""
        self._indexes.ensure(collection, [path])
        self._database.execute(
            f'CREATE INDEX IF NOT EXISTS "g_{collection}.{"_".join(path)}"'
            f" ON {self._documents.table(collection)}({_of_ghost(expression(path) or '')})"
            " WHERE ghost IS NOT NULL"
        )

    def found(self, collection: str, condition: Node) -> Iterator[Document]:
        """The visible documents that SQL cannot tell not to meet a condition."""
        if not self._documents.has(collection):
            return
        sql, parameters = prefilter(condition)
        start = f"SELECT {_ROW} FROM {self._documents.table(collection)} WHERE ({sql})"
        last = ""
        while rows := self._database.query(
            f"{start} AND body IS NOT NULL AND id > ? ORDER BY id LIMIT {PAGE_ROWS}",
            [*parameters, last],
        ):
            for doc_id, *columns in rows:
                body = self._documents.row(doc_id, *columns).body
                yield {"_id": doc_id, **self._database.parse(body or "{}")}
            last = rows[-1][0]

    def size(self, collection: str, condition: Node) -> tuple[int, int] | None:
        """How many visible documents meet a condition, and the characters of their bodies, as SQL
        sees it; None where it has no words for the condition."""
        if not self._documents.has(collection):
            return 0, 0
        sql, parameters = prefilter(condition)
        if sql == "1" and condition != EVERYTHING:
            return None
        counted = "count(*), coalesce(sum(length(body)), 0)"
        table = self._documents.table(collection)
        ((documents, characters),) = self._database.query(
            f"SELECT {counted} FROM {table} WHERE ({sql}) AND body IS NOT NULL", parameters
        )
        return int(documents), int(characters)

    def by_parts(
        self, collection: str, paths: Sequence[Path | None], parts: Sequence[Value]
    ) -> list[str] | None:
        """Ids of the documents with these values in these fields, a delete ignored; None where
        that could be any document."""
        wanted = [
            (path, part)
            for path, part in zip(paths, parts, strict=True)
            if path is not None and kind(part) in SCALAR_KINDS
        ]
        if not wanted:
            return None
        return [
            doc_id
            for doc_id, fields in self._with(collection, *wanted[0])
            if all(hashable(lookup(fields, path)) == hashable(part) for path, part in wanted)
        ]

    def ids(self, collection: str) -> list[str]:
        """The ids of all documents, deleted ones too."""
        if not self._documents.has(collection):
            return []
        sql = f"SELECT id FROM {self._documents.table(collection)}"
        return [doc_id for (doc_id,) in self._database.query(sql)]

    def _with(self, collection: str, path: Path, value: Json) -> Iterator[tuple[str, Document]]:
        """The documents that may have a value, as they are or were before they were deleted."""
        if not self._documents.has(collection):
            return
        rows: dict[str, Any] = {}
        if path == _ID:
            rows = dict(self._documents.rows(collection, [str(value)]))
        else:
            sql, parameters = prefilter(Equals(path, value))
            start = f"SELECT {_ROW} FROM {self._documents.table(collection)} WHERE"
            for rest in (
                f"body IS NOT NULL AND ({sql})",
                f"ghost IS NOT NULL AND ({_of_ghost(sql)})",
            ):
                for doc_id, *columns in self._database.query(f"{start} {rest}", parameters):
                    rows[doc_id] = self._documents.row(doc_id, *columns)
        for doc_id, row in rows.items():
            fields = row.undeleted
            if fields is not None:
                yield doc_id, {"_id": doc_id, **fields}


def _is_plain(step: str) -> bool:
    return step.isascii() and step.isidentifier()


def _of_ghost(sql: str) -> str:
    return sql.replace("json_extract(body,", "json_extract(ghost,")
