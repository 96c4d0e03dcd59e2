"""The documents of a replica as DQL reads them: SQL narrows the rows, ``sync.query.run`` judges
every document that comes of it (L4)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any

from sync.ids import Document, Json
from sync.local.database import Database
from sync.local.documents import Documents
from sync.local.indexes import sql_name
from sync.query.evaluate import lookup, sort_key
from sync.query.nodes import Node
from sync.query.plan import Index, Place
from sync.query.run import Order
from sync.query.sql import Filter, expression, prefilter

_ROW = "id, body, meta, ghost"
PAGE_ROWS = 500
"""Rows read at once: enough to amortise a statement, few enough to stop early."""

SystemRows = Callable[[str], Iterable[Document]]


class SqlSource:
    """``query.run.Source`` over the tables of one replica."""

    def __init__(self, database: Database, documents: Documents, system: SystemRows) -> None:
        self._database = database
        self._documents = documents
        self._system = system

    def scan(self, place: Place, condition: Node) -> Iterable[Document]:
        """Every document; SQL leaves out what cannot meet the condition."""
        if place.system:
            return self._system(place.name)
        if not self._documents.has(place.name):
            return ()
        sql, parameters = prefilter(condition)
        by_id = f'INDEXED BY "sqlite_autoindex_c_{place.name}_1"'
        return self._pages(f"{self._table(place)} {by_id} WHERE ({sql})", parameters)

    def by_id(self, place: Place, ids: Iterable[str]) -> Iterable[Document]:
        """The documents of some ids."""
        if place.system:
            wanted = set(ids)
            yield from (each for each in self._system(place.name) if each["_id"] in wanted)
            return
        wanted_ids = list(ids)
        for start in range(0, len(wanted_ids), PAGE_ROWS):
            rows = self._documents.rows(place.name, wanted_ids[start : start + PAGE_ROWS])
            for doc_id in sorted(rows):
                body = rows[doc_id].body
                if body is not None:
                    yield {"_id": doc_id, **json.loads(body)}

    def by_index(
        self, place: Place, index: Index, condition: Node, order: Order | None
    ) -> Iterable[Document]:
        """What the index finds; SQLite is told to use it and nothing else."""
        if not self._documents.has(place.name):
            return ()
        sql, parameters = prefilter(condition)
        if order is not None:
            return self._in_order(place, index, (sql, parameters), order)
        rest = f"{self._table(place)} {_told(index, sql)} WHERE ({sql}) AND body IS NOT NULL"
        rows = self._database.query(f"SELECT {_ROW} FROM {rest} LIMIT {PAGE_ROWS + 1}", parameters)
        if len(rows) <= PAGE_ROWS:
            return self._read(sorted(rows))
        found = self._database.query(f"SELECT id FROM {rest}", parameters)
        return self.by_id(place, sorted(doc_id for (doc_id,) in found))

    def count(self, place: Place) -> int:
        """How many documents there are."""
        return self._documents.count(place.name)

    def _table(self, place: Place) -> str:
        return self._documents.table(place.name)

    def _pages(self, rest: str, parameters: list[Json]) -> Iterator[Document]:
        last = ""
        sql = f"SELECT {_ROW} FROM {rest} AND body IS NOT NULL AND id > ?"
        sql += f" ORDER BY id LIMIT {PAGE_ROWS}"
        while rows := self._database.query(sql, [*parameters, last]):
            yield from self._read(rows)
            last = rows[-1][0]

    def _read(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[Document]:
        for doc_id, *columns in rows:
            body = self._documents.row(doc_id, *columns).body
            if body is not None:
                yield {"_id": doc_id, **json.loads(body)}

    def _in_order(
        self, place: Place, index: Index, narrowed: Filter, order: Order
    ) -> Iterator[Document]:
        """Documents in the order of one field, which the index keeps as SQLite sees it: without
        booleans, arrays and maps, and null first. So each kind of value is read by itself."""
        path, descending = order
        sql, parameters = narrowed
        name = expression(path)
        told = _told(index, f"{sql} {name}")
        start = f"SELECT {_ROW}, {name} FROM {self._table(place)} {told} WHERE ({sql})"
        end = f"AND body IS NOT NULL ORDER BY {name} {'DESC' if descending else 'ASC'}"
        kinds = list(enumerate(_KINDS))
        for kind, term in reversed(kinds) if descending else kinds:
            rows = self._paged(f"{start} AND {term.format(name=name)} {end}", parameters)
            for _, ties in groupby(rows, _as_one if kind in _UNORDERED else _last):
                found = self._read(row[:-1] for row in ties)
                here = [each for each in found if sort_key(lookup(each, path))[0] == kind]
                here.sort(key=lambda each: sort_key(lookup(each, path)), reverse=descending)
                yield from here

    def _paged(self, sql: str, parameters: list[Json]) -> Iterator[tuple[Any, ...]]:
        """The rows of a statement, more at a time the longer they are read."""
        offset, size = 0, PAGE_ROWS
        while rows := self._database.query(f"{sql} LIMIT {size} OFFSET {offset}", parameters):
            yield from rows
            if len(rows) < size:
                return
            offset, size = offset + size, size * 2


_KINDS = (
    "{name} IN (0, 1)",
    "{name} < ''",
    "{name} >= ''",
    "{name} >= '[' AND {name} < '\\'",
    "{name} >= '{{' AND {name} < '|'",
    "{name} IS NULL",
    "{name} IS NULL",
)
"""Where SQLite keeps each kind of value, in the order of ``sort_key``: booleans, numbers, texts,
arrays, maps, null, missing. Other kinds may be there as well."""
_UNORDERED = (3, 4)
"""Kinds that SQLite keeps as JSON text, whose order is not that of the values."""


def _last(row: tuple[Any, ...]) -> Any:
    return row[-1]


def _as_one(_: tuple[Any, ...]) -> None:
    return None


def _told(index: Index, sql: str) -> str:
    """The index by name, if the condition leaves no other choice than to use it or scan."""
    first = expression(index.paths[0][0])
    is_usable = first is not None and first in sql and " OR " not in sql
    return f"INDEXED BY {sql_name(index)}" if is_usable else ""
