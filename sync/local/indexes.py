"""The indexes of a replica's collections: made by the app or by CREATE INDEX, local, and kept in
the file. An index holds living documents only, so deleted ones cost a query nothing.

Around a first download they are put away: to build one afterwards costs less than to keep it up
row by row. Queries do without meanwhile; a file that is opened in that state gets them back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from sync.ids import Document
from sync.local.database import Database
from sync.local.documents import Documents
from sync.query.access import fields_of
from sync.query.errors import IndexExists, IndexImpossible, IndexMissing, nearest
from sync.query.nodes import Path
from sync.query.plan import Index
from sync.query.sql import expression

INDEX_FIELDS_MAX = 8
"""More never narrow a search further, and every field slows every write."""
COLLECTION_INDEXES_MAX = 64
FIRST_DOCUMENTS_MIN = 5_000
"""A download of fewer is done before anybody could tell."""
FIRST_TIMES_MIN = 4
"""How many times as many documents have to be coming as are here."""
_AWAY = "indexes_away"
"""The note that stands while they are put away."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")


class Indexes:
    """The indexes there are. Changes belong into a transaction of the database."""

    def __init__(self, database: Database, documents: Documents) -> None:
        self._database = database
        self._documents = documents
        self._load()
        database.on_rollback(self._load)
        if self._are_away:
            with database.transaction():
                self.bring_back()

    def _load(self) -> None:
        rows = self._database.query("SELECT collection, name, fields FROM indexes ORDER BY 1, 2")
        held: dict[str, tuple[Index, ...]] = {}
        for collection, name, fields in rows:
            paths = tuple((tuple(path), down) for path, down in self._database.parse(fields))
            held[collection] = (*held.get(collection, ()), Index(name, collection, paths))
        self._known = held
        noted = self._database.query("SELECT 1 FROM notes WHERE name = ?", (_AWAY,))
        self._are_away = bool(noted)
        self.by_collection = {} if noted else held

    def put_away(self, coming: int) -> None:
        """So many documents will come: do without indexes until ``bring_back``, if these are most
        of all. Part of a transaction."""
        here = sum(self._documents.count(name) for name in self._documents.collections)
        if self._are_away or coming < max(FIRST_DOCUMENTS_MIN, here * FIRST_TIMES_MIN):
            return
        for index in self._every():
            self._database.execute(f"DROP INDEX IF EXISTS {sql_name(index)}")
        self._database.execute("INSERT INTO notes(name, value) VALUES(?, 'true')", (_AWAY,))
        self._load()

    def bring_back(self) -> None:
        """Build what was put away. Part of a transaction."""
        if not self._are_away:
            return
        for index in self._every():
            self._build(index)
        self._database.execute("DELETE FROM notes WHERE name = ?", (_AWAY,))
        self._load()

    def _every(self) -> list[Index]:
        return [index for indexes in self._known.values() for index in indexes]

    def _build(self, index: Index) -> None:
        table = self._documents.table(index.collection)
        terms = ", ".join(
            f"{expression(path)}{' DESC' if down else ''}" for path, down in index.paths
        )
        self._database.execute(
            f"CREATE INDEX {sql_name(index)} ON {table}({terms}) WHERE body IS NOT NULL"
        )

    def create(self, index: Index, *, if_not_exists: bool = False) -> bool:
        """Make an index; whether it was not there. ``IndexExists`` if the name is taken,
        ``IndexImpossible`` if there can be no such index."""
        _check(index)
        known = self._known.get(index.collection, ())
        if any(each.name == index.name for each in known):
            if if_not_exists:
                return False
            raise IndexExists(f"{index.collection} has an index {index.name} already.")
        if len(known) >= COLLECTION_INDEXES_MAX:
            raise IndexImpossible(f"{index.collection} has {COLLECTION_INDEXES_MAX} indexes.")
        if not self._are_away:
            self._build(index)
        self._database.execute(
            "INSERT INTO indexes(collection, name, fields) VALUES(?,?,?)",
            (index.collection, index.name, json.dumps(index.paths)),
        )
        self._load()
        return True

    def drop(self, collection: str, name: str, *, if_exists: bool = False) -> bool:
        """Remove an index; whether it was there. ``IndexMissing`` if it was not."""
        known = {each.name: each for each in self._known.get(collection, ())}
        if name not in known:
            if if_exists:
                return False
            near = nearest(name, known)
            hint = f" Did you mean {near}?" if near else ""
            raise IndexMissing(f"{collection} has no index {name:.60}.{hint}", nearest=near)
        self._database.execute(f"DROP INDEX IF EXISTS {sql_name(known[name])}")
        self._database.execute(
            "DELETE FROM indexes WHERE collection = ? AND name = ?", (collection, name)
        )
        self._load()
        return True

    def ensure(self, collection: str, paths: Iterable[Path]) -> None:
        """Make sure that conditions on these fields need no scan."""
        fields = tuple((path, False) for path in paths)
        known = self._known.get(collection, ())
        if fields in [each.paths for each in known]:
            return
        name = "_".join("_".join(path) for path, _ in fields)
        # What earlier versions made for the same purpose, with deleted documents in it.
        self._database.execute(f'DROP INDEX IF EXISTS "x_{collection}_{name}"')
        self._documents.count_deleted(collection)
        self.create(Index(name, collection, fields), if_not_exists=True)

    def rows(self) -> list[Document]:
        """What ``system:indexes`` shows."""
        return [
            {
                "_id": f"{index.collection}.{index.name}",
                "name": index.name,
                "collection": index.collection,
                "fields": fields_of(index),
            }
            for index in self._every()
        ]


def sql_name(index: Index) -> str:
    """What SQLite calls an index, quoted; no two collections share one."""
    return f'"x_{index.collection}.{index.name}"'


def _check(index: Index) -> None:
    if not _NAME.fullmatch(index.name):
        raise IndexImpossible(f"{index.name[:60]!r} cannot name an index.")
    paths = [path for path, _ in index.paths]
    if len(set(paths)) < len(paths):
        raise IndexImpossible(f"{index.name} names a field twice.")
    if len(paths) > INDEX_FIELDS_MAX:
        raise IndexImpossible(f"An index has at most {INDEX_FIELDS_MAX} fields.")
    for path in paths:
        if path == ("_id",):
            raise IndexImpossible("Documents are found by _id without an index.")
        if expression(path) is None:
            raise IndexImpossible(f"SQLite cannot name the field {'.'.join(path)[:60]!r}.")
